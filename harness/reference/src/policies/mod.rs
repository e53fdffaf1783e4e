//! Policies: password and sign-on policies and their order.
//!
//! Rules are in `rules`, the built-in policies in `defaults`, what applies to whom in `applied`.

pub(crate) mod applied;
pub(crate) mod defaults;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod view;

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::groups;
use crate::identifiers;
use crate::listing;
use crate::org::Org;
use jiff::Timestamp;
use rules::Rule;
use serde_json::{Map, Value};

/// The types of policy that this server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Password policies.
    Password,
    /// Sign-on policies.
    SignOn,
}

/// Documented types that this server has no policies of.
const OTHER_KINDS: [&str; 10] = [
    "ACCESS_POLICY",
    "CLIENT_UPDATE",
    "DEVICE_SIGNAL_COLLECTION",
    "ENTITY_RISK",
    "IDENTITY_CLAIM_SOURCING",
    "IDP_DISCOVERY",
    "MFA_ENROLL",
    "POST_AUTH_SESSION",
    "PROFILE_ENROLLMENT",
    "SESSION_VIOLATION_DETECTION",
];

impl Kind {
    /// The type of policies, as the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::SignOn => "OKTA_SIGN_ON",
        }
    }

    /// The type of rules, as the API writes it.
    pub(crate) fn rule_name(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::SignOn => "SIGN_ON",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Password, Self::SignOn].into_iter().find(|kind| kind.name() == name)
    }
}

/// A policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// The identifier.
    pub(crate) id: String,
    /// The type.
    pub(crate) kind: Kind,
    /// Whether the policy is in force.
    pub(crate) active: bool,
    /// The name.
    pub(crate) name: String,
    /// The description.
    pub(crate) description: Option<String>,
    /// The place in the order of application, from 1 on.
    pub(crate) priority: usize,
    /// Whether this is a built-in policy.
    pub(crate) system: bool,
    /// Whom it applies to.
    pub(crate) conditions: Value,
    /// What it says; null for sign-on policies.
    pub(crate) settings: Value,
    /// When it was created.
    pub(crate) created: Timestamp,
    /// When it was changed last.
    pub(crate) updated: Timestamp,
    /// Its rules.
    pub(crate) rules: Vec<Rule>,
}

/// The position of a policy.
pub(crate) fn find(org: &Org, id: &str) -> Result<usize, Failure> {
    org.policies.iter().position(|policy| policy.id == id).ok_or_else(|| Failure::missing(id, "Policy"))
}

/// The policies of a type in the order of application.
pub(crate) fn in_order(org: &Org, kind: Kind) -> Vec<&Policy> {
    let mut policies: Vec<&Policy> = org.policies.iter().filter(|policy| policy.kind == kind).collect();
    policies.sort_by_key(|policy| policy.priority);
    policies
}

/// Puts a policy at a place of its type's order; the built-in policy stays last.
fn place(org: &mut Org, id: &str, wanted: Option<usize>) {
    let index = find(org, id).expect("the policy was just stored");
    let kind = org.policies[index].kind;
    let mut order: Vec<String> = in_order(org, kind)
        .into_iter()
        .filter(|policy| policy.id != id && !policy.system)
        .map(|policy| policy.id.clone())
        .collect();
    let last = order.len() + 1;
    let place = wanted.unwrap_or(last).clamp(1, last);
    order.insert(place - 1, id.to_owned());
    renumber(org, kind, &order);
}

/// Numbers the policies of a type in the given order, the built-in one behind them.
fn renumber(org: &mut Org, kind: Kind, order: &[String]) {
    for policy in org.policies.iter_mut().filter(|policy| policy.kind == kind) {
        policy.priority = order.iter().position(|id| *id == policy.id).unwrap_or(order.len()) + 1;
    }
}

/// GET /api/v1/policies
pub(crate) fn list(org: &mut Org, call: &Call) -> Outcome {
    let name = call.parameter("type").unwrap_or_default();
    if name.is_empty() {
        return Err(Failure::of(&catalogue::MISSING_PARAMETER));
    }
    let kinds = match Kind::named(name) {
        _ if org.has(Flaw::AllPolicyTypes) => vec![Kind::Password, Kind::SignOn],
        Some(kind) => vec![kind],
        None if OTHER_KINDS.contains(&name) => Vec::new(),
        None => return Err(Failure::validation("type", "type: Invalid policy type")),
    };
    let status = call.parameter("status");
    let values = kinds
        .into_iter()
        .flat_map(|kind| in_order(org, kind))
        .filter(|policy| status.is_none_or(|status| status == view::status(policy.active)))
        .map(|policy| view::policy(org, policy))
        .collect();
    listing::whole(org, call, values)
}

