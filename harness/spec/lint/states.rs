//! States wherever they stand: those that something relies on, those that something brings about, and those that are declared.

use crate::spec::diagnostic::{Diagnostic, nearest};
use crate::spec::lint::Lint;
use crate::spec::lint::claim::Claimant;
use crate::spec::lint::index::states_answered;
use crate::spec::model::{From, Located, Machine, NONE, To};
use crate::spec::place::Place;

const UNCHANGED: &str = "unchanged";

impl<'s> Lint<'s, '_> {
    /// Reports a state that nothing brings about.
    pub(super) fn state(&mut self, machine: &Machine, state: &str, place: Place) {
        if !self.index.has_state(machine, state) {
            let message = format!("nothing brings a `{}` into the state `{state}`", machine.name);
            let problem = Diagnostic::error("unknown-state", place, message).label("unknown state");
            let choices: Vec<&str> = self.index.states(&machine.name).collect();
            self.unknown(problem, state, choices);
        }
    }

    /// Checks the next state that a claim names.
    pub(super) fn to(&mut self, by: Claimant<'_, 's>, to: &Located<To>) {
        if let To::States(states) = &to.value {
            for state in states {
                let place = self.spec.files.find(to.place, state);
                match by.machine {
                    Some(machine) => self.brought_about(machine, state, &[NONE, UNCHANGED], place),
                    None => self.known_somewhere(state, place),
                }
            }
        }
        let (Some(transition), Some(machine)) = (by.transition, by.machine) else { return };
        let bad = |message: String| Diagnostic::error("bad-to", to.place, message);
        match &to.value {
            To::Unchanged if transition.from == From::None => {
                let message = format!("`{}` starts where there is no `{}`", transition.name, machine.name);
                let problem = bad(message).label("there is nothing that could stay as it is");
                self.report(problem.help("write `to: none` where none was made, else the state of the new one"));
            }
            To::Unchanged => {}
            To::States(states) => {
                if states.len() > 1 && states.iter().any(|state| state == NONE || state == UNCHANGED) {
                    let problem = bad("`none` and `unchanged` stand alone in `to`".to_owned());
                    self.report(problem.label("one of them is beside other states"));
                }
                if machine.one && states.iter().any(|state| state == NONE) {
                    let problem = bad(format!("there is always one `{}`", machine.name)).label("it never goes away");
                    self.report(problem.context(machine.place, "this machine says `one: true`"));
                }
            }
        }
    }

    /// Reports a state that nothing else knows, and that looks like another one or like one of the words that may stand for it.
    pub(super) fn brought_about(&mut self, machine: &Machine, state: &str, words: &[&str], place: Place) {
        if words.contains(&state) || !self.index.is_forgotten(machine, state) {
            return;
        }
        let states = self.index.states(&machine.name).filter(|other| *other != state);
        // Without any declared state the others are no more certain than this one.
        let others: Vec<&str> = states.filter(|_| !machine.states.is_empty()).chain(words.iter().copied()).collect();
        if nearest(state, &others).is_some() {
            let help = format!("if it is a state of its own, declare it: `states: {{{state}: {{}}}}`");
            self.report(mistaken(machine, state, others, place).help(help));
        }
    }

    /// Reports a next state, of whatever thing a law meets, that no thing is ever in.
    fn known_somewhere(&mut self, state: &str, place: Place) {
        let mut states: Vec<&str> = vec![NONE, UNCHANGED];
        for machine in self.spec.machines.keys() {
            states.extend(self.index.states(machine));
        }
        if !states.contains(&state) {
            let problem = Diagnostic::error("unknown-state", place, format!("nothing is ever in the state `{state}`"));
            self.unknown(problem.label("unknown state"), state, states);
        }
    }

    /// Checks a state that a machine declares.
    pub(super) fn declared_state(&mut self, machine: &Machine, name: &str, place: Place) {
        if self.index.is_reached(machine, name) {
            return;
        }
        if !self.index.is_relied_on(machine, name) {
            let undeclared = |state: &&str| !machine.states.contains_key(*state) && *state != NONE;
            let others: Vec<&str> = self.index.states(&machine.name).filter(undeclared).collect();
            // Where the other one is mistaken, that is reported there.
            if nearest(name, &others).is_some_and(|near| !self.index.is_forgotten(machine, near)) {
                self.report(mistaken(machine, name, others, place));
                return;
            }
        }
        if states_answered(machine).is_some_and(|states| !states.contains(&name)) {
            let message = format!("nothing brings a `{}` into the state `{name}`", machine.name);
            let problem = Diagnostic::warning("unreached-state", place, message).label("declared for nothing");
            self.report(problem.help("no outcome says `to` with it, and no answer names it"));
        }
    }
}

fn mistaken(machine: &Machine, state: &str, others: Vec<&str>, place: Place) -> Diagnostic {
    let message = format!("nothing else knows the state `{state}` of a `{}`", machine.name);
    Diagnostic::error("unknown-state", place, message).label("probably another state is meant").choices(state, others)
}
