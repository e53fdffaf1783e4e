//! Parts of messages as recorders keep them to what they mean: bodies unpacked, as JSON, a form or a text, and dates.

use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value as Json;

use crate::audit::gzip;
use crate::wire::exchange::{Body, decode};

/// The first header of a name.
pub(super) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

/// Milliseconds since 1970 of the `Date` header.
pub(super) fn date(headers: &[(String, String)]) -> Option<u64> {
    // A weekday that is wrong for its day is a matter of whoever wrote the file.
    let parser = DateTimeParser::new().relaxed_weekday(true);
    let moment = parser.parse_timestamp(header(headers, "date")?).ok()?;
    u64::try_from(moment.as_millisecond()).ok()
}

/// The text of a body, or why it is none.
///
/// # Errors
/// Why the bytes are no text.
pub(super) fn text(bytes: &[u8], headers: &[(String, String)]) -> Result<String, String> {
    let unpacked = if gzip::is_gzip(bytes) {
        gzip::unpack(bytes).map_err(|reason| format!("packed with gzip, but {reason}"))?
    } else {
        bytes.to_vec()
    };
    // Recorders that unpack a body keep the header that says it was packed.
    String::from_utf8(unpacked).map_err(|_| match header(headers, "content-encoding") {
        Some(encoding) if !encoding.contains("gzip") && !encoding.contains("identity") => {
            format!("packed with {encoding}")
        }
        _ => "not a text in UTF-8".to_owned(),
    })
}

/// The body of a request of a text.
pub(super) fn of_request(text: String, headers: &[(String, String)]) -> Body {
    if text.is_empty() {
        return Body::None;
    }
    let kind = header(headers, "content-type").unwrap_or("application/json").to_ascii_lowercase();
    if kind.contains("form-urlencoded") {
        return Body::Form(members(&text));
    }
    match serde_json::from_str(&text) {
        Ok(json) if kind.contains("json") => Body::Json(json),
        _ => Body::Text(text),
    }
}

/// The body of a request that was recorded before it was made a text: the members of a form, or a document.
pub(super) fn of_data(data: Json, headers: &[(String, String)]) -> Body {
    let is_json = header(headers, "content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    match data {
        Json::Object(members) if !is_json && members.values().all(is_plain) => {
            Body::Form(members.into_iter().map(|(name, value)| (name, plain(&value))).collect())
        }
        other => Body::Json(other),
    }
}

fn is_plain(value: &Json) -> bool {
    !value.is_array() && !value.is_object()
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn members(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
