//! The states that answers name: which there are, and what holds in an answer that names one.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use crate::audit::tally::Ruled;
use crate::spec::condition::Condition;
use crate::spec::model::{From, Level, Machine, NONE, Refusal, Scope, SetKey, Spec, StateWay, To, Transition};
use crate::verdict::check::{Context, Mismatch, check, shown};
use crate::verdict::finding::Finding;
use crate::verdict::judge::Judged;
use crate::verdict::state::named;
use crate::wire::pointer::{Pointer, Step};

/// The states of a specification.
pub(super) struct States<'s> {
    spec: &'s Spec,
    /// The states that each machine is known to have.
    known: HashMap<&'s str, BTreeSet<String>>,
}

/// A state that an answer names.
pub(super) struct Named<'s> {
    /// The state, as `MACHINE.STATE`; only the machine where there is no such state.
    pub(super) name: String,
    /// Whether the specification claims nothing of it, although it is one.
    pub(super) unclaimed: bool,
    /// What was found.
    pub(super) ruled: Ruled<'s>,
}

impl<'s> States<'s> {
    /// The states of a specification.
    pub(super) fn new(spec: &'s Spec) -> Self {
        let known = spec.machines.iter().map(|(name, machine)| (name.as_str(), known(spec, machine))).collect();
        Self { spec, known }
    }

    /// The states that an answer names, judged; in a list, those of each element.
    pub(super) fn named(&self, machine: &str, many: bool, context: &Context<'_>) -> Vec<Named<'s>> {
        let Some(machine) = self.spec.machines.get(machine) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (at, body) in bodies(context.answer, many) {
            let answer = json!({"status": context.answer["status"], "body": body});
            let states = named(machine, &answer).unwrap_or_default();
            found.extend(states.iter().map(|state| self.judged(machine, state, &at, body, context)));
        }
        found
    }

    fn judged(&self, machine: &'s Machine, name: &str, at: &Pointer, body: &Json, context: &Context<'_>) -> Named<'s> {
        let known = &self.known[machine.name.as_str()];
        let exists = known.contains(name);
        let state = machine.states.get(name);
        let wrong = match state {
            Some(state) => {
                state.body.as_ref().map_or_else(Vec::new, |condition| check(condition, Some(body), at, context))
            }
            None if exists => Vec::new(),
            None => vec![unknown(machine, name, known, at)],
        };
        let place = state.map_or(machine.place, |state| state.place);
        let level = state.map_or(Level::Must, |state| state.standing.level);
        let demanded_by = self.spec.files.location(place);
        let findings = wrong.into_iter().map(|Mismatch { pointer, expected, actual }| Finding {
            pointer,
            expected,
            actual,
            level,
            demanded_by: demanded_by.clone(),
        });
        // A state that does not exist is any text of the server's: it belongs into a finding, not into a name.
        let name = if exists { format!("{}.{name}", machine.name) } else { machine.name.clone() };
        let ruled = Ruled {
            rule: format!("state/{name}"),
            place,
            source: state.and_then(|state| state.standing.source.as_ref()).or(machine.source.as_ref()),
            judged: Judged { findings: findings.collect(), ..Judged::default() },
        };
        Named { unclaimed: exists && state.is_none(), name, ruled }
    }
}

fn unknown(machine: &Machine, name: &str, known: &BTreeSet<String>, at: &Pointer) -> Mismatch {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    Mismatch {
        pointer: format!("{at}{}", place(machine)),
        expected: format!("a state of {}: {}", machine.name, names.join(", ")),
        actual: shown(&name.into()),
    }
}

/// The bodies in which an answer may name a state, each with its place: its own, or those of a list.
fn bodies(answer: &Json, many: bool) -> Vec<(Pointer, &Json)> {
    let at = Pointer::default().join("body");
    match answer.get("body") {
        Some(Json::Array(elements)) if many => {
            elements.iter().enumerate().map(|(index, element)| (at.join(&index.to_string()), element)).collect()
        }
        Some(body) if !many => vec![(at, body)],
        _ => Vec::new(),
    }
}

