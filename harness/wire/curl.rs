//! A curl line for a request, to be pasted into a shell. The API token stands as a variable.

use std::fmt::Write as _;

use crate::wire::exchange::{Body, Request};

/// The line. `Authorization` headers are written with `$OKTA_CLIENT_TOKEN` in place of the token. Headers that curl would add by
/// itself are taken away, and brackets and dots of the address are left as they are.
#[must_use]
pub fn line(request: &Request) -> String {
    let mut line = format!("curl -isSg --path-as-is -X {} {}", quote(&request.method), quote(&request.url));
    for (name, value) in &request.headers {
        match value.strip_prefix("SSWS ") {
            Some(token) if name == "authorization" && token.starts_with('[') => {
                line.push_str(" -H \"authorization: SSWS $OKTA_CLIENT_TOKEN\"");
            }
            // curl sends an empty header only when it ends with a semicolon.
            _ if value.is_empty() => header(&mut line, &format!("{name};")),
            _ => header(&mut line, &format!("{name}: {value}")),
        }
    }
    let has = |name: &str| request.headers.iter().any(|(header, _)| header == name);
    if !has("accept") {
        header(&mut line, "accept:");
    }
    if !matches!(request.body, Body::None) {
        if !has("content-type") {
            header(&mut line, "content-type:");
        }
        line.push_str(" --data-raw ");
        line.push_str(&quote(&request.body.to_text()));
    }
    line
}

fn header(line: &mut String, header: &str) {
    line.push_str(" -H ");
    line.push_str(&quote(header));
}

/// A word as a shell takes it for one.
pub(crate) fn quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if !text.contains(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\'' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: Body) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: "POST".into(), url: "http://127.0.0.1:1/x?limit=2".into(), headers, body }
    }

    #[test]
    fn tokens_are_a_variable_and_quotes_survive() {
        let request = request(&[("authorization", "SSWS [secret]"), ("accept", "a/b")], Body::None);
        assert_eq!(
            line(&request),
            "curl -isSg --path-as-is -X POST 'http://127.0.0.1:1/x?limit=2' -H \"authorization: SSWS $OKTA_CLIENT_TOKEN\" -H 'accept: a/b'"
        );
    }

    #[test]
    fn nothing_is_sent_that_was_not_sent() {
        let line = line(&request(&[("x-empty", "")], Body::Text("@it's".into())));
        assert!(line.ends_with(r"-H 'x-empty;' -H accept: -H content-type: --data-raw '@it'\''s'"), "{line}");
    }

    #[test]
    fn control_characters_are_written_as_escapes() {
        let line =
            line(&request(&[("accept", "*/*"), ("content-type", "text/plain")], Body::Text("a'\\\n\u{1b}[2J".into())));
        assert!(line.ends_with(r"--data-raw $'a\'\\\n\u001b[2J'"), "{line}");
    }
}
