//! What the specification says about states and facts as a whole: which states something brings about, what sets a fact.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::lint::scope::Scope;
use crate::spec::model::{
    Expectation, FOUND, Fact, FactKind, From, Given, Machine, NONE, Outcome, Scope as LawScope, SetKey, SetValue, Spec,
    StateWay, To, Transition,
};
use crate::spec::value::Value;

/// Answers about the whole specification, collected once.
#[derive(Debug, Default)]
pub(super) struct Index<'s> {
    /// Whether some of it could not be read, so that more may be set than is known here.
    incomplete: bool,
    states: BTreeMap<&'s str, BTreeSet<&'s str>>,
    reached: BTreeSet<(&'s str, &'s str)>,
    relied_on: BTreeSet<(&'s str, &'s str)>,
    setters: BTreeMap<&'s str, BTreeMap<&'s str, Vec<&'s SetValue>>>,
}

impl<'s> Index<'s> {
    pub(super) fn new(spec: &'s Spec) -> Self {
        let mut index = Self { incomplete: spec.incomplete, ..Self::default() };
        for machine in spec.machines.values() {
            index.add_machine(machine);
        }
        let scope = Scope::new(spec);
        for machine in spec.machines.values() {
            index.add_given(&scope, &machine.given);
        }
        for law in spec.laws.values() {
            if let LawScope::ForEach { given, .. } | LawScope::Of { given, .. } = &law.scope {
                index.add_given(&scope.and(spec, given), given);
            }
        }
        for transition in spec.transitions.values() {
            let scope = scope.and(spec, &transition.given);
            index.add_transition(transition);
            index.add_given(&scope, &transition.given);
            for outcome in transition.outcomes.values() {
                index.add_outcome(spec, &scope, transition, outcome);
            }
        }
        index
    }

    fn add_machine(&mut self, machine: &'s Machine) {
        let always = if machine.one { FOUND } else { NONE };
        let states = self.states.entry(&machine.name).or_default();
        states.insert(always);
        states.extend(machine.states.keys().map(String::as_str));
        self.relied_on.extend(machine.ready.iter().map(|ready| (machine.name.as_str(), ready.value.as_str())));
    }

    fn add_transition(&mut self, transition: &'s Transition) {
        if let From::States(states) = &transition.from {
            let machine = transition.machine.value.as_str();
            self.relied_on.extend(states.iter().map(|state| (machine, state.value.as_str())));
        }
    }

    fn add_given(&mut self, scope: &Scope<'s>, given: &'s Given) {
        for (name, thing) in &given.things {
            if let (Some(machine), Some(state)) = (scope.get(name).and_then(|thing| thing.machine), &thing.state) {
                self.relied_on.extend(states_named(state).into_iter().map(|state| (machine.name.as_str(), state)));
            }
        }
    }

    fn add_outcome(&mut self, spec: &'s Spec, scope: &Scope<'s>, transition: &'s Transition, outcome: &'s Outcome) {
        let scope = scope.and(spec, &outcome.given);
        self.add_given(&scope, &outcome.given);
        for row in &outcome.rows {
            let scope = row.given.as_ref().map_or_else(|| scope.clone(), |given| scope.and(spec, given));
            if let Some(given) = &row.given {
                self.add_given(&scope, given);
            }
            self.add_claim(&scope, transition, row);
            for alternative in &row.or {
                self.add_claim(&scope, transition, &alternative.replaces);
            }
        }
    }

    fn add_claim(&mut self, scope: &Scope<'s>, transition: &'s Transition, claim: &'s Expectation) {
        if let Some(To::States(states)) = claim.to.as_ref().map(|to| &to.value) {
            for state in states.iter().filter(|state| *state != NONE) {
                self.reach(&transition.machine.value, state);
            }
        }
        for (key, value) in &claim.sets {
            let (SetKey::State(name) | SetKey::Fact(name, _)) = key;
            let Some(machine) = scope.get(name).and_then(|thing| thing.machine) else { continue };
            match key {
                SetKey::State(_) => {
                    if let Some(state) = value.value.plain().and_then(Json::as_str) {
                        self.reach(&machine.name, state);
                    }
                }
                SetKey::Fact(_, fact) => {
                    self.setters.entry(&machine.name).or_default().entry(fact).or_default().push(value)
                }
            }
        }
    }

