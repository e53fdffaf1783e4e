//! What a `then`, an alternative or a refusal claims: conditions that make sense, states and facts that there are, values that
//! can be known.

use indexmap::IndexMap;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::{Diagnostic, nearest};
use crate::spec::lint::Lint;
use crate::spec::lint::given::word;
use crate::spec::lint::request::is_sent;
use crate::spec::lint::scope::Scope;
use crate::spec::lint::values::{NOT_SENT, NOT_SET, NOT_STARTED};
use crate::spec::model::{Act, Expectation, FactKind, Located, Machine, NONE, SetKey, SetValue, Transition, WithKey};
use crate::spec::place::Place;
use crate::spec::value::{Value, plain_text};

/// Whose claim it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimant<'c, 's> {
    /// The things it can name.
    pub(super) scope: &'c Scope<'s>,
    /// The transition, where it is one's.
    pub(super) transition: Option<&'s Transition>,
    /// The machine of that transition.
    pub(super) machine: Option<&'s Machine>,
    /// What is sent instead.
    pub(super) with: Option<&'s IndexMap<WithKey, Value>>,
}

impl<'s> Lint<'s, '_> {
    /// Checks an expectation and its alternatives.
    pub(super) fn claim(&mut self, by: Claimant<'_, 's>, claim: &'s Expectation) {
        self.one_claim(by, claim);
        self.error_status(claim.status.as_ref(), claim.error.as_ref());
        for alternative in &claim.or {
            self.one_claim(by, &alternative.replaces);
            self.because(&alternative.because);
            // A decision may give a known error another status; an error that is named comes with its own.
            if alternative.replaces.error.is_some() {
                let merged = claim.with(alternative);
                self.error_status(merged.status.as_ref(), merged.error.as_ref());
            }
        }
    }

    fn one_claim(&mut self, by: Claimant<'_, 's>, claim: &'s Expectation) {
        if let Some(error) = &claim.error {
            self.error_code(error, by.with.is_some());
        }
        for condition in [&claim.body, &claim.header, &claim.location].into_iter().flatten() {
            self.answer_condition(by.scope, &condition.value, condition.place);
        }
        if let Some(Located { value: Condition::Members(members), place }) = &claim.header {
            self.header_names(members.keys(), *place);
        }
        if let Some(to) = &claim.to {
            self.to(by, to);
        }
        for (key, set) in &claim.sets {
            self.set(by, key, set);
        }
        self.no_answer(by, claim);
    }

    /// Checks a condition on an answer.
    pub(super) fn answer_condition(&mut self, scope: &Scope<'s>, condition: &Condition, place: Place) {
        self.condition_references(scope, condition);
        let mut values = Vec::new();
        condition.each_value(&mut |value| values.push(value));
        for value in values {
            self.words(value, &NOT_SENT, "in a condition", place);
            self.words(value, &NOT_SET, "in a condition", place);
        }
        let mut timed = Vec::new();
        each_condition(condition, &mut |inner| match inner {
            Condition::Within(_) | Condition::Older(_) => timed.push(word(inner)),
            _ => {}
        });
        for word in timed {
            let place = self.spec.files.find(place, word.trim_matches('`'));
            let problem =
                Diagnostic::error("senseless-condition", place, format!("{word} cannot be asked of an answer"));
            self.report(
                problem
                    .label("it asks in a `given` when a fact was set")
                    .help("`{$after: now}` asks for a time in the future"),
            );
        }
    }

    /// Reports names of headers that no answer is found by.
    pub(super) fn header_names<'n>(&mut self, names: impl Iterator<Item = &'n String>, place: Place) {
        for name in names.filter(|name| name.chars().any(|c| c.is_ascii_uppercase())) {
            let place = self.spec.files.find(place, name);
            let problem = Diagnostic::error("bad-place", place, format!("no header is called `{name}`"));
            let lower = name.to_ascii_lowercase();
            self.report(problem.label("names of headers are in lower case").help(format!("write `{lower}`")));
        }
    }

    fn set(&mut self, by: Claimant<'_, 's>, key: &SetKey, set: &'s SetValue) {
        self.references(by.scope, &set.value);
        match key {
            SetKey::State(thing) => self.set_state(by, thing, set),
            SetKey::Fact(thing, fact) => self.set_fact(by, thing, fact, set),
        }
    }

    fn set_state(&mut self, by: Claimant<'_, 's>, thing: &str, set: &SetValue) {
        if let Some(fact) = own_fact(by, thing) {
            let problem = Diagnostic::error("unknown-machine", set.place, format!("nothing here is called `{thing}`"));
            self.report(problem.label("a fact is set by its full name").help(format!("write `{fact}`")));
            return;
        }
        let Some(machine) = self.thing(by.scope, thing, set.place).and_then(|thing| thing.machine) else { return };
        if by.machine.is_some_and(|own| own.name == thing) {
            let problem =
                Diagnostic::error("bad-to", set.place, format!("the next state of the `{thing}` itself is `to`"));
            self.report(problem.label("`sets` speaks of other things").help("write `to` beside `sets`"));
            return;
        }
        match set.value.plain().and_then(serde_json::Value::as_str) {
            Some(NONE) if machine.one => {
                let problem = Diagnostic::error("bad-to", set.value_place, format!("there is always one `{thing}`"));
                self.report(
                    problem.label("it never goes away").context(machine.place, "this machine says `one: true`"),
                );
            }
            Some(state) => self.brought_about(machine, state, &[NONE], set.value_place),
            None => {
                let problem =
                    Diagnostic::error("wrong-type", set.value_place, format!("a `{thing}` is set to a state"));
                let choices: Vec<&str> = self.index.states(&machine.name).collect();
                self.report(problem.label("expected the name of a state").choices("", choices));
            }
        }
    }

    fn set_fact(&mut self, by: Claimant<'_, 's>, thing: &str, name: &str, set: &SetValue) {
        self.words(&set.value, &NOT_SET, "in `sets`", set.value_place);
        let Some((machine, fact)) = self.fact_of_thing(by.scope, thing, name, set.place) else { return };
        // The one thing that there is may be read, to put it back as it was found.
        if let FactKind::Choice(choices) = &fact.kind
            && !(machine.one && matches!(set.value, Value::Answer(_)))
        {
            let first = choices.first().map(plain_text).unwrap_or_default();
            let problem = Diagnostic::error(
                "set-choice",
                set.place,
                format!("`{thing}.{name}` is a choice, which no outcome sets"),
            );
            self.report(
                problem
                    .label("a choice is made when the thing is")
                    .context(fact.place, "the fact")
                    .help(format!("a fact that outcomes change has a plain start value: `{name}: {first}`")),
            );
        }
        if matches!(fact.kind, FactKind::Absent) && set.value == Value::Start {
            let problem =
                Diagnostic::error("misplaced-word", set.value_place, format!("`{thing}.{name}` has no start value"));
            self.report(
                problem
                    .label("there is nothing to go back to")
                    .context(fact.place, "the fact")
                    .help("`$absent` forgets it"),
            );
        }
        self.sent_place(by, set);
    }

    fn sent_place(&mut self, by: Claimant<'_, 's>, set: &SetValue) {
        let (Value::Sent(pointer), Some(transition), Some(with)) = (&set.value, by.transition, by.with) else { return };
        if !is_sent(&transition.act, with, pointer) {
            let message = format!("`{}` sends nothing at `{pointer}`", transition.name);
            let problem = Diagnostic::error("unsent-place", set.value_place, message);
            self.report(problem.label("there is no value to keep").context(transition.place, "the transition"));
        }
    }

    fn no_answer(&mut self, by: Claimant<'_, 's>, claim: &Expectation) {
        let Some(transition) = by.transition.filter(|transition| matches!(transition.act, Act::Wait(_))) else {
            return;
        };
        let says = claim.status.is_some() || claim.error.is_some() || claim.body.is_some() || claim.header.is_some();
        let reads = claim.sets.values().find(|set| matches!(set.value, Value::Answer(_))).map(|set| set.value_place);
        if says || claim.location.is_some() || reads.is_some() {
            let message = format!("`{}` waits, so there is no answer", transition.name);
            let problem = Diagnostic::error("no-answer", reads.unwrap_or(claim.place), message);
            self.report(problem.label("this speaks of one").help("after a wait only `to` and `sets` can be said"));
        }
    }

    /// Reports words in a start value that no start value can be made of.
    pub(super) fn start_words(&mut self, value: &Value, place: Place) {
        self.words(value, &NOT_STARTED, "as a start value", place);
    }
}

/// The full name of the fact that is meant where its thing was left out.
fn own_fact(by: Claimant<'_, '_>, name: &str) -> Option<String> {
    let own = by.machine.filter(|_| by.scope.get(name).is_none())?;
    let facts: Vec<&str> = own.facts.keys().map(String::as_str).collect();
    nearest(name, &facts).map(|fact| format!("{}.{fact}", own.name))
}

fn each_condition<'a>(condition: &'a Condition, visit: &mut dyn FnMut(&'a Condition)) {
    visit(condition);
    match condition {
        Condition::All(list) | Condition::In(list) => list.iter().for_each(|inner| each_condition(inner, visit)),
        Condition::Members(members) => members.values().for_each(|inner| each_condition(inner, visit)),
        Condition::Each(inner) | Condition::Not(inner) | Condition::Some(inner) => each_condition(inner, visit),
        _ => {}
    }
}
