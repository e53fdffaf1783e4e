//! What a target can: whether a plan may run there, and what it turned out to lack.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::plan::path::{Plan, Step};
use crate::plan::rules::{Rule, Subject};
use crate::run::case::CaseEnd;
use crate::run::session::Session;
use crate::run::single::{self, Assignment};
use crate::spec::model::{Act, Actor, From};
use crate::verdict::finding::Verdict;

/// Whether a plan may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capability {
    /// It may, with things of which there is one like this.
    Can(Assignment),
    /// It may not, and why.
    Cannot(String),
}

/// Whether a plan may run at the target.
#[must_use]
pub fn of(session: &Session<'_>, plan: &Plan) -> Capability {
    let found = session.found.borrow();
    let mut assignment = Assignment::new();
    for (fact, choices) in &plan.wanted {
        let now = found.get(fact);
        if now.is_some_and(|value| choices.contains(value)) {
            continue;
        }
        match choices.first() {
            Some(wanted) if now.is_some() && single::can_set(session, fact) => {
                assignment.insert(fact.clone(), wanted.to_string());
            }
            _ => return Capability::Cannot(unsettled(fact, now, choices)),
        }
    }
    // A value that nobody knows cannot be sent.
    for fact in &plan.touched {
        if !found.contains_key(fact) {
            return Capability::Cannot(unsettled(fact, None, &[]));
        }
    }
    if !session.target.disposable && !harmless(session, plan) {
        return Capability::Cannot("it creates, changes, locks or deletes: needs `--disposable`".to_owned());
    }
    if session.target.token.is_none() && needs_token(session, plan) {
        return Capability::Cannot("it needs an API token: set OKTA_CLIENT_TOKEN".to_owned());
    }
    if let Some(reason) = cannot_wait(session, plan) {
        return Capability::Cannot(reason);
    }
    Capability::Can(assignment)
}

fn unsettled(fact: &str, now: Option<&Json>, choices: &[Json]) -> String {
    let wanted = choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    let (machine, name) = fact.split_once('.').unwrap_or((fact, ""));
    match now {
        Some(now) => format!("needs {fact} to be {wanted}; it is {now} and cannot be set here"),
        None if wanted.is_empty() => format!("{fact} is not known: the target does not tell it"),
        None => format!(
            "needs {fact} to be {wanted}, which nobody can read: state `{machine}: {{{name}: …}}` in a target file"
        ),
    }
}

/// Whether a plan neither makes nor changes anything.
fn harmless(session: &Session<'_>, plan: &Plan) -> bool {
    let spec = session.spec;
    let reads = |step: &Step| {
        spec.transitions
            .get(&step.transition)
            .is_some_and(|transition| matches!(&transition.act, Act::Request(request) if request.method == "GET"))
            && !step
                .with
                .keys()
                .any(|key| matches!(key, crate::spec::model::WithKey::At(at) if at.root() == Some("method")))
    };
    // A sign-in of somebody who does not exist is a question, and changes nothing.
    let asks_in_vain = |step: &Step| {
        let Some(transition) = spec.transitions.get(&step.transition) else {
            return false;
        };
        let mut names_a_thing = false;
        crate::plan::template::template(transition, &step.with).each_part(&mut |_, value| {
            names_a_thing |= value.references().iter().any(|reference| reference.thing != "run");
        });
        crate::plan::rules::actor_of(spec, transition) == Actor::Public
            && step.expectation.error.is_some()
            && !names_a_thing
    };
    plan.steps.is_empty() && plan.good.is_none() && (reads(&plan.goal) || asks_in_vain(&plan.goal))
}

fn needs_token(session: &Session<'_>, plan: &Plan) -> bool {
    plan.steps.iter().chain(std::iter::once(&plan.goal)).any(|step| {
        session.spec.transitions.get(&step.transition).is_some_and(|transition| {
            matches!(transition.act, Act::Request(_))
                && crate::plan::rules::actor_of(session.spec, transition) == Actor::ApiToken
        })
    })
}

fn cannot_wait(session: &Session<'_>, plan: &Plan) -> Option<String> {
    let waits = plan.steps.iter().chain(std::iter::once(&plan.goal)).any(|step| {
        step.wait.is_some()
            || session
                .spec
                .transitions
                .get(&step.transition)
                .is_some_and(|transition| matches!(transition.act, Act::Wait(_)))
    });
    let hooks = plan.steps.iter().chain(std::iter::once(&plan.goal)).any(|step| {
        session.spec.transitions.get(&step.transition).is_some_and(|transition| matches!(transition.act, Act::Hook(_)))
    });
    if session.target.hooks.is_some() {
        return None;
    }
    if hooks {
        return Some("it needs a hook that the target does not offer".to_owned());
    }
    (waits && session.target.patience.is_none())
        .then(|| "it waits: the target has no clock hook, and `--patience` is not given".to_owned())
}

/// Whether a rule shows that a whole area is there: the first ordinary outcome of what starts a thing.
#[must_use]
pub fn is_entry(session: &Session<'_>, rule: &Rule) -> bool {
    let Subject::Outcome { transition, outcome } = &rule.subject else {
        return false;
    };
    let spec = session.spec;
    let transition = &spec.transitions[transition];
    let machine = &spec.machines[&transition.machine.value];
    let starts = transition.from == From::None
        || machine.observe.as_ref().is_some_and(|observe| machine.one && observe.value == transition.name);
    let first = transition
        .outcomes
        .values()
        .find(|outcome| outcome.with.is_empty())
        .is_some_and(|first| first.name == *outcome);
    starts && first
}

/// The area that a case showed to be missing, with the reason.
#[must_use]
pub fn missing(session: &Session<'_>, rule: &Rule, end: &CaseEnd) -> Option<(String, String)> {
    if !is_entry(session, rule) || end.verdict != Verdict::Deviates {
        return None;
    }
    let status = end.answer.get("status").and_then(Json::as_u64)?;
    if !matches!(status, 404 | 405 | 501) {
        return None;
    }
    let machine = session.spec.transitions[rule.transition()?].machine.value.clone();
    let request = end
        .exchanges
        .get(end.at)
        .map_or_else(String::new, |exchange| format!("{} {}", exchange.request.method, exchange.request.path()));
    Some((machine.clone(), format!("the target has no {machine}: {request} answers {status}, see {}", rule.name)))
}

/// Why a plan needs not be tried: an area that it uses is missing.
#[must_use]
pub fn lacks(session: &Session<'_>, plan: &Plan, rule: &Rule, lacking: &BTreeMap<String, String>) -> Option<String> {
    if lacking.is_empty() {
        return None;
    }
    let _ = rule;
    let mut machines: BTreeSet<&str> = BTreeSet::new();
    for step in plan.steps.iter().chain(std::iter::once(&plan.goal)) {
        if let Some(transition) = session.spec.transitions.get(&step.transition) {
            machines.insert(&transition.machine.value);
        }
    }
    for fact in plan.wanted.keys() {
        machines.extend(fact.split('.').next());
    }
    machines.into_iter().find_map(|machine| lacking.get(machine).cloned())
}
