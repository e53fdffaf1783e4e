//! Groups and their members.
//!
//! What a group's policies do to its members is in `policies`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::clock::written;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::identifiers;
use crate::links;
use crate::listing;
use crate::org::Org;
use crate::search;
use crate::users::view as user_view;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The most groups on a page.
const LARGEST_PAGE: usize = 10_000;

/// The most members on a page.
const LARGEST_MEMBER_PAGE: usize = 1_000;

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The identifier.
    pub(crate) id: String,
    /// The position in the order of creation.
    pub(crate) sequence: u64,
    /// Whether this is the group that everyone is in.
    pub(crate) everyone: bool,
    name: String,
    description: Option<String>,
    created: Timestamp,
    updated: Timestamp,
    members_updated: Timestamp,
    members: BTreeSet<String>,
}

impl Group {
    /// Whether the user is a member.
    pub(crate) fn has(&self, user: &str) -> bool {
        self.everyone || self.members.contains(user)
    }
}

/// Adds the built-in group.
pub(crate) fn add_everyone(org: &mut Org) {
    let description = Some("All users in your organization".to_owned());
    let mut group = fresh(org, "Everyone".to_owned(), description);
    group.everyone = true;
    org.groups.push(group);
}

/// Adds a group; the answer is its identifier.
pub(crate) fn add(org: &mut Org, name: &str) -> String {
    let group = fresh(org, name.to_owned(), None);
    let id = group.id.clone();
    org.groups.push(group);
    id
}

fn fresh(org: &mut Org, name: String, description: Option<String>) -> Group {
    let now = org.now();
    Group {
        id: identifiers::object("00g"),
        sequence: org.next_sequence(),
        everyone: false,
        name,
        description,
        created: now,
        updated: now,
        members_updated: now,
        members: BTreeSet::new(),
    }
}

/// The position of a group.
pub(crate) fn find(org: &Org, id: &str) -> Result<usize, Failure> {
    org.groups.iter().position(|group| group.id == id).ok_or_else(|| Failure::missing(id, "UserGroup"))
}

/// The identifiers of the groups that a user is in.
pub(crate) fn of(org: &Org, user: &str) -> Vec<String> {
    org.groups.iter().filter(|group| group.has(user)).map(|group| group.id.clone()).collect()
}

/// Makes a user a member, on request.
pub(crate) fn join(org: &mut Org, group: &str, user: &str) {
    if !org.has(Flaw::MemberNotAdded) {
        seat(org, group, user);
    }
}

/// Makes a user a member.
pub(crate) fn seat(org: &mut Org, group: &str, user: &str) {
    let now = org.now();
    if let Some(group) = org.groups.iter_mut().find(|known| known.id == group) {
        group.members.insert(user.to_owned());
        group.members_updated = now;
    }
}

/// Takes a user out of every group.
pub(crate) fn forget(org: &mut Org, user: &str) {
    for group in &mut org.groups {
        group.members.remove(user);
    }
}

/// A group as the API writes it.
pub(crate) fn view(org: &Org, group: &Group) -> Value {
    let own = format!("/api/v1/groups/{}", group.id);
    let logo = |size: &str| {
        let path = format!("/img/logos/groups/okta-{size}.png");
        json!({ "name": size, "href": org.address(&path), "type": "image/png" })
    };
    json!({
        "id": group.id,
        "created": written(group.created),
        "lastUpdated": written(group.updated),
        "lastMembershipUpdated": written(group.members_updated),
        "objectClass": ["okta:user_group"],
        "type": if group.everyone { "BUILT_IN" } else { "OKTA_GROUP" },
        "profile": { "name": group.name, "description": group.description },
        "_links": {
            "logo": [logo("medium"), logo("large")],
            "users": links::plain(org, &format!("{own}/users")),
            "apps": links::plain(org, &format!("{own}/apps")),
        },
    })
}

/// Name and description in a body.
fn profile(org: &Org, body: &Map<String, Value>, own: Option<&str>) -> Result<(String, Option<String>), Failure> {
    let profile = body.part("profile")?.ok_or_else(|| Failure::blank("name"))?;
    for name in profile.keys() {
        if name != "name" && name != "description" {
            let cause = format!("Property name '{name}' is not defined in profile");
            return Err(Failure::validation("profile", cause));
        }
    }
    let name = profile.required("name")?;
    if name.chars().count() > 255 {
        return Err(Failure::validation("name", "name: The field is too long"));
    }
    let taken = org.groups.iter().any(|group| own != Some(group.id.as_str()) && group.name == name);
    if taken {
        let cause = "name: An object with this field already exists in the current organization";
        return Err(Failure::validation("name", cause));
    }
    let description = profile.text("description")?.map(str::to_owned);
    Ok((name.to_owned(), description))
}

