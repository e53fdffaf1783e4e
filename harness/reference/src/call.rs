//! A request as the operations see it: path captures, query, headers and body.
//!
//! Whether the caller may make it was decided before, in `pipeline`.

use crate::catalogue;
use crate::defects::{Flaw, Flaws};
use crate::failure::Failure;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::{Map, Value};

/// A request.
#[derive(Debug)]
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Method,
    /// The path as it was sent, without the query.
    pub(crate) path: String,
    /// The decoded, non-empty segments of the path.
    pub(crate) segments: Vec<String>,
    /// The query as it was sent.
    pub(crate) raw_query: String,
    /// The segments that the placeholders of the route stand for.
    pub(crate) captures: Vec<String>,
    /// Whether the caller showed a valid API token.
    pub(crate) trusted: bool,
    headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Bytes,
}

impl Call {
    /// Takes a request apart.
    pub(crate) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let raw_query = uri.query().unwrap_or_default().to_owned();
        Self {
            method,
            path: uri.path().to_owned(),
            segments: uri
                .path()
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(|segment| decoded(segment, false))
                .collect(),
            query: pairs(&raw_query),
            raw_query,
            captures: Vec::new(),
            trusted: false,
            headers,
            body,
        }
    }

    /// The segment that the route's placeholder number `index` stands for.
    pub(crate) fn capture(&self, index: usize) -> &str {
        self.captures.get(index).expect("the route has this placeholder")
    }

    /// A header, if it is there and readable.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.header(header::COOKIE)?
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// A query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter that says yes or no.
    pub(crate) fn switch(&self, name: &str, default: bool) -> Result<bool, Failure> {
        match self.parameter(name) {
            None | Some("") => Ok(default),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(mismatch(name, value)),
        }
    }

    /// A query parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Failure> {
        match self.parameter(name) {
            None | Some("") => Ok(None),
            Some(value) => value.parse().map(Some).map_err(|_| mismatch(name, value)),
        }
    }

    /// The body as a JSON object.
    pub(crate) fn object(&self, flaws: &Flaws) -> Result<Map<String, Value>, Failure> {
        self.check_media_type(flaws)?;
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Ok(members),
            _ if flaws.has(Flaw::MalformedAccepted) => Ok(Map::new()),
            _ => Err(Failure::of(&catalogue::NOT_WELL_FORMED)),
        }
    }

    fn check_media_type(&self, flaws: &Flaws) -> Result<(), Failure> {
        if self.body.is_empty() || flaws.has(Flaw::AnyMediaType) {
            return Ok(());
        }
        let sent = self.header(header::CONTENT_TYPE).unwrap_or_default();
        if media_type(sent).eq_ignore_ascii_case("application/json") {
            Ok(())
        } else {
            Err(Failure::of(&catalogue::MEDIA_TYPE))
        }
    }

    /// Whether the caller takes JSON.
    pub(crate) fn accepts_json(&self) -> bool {
        let mut sent = self.headers.get_all(header::ACCEPT).iter().peekable();
        sent.peek().is_none()
            || sent.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(media_type).any(
                |kind| ["*/*", "application/*", "application/json"].iter().any(|json| kind.eq_ignore_ascii_case(json)),
            )
    }
}

/// A value of the wrong type in the query.
fn mismatch(name: &str, value: &str) -> Failure {
    Failure::of(&catalogue::TYPE_MISMATCH).about(&format!("{name}={value}"))
}

/// A media type without its parameters.
fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        })
        .collect()
}

/// Undoes percent-encoding, and in queries the plus sign for a space.
fn decoded(text: &str, in_query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hexadecimal(*high), hexadecimal(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if in_query => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Reading members of a JSON object with the API's own complaints.
pub(crate) trait Members {
    /// A member that is a text; other types are refused, null counts as absent.
    fn text(&self, name: &str) -> Result<Option<&str>, Failure>;
    /// A member that is an object.
    fn part(&self, name: &str) -> Result<Option<&Map<String, Value>>, Failure>;
    /// A member that is true or false.
    fn flag(&self, name: &str) -> Result<Option<bool>, Failure>;
    /// A member that is a text and may be neither absent nor empty.
    fn required(&self, name: &str) -> Result<&str, Failure> {
        match self.text(name)? {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(Failure::blank(name)),
        }
    }
}

impl Members for Map<String, Value> {
    fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Failure::of(&catalogue::NOT_WELL_FORMED)),
        }
    }

    fn part(&self, name: &str) -> Result<Option<&Map<String, Value>>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(Failure::of(&catalogue::NOT_WELL_FORMED)),
        }
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Failure::of(&catalogue::NOT_WELL_FORMED)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{decoded, pairs};

    #[test]
    fn percent_encoding_is_undone() {
        assert_eq!(decoded("a%40b.example", false), "a@b.example");
        assert_eq!(decoded("100%", false), "100%");
        assert_eq!(decoded("a+b", false), "a+b");
        assert_eq!(decoded("a+b", true), "a b");
    }

    #[test]
    fn a_query_is_a_list_of_pairs() {
        let expected = vec![("limit".to_owned(), "1".to_owned()), ("q".to_owned(), String::new())];
        assert_eq!(pairs("limit=1&q"), expected);
    }
}
