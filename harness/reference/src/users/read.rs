//! Reading users: one, all, and those that a filter or a query selects.
//!
//! The expressions themselves are read in `search`.

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::groups;
use crate::listing;
use crate::org::Org;
use crate::search;
use crate::users::{Status, User, view};
use serde_json::Value;

/// The most users on a page.
const LARGEST_PAGE: usize = 200;

/// GET /api/v1/users/{user}
pub(crate) fn one(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    Ok(Answer::ok(view::user(org, &org.users[index])))
}

/// GET /api/v1/users
pub(crate) fn list(org: &mut Org, call: &Call) -> Outcome {
    let expressions =
        ["filter", "search"].into_iter().filter_map(|name| call.parameter(name).filter(|text| !text.is_empty()));
    let expressions: Vec<&str> = expressions.collect();
    let query = call.parameter("q").filter(|query| !query.is_empty());
    if query.is_some() && !expressions.is_empty() {
        return Err(Failure::of(&catalogue::SEARCH_AND_FILTER));
    }
    let parsed: Result<Vec<_>, _> = expressions.into_iter().map(search::parse).collect();
    let parsed = parsed?;
    let plain = parsed.is_empty();
    let entries = org
        .users
        .iter()
        .filter(|user| !plain || user.status != Status::Deprovisioned)
        .filter(|user| query.is_none_or(|query| starts_with(user, query)))
        .map(|user| (user.sequence, view::user(org, user)))
        .filter(|(_, shown)| org.has(Flaw::FilterIgnored) || parsed.iter().all(|wanted| wanted.fits(shown)))
        .collect();
    listing::page(org, call, entries, LARGEST_PAGE)
}

/// Whether a name or the address of the user starts with the query.
fn starts_with(user: &User, query: &str) -> bool {
    let query = query.to_lowercase();
    ["firstName", "lastName", "email", "login"]
        .into_iter()
        .any(|name| user.attribute(name).to_lowercase().starts_with(&query))
}

/// GET /api/v1/users/{user}/groups
pub(crate) fn groups(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let user = &org.users[index].id;
    let entries = org
        .groups
        .iter()
        .filter(|group| group.has(user))
        .map(|group| (group.sequence, groups::view(org, group)))
        .collect();
    listing::page(org, call, entries, LARGEST_PAGE)
}

/// GET /api/v1/users/{user}/blocks
pub(crate) fn blocks(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let block = org.users[index]
        .device_blocked
        .then(|| serde_json::json!({ "type": "DEVICE_BASED", "appliesTo": "UNKNOWN_DEVICES" }));
    let blocks: Vec<Value> = block.into_iter().collect();
    Ok(Answer::ok(Value::Array(blocks)))
}
