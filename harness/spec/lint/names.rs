//! Names that stand for something declared elsewhere, and the reports for those that stand for nothing.

use crate::spec::diagnostic::{Diagnostic, nearest};
use crate::spec::lint::Lint;
use crate::spec::lint::scope::{Scope, Thing};
use crate::spec::model::{Fact, Machine, Outcome, Transition};
use crate::spec::place::Place;

/// What every reference may name beside things.
const RUN: &str = "run";
const RUN_FACTS: [&str; 1] = ["mark"];

impl<'s> Lint<'s, '_> {
    /// The machine of a name.
    pub(super) fn machine_named(&mut self, name: &str, place: Place) -> Option<&'s Machine> {
        let machine = self.spec.machines.get(name);
        if machine.is_none() {
            let problem = Diagnostic::error("unknown-machine", place, format!("there is no machine `{name}`"));
            let choices = self.spec.machines.keys().map(String::as_str);
            self.unknown(problem.label("unknown machine"), name, choices);
        }
        machine
    }

    /// The thing of a name: one of a machine, or a further thing.
    pub(super) fn thing(&mut self, scope: &Scope<'s>, name: &str, place: Place) -> Option<Thing<'s>> {
        let thing = scope.get(name);
        if thing.is_none() {
            let choices: Vec<&str> = scope.names().collect();
            let problem = Diagnostic::error("unknown-machine", place, format!("nothing here is called `{name}`"))
                .label("neither a machine nor a further thing");
            let problem = match nearest(name, &choices) {
                Some(_) => problem,
                None => problem.help(format!("a further thing says its kind in a `given`: `{name}: {{a: user}}`")),
            };
            self.unknown(problem, name, choices);
        }
        thing
    }

    /// The fact of a machine.
    pub(super) fn fact(&mut self, machine: &'s Machine, name: &str, place: Place) -> Option<&'s Fact> {
        let fact = machine.facts.get(name);
        if fact.is_none() {
            let message = format!("the machine `{}` has no fact `{name}`", machine.name);
            let problem = Diagnostic::error("unknown-fact", place, message).label("unknown fact");
            self.report(problem.choices(name, machine.facts.keys().map(String::as_str)));
        }
        fact
    }

    /// The fact of a thing, as references and the keys of `with`, `sets` and `sends` name it.
    pub(super) fn fact_of_thing(
        &mut self,
        scope: &Scope<'s>,
        thing: &str,
        fact: &str,
        place: Place,
    ) -> Option<(&'s Machine, &'s Fact)> {
        if thing == RUN {
            if !RUN_FACTS.contains(&fact) {
                let problem = Diagnostic::error("unknown-fact", place, format!("the run has no fact `{fact}`"));
                self.report(problem.label("unknown fact").choices(fact, RUN_FACTS));
            }
            return None;
        }
        let found = self.thing(scope, thing, place)?;
        let machine = found.machine?;
        let name = match (fact.strip_prefix("*."), found.count) {
            (Some(name), 2..) => name,
            (Some(name), _) => {
                let problem = Diagnostic::error("bad-reference", place, format!("there is only one `{thing}`"))
                    .label("`*` stands for each of several things");
                self.report(problem.help(format!("write `{thing}.{name}`")));
                return None;
            }
            (None, 2..) => {
                let message = format!("there are {} of `{thing}`, and this does not say which", found.count);
                let problem = Diagnostic::error("bad-reference", place, message).label("one of several things");
                self.report(problem.help(format!("write `{thing}.*.{fact}` for the list of all")));
                return None;
            }
            (None, _) => fact,
        };
        self.fact(machine, name, place).map(|fact| (machine, fact))
    }

    /// The transition of a name.
    pub(super) fn transition_named(&mut self, name: &str, place: Place) -> Option<&'s Transition> {
        let transition = self.spec.transitions.get(name);
        if transition.is_none() {
            let problem = Diagnostic::error("unknown-transition", place, format!("there is no transition `{name}`"));
            let choices = self.spec.transitions.keys().map(String::as_str);
            self.unknown(problem.label("unknown transition"), name, choices);
        }
        transition
    }

    /// The outcome of a name, `transition.outcome`.
    pub(super) fn outcome_named(&mut self, name: &str, place: Place) -> Option<(&'s Transition, &'s Outcome)> {
        let Some((transition, outcome)) = name.split_once('.') else {
            let problem =
                Diagnostic::error("unknown-outcome", place, format!("`{name}` is not the name of an outcome"));
            self.report(problem.label("expected a transition and its outcome, such as `sign-in.success`"));
            return None;
        };
        let found = self.transition_named(transition, place)?;
        let Some(outcome_found) = found.outcomes.get(outcome) else {
            let message = format!("the transition `{transition}` has no outcome `{outcome}`");
            let problem = Diagnostic::error("unknown-outcome", place, message).label("unknown outcome");
            self.report(problem.choices(outcome, found.outcomes.keys().map(String::as_str)));
            return None;
        };
        Some((found, outcome_found))
    }

    /// Reports a name that references cannot speak.
    pub(super) fn speakable(&mut self, what: &str, name: &str, reserved: &[&str], place: Place) {
        if reserved.contains(&name) {
            let message = format!("{what} cannot be called `{name}`");
            self.report(Diagnostic::error("bad-name", place, message).label("this word has a meaning of its own here"));
        } else if let Some(bad) = name.chars().find(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_')) {
            let message = format!("{what} cannot be called `{name}`");
            let problem = Diagnostic::error("bad-name", place, message).label(format!("it has `{bad}` in it"));
            self.report(problem.help("names are letters, digits, `-` and `_`, so that `thing.fact` can name them"));
        }
    }

    /// The words that are not free for machines and further things.
    pub(super) const RESERVED_THINGS: [&'static str; 2] = [RUN, "transition"];
    /// The words that are not free for facts.
    pub(super) const RESERVED_FACTS: [&'static str; 4] = ["state", "a", "of", "count"];
}
