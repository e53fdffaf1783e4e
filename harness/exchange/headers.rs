//! The headers of a request: those that it brings, those that are usual, and the token, which only the HTTP client gets to see.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::exchange::transport::Sender;
use crate::wire::exchange::{Body, Request};
use crate::wire::redact::Secrets;

/// Headers that say who asks.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The token as the value of a header, where it can be one.
pub(crate) fn token(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("SSWS {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Takes away what no other origin may see.
pub(crate) fn strip_credentials(request: &mut Request) {
    request.headers.retain(|(name, _)| !CREDENTIALS.iter().any(|credential| name.eq_ignore_ascii_case(credential)));
}

/// Whether a header that is usual has to be added.
pub(crate) fn is_missing(request: &Request, sender: &Sender<'_>, name: &str) -> bool {
    !sender.without.iter().any(|left_out| left_out == name) && !has(request, name)
}

/// Adds the headers that are usual; the token as `[secret]`.
pub(crate) fn complete(request: &mut Request, sender: &Sender<'_>, user_agent: &str, with_token: bool) {
    let content_type = match &request.body {
        Body::Json(_) => Some("application/json"),
        Body::Form(_) => Some("application/x-www-form-urlencoded"),
        Body::None | Body::Text(_) => None,
    };
    let usual = [
        ("accept", Some("application/json".to_owned())),
        ("content-type", content_type.map(str::to_owned)),
        ("user-agent", Some(user_agent.to_owned())),
        ("cookie", sender.cookies.and_then(|jar| jar.header(request.path()))),
        ("authorization", with_token.then(|| format!("SSWS {}", Secrets::PLACEHOLDER))),
    ];
    for (name, value) in usual {
        if let Some(value) = value.filter(|_| is_missing(request, sender, name)) {
            request.headers.push((name.to_owned(), value));
        }
    }
    // The client always sends one; the exchange shall show it.
    if !has(request, "accept") {
        request.headers.push(("accept".to_owned(), "*/*".to_owned()));
    }
}

/// The headers for the client.
///
/// # Errors
/// A sentence fragment that names what no header can hold.
pub(crate) fn for_client(pairs: &[(String, String)], token: Option<&HeaderValue>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no name of a header"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of the header `{name}` has characters that no header can hold"))?;
        headers.append(header, value);
    }
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, token.clone());
    }
    Ok(headers)
}

/// The headers of an answer, with bytes that are not UTF-8 replaced.
pub(crate) fn of_answer(headers: &HeaderMap) -> Vec<(String, String)> {
    let lossy = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), lossy(value))).collect()
}

fn has(request: &Request, name: &str) -> bool {
    request.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn completed(headers: &[(&str, &str)], body: Body, sender: &Sender<'_>) -> Vec<String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut request = Request { method: "POST".into(), url: "http://127.0.0.1:1/".into(), headers, body };
        complete(&mut request, sender, "agent", sender.authenticated);
        request.headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn usual_headers_are_added_unless_the_request_has_its_own() {
        let sender = Sender { authenticated: true, ..Sender::default() };
        assert_eq!(
            completed(&[], Body::Json(json!({})), &sender),
            [
                "accept: application/json",
                "content-type: application/json",
                "user-agent: agent",
                "authorization: SSWS [secret]"
            ]
        );
        assert_eq!(
            completed(&[("content-type", "text/plain"), ("authorization", "Bearer x")], Body::Json(json!({})), &sender),
            ["content-type: text/plain", "authorization: Bearer x", "accept: application/json", "user-agent: agent"]
        );
        assert_eq!(
            completed(&[], Body::Text("{}".into()), &Sender::default()),
            ["accept: application/json", "user-agent: agent"]
        );
    }

    #[test]
    fn usual_headers_can_be_left_out() {
        let without = ["accept".to_owned(), "content-type".to_owned(), "user-agent".to_owned()];
        let sender = Sender { without: &without, ..Sender::default() };
        assert_eq!(completed(&[], Body::Json(json!({})), &sender), ["accept: */*"]);
    }

    #[test]
    fn what_no_header_can_hold_is_named() {
        let of = |name: &str, value: &str| for_client(&[(name.to_owned(), value.to_owned())], None);
        assert_eq!(of("a b", "x").unwrap_err(), "`a b` is no name of a header");
        assert!(of("x-a", "a\r\nx-b: c").unwrap_err().starts_with("the value of the header `x-a`"));
        assert!(of("x-a", "ä").is_ok());
        assert!(token("a\nb").is_none());
    }
}
