//! What a `given` may ask: things that there are, facts that they have, states that something brings about, choices of a fact.

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::scope::Scope;
use crate::spec::model::{EntryPlace, Fact, FactKind, Further, Given, GivenThing, Machine};
use crate::spec::place::Place;
use crate::spec::value::plain_text;

impl<'s> Lint<'s, '_> {
    /// Checks a `given`, in a scope that has its further things.
    pub(super) fn given(&mut self, scope: &Scope<'s>, given: &'s Given) {
        for (name, thing) in &given.things {
            let machine = match &thing.further {
                Some(further) => self.further(scope, name, thing, further),
                None => self.thing(scope, name, thing.place).and_then(|thing| thing.machine),
            };
            let Some(machine) = machine else { continue };
            if let Some(state) = &thing.state {
                self.state_condition(machine, state, entry(thing, "state").value);
            }
            for (fact, condition) in &thing.facts {
                self.condition_references(scope, condition);
                let place = entry(thing, fact);
                if let Some(found) = self.given_fact(machine, thing, fact, place.key) {
                    self.fact_condition(machine, fact, found, condition, place);
                }
            }
        }
    }

    fn further(&mut self, scope: &Scope<'s>, name: &str, thing: &GivenThing, further: &Further) -> Option<&'s Machine> {
        if let Some(machine) = self.spec.machines.get(name) {
            let message = format!("`{name}` is a machine, so a further thing needs another name");
            let problem = Diagnostic::error("bad-name", thing.place, message).label("this name is taken");
            self.report(problem.context(machine.place, "by this machine"));
        }
        self.speakable("a further thing", name, &Self::RESERVED_THINGS, thing.place);
        if further.count == 0 {
            let problem =
                Diagnostic::error("impossible-given", entry(thing, "count").value, "this makes no further thing");
            self.report(problem.label("expected a number from 1").help("leave the thing out where none is needed"));
        }
        let machine = self.machine_named(&further.machine, entry(thing, "a").value)?;
        if let Some(owner) = &further.of {
            self.owner(scope, machine, owner, entry(thing, "of").value);
        }
        Some(machine)
    }

    fn owner(&mut self, scope: &Scope<'s>, machine: &Machine, owner: &str, place: Place) {
        let Some(owning) = self.thing(scope, owner, place).and_then(|thing| thing.machine) else { return };
        if !machine.of.iter().any(|of| of.value == owning.name) {
            let message = format!("a `{}` does not belong to a `{}`", machine.name, owning.name);
            let problem = Diagnostic::error("bad-owner", place, message).label(format!("this is a `{}`", owning.name));
            self.report(problem.context(machine.place, "its `of` says what this machine belongs to"));
        }
    }

    fn given_fact(&mut self, machine: &'s Machine, thing: &GivenThing, fact: &str, place: Place) -> Option<&'s Fact> {
        if thing.further.is_none() && ["of", "count"].contains(&fact) && !machine.facts.contains_key(fact) {
            let problem = Diagnostic::error("unknown-fact", place, format!("`{fact}` speaks of a further thing"));
            self.report(
                problem.label("this is the one thing of its machine").help("a further thing says its kind: `a: user`"),
            );
            return None;
        }
        if !machine.facts.contains_key(fact) {
            let words: &[&str] = if thing.further.is_some() { &Self::RESERVED_FACTS } else { &["state"] };
            let message = format!("the machine `{}` has no fact `{fact}`", machine.name);
            let problem = Diagnostic::error("unknown-fact", place, message).label("unknown fact");
            self.report(problem.choices(fact, machine.facts.keys().map(String::as_str).chain(words.iter().copied())));
        }
        machine.facts.get(fact)
    }

    /// Checks a condition on the state of a thing.
    pub(super) fn state_condition(&mut self, machine: &Machine, condition: &Condition, place: Place) {
        for leaf in leaves(condition) {
            match leaf {
                Condition::Equals(value) if value.plain().is_some_and(Json::is_string) => {
                    let state = value.to_string();
                    let place = self.spec.files.find(place, &state);
                    self.state(machine, &state, place);
                }
                Condition::Present | Condition::Absent => {}
                other => {
                    let message = format!("{} cannot be asked of a state", word(other));
                    let problem = Diagnostic::error("senseless-condition", place, message).label("expected a state");
                    self.report(problem.help("write its name, or `{$in: [..]}` with several"));
                }
            }
        }
    }

    fn fact_condition(
        &mut self,
        machine: &'s Machine,
        name: &str,
        fact: &'s Fact,
        condition: &Condition,
        place: EntryPlace,
    ) {
        let full = format!("{}.{name}", machine.name);
        for leaf in leaves(condition) {
            let timed = matches!(leaf, Condition::Within(_) | Condition::Older(_));
            if !is_of_worlds(leaf) {
                let message = format!("{} cannot be asked of a fact in a `given`", word(leaf));
                let problem =
                    Diagnostic::error("senseless-condition", place.value, message).label("only answers are asked this");
                self.report(problem.help(WORLD_WORDS));
            } else if let FactKind::Choice(choices) = &fact.kind {
                self.choice_condition(&full, choices, leaf, place.value, fact.place);
            } else if let Some((wanted, values)) = self.never(machine, name, fact, leaf) {
                self.never_value(&full, wanted, &values, place.value, fact.place);
            } else if timed && !self.index.has_time(machine, name, fact) {
                let problem = Diagnostic::error("never-set", place.value, format!("no outcome sets `{full}`"));
                let label = "this asks how long ago it was set";
                self.report(
                    problem
                        .label(label)
                        .context(fact.place, "the fact")
                        .help(format!("let an outcome say `sets: {{{full}: …}}`")),
                );
            }
        }
    }

    /// A value that is asked of a fact which never has it, with the values that it has.
    fn never<'c>(
        &self,
        machine: &Machine,
        name: &str,
        fact: &'s Fact,
        leaf: &'c Condition,
    ) -> Option<(&'c Json, Vec<&'s Json>)> {
        let Condition::Equals(value) = leaf else { return None };
        let wanted = value.plain().filter(|wanted| !wanted.is_null())?;
        let values = self.index.values(machine, name, fact)?;
        (!values.contains(&wanted)).then_some((wanted, values))
    }

    fn never_value(&mut self, full: &str, wanted: &Json, values: &[&Json], place: Place, declared: Place) {
        let text = plain_text(wanted);
        let place = self.spec.files.find(place, &text);
        let problem = Diagnostic::error("unknown-choice", place, format!("`{full}` is never `{text}`"));
        let texts: Vec<String> = values.iter().map(|value| plain_text(value)).collect();
        let problem = problem.label("it never has this value").context(declared, "the fact");
        self.report(problem.choices(&text, texts.iter().map(String::as_str)));
    }

    fn choice_condition(&mut self, full: &str, choices: &[Json], leaf: &Condition, place: Place, declared: Place) {
        if suits_choices(leaf, choices) {
            return;
        }
        match leaf {
            Condition::Equals(value) => {
                let choices: Vec<&Json> = choices.iter().collect();
                value.plain().into_iter().for_each(|wanted| self.never_value(full, wanted, &choices, place, declared));
            }
            other => {
                let message = format!("{} cannot be asked of `{full}`, which is a choice", word(other));
                let problem = Diagnostic::error("senseless-condition", place, message);
                let texts: Vec<String> = choices.iter().map(plain_text).collect();
                let problem = problem.label("a choice always has one of its values").context(declared, "the fact");
                self.report(problem.choices("", texts.iter().map(String::as_str)));
            }
        }
    }
}