    fn reach(&mut self, machine: &'s str, state: &'s str) {
        self.reached.insert((machine, state));
        self.states.entry(machine).or_default().insert(state);
    }

    /// The states that exist, for choices.
    pub(super) fn states(&self, machine: &str) -> impl Iterator<Item = &'s str> + '_ {
        self.states.get(machine).into_iter().flatten().copied()
    }

    /// Whether a state exists: it is declared, or something brings it about.
    pub(super) fn has_state(&self, machine: &Machine, state: &str) -> bool {
        state == NONE || self.states(&machine.name).any(|known| known == state)
    }

    /// Whether an outcome brings the state about.
    pub(super) fn is_reached(&self, machine: &Machine, state: &str) -> bool {
        self.incomplete || self.reached.contains(&(machine.name.as_str(), state))
    }

    /// Whether something starts in the state or asks for it.
    pub(super) fn is_relied_on(&self, machine: &Machine, state: &str) -> bool {
        self.relied_on.contains(&(machine.name.as_str(), state))
    }

    /// Whether the state is neither declared nor relied on.
    pub(super) fn is_forgotten(&self, machine: &Machine, state: &str) -> bool {
        !machine.states.contains_key(state) && !self.is_relied_on(machine, state)
    }

    /// What outcomes set a fact to.
    pub(super) fn setters(&self, machine: &Machine, fact: &str) -> &[&'s SetValue] {
        self.setters.get(machine.name.as_str()).and_then(|facts| facts.get(fact)).map_or(&[], Vec::as_slice)
    }

    /// All values that a fact ever has, where they are known: its start value, and what outcomes set it to.
    pub(super) fn values(&self, machine: &Machine, name: &str, fact: &'s Fact) -> Option<Vec<&'s Json>> {
        let start = match &fact.kind {
            FactKind::Absent => None,
            FactKind::Start(Value::Plain(json)) => Some(json),
            _ => return None,
        };
        let mut values: Vec<&Json> = start.into_iter().collect();
        for set in self.setters(machine, name) {
            match &set.value {
                Value::Absent | Value::Start => {}
                Value::Plain(json) => values.push(json),
                _ => return None,
            }
        }
        (!self.incomplete).then_some(values)
    }

    /// Whether a moment is known at which the fact was set.
    pub(super) fn has_time(&self, machine: &Machine, name: &str, fact: &Fact) -> bool {
        self.incomplete
            || matches!(fact.kind, FactKind::Answer(_))
            || self.setters(machine, name).iter().any(|set| set.value != Value::Absent)
    }

    /// Whether a thing can be without the fact.
    pub(super) fn can_lack(&self, machine: &Machine, name: &str, fact: &Fact) -> bool {
        match &fact.kind {
            FactKind::Absent | FactKind::Answer(_) => true,
            FactKind::Choice(_) => false,
            FactKind::Made(value) | FactKind::Start(value) => {
                !value.references().is_empty()
                    || self.setters(machine, name).iter().any(|set| set.value == Value::Absent)
            }
        }
    }

    /// Whether a thing can have the fact.
    pub(super) fn can_have(&self, machine: &Machine, name: &str, fact: &Fact) -> bool {
        self.incomplete || !matches!(fact.kind, FactKind::Absent) || !self.setters(machine, name).is_empty()
    }
}

/// The states that a condition on a state names.
pub(super) fn states_named(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::Equals(value) => value.plain().and_then(Json::as_str).into_iter().collect(),
        Condition::All(list) | Condition::In(list) => list.iter().flat_map(states_named).collect(),
        Condition::Not(inner) => states_named(inner),
        _ => Vec::new(),
    }
}

/// The states that an answer can name; none where it can name any.
pub(super) fn states_answered(machine: &Machine) -> Option<Vec<&str>> {
    machine
        .state
        .iter()
        .map(|way| match way {
            StateWay::At(_) | StateWay::Names(_) => None,
            StateWay::Has(_, state) | StateWay::Is(state) => Some(state.as_str()),
        })
        .collect()
}
