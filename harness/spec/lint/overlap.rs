//! Outcomes that cannot be told apart: two of one transition with the same `with`, and a world in which both would come. Also
//! outcomes and rows for which there is no world at all.

use std::collections::BTreeSet;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::world::{Witness, World};
use crate::spec::model::{Machine, Outcome, Transition, WithKey};
use crate::spec::place::Place;

/// An outcome with the worlds in which it comes: one for each row, but a single one where the rows leave nothing out.
struct Coming<'s> {
    outcome: &'s Outcome,
    with: BTreeSet<String>,
    worlds: Vec<World<'s>>,
}

impl<'s> Lint<'s, '_> {
    /// Checks the worlds of all outcomes of a transition.
    pub(super) fn worlds(&mut self, machine: &'s Machine, transition: &'s Transition) {
        let mut coming: Vec<Coming<'s>> = Vec::new();
        for outcome in transition.outcomes.values() {
            let outer = self.world(machine, transition, &[&outcome.given]);
            if let Err(variable) = outer.witness(&self.index) {
                let message = format!("there is no world in which `{}` comes", outcome.name);
                let problem = Diagnostic::error("impossible-given", outcome.place, message);
                let problem = problem.label(format!("nothing is left for {variable}"));
                let places = outer.places(variable).into_iter();
                let problem = places.fold(problem, |problem, (place, text)| problem.context(place, text));
                self.report(outer.why(&self.index, variable).into_iter().fold(problem, Diagnostic::help));
                continue;
            }
            let worlds = self.table(machine, transition, outcome, &outer);
            coming.push(Coming { outcome, with: replaced(outcome), worlds });
        }
        for (position, second) in coming.iter().enumerate() {
            for first in coming[..position].iter().filter(|first| first.with == second.with) {
                if let Some(witness) = self.shared(&first.worlds, &second.worlds) {
                    self.overlap(first.outcome, second.outcome, &witness);
                }
            }
        }
    }

    fn shared(&self, first: &[World<'s>], second: &[World<'s>]) -> Option<Witness> {
        first
            .iter()
            .flat_map(|a| second.iter().filter_map(|b| a.and(b)))
            .find_map(|both| both.witness(&self.index).ok())
    }

    fn overlap(&mut self, first: &Outcome, second: &Outcome, witness: &Witness) {
        let message = format!("`{}` and `{}` come in the same world", first.name, second.name);
        let problem =
            Diagnostic::error("overlap", second.place, message).label("this one").context(first.place, "and this one");
        self.report(told_apart(problem, witness, "let them differ in `given` or in `with`"));
    }

    /// Reports two rows of a table that fit the same world.
    pub(super) fn rows_overlap(&mut self, outcome: &Outcome, places: [Place; 2], witness: &Witness) {
        let message = format!("two rows of `{}` fit the same world", outcome.name);
        let problem =
            Diagnostic::error("overlap", places[1], message).label("this row").context(places[0], "and this row");
        self.report(told_apart(problem, witness, "let their `given`s exclude each other"));
    }
}

fn told_apart(problem: Diagnostic, witness: &Witness, advice: &str) -> Diagnostic {
    if witness.is_empty() {
        return problem.help("neither asks anything of the world").help(advice);
    }
    problem.help(format!("for example when {}", witness.join(", "))).help(advice)
}

/// What an outcome sends instead, as texts to be compared.
fn replaced(outcome: &Outcome) -> BTreeSet<String> {
    let entries = outcome.with.iter().map(|(key, value)| match key {
        WithKey::Fact(thing, fact) => format!("{thing}.{fact}: {value}"),
        WithKey::At(pointer) => format!("{pointer}: {value}"),
    });
    entries.collect()
}