/// POST /api/v1/policies
pub(crate) fn create(org: &mut Org, call: &Call) -> Outcome {
    let active = call.switch("activate", true)?;
    let body = call.object(&org.setup.flaws)?;
    let kind = body.required("type")?;
    let kind =
        Kind::named(kind).ok_or_else(|| Failure::validation("type", format!("type: {kind} is not supported")))?;
    let now = org.now();
    let mut policy = Policy {
        id: identifiers::object("00p"),
        kind,
        active,
        name: String::new(),
        description: None,
        priority: usize::MAX,
        system: false,
        conditions: defaults::conditions(org, kind),
        settings: defaults::settings(kind),
        created: now,
        updated: now,
        rules: Vec::new(),
    };
    describe(org, &mut policy, &body)?;
    policy.active &= body.text("status")? != Some("INACTIVE");
    let wanted = priority(&body)?;
    let id = policy.id.clone();
    org.policies.push(policy);
    place(org, &id, wanted);
    let index = find(org, &id)?;
    Ok(Answer::ok(view::policy(org, &org.policies[index])))
}

/// Takes name, description, conditions and settings from a body.
fn describe(org: &Org, policy: &mut Policy, body: &Map<String, Value>) -> Result<(), Failure> {
    policy.name = body.required("name")?.to_owned();
    let taken = org
        .policies
        .iter()
        .any(|other| other.kind == policy.kind && other.id != policy.id && other.name == policy.name);
    if taken {
        return Err(Failure::validation("name", "name: Policy name already in use"));
    }
    policy.description = body.text("description")?.map(str::to_owned);
    if let Some(conditions) = body.part("conditions")? {
        check_groups(org, conditions)?;
        policy.conditions = settings::merged(defaults::conditions(org, policy.kind), Value::Object(conditions.clone()));
    }
    if let (Kind::Password, Some(given)) = (policy.kind, body.part("settings")?) {
        let given = Value::Object(given.clone());
        policy.settings = settings::merged(defaults::settings(policy.kind), given);
        settings::check(&policy.settings)?;
    }
    Ok(())
}

/// Complains about groups that don't exist.
fn check_groups(org: &Org, conditions: &Map<String, Value>) -> Result<(), Failure> {
    let conditions = Value::Object(conditions.clone());
    for id in settings::texts(&conditions, "/people/groups/include") {
        if groups::find(org, &id).is_err() {
            let cause = format!("people.groups.include: Invalid group {id}");
            return Err(Failure::validation("conditions", cause));
        }
    }
    Ok(())
}

/// The wanted place in the order.
fn priority(body: &Map<String, Value>) -> Result<Option<usize>, Failure> {
    match body.get("priority") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| Failure::validation("priority", "priority: The field has an invalid value")),
    }
}

/// GET /api/v1/policies/{policy}
pub(crate) fn one(org: &mut Org, call: &Call) -> Outcome {
    let index = find(org, call.capture(0))?;
    Ok(Answer::ok(view::policy(org, &org.policies[index])))
}

/// PUT /api/v1/policies/{policy}
pub(crate) fn replace(org: &mut Org, call: &Call) -> Outcome {
    let index = find(org, call.capture(0))?;
    let body = call.object(&org.setup.flaws)?;
    let wanted = priority(&body)?;
    let mut policy = org.policies[index].clone();
    if policy.system && wanted != Some(policy.priority) {
        return Err(Failure::of(&catalogue::READ_ONLY).about("priority"));
    }
    if body.text("type")?.is_some_and(|name| name != policy.kind.name()) {
        return Err(Failure::of(&catalogue::READ_ONLY).about("type"));
    }
    describe(org, &mut policy, &body)?;
    policy.updated = org.now();
    let (id, system) = (policy.id.clone(), policy.system);
    org.policies[index] = policy;
    if !system {
        place(org, &id, wanted.or(Some(org.policies[index].priority)));
    }
    Ok(Answer::ok(view::policy(org, &org.policies[index])))
}

/// The position of a policy that isn't built in.
fn own(org: &Org, call: &Call) -> Result<usize, Failure> {
    let index = find(org, call.capture(0))?;
    if org.policies[index].system && !org.has(Flaw::DefaultDeleted) {
        return Err(Failure::of(&catalogue::FORBIDDEN));
    }
    Ok(index)
}

/// DELETE /api/v1/policies/{policy}
pub(crate) fn delete(org: &mut Org, call: &Call) -> Outcome {
    let index = own(org, call)?;
    let removed = org.policies.remove(index);
    let order: Vec<String> = in_order(org, removed.kind)
        .into_iter()
        .filter(|policy| !policy.system)
        .map(|policy| policy.id.clone())
        .collect();
    renumber(org, removed.kind, &order);
    Ok(Answer::nothing())
}

/// POST /api/v1/policies/{policy}/lifecycle/activate
pub(crate) fn activate(org: &mut Org, call: &Call) -> Outcome {
    switch(org, call, true)
}

/// POST /api/v1/policies/{policy}/lifecycle/deactivate
pub(crate) fn deactivate(org: &mut Org, call: &Call) -> Outcome {
    switch(org, call, false)
}

fn switch(org: &mut Org, call: &Call, active: bool) -> Outcome {
    let index = own(org, call)?;
    let now = org.now();
    org.policies[index].active = active;
    org.policies[index].updated = now;
    Ok(Answer::nothing())
}