/// POST /api/v1/groups
pub(crate) fn create(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let (name, description) = profile(org, &body, None)?;
    let group = fresh(org, name, description);
    let shown = view(org, &group);
    org.groups.push(group);
    Ok(Answer::created(shown, &org.setup.flaws))
}

/// GET /api/v1/groups
pub(crate) fn list(org: &mut Org, call: &Call) -> Outcome {
    let mut wanted = Vec::new();
    for name in ["filter", "search"] {
        if let Some(text) = call.parameter(name).filter(|text| !text.is_empty()) {
            wanted.push(search::parse(text)?);
        }
    }
    let query = call.parameter("q").unwrap_or_default().to_lowercase();
    let entries = org
        .groups
        .iter()
        .filter(|group| group.name.to_lowercase().starts_with(&query))
        .map(|group| (group.sequence, view(org, group)))
        .filter(|(_, shown)| org.has(Flaw::FilterIgnored) || wanted.iter().all(|wanted| wanted.fits(shown)))
        .collect();
    listing::page(org, call, entries, LARGEST_PAGE)
}

/// GET /api/v1/groups/{group}
pub(crate) fn one(org: &mut Org, call: &Call) -> Outcome {
    let index = find(org, call.capture(0))?;
    Ok(Answer::ok(view(org, &org.groups[index])))
}

/// The position of a group that may be changed.
fn own(org: &Org, call: &Call) -> Result<usize, Failure> {
    let index = find(org, call.capture(0))?;
    if org.groups[index].everyone {
        return Err(Failure::of(&catalogue::FORBIDDEN));
    }
    Ok(index)
}

/// PUT /api/v1/groups/{group}
pub(crate) fn replace(org: &mut Org, call: &Call) -> Outcome {
    let index = own(org, call)?;
    let body = call.object(&org.setup.flaws)?;
    let (name, description) = profile(org, &body, Some(&org.groups[index].id))?;
    let now = org.now();
    let group = &mut org.groups[index];
    group.name = name;
    group.description = description;
    group.updated = now;
    Ok(Answer::ok(view(org, &org.groups[index])))
}

/// DELETE /api/v1/groups/{group}
pub(crate) fn delete(org: &mut Org, call: &Call) -> Outcome {
    let index = own(org, call)?;
    org.groups.remove(index);
    Ok(Answer::nothing())
}

/// GET /api/v1/groups/{group}/users
pub(crate) fn members(org: &mut Org, call: &Call) -> Outcome {
    let index = find(org, call.capture(0))?;
    let group = &org.groups[index];
    let entries = org
        .users
        .iter()
        .filter(|user| group.has(&user.id))
        .map(|user| (user.sequence, user_view::user(org, user)))
        .collect();
    listing::page(org, call, entries, LARGEST_MEMBER_PAGE)
}

/// GET /api/v1/groups/{group}/apps; there are no applications here.
pub(crate) fn apps(org: &mut Org, call: &Call) -> Outcome {
    find(org, call.capture(0))?;
    listing::whole(org, call, Vec::new())
}

/// PUT /api/v1/groups/{group}/users/{user}
pub(crate) fn add_member(org: &mut Org, call: &Call) -> Outcome {
    let index = own(org, call)?;
    let user = org.find_user(call.capture(1))?;
    let (group, user) = (org.groups[index].id.clone(), org.users[user].id.clone());
    join(org, &group, &user);
    Ok(Answer::nothing())
}

/// DELETE /api/v1/groups/{group}/users/{user}
pub(crate) fn remove_member(org: &mut Org, call: &Call) -> Outcome {
    let index = own(org, call)?;
    let user = org.find_user(call.capture(1))?;
    let user = org.users[user].id.clone();
    let now = org.now();
    if !org.has(Flaw::MemberStays) {
        org.groups[index].members.remove(&user);
        org.groups[index].members_updated = now;
    }
    Ok(Answer::nothing())
}
