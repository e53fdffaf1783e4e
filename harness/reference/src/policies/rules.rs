//! Rules of policies: their operations and their order.
//!
//! What a rule means for a user is in `applied`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::failure::Failure;
use crate::identifiers;
use crate::listing;
use crate::org::Org;
use crate::policies::{self, Kind, Policy, defaults, settings, view};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The identifier.
    pub(crate) id: String,
    /// Whether the rule is in force.
    pub(crate) active: bool,
    /// The name.
    pub(crate) name: String,
    /// The place in the order of application, from 1 on.
    pub(crate) priority: usize,
    /// Whether this is a built-in rule.
    pub(crate) system: bool,
    /// Whom it applies to.
    pub(crate) conditions: Value,
    /// What it allows.
    pub(crate) actions: Value,
    /// When it was created.
    pub(crate) created: Timestamp,
    /// When it was changed last.
    pub(crate) updated: Timestamp,
}

/// The rules of a policy in the order of application.
pub(crate) fn in_order(policy: &Policy) -> Vec<&Rule> {
    let mut rules: Vec<&Rule> = policy.rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority);
    rules
}

fn place(policy: &mut Policy, id: &str, wanted: Option<usize>) {
    let mut order: Vec<String> =
        in_order(policy).into_iter().filter(|rule| rule.id != id && !rule.system).map(|rule| rule.id.clone()).collect();
    let last = order.len() + 1;
    order.insert(wanted.unwrap_or(last).clamp(1, last) - 1, id.to_owned());
    renumber(policy, &order);
}

fn renumber(policy: &mut Policy, order: &[String]) {
    for rule in &mut policy.rules {
        rule.priority = order.iter().position(|id| *id == rule.id).unwrap_or(order.len()) + 1;
    }
}

/// The positions of a policy and of one of its rules.
fn find(org: &Org, call: &Call) -> Result<(usize, usize), Failure> {
    let policy = policies::find(org, call.capture(0))?;
    let id = call.capture(1);
    let rule = org.policies[policy]
        .rules
        .iter()
        .position(|rule| rule.id == id)
        .ok_or_else(|| Failure::missing(id, "PolicyRule"))?;
    Ok((policy, rule))
}

/// GET /api/v1/policies/{policy}/rules
pub(crate) fn list(org: &mut Org, call: &Call) -> Outcome {
    let policy = &org.policies[policies::find(org, call.capture(0))?];
    let values = in_order(policy).into_iter().map(|rule| view::rule(org, policy, rule)).collect();
    listing::whole(org, call, values)
}

/// POST /api/v1/policies/{policy}/rules
pub(crate) fn create(org: &mut Org, call: &Call) -> Outcome {
    let active = call.switch("activate", true)?;
    let policy = policies::find(org, call.capture(0))?;
    let body = call.object(&org.setup.flaws)?;
    let now = org.now();
    let mut rule = Rule {
        id: identifiers::object("0pr"),
        active: active && body.text("status")? != Some("INACTIVE"),
        name: String::new(),
        priority: usize::MAX,
        system: false,
        conditions: Value::Null,
        actions: Value::Null,
        created: now,
        updated: now,
    };
    describe(&mut rule, &org.policies[policy], &body)?;
    let (id, wanted) = (rule.id.clone(), policies::priority(&body)?);
    org.policies[policy].rules.push(rule);
    place(&mut org.policies[policy], &id, wanted);
    shown(org, policy, &id)
}

fn shown(org: &Org, policy: usize, id: &str) -> Outcome {
    let policy = &org.policies[policy];
    let rule = policy.rules.iter().find(|rule| rule.id == id);
    let rule = rule.expect("the rule was just stored");
    Ok(Answer::ok(view::rule(org, policy, rule)))
}

