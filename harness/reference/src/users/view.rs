//! How a user is written: members, credentials and the links of each status.
//!
//! The form follows recorded answers; see the status table of links below.

use crate::clock::written;
use crate::defects::Flaw;
use crate::links;
use crate::org::Org;
use crate::users::{Status, User};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A user as the API writes it.
pub(crate) fn user(org: &Org, user: &User) -> Value {
    json!({
        "id": user.id,
        "status": user.status.name(),
        "created": written(user.created),
        "activated": optional(user.activated),
        "statusChanged": written(user.status_changed),
        "lastLogin": optional(user.last_login),
        "lastUpdated": written(user.last_updated),
        "passwordChanged": optional(user.password_changed),
        "type": { "id": org.user_type },
        "profile": profile(user),
        "credentials": all_credentials(org, user),
        "_links": user_links(org, user),
    })
}

/// The credentials as the operations that change them answer.
pub(crate) fn credentials(user: &User) -> Value {
    let mut members = Map::new();
    if user.password.is_some() {
        members.insert("password".to_owned(), json!({}));
    }
    if let Some(question) = &user.question {
        let question = json!({ "question": question.question });
        members.insert("recovery_question".to_owned(), question);
    }
    members.insert("provider".to_owned(), provider(user));
    Value::Object(members)
}

fn all_credentials(org: &Org, user: &User) -> Value {
    let mut members = Map::new();
    if let Some(password) = &user.password {
        let shown = if org.has(Flaw::PasswordShown) { json!({ "value": password }) } else { json!({}) };
        members.insert("password".to_owned(), shown);
    }
    members.insert("emails".to_owned(), emails(user));
    if let Some(question) = &user.question {
        let question = json!({ "question": question.question });
        members.insert("recovery_question".to_owned(), question);
    }
    members.insert("provider".to_owned(), provider(user));
    Value::Object(members)
}

fn provider(user: &User) -> Value {
    json!({ "type": user.provider.kind, "name": user.provider.name })
}

fn emails(user: &User) -> Value {
    [("email", "PRIMARY"), ("secondEmail", "SECONDARY")]
        .into_iter()
        .filter(|(member, _)| !user.attribute(member).is_empty())
        .map(|(member, kind)| json!({ "value": user.attribute(member), "status": "VERIFIED", "type": kind }))
        .collect()
}

/// The profile; two members are written even when they have no value.
fn profile(user: &User) -> Value {
    let mut members = Map::new();
    for name in ["firstName", "lastName", "mobilePhone"] {
        let value = user.profile.get(name).cloned().unwrap_or_default();
        members.insert(name.to_owned(), value);
    }
    for (name, value) in &user.profile {
        members.entry(name.clone()).or_insert_with(|| value.clone());
    }
    for name in ["secondEmail", "login", "email"] {
        let value = members.shift_remove(name).unwrap_or_default();
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}

fn optional(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, |moment| written(moment).into())
}

/// The operations that each status offers, as recorded where there is a recording.
fn offered(status: Status) -> &'static [&'static str] {
    match status {
        Status::Staged | Status::Deprovisioned => &["activate"],
        Status::Active | Status::PasswordExpired => &[
            "suspend",
            "resetPassword",
            "forgotPassword",
            "expirePassword",
            "changeRecoveryQuestion",
            "resetFactors",
            "changePassword",
            "deactivate",
        ],
        Status::Suspended => &["unsuspend", "resetFactors", "deactivate"],
        Status::Provisioned => &["reactivate", "resetPassword", "resetFactors", "deactivate"],
        Status::Recovery => &["reactivate", "resetPassword", "changePassword", "resetFactors", "deactivate"],
        Status::LockedOut => &["unlock", "resetPassword", "resetFactors", "deactivate"],
    }
}

/// The path below the user at which an operation is served.
fn path_of(operation: &str) -> &'static str {
    match operation {
        "activate" => "lifecycle/activate",
        "reactivate" => "lifecycle/reactivate",
        "deactivate" => "lifecycle/deactivate",
        "suspend" => "lifecycle/suspend",
        "unsuspend" => "lifecycle/unsuspend",
        "unlock" => "lifecycle/unlock",
        "resetPassword" => "lifecycle/reset_password",
        "expirePassword" => "lifecycle/expire_password",
        "resetFactors" => "lifecycle/reset_factors",
        "forgotPassword" => "credentials/forgot_password",
        "changePassword" => "credentials/change_password",
        "changeRecoveryQuestion" => "credentials/change_recovery_question",
        other => unreachable!("no path for {other}"),
    }
}

fn user_links(org: &Org, user: &User) -> Value {
    let status = if org.has(Flaw::LinksOfActive) { Status::Active } else { user.status };
    let own = format!("/api/v1/users/{}", user.id);
    let mut members = Map::new();
    for name in offered(status) {
        let path = format!("{own}/{}", path_of(name));
        members.insert((*name).to_owned(), links::operation(org, &path));
    }
    let schema = format!("/api/v1/meta/schemas/user/{}", org.user_schema);
    members.insert("schema".to_owned(), links::plain(org, &schema));
    members.insert("self".to_owned(), links::plain(org, &own));
    let kind = format!("/api/v1/meta/types/user/{}", org.user_type);
    members.insert("type".to_owned(), links::plain(org, &kind));
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::{Status, offered, path_of};

    #[test]
    fn every_offered_operation_has_a_path() {
        let all = [
            Status::Staged,
            Status::Provisioned,
            Status::Active,
            Status::Recovery,
            Status::LockedOut,
            Status::PasswordExpired,
            Status::Suspended,
            Status::Deprovisioned,
        ];
        for operation in all.into_iter().flat_map(offered) {
            assert!(!path_of(operation).is_empty());
        }
    }
}
