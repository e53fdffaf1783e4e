//! Things of which there is one, such as the org: found as they are, set for a group of cases, put back as found.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::cases::draw::Drawn;
use crate::plan::path::{Family, Plan, Step};
use crate::run::case::{self, Workshop};
use crate::run::request::ready;
use crate::run::session::Session;
use crate::run::world::World;
use crate::spec::model::{Act, Expectation, FactKind, SetKey, Spec, Transition};
use crate::spec::value::Value;
use crate::verdict::finding::Verdict;

/// What differs from how things were found, by `machine.fact`; the values as text, so that assignments have an order.
pub type Assignment = BTreeMap<String, String>;

/// Reads every thing of which there is one, where it can be asked for; what was stated by hand comes first.
pub async fn find(session: &Session<'_>) {
    let mut found: BTreeMap<String, Json> = session.target.stated.clone();
    for machine in session.spec.machines.values().filter(|machine| machine.one) {
        let Some(transition) =
            machine.observe.as_ref().and_then(|observe| session.spec.transitions.get(&observe.value))
        else {
            continue;
        };
        let Some(answer) = ask(session, transition).await else {
            continue;
        };
        for outcome in transition.outcomes.values() {
            for (key, set) in outcome.rows.iter().flat_map(|row| &row.sets) {
                if let (SetKey::Fact(of, fact), Value::Answer(pointer)) = (key, &set.value)
                    && let Some(value) = pointer.first(&answer)
                {
                    found.entry(format!("{of}.{fact}")).or_insert_with(|| value.clone());
                }
            }
        }
    }
    session.found.borrow_mut().clone_from(&found);
    *session.singles.borrow_mut() = found;
}

async fn ask(session: &Session<'_>, transition: &Transition) -> Option<Json> {
    let world = World::of(session.spec, vec![crate::run::world::FamilyWorld::default()], &session.options.mark);
    let step = step(transition, "");
    let ready = ready(&world, &session.target.url, transition, &step, "find", &[]).ok()?;
    let exchange = session
        .transport
        .send(
            ready.request,
            crate::exchange::transport::Sender { authenticated: ready.authenticated, ..Default::default() },
        )
        .await;
    let answer = exchange.answer.ok()?;
    (answer.status < 300).then(|| answer.document())
}

fn step(transition: &Transition, outcome: &str) -> Step {
    Step {
        family: 0,
        transition: transition.name.clone(),
        outcome: outcome.to_owned(),
        with: IndexMap::new(),
        expectation: transition
            .outcomes
            .get(outcome)
            .map_or_else(Expectation::default, |outcome| outcome.rows[0].clone()),
        standing: transition.standing.clone(),
        births: false,
        follows: false,
        rule: format!("{}/{}.{outcome}", transition.machine.value, transition.name),
        wait: None,
    }
}

/// The transition that makes a fact of a thing of which there is one true: its request sends the fact.
#[must_use]
pub fn setter<'s>(spec: &'s Spec, fact: &str) -> Option<&'s Transition> {
    let (machine, name) = fact.split_once('.')?;
    spec.transitions.values().find(|transition| {
        let mut sends = false;
        crate::plan::rules::each_request_value(transition, &mut |value| {
            sends |= value.references().iter().any(|reference| reference.thing == machine && reference.fact == name);
        });
        transition.machine.value == machine && sends
    })
}

/// Whether a fact can be made true at a target.
#[must_use]
pub fn can_set(session: &Session<'_>, fact: &str) -> bool {
    setter(session.spec, fact).is_some_and(|transition| match &transition.act {
        Act::Hook(_) => session.target.hooks.is_some(),
        Act::Request(_) => session.target.disposable && session.singles.borrow().contains_key(fact),
        Act::Wait(_) => false,
    })
}

/// The choices of a fact whose text is this.
fn choice(spec: &Spec, fact: &str, text: &str) -> Option<Json> {
    let (machine, name) = fact.split_once('.')?;
    match &spec.machines.get(machine)?.facts.get(name)?.kind {
        FactKind::Choice(choices) => choices
            .iter()
            .find(|choice| serde_json::from_str::<Json>(text).is_ok_and(|value| value == **choice))
            .cloned(),
        _ => None,
    }
}

/// Makes an assignment true, everything else as it was found.
///
/// # Errors
/// What could not be set.
pub async fn set(workshop: &Workshop<'_, '_>, assignment: &Assignment) -> Result<(), String> {
    let session = workshop.session;
    let found = session.found.borrow().clone();
    let wanted: BTreeMap<String, Json> = found
        .iter()
        .map(|(fact, value)| {
            let value =
                assignment.get(fact).and_then(|text| choice(session.spec, fact, text)).unwrap_or_else(|| value.clone());
            (fact.clone(), value)
        })
        .collect();
    let now = session.singles.borrow().clone();
    let changed: Vec<String> =
        wanted.iter().filter(|(fact, value)| now.get(*fact) != Some(*value)).map(|(fact, _)| fact.clone()).collect();
    *session.singles.borrow_mut() = wanted;
    for fact in changed {
        let Some(transition) = setter(session.spec, &fact) else {
            return Err(format!("nothing can set {fact}"));
        };
        let Some(outcome) = transition.outcomes.keys().next() else {
            continue;
        };
        let plan = Plan {
            label: String::new(),
            families: vec![Family {
                name: String::new(),
                role: String::new(),
                machine: String::new(),
                settings: BTreeMap::new(),
            }],
            steps: Vec::new(),
            goal: step(transition, outcome),
            good: None,
            setter: None,
            wanted: BTreeMap::new(),
            touched: std::collections::BTreeSet::new(),
            made_up: Vec::new(),
            nodes: 0,
        };
        let end = case::run(workshop, &plan, Drawn::new(), &format!("set {fact}"), false).await;
        if !matches!(end.verdict, Verdict::Conforms | Verdict::Variance) {
            return Err(format!("{fact} could not be set: {}", explain(&end)));
        }
    }
    Ok(())
}

fn explain(end: &case::CaseEnd) -> String {
    end.findings.first().map_or_else(
        || end.reason.clone(),
        |finding| format!("at {} expected {}, got {}", finding.pointer, finding.expected, finding.actual),
    )
}

/// Puts everything back as it was found.
pub async fn restore(workshop: &Workshop<'_, '_>) {
    if let Err(reason) = set(workshop, &Assignment::new()).await {
        workshop.session.left.borrow_mut().push(crate::run::event::LeftBehind {
            machine: "settings".to_owned(),
            what: "of things of which there is one".to_owned(),
            reason,
        });
    }
}