/// The place in a body where the state is named.
fn place(machine: &Machine) -> Pointer {
    let place = machine.state.iter().find_map(|way| match way {
        StateWay::At(pointer) | StateWay::Names(pointer) => Some(pointer.below()),
        StateWay::Has(..) | StateWay::Is(_) => None,
    });
    place.unwrap_or_default()
}

/// Every state that the specification knows a machine to have: its own, those that its transitions name, and those that a law
/// lists where answers name the state. What a law lists need not be covered by transitions yet.
fn known(spec: &Spec, machine: &Machine) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = machine.states.keys().cloned().collect();
    known.extend(machine.ready.iter().map(|ready| ready.value.clone()));
    known.extend(machine.state.iter().filter_map(|way| match way {
        StateWay::Has(_, state) | StateWay::Is(state) => Some(state.clone()),
        StateWay::At(_) | StateWay::Names(_) => None,
    }));
    for transition in spec.transitions.values().filter(|transition| transition.machine.value == machine.name) {
        of_transition(transition, &mut known);
    }
    for law in spec.laws.values() {
        if let Scope::Each { when, then } = &law.scope
            && when.machine.as_ref().is_some_and(|condition| texts(condition).contains(&machine.name))
        {
            let alternatives = then.or.iter().map(|alternative| &alternative.replaces);
            let bodies = std::iter::once(then.as_ref()).chain(alternatives).filter_map(|one| one.body.as_ref());
            known.extend(bodies.flat_map(|body| machine.state.iter().flat_map(|way| listed(way, &body.value))));
        }
    }
    known.remove(NONE);
    known
}

fn of_transition(transition: &Transition, known: &mut BTreeSet<String>) {
    if let From::States(states) = &transition.from {
        known.extend(states.iter().map(|state| state.value.clone()));
    }
    let refusal = match &transition.refuses {
        Some(Refusal::Claim(claim, _)) => Some(claim.as_ref()),
        Some(Refusal::Unknown) | None => None,
    };
    for row in transition.outcomes.values().flat_map(|outcome| &outcome.rows).chain(refusal) {
        let alternatives = row.or.iter().map(|alternative| &alternative.replaces);
        for expectation in std::iter::once(row).chain(alternatives) {
            if let Some(To::States(states)) = expectation.to.as_ref().map(|to| &to.value) {
                known.extend(states.iter().cloned());
            }
            known.extend(expectation.sets.iter().filter_map(|(key, set)| match key {
                SetKey::State(machine) if *machine == transition.machine.value => {
                    set.value.plain().and_then(Json::as_str).map(ToOwned::to_owned)
                }
                _ => None,
            }));
        }
    }
}

/// The values that a condition on the body accepts at the place of the state.
fn listed(way: &StateWay, body: &Condition) -> BTreeSet<String> {
    match way {
        StateWay::At(pointer) if pointer.root() == Some("body") => {
            inner(body, &pointer.below()).map_or_else(BTreeSet::new, texts)
        }
        _ => BTreeSet::new(),
    }
}

fn inner<'c>(condition: &'c Condition, at: &Pointer) -> Option<&'c Condition> {
    match (at.steps.first(), condition) {
        (None, condition) => Some(condition),
        (Some(Step::Name(name)), Condition::Members(members)) => inner(members.get(name)?, &at.below()),
        (Some(_), Condition::All(list)) => list.iter().find_map(|part| inner(part, at)),
        _ => None,
    }
}

/// The texts that a condition accepts, where it lists them.
fn texts(condition: &Condition) -> BTreeSet<String> {
    match condition {
        Condition::Equals(value) => value.plain().and_then(Json::as_str).map(ToOwned::to_owned).into_iter().collect(),
        Condition::In(list) => list.iter().flat_map(texts).collect(),
        _ => BTreeSet::new(),
    }
}
