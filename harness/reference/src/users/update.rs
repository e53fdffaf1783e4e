//! Changing users: partial updates and full replacements of profile and credentials.
//!
//! The checks on a new profile and password are shared with `create`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::groups;
use crate::org::Org;
use crate::users::create::{self, Credentials};
use crate::users::{Status, User, profile, view};
use serde_json::{Map, Value};

/// POST /api/v1/users/{user}
pub(crate) fn partially(org: &mut Org, call: &Call) -> Outcome {
    let replace = org.has(Flaw::PartialReplaces);
    update(org, call, replace)
}

/// PUT /api/v1/users/{user}
pub(crate) fn fully(org: &mut Org, call: &Call) -> Outcome {
    let replace = !org.has(Flaw::ReplaceKeeps);
    update(org, call, replace)
}

fn update(org: &mut Org, call: &Call, replace: bool) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let body = call.object(&org.setup.flaws)?;
    let credentials = create::credentials(&body)?;
    let profile = new_profile(&org.users[index], body.part("profile")?, replace);
    if let Some(profile) = &profile {
        profile::check(profile, &org.setup.flaws)?;
        create::check_unique(org, profile, Some(&org.users[index].id))?;
    }
    if let Some(password) = &credentials.password {
        let user = &org.users[index];
        let members = profile.as_ref().unwrap_or(&user.profile);
        create::check_password(org, members, &groups::of(org, &user.id), password)?;
    }
    apply(org, index, profile, credentials);
    Ok(Answer::ok(view::user(org, &org.users[index])))
}

/// The profile after the update; `None` if the body says nothing about it.
fn new_profile(user: &User, members: Option<&Map<String, Value>>, replace: bool) -> Option<Map<String, Value>> {
    let members = match members {
        Some(members) => members.clone(),
        None if replace => Map::new(),
        None => return None,
    };
    let mut profile = if replace { Map::new() } else { user.profile.clone() };
    profile.extend(members);
    Some(profile)
}

fn apply(org: &mut Org, index: usize, profile: Option<Map<String, Value>>, credentials: Credentials) {
    let now = org.now();
    let user = &mut org.users[index];
    if let Some(profile) = profile {
        user.profile = profile;
        user.profile.retain(|_, value| !value.is_null());
    }
    if let Some(question) = credentials.question {
        user.question = Some(question);
    }
    user.last_updated = now;
    if let Some(password) = credentials.password {
        user.set_password(&password, now);
        if matches!(user.status, Status::Provisioned | Status::Recovery | Status::PasswordExpired) {
            user.become_status(Status::Active, now);
        }
    }
}

/// Complains if a body lacks a member that is an object with a text called `value`.
pub(crate) fn secret<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Failure> {
    body.part(name)?
        .map(|members| members.text("value"))
        .transpose()?
        .flatten()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Failure::blank(name))
}
