//! A curl line for a request, to be pasted into a shell. The API token stands as a variable.

use crate::wire::exchange::{Body, Request};

/// The line. `Authorization` headers are written with `$OKTA_CLIENT_TOKEN` in place of the token.
#[must_use]
pub fn line(request: &Request) -> String {
    let mut line = format!("curl -isS -X {} {}", request.method, quote(&request.url));
    for (name, value) in &request.headers {
        let shown = match value.strip_prefix("SSWS ") {
            Some(token) if name == "authorization" && token.starts_with('[') => {
                line.push_str(" -H \"authorization: SSWS $OKTA_CLIENT_TOKEN\"");
                continue;
            }
            _ => value,
        };
        line.push_str(" -H ");
        line.push_str(&quote(&format!("{name}: {shown}")));
    }
    if !matches!(request.body, Body::None) {
        line.push_str(" --data-binary ");
        line.push_str(&quote(&request.body.to_text()));
    }
    line
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_a_variable_and_quotes_survive() {
        let request = Request {
            method: "POST".into(),
            url: "http://127.0.0.1:1/x".into(),
            headers: vec![("authorization".into(), "SSWS [secret]".into())],
            body: Body::Text("it's".into()),
        };
        assert_eq!(
            line(&request),
            r#"curl -isS -X POST 'http://127.0.0.1:1/x' -H "authorization: SSWS $OKTA_CLIENT_TOKEN" --data-binary 'it'\''s'"#
        );
    }
}
