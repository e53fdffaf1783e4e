//! Lists: pages, cursors and the Link header.
//!
//! What is in a list, and in which order, is decided by the resource.

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::org::Org;
use serde_json::Value;

/// One entry of a list: its position in the order of creation, and its JSON form.
pub(crate) type Entry = (u64, Value);

/// The page of a list that the caller asks for.
pub(crate) fn page(org: &Org, call: &Call, entries: Vec<Entry>, largest: usize) -> Outcome {
    let limit = match call.number("limit")? {
        _ if org.has(Flaw::LimitIgnored) => largest,
        None | Some(0) => largest,
        Some(limit) => limit.min(largest),
    };
    let after = call.parameter("after").map(position).transpose()?;
    let mut rest = entries.into_iter().filter(|(sequence, _)| after.is_none_or(|after| *sequence > after));
    let shown: Vec<Entry> = rest.by_ref().take(limit).collect();
    let mut links = vec![own(org, call)];
    if let (Some((last, _)), Some(_)) = (shown.last(), rest.next())
        && !org.has(Flaw::NoNextPage)
    {
        links.push(next(org, call, *last, limit));
    }
    let body = shown.into_iter().map(|(_, value)| value).collect();
    Ok(Answer { links, ..Answer::ok(body) })
}

/// The whole list.
pub(crate) fn whole(org: &Org, call: &Call, values: Vec<Value>) -> Outcome {
    Ok(Answer { links: vec![own(org, call)], ..Answer::ok(Value::Array(values)) })
}

fn own(org: &Org, call: &Call) -> String {
    let query = if call.raw_query.is_empty() { String::new() } else { format!("?{}", call.raw_query) };
    format!("<{}{query}>; rel=\"self\"", org.address(&call.path))
}

fn next(org: &Org, call: &Call, last: u64, limit: usize) -> String {
    let mut query = format!("after={}&limit={limit}", cursor(last));
    for pair in call.raw_query.split('&') {
        let name = pair.split('=').next().unwrap_or_default();
        if !name.is_empty() && name != "after" && name != "limit" {
            query.push('&');
            query.push_str(pair);
        }
    }
    format!("<{}?{query}>; rel=\"next\"", org.address(&call.path))
}

fn cursor(sequence: u64) -> String {
    format!("200u{sequence:016x}")
}

fn position(cursor: &str) -> Result<u64, Failure> {
    cursor
        .strip_prefix("200u")
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or_else(|| Failure::of(&catalogue::PAGING).because("Invalid cursor."))
}
