//! What of an exchange cannot be judged, or not as it was recorded, and why.

use serde_json::Value as Json;

use crate::audit::message::header;
use crate::audit::recorded::{Part, Recorded};
use crate::audit::route::Found;
use crate::wire::exchange::Response;

/// Every limit of judging an exchange, in words.
pub(super) fn of(recorded: &Recorded, response: &Response, request: &Json, found: Found<'_>) -> Vec<String> {
    let mut limits = Vec::new();
    for unread in &recorded.unread {
        let part = match unread.part {
            Part::Answer => "answer",
            Part::Request => "request",
        };
        limits.push(format!("the body of the {part} is {}", unread.reason));
    }
    if recorded.unread.iter().all(|unread| unread.part != Part::Answer)
        && !response.body.is_empty()
        && response.json().is_none()
    {
        let kind = header(&response.headers, "content-type").map_or_else(|| "of no named type".to_owned(), media_type);
        limits.push(format!("the body of the answer is not JSON but {kind}"));
    }
    if response.headers.is_empty() {
        limits.push("no headers of the answer were recorded, so none were judged".to_owned());
    }
    if recorded.exchange.sent_at == 0 {
        limits.push("the time is not known, so nothing about time was judged".to_owned());
    }
    let path = request["path"].as_str().unwrap_or_default();
    if !path.starts_with("/api/v1/") {
        limits.push("the path is not below /api/v1/, so only laws of every path were asked".to_owned());
    } else if found.machine.is_none() {
        limits.push("the method and the path are of no transition, so no state was looked for".to_owned());
    }
    if path != recorded.exchange.request.path() {
        limits.push("the path has doubled slashes and was judged as if they were single".to_owned());
    }
    limits
}

fn media_type(kind: &str) -> String {
    kind.split(';').next().unwrap_or(kind).trim().to_owned()
}
