//! Decision tables: rows that fit the same world, combinations that no row fits, rows that fit nothing.

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::world::{Variable, Wants, World};
use crate::spec::model::{Expectation, FactKind, Given, Machine, Outcome, Transition};
use crate::spec::place::Place;
use crate::spec::value::plain_text;

/// A table with more combinations is not looked through.
const MOST_COMBINATIONS: usize = 4_096;
/// So many combinations that fit no row are shown.
const COMBINATIONS_SHOWN: usize = 4;

/// The values that a table has to answer for, of one thing or fact.
struct Axis<'s> {
    variable: Variable<'s>,
    values: Vec<&'s Json>,
}

impl<'s> Lint<'s, '_> {
    /// Checks the rows of an outcome and gives the worlds in which it comes.
    pub(super) fn table(
        &mut self,
        machine: &'s Machine,
        transition: &'s Transition,
        outcome: &'s Outcome,
        outer: &World<'s>,
    ) -> Vec<World<'s>> {
        if !outcome.table {
            return vec![outer.clone()];
        }
        let rows = self.rows_with_worlds(machine, transition, outcome);
        self.rows_apart(outcome, &rows);
        let rest: Vec<&Expectation> = outcome.rows.iter().filter(|row| row.otherwise).collect();
        for second in rest.iter().skip(1) {
            let problem =
                Diagnostic::error("dead-row", self.row_place(second), "a table has one row for everything else");
            self.report(
                problem.label("nothing is left for this one").context(self.row_place(rest[0]), "the first one"),
            );
        }
        let missing = self.combinations_without_row(machine, outcome, outer, &rows);
        match rest.first() {
            None => {
                self.uncovered(outcome, &missing);
                rows.into_iter().map(|(_, world)| world).collect()
            }
            Some(row) => {
                if missing.as_ref().is_some_and(Vec::is_empty) && self.rows_ask_only_axes(outcome, outer, &rows) {
                    let problem =
                        Diagnostic::warning("dead-row", self.row_place(row), "every combination fits another row");
                    self.report(problem.label("nothing is left for this one").help("leave it out"));
                }
                vec![outer.clone()]
            }
        }
    }

    fn rows_with_worlds(
        &mut self,
        machine: &'s Machine,
        transition: &'s Transition,
        outcome: &'s Outcome,
    ) -> Vec<(&'s Expectation, World<'s>)> {
        let mut rows = Vec::new();
        for row in &outcome.rows {
            if row.otherwise {
                if row.given.is_some() {
                    let problem = Diagnostic::error(
                        "misplaced-key",
                        self.row_place(row),
                        "a row for everything else has no `given`",
                    );
                    self.report(problem.label("this has both").help("leave out `given` or `otherwise`"));
                }
                continue;
            }
            let given = row.given.as_ref();
            let givens: Vec<&Given> = std::iter::once(&outcome.given).chain(given).collect();
            let world = self.world(machine, transition, &givens);
            match world.witness(&self.index) {
                Ok(_) => rows.push((row, world)),
                Err(variable) => {
                    let message = format!("no world of `{}` fits this row", outcome.name);
                    let problem = Diagnostic::error("dead-row", self.row_place(row), message);
                    let problem = problem.label(format!("nothing is left for {variable}"));
                    let places = world.places(variable).into_iter();
                    self.report(places.fold(problem, |problem, (place, text)| problem.context(place, text)));
                }
            }
        }
        rows
    }

    /// The word that a row begins with, so that a mark on it hides nothing.
    fn row_place(&self, row: &Expectation) -> Place {
        let word = if row.otherwise { "otherwise" } else { "given" };
        self.spec.files.find(row.place, word)
    }

    fn rows_apart(&mut self, outcome: &Outcome, rows: &[(&'s Expectation, World<'s>)]) {
        for (position, (second, world)) in rows.iter().enumerate() {
            for (first, other) in &rows[..position] {
                let both = other.and(world);
                if let Some(witness) = both.and_then(|both| both.witness(&self.index).ok()) {
                    self.rows_overlap(outcome, [self.row_place(first), self.row_place(second)], &witness);
                }
            }
        }
    }

    /// The combinations that no row fits, as sentences; none where there are too many to look at.
    fn combinations_without_row(
        &self,
        machine: &'s Machine,
        outcome: &'s Outcome,
        outer: &World<'s>,
        rows: &[(&'s Expectation, World<'s>)],
    ) -> Option<Vec<String>> {
        let axes = self.axes(machine, outcome, outer, rows);
        let count = axes.iter().try_fold(1_usize, |count, axis| count.checked_mul(axis.values.len()))?;
        if count > MOST_COMBINATIONS {
            return None;
        }
        let mut missing = Vec::new();
        for number in 0..count {
            let combination = combination(&axes, number);
            let fits = |world: &World<'s>| {
                let mut world = world.clone();
                for (variable, value) in &combination {
                    world.ask(*variable, Wants::Value(value), outcome.place);
                }
                world.witness(&self.index).is_ok()
            };
            if fits(outer) && !rows.iter().any(|(_, world)| fits(world)) {
                missing.push(sentence(&combination));
            }
        }
        Some(missing)
    }

    fn uncovered(&mut self, outcome: &Outcome, missing: &Option<Vec<String>>) {
        let Some(missing) = missing.as_ref().filter(|missing| !missing.is_empty()) else { return };
        let message = match missing.len() {
            1 => format!("no row of `{}` says what comes in one combination", outcome.name),
            count => format!("no row of `{}` says what comes in {count} combinations", outcome.name),
        };
        let mut problem = Diagnostic::error("uncovered", outcome.place, message).label("the rows of this leave a gap");
        for combination in missing.iter().take(COMBINATIONS_SHOWN) {
            problem = problem.help(format!("no row fits when {combination}"));
        }
        self.report(problem.help("add a row for it, or one with `otherwise: true`"));
    }

    /// What a table has to answer for: the `$in` of its `given`, and the choices that a row asks about.
    fn axes(
        &self,
        machine: &'s Machine,
        outcome: &'s Outcome,
        outer: &World<'s>,
        rows: &[(&'s Expectation, World<'s>)],
    ) -> Vec<Axis<'s>> {
        let mut axes: Vec<Axis<'s>> = Vec::new();
        for variable in outer.variables() {
            let values: Vec<&Json> = outer.conditions(variable).into_iter().flat_map(listed).collect();
            if !values.is_empty() {
                axes.push(Axis { variable, values });
            }
        }
        for variable in rows.iter().flat_map(|(_, world)| world.variables()) {
            if outer.asks(variable) || axes.iter().any(|axis| axis.variable == variable) {
                continue;
            }
            if let Some(values) = self.choices(machine, outcome, variable) {
                axes.push(Axis { variable, values });
            }
        }
        axes
    }

    fn choices(&self, own: &'s Machine, outcome: &'s Outcome, variable: Variable<'s>) -> Option<Vec<&'s Json>> {
        let further = outcome.given.things.get(variable.thing).and_then(|thing| thing.further.as_ref());
        let name = further.map_or(variable.thing, |further| further.machine.as_str());
        let machine = if name == own.name { Some(own) } else { self.spec.machines.get(name) };
        match &machine?.facts.get(variable.fact?)?.kind {
            FactKind::Choice(choices) => Some(choices.iter().collect()),
            _ => None,
        }
    }

    /// Whether rows differ in nothing but what was combined, so that a combination is answered wholly.
    fn rows_ask_only_axes(
        &self,
        outcome: &'s Outcome,
        outer: &World<'s>,
        rows: &[(&'s Expectation, World<'s>)],
    ) -> bool {
        rows.iter().filter_map(|(row, _)| row.given.as_ref()).all(|given| {
            given.things.iter().all(|(name, thing)| {
                let combined = |fact| {
                    let variable = Variable { thing: name, fact };
                    outer.conditions(variable).iter().any(|condition| !listed(condition).is_empty())
                };
                thing.further.is_none()
                    && outcome.given.things.contains_key(name)
                    && (thing.state.is_none() || combined(None))
                    && thing.facts.keys().all(|fact| combined(Some(fact.as_str())))
            })
        })
    }
}

/// The plain values of an `$in`.
fn listed(condition: &Condition) -> Vec<&Json> {
    let Condition::In(list) = condition else { return Vec::new() };
    let values = list.iter().map(|inner| match inner {
        Condition::Equals(value) => value.plain(),
        _ => None,
    });
    values.collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn combination<'s>(axes: &[Axis<'s>], mut number: usize) -> Vec<(Variable<'s>, &'s Json)> {
    let mut combination = Vec::new();
    for axis in axes {
        combination.push((axis.variable, axis.values[number % axis.values.len()]));
        number /= axis.values.len();
    }
    combination
}

fn sentence(combination: &[(Variable<'_>, &Json)]) -> String {
    let parts = combination.iter().map(|(variable, value)| match variable.fact {
        Some(fact) => format!("{}.{fact} is {}", variable.thing, plain_text(value)),
        None => format!("{} is {}", variable.thing, plain_text(value)),
    });
    parts.collect::<Vec<_>>().join(", ")
}
