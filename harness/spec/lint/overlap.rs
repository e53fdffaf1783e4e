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

#[cfg(test)]
mod tests {
    use crate::spec::load::{File, load};

    /// A world in which a door is made, and a transition with one outcome for each of two `given`s.
    const WORLD: &str = r#"
sources: {manual: {kind: page, title: The manual, address: "https://example.com"}}
---
machine: house
one: true
facts: {style: {$in: [old, new, modern]}}
source: {page: manual}
---
machine: door
ready: open
state: /body/state
facts: {key: {$any: text}, knocks: 0, opened: $absent, owner: $absent, width: {$in: [1, 2, 3]}}
states: {open: {}, shut: {}, broken: {gone: true}}
source: {page: manual}
---
transition: knock
machine: house
from: found
request: {POST: /knock}
outcomes:
  first: {given: FIRST, then: {status: 200, sets: {door.opened: $now, door.owner: {$answer: /body/owner}, door.knocks: {$add: 1}}}}
  second: {given: SECOND, then: {status: 400, sets: {door.opened: $absent}}}
source: {page: manual}
"#;

    fn overlap(first: &str, second: &str) -> Option<String> {
        let text = WORLD.replace("FIRST", first).replace("SECOND", second);
        let (spec, diagnostics) = load(&[File { path: "door.yaml".to_owned(), text }]);
        let found = diagnostics.sorted().into_iter().find(|problem| problem.code == "overlap").cloned();
        assert_eq!(diagnostics.len(), usize::from(found.is_some()), "\n{}", diagnostics.render(&spec.files, false));
        found.map(|problem| problem.help[0].trim_start_matches("for example when ").to_owned())
    }

    #[test]
    fn worlds_apart_are_kept_apart() {
        for (first, second) in [
            ("{door: open}", "{door: shut}"),
            ("{door: open}", "{door: {$in: [shut, broken]}}"),
            ("{door: open}", "{door: {$not: open}}"),
            ("{door: none}", "{door: {knocks: 1}}"),
            ("{door: none}", "{door: $present}"),
            ("{door: shut}", "{door: {knocks: 1}}"),
            ("{door: {knocks: 1}}", "{door: {knocks: {$at-least: 2}}}"),
            ("{door: {knocks: {$at-most: 1}}}", "{door: {knocks: {$at-least: 2}}}"),
            ("{door: {knocks: {$not: 1}}}", "{door: {knocks: {$in: [1]}}}"),
            ("{door: {knocks: {$at-least: 3, $at-most: 4}}}", "{door: {knocks: {$not: {$in: [3, 4]}}}}"),
            ("{door: {owner: $absent}}", "{door: {owner: $present}}"),
            ("{door: {owner: $absent}}", "{door: {owner: me}}"),
            ("{door: {owner: you}}", "{door: {owner: me}}"),
            ("{door: {opened: $absent}}", "{door: {opened: {$within: 30s}}}"),
            ("{door: {opened: {$older: 30s}}}", "{door: {opened: {$within: 30s}}}"),
            ("{door: {opened: {$not: {$within: 1m}}}}", "{door: {opened: {$within: 30s}}}"),
            ("{house: {style: old}}", "{house: {style: {$in: [new, modern]}}}"),
            ("{house: {style: old}}", "{house: {style: {$not: old}}}"),
            ("{door: {width: {$at-most: 1}}}", "{door: {width: {$at-least: 2}}}"),
            ("{other: {a: door, state: open}}", "{other: {a: door, state: shut}}"),
            ("{crowd: {a: door, count: 2}}", "{crowd: {a: door, count: 3}}"),
        ] {
            assert_eq!(overlap(first, second), None, "{first} and {second}");
            assert_eq!(overlap(second, first), None, "{second} and {first}");
        }
    }

    #[test]
    fn a_shared_world_is_shown() {
        for (first, second, world) in [
            ("{}", "{}", "neither asks anything of the world"),
            ("{}", "{door: shut}", "door is shut"),
            ("{door: open}", "{door: {knocks: 1}}", "door is open, door.knocks is 1"),
            ("{door: {$in: [open, shut]}}", "{door: {$not: open}}", "door is shut"),
            ("{door: {knocks: {$at-least: 2}}}", "{door: {knocks: {$at-most: 2}}}", "door is open, door.knocks is 2"),
            (
                "{door: {knocks: {$not: 1}}}",
                "{door: {knocks: {$not: 2}}}",
                "door is open, door.knocks is some other value",
            ),
            (
                "{door: {owner: $present}}",
                "{door: {owner: {$not: me}}}",
                "door is open, door.owner is some other value",
            ),
            ("{door: {opened: {$older: 30s}}}", "{door: {opened: $absent}}", "door is open, door.opened is not known"),
            (
                "{door: {opened: {$older: 20s}}}",
                "{door: {opened: {$within: 30s}}}",
                "door is open, door.opened was set 21s ago",
            ),
            ("{house: {style: {$not: old}}}", "{house: {style: {$not: new}}}", "house.style is modern"),
            ("{door: {width: {$at-least: 2}}}", "{door: {width: {$not: 3}}}", "door is open, door.width is 2"),
            ("{other: {a: door}}", "{house: {style: old}}", "house.style is old, other is open"),
        ] {
            assert_eq!(overlap(first, second).as_deref(), Some(world), "{first} and {second}");
        }
    }
}
