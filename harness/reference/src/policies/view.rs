//! How policies and rules are written.
//!
//! The order of members follows recorded answers.

use crate::clock::written;
use crate::links;
use crate::org::Org;
use crate::policies::rules::Rule;
use crate::policies::{Kind, Policy};
use serde_json::{Map, Value, json};

/// The status as the API writes it.
pub(crate) fn status(active: bool) -> &'static str {
    if active { "ACTIVE" } else { "INACTIVE" }
}

/// A policy as the API writes it.
pub(crate) fn policy(org: &Org, policy: &Policy) -> Value {
    let own = format!("/api/v1/policies/{}", policy.id);
    let mut links = object_links(org, &own, policy.active, policy.system);
    let rules = links::hinted(org, &format!("{own}/rules"), &["GET", "POST"]);
    links.shift_insert(1, "rules".to_owned(), rules);
    let mut shown = json!({
        "type": policy.kind.name(),
        "id": policy.id,
        "status": status(policy.active),
        "name": policy.name,
        "description": policy.description,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": policy.conditions,
        "created": written(policy.created),
        "lastUpdated": written(policy.updated),
    });
    if policy.kind == Kind::Password {
        shown["settings"] = policy.settings.clone();
    }
    shown["_links"] = Value::Object(links);
    shown
}

/// A rule as the API writes it.
pub(crate) fn rule(org: &Org, policy: &Policy, rule: &Rule) -> Value {
    let own = format!("/api/v1/policies/{}/rules/{}", policy.id, rule.id);
    json!({
        "type": policy.kind.rule_name(),
        "id": rule.id,
        "status": status(rule.active),
        "name": rule.name,
        "priority": rule.priority,
        "created": written(rule.created),
        "lastUpdated": written(rule.updated),
        "system": rule.system,
        "conditions": rule.conditions,
        "actions": rule.actions,
        "_links": object_links(org, &own, rule.active, rule.system),
    })
}

/// The links to the object itself and to its lifecycle, which built-in objects don't have.
fn object_links(org: &Org, own: &str, active: bool, system: bool) -> Map<String, Value> {
    let methods: &[&str] = if system { &["GET", "PUT"] } else { &["GET", "PUT", "DELETE"] };
    let mut links = Map::new();
    links.insert("self".to_owned(), links::hinted(org, own, methods));
    if !system {
        let operation = if active { "deactivate" } else { "activate" };
        let path = format!("{own}/lifecycle/{operation}");
        links.insert(operation.to_owned(), links::hinted(org, &path, &["POST"]));
    }
    links
}