/// Takes name, conditions and actions from a body.
fn describe(rule: &mut Rule, policy: &Policy, body: &Map<String, Value>) -> Result<(), Failure> {
    let kind = policy.kind;
    if body.text("type")?.is_some_and(|name| name != kind.rule_name()) {
        return Err(Failure::validation("type", "type: Invalid rule type for this policy"));
    }
    rule.name = body.required("name")?.to_owned();
    let taken = policy.rules.iter().any(|other| other.id != rule.id && other.name == rule.name);
    if taken {
        return Err(Failure::validation("name", "name: Rule name already in use"));
    }
    let given =
        |name: &str| -> Result<Value, Failure> { Ok(Value::Object(body.part(name)?.cloned().unwrap_or_default())) };
    rule.conditions = settings::merged(defaults::rule_conditions(kind), given("conditions")?);
    rule.actions = settings::merged(defaults::actions(kind), given("actions")?);
    check_actions(kind, &rule.actions)
}

fn check_actions(kind: Kind, actions: &Value) -> Result<(), Failure> {
    let accesses: &[&str] = match kind {
        Kind::Password => &["/passwordChange/access", "/selfServicePasswordReset/access", "/selfServiceUnlock/access"],
        Kind::SignOn => &["/signon/access"],
    };
    for path in accesses {
        let access = actions.pointer(path).and_then(Value::as_str);
        if !matches!(access, Some("ALLOW" | "DENY")) {
            let cause = format!("actions{}: The field has an invalid value", path.replace('/', "."));
            return Err(Failure::validation("actions", cause));
        }
    }
    if actions.pointer("/signon/requireFactor") == Some(&Value::Bool(true)) {
        let cause = "actions.signon.requireFactor: Factors are not supported";
        return Err(Failure::validation("actions", cause));
    }
    Ok(())
}

/// GET /api/v1/policies/{policy}/rules/{rule}
pub(crate) fn one(org: &mut Org, call: &Call) -> Outcome {
    let (policy, rule) = find(org, call)?;
    let policy = &org.policies[policy];
    Ok(Answer::ok(view::rule(org, policy, &policy.rules[rule])))
}

/// PUT /api/v1/policies/{policy}/rules/{rule}
pub(crate) fn replace(org: &mut Org, call: &Call) -> Outcome {
    let (policy, index) = find(org, call)?;
    let body = call.object(&org.setup.flaws)?;
    let wanted = policies::priority(&body)?;
    let mut rule = org.policies[policy].rules[index].clone();
    describe(&mut rule, &org.policies[policy], &body)?;
    rule.updated = org.now();
    let (id, system, former) = (rule.id.clone(), rule.system, rule.priority);
    org.policies[policy].rules[index] = rule;
    if !system {
        place(&mut org.policies[policy], &id, wanted.or(Some(former)));
    }
    shown(org, policy, &id)
}

/// The positions of a rule that isn't built in.
fn own(org: &Org, call: &Call) -> Result<(usize, usize), Failure> {
    let (policy, rule) = find(org, call)?;
    if org.policies[policy].rules[rule].system {
        return Err(Failure::of(&catalogue::FORBIDDEN));
    }
    Ok((policy, rule))
}

/// DELETE /api/v1/policies/{policy}/rules/{rule}
pub(crate) fn delete(org: &mut Org, call: &Call) -> Outcome {
    let (policy, rule) = own(org, call)?;
    let policy = &mut org.policies[policy];
    policy.rules.remove(rule);
    let order: Vec<String> =
        in_order(policy).into_iter().filter(|rule| !rule.system).map(|rule| rule.id.clone()).collect();
    renumber(policy, &order);
    Ok(Answer::nothing())
}

/// POST /api/v1/policies/{policy}/rules/{rule}/lifecycle/activate
pub(crate) fn activate(org: &mut Org, call: &Call) -> Outcome {
    switch(org, call, true)
}

/// POST /api/v1/policies/{policy}/rules/{rule}/lifecycle/deactivate
pub(crate) fn deactivate(org: &mut Org, call: &Call) -> Outcome {
    switch(org, call, false)
}

fn switch(org: &mut Org, call: &Call, active: bool) -> Outcome {
    let (policy, rule) = own(org, call)?;
    let now = org.now();
    let rule = &mut org.policies[policy].rules[rule];
    rule.active = active;
    rule.updated = now;
    Ok(Answer::nothing())
}