const WORLD_WORDS: &str = "a `given` asks by a value, `$present`, `$absent`, `$in`, `$not`, `$at-least`, `$at-most`, \
                           `$within` or `$older`";

/// Whether it makes sense to ask a fact this; what makes none is reported once, and ignored wherever worlds are compared.
pub(super) fn suits(fact: &Fact, condition: &Condition) -> bool {
    leaves(condition).into_iter().all(|leaf| match &fact.kind {
        FactKind::Choice(choices) => suits_choices(leaf, choices),
        _ => is_of_worlds(leaf),
    })
}

fn suits_choices(leaf: &Condition, choices: &[Json]) -> bool {
    match leaf {
        Condition::Equals(value) => value.plain().is_none_or(|wanted| choices.contains(wanted)),
        Condition::AtLeast(_) | Condition::AtMost(_) => choices.iter().any(Json::is_number),
        _ => false,
    }
}

/// Where a key of a thing in a `given` stands.
pub(super) fn entry(thing: &GivenThing, key: &str) -> EntryPlace {
    thing.entries.get(key).copied().unwrap_or(EntryPlace { key: thing.place, value: thing.place })
}

/// The conditions that a condition is made of, as far as it asks one value.
fn leaves(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::All(list) | Condition::In(list) => list.iter().flat_map(leaves).collect(),
        Condition::Not(inner) => leaves(inner),
        leaf => vec![leaf],
    }
}

/// Whether a condition can be asked of a world, before there is any answer.
fn is_of_worlds(leaf: &Condition) -> bool {
    matches!(
        leaf,
        Condition::Absent
            | Condition::AtLeast(_)
            | Condition::AtMost(_)
            | Condition::Equals(_)
            | Condition::Older(_)
            | Condition::Present
            | Condition::Within(_)
    )
}

/// The word that a condition is written with, in backticks.
pub(super) fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::Absent => "`$absent`",
        Condition::AfterNow => "`$after`",
        Condition::All(_) => "several conditions at once",
        Condition::AtLeast(_) => "`$at-least`",
        Condition::AtMost(_) => "`$at-most`",
        Condition::Count(_) => "`$count`",
        Condition::Each(_) => "`$each`",
        Condition::Equals(_) => "this value",
        Condition::In(_) => "`$in`",
        Condition::Lacks(_) | Condition::LacksSecrets => "`$lacks`",
        Condition::Members(_) => "a map",
        Condition::Not(_) => "`$not`",
        Condition::Older(_) => "`$older`",
        Condition::Only(_) => "`$only`",
        Condition::Origin => "`$origin`",
        Condition::Pattern(_) => "`$pattern`",
        Condition::Prefix { .. } => "`$prefix`",
        Condition::Present => "`$present`",
        Condition::SameAs(_) => "`$same-as`",
        Condition::Some(_) => "`$some`",
        Condition::Type(_) => "`$type`",
        Condition::Within(_) => "`$within`",
    }
}
