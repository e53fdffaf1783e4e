//! A request, its answer, and both together. What happened, without an opinion.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// GET, POST, …
    pub method: String,
    /// The absolute address, query included.
    pub url: String,
    /// Headers with names in lower case, in the order of sending.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Body::is_none")]
    pub body: Body,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Members of a form.
    Form(Vec<(String, String)>),
    /// A JSON document.
    Json(Json),
    /// No body.
    #[default]
    None,
    /// Text as it is.
    Text(String),
}

impl Body {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The bytes that are sent.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Json(json) => json.to_string(),
            Self::Text(text) => text.clone(),
            Self::Form(members) => {
                let mut form = String::new();
                for (name, value) in members {
                    if !form.is_empty() {
                        form.push('&');
                    }
                    form.push_str(&encode(name));
                    form.push('=');
                    form.push_str(&encode(value));
                }
                form
            }
        }
    }
}

/// Percent-encodes everything but unreserved characters.
#[must_use]
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Decodes `%41` and, in forms and queries, `+`.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: String = rest.clone().take(2).map(char::from).collect();
                match u8::from_str_radix(&hex, 16) {
                    Ok(decoded) if hex.len() == 2 => {
                        bytes.push(decoded);
                        rest.nth(1);
                    }
                    _ => bytes.push(byte),
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers with names in lower case, in the order of the answer.
    pub headers: Vec<(String, String)>,
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Response {
    /// The body as JSON, where it is that.
    #[must_use]
    pub fn json(&self) -> Option<Json> {
        serde_json::from_str(&self.body).ok()
    }

    /// The first header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// A request and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The answer, or why there is none.
    pub answer: Result<Response, String>,
    /// Milliseconds since 1970 when the request was sent.
    pub sent_at: u64,
    /// Milliseconds until the answer was there.
    pub took: u64,
}

impl Exchange {
    /// The answer as one document: `status`, `header`, `body`, `location`. `null` where there is none.
    #[must_use]
    pub fn answer_document(&self) -> Json {
        match &self.answer {
            Ok(response) => response.document(),
            Err(_) => Json::Null,
        }
    }
}

impl Response {
    /// The answer as one document: `status`, `header`, `body`, `location`.
    #[must_use]
    pub fn document(&self) -> Json {
        let mut document = Map::new();
        document.insert("status".into(), self.status.into());
        document.insert("header".into(), headers_document(&self.headers));
        let body = match self.json() {
            Some(json) => Some(json),
            None if self.body.is_empty() => None,
            None => Some(Json::String(self.body.clone())),
        };
        if let Some(body) = body {
            document.insert("body".into(), body);
        }
        if let Some(location) = self.header("location") {
            document.insert("location".into(), query_document(location));
        }
        Json::Object(document)
    }
}

impl Request {
    /// The request as one document: `method`, `path`, `query`, `header`, `body` or `form`.
    #[must_use]
    pub fn document(&self) -> Json {
        let mut document = Map::new();
        document.insert("method".into(), self.method.clone().into());
        document.insert("path".into(), self.path().into());
        document.insert("query".into(), query_document(&self.url));
        document.insert("header".into(), headers_document(&self.headers));
        match &self.body {
            Body::None => {}
            Body::Json(json) => {
                document.insert("body".into(), json.clone());
            }
            Body::Text(text) => {
                document.insert("body".into(), text.clone().into());
            }
            Body::Form(members) => {
                let form = members.iter().map(|(name, value)| (name.clone(), Json::from(value.clone()))).collect();
                document.insert("form".into(), Json::Object(form));
            }
        }
        Json::Object(document)
    }

    /// The path without the origin and the query.
    #[must_use]
    pub fn path(&self) -> &str {
        let after_origin = self.url.find("://").map_or(self.url.as_str(), |scheme| {
            let rest = &self.url[scheme + 3..];
            rest.find(['/', '?']).map_or("/", |slash| &rest[slash..])
        });
        after_origin.split(['?', '#']).next().unwrap_or("/")
    }
}

/// Scheme, host and port of an address, in lower case; nothing where it has none.
#[must_use]
pub fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let host = match scheme.as_str() {
        "https" => host.strip_suffix(":443").unwrap_or(&host).to_owned(),
        "http" => host.strip_suffix(":80").unwrap_or(&host).to_owned(),
        _ => host,
    };
    Some(format!("{scheme}://{host}"))
}

fn headers_document(headers: &[(String, String)]) -> Json {
    let mut joined: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for (name, value) in headers {
        joined.entry(name).or_default().push(value);
    }
    let members = joined
        .into_iter()
        .map(|(name, values)| {
            let value = if name == "link" { links_document(&values) } else { Json::String(values.join(", ")) };
            (name.to_owned(), value)
        })
        .collect();
    Json::Object(members)
}

/// Link headers as a list of `{rel, href}`; several headers and several links in one header alike.
fn links_document(values: &[&str]) -> Json {
    values
        .iter()
        .flat_map(|value| value.split(",<").flat_map(|part| part.split(", <")))
        .filter_map(|link| {
            let (href, parameters) = link.trim().trim_start_matches('<').split_once('>')?;
            let rel = parameters
                .split(';')
                .filter_map(|parameter| parameter.trim().strip_prefix("rel="))
                .map(|rel| rel.trim_matches('"'))
                .next()?;
            Some(serde_json::json!({"rel": rel, "href": href}))
        })
        .collect()
}

/// The members of a query or a fragment.
fn query_document(url: &str) -> Json {
    let members = url
        .split_once(['?', '#'])
        .map_or("", |(_, query)| query)
        .split(['&', '#'])
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), Json::String(decode(value)))
        })
        .collect();
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_hold_all_parts() {
        let request = Request {
            method: "GET".into(),
            url: "http://127.0.0.1:1/api/v1/users?limit=2&q=a%20b".into(),
            headers: vec![("accept".into(), "application/json".into())],
            body: Body::None,
        };
        assert_eq!(
            request.document(),
            json!({"method": "GET", "path": "/api/v1/users", "query": {"limit": "2", "q": "a b"}, "header": {"accept": "application/json"}})
        );
        let response = Response {
            status: 302,
            headers: vec![
                ("location".into(), "https://localhost/cb?code=1&state=x".into()),
                ("link".into(), "<http://h/a>; rel=\"self\", <http://h/b?x=1,2>; rel=\"next\"".into()),
            ],
            body: String::new(),
        };
        let document = response.document();
        assert_eq!(document["location"], json!({"code": "1", "state": "x"}));
        assert_eq!(document["header"]["link"][1], json!({"rel": "next", "href": "http://h/b?x=1,2"}));
    }

    #[test]
    fn origins_are_compared_without_default_ports_and_user_names() {
        assert_eq!(origin("https://Org.okta.com:443/x").as_deref(), Some("https://org.okta.com"));
        assert_eq!(origin("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("https://good.example@evil.example/").as_deref(), Some("https://evil.example"));
        assert_eq!(origin("/api"), None);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["a b", "ä/?&=%", "", "x+y"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }
}
