//! Checks of a transition and of each of its outcomes.

use crate::spec::diagnostic::{Diagnostic, quoted};
use crate::spec::lint::Lint;
use crate::spec::lint::claim::Claimant;
use crate::spec::lint::request::With;
use crate::spec::lint::scope::Scope;
use crate::spec::model::{Act, Expectation, From, Machine, NONE, Outcome, Transition};

impl<'s> Lint<'s, '_> {
    /// Checks one transition.
    pub(super) fn transition(&mut self, transition: &'s Transition) {
        self.speakable("a transition", &transition.name, &[], transition.place);
        let machine = self.machine_named(&transition.machine.value, transition.machine.place);
        let mut scope = Scope::new(self.spec).and(self.spec, &transition.given);
        if let Some(machine) = machine {
            scope = scope.and(self.spec, &machine.given);
            self.from(machine, transition);
        }
        self.given(&scope, &transition.given);
        self.act(&scope, transition);
        let claimant = Claimant { scope: &scope, transition: None, machine, with: None };
        self.refusal(claimant, transition.refuses.as_ref());
        self.standing(&transition.standing);
        self.sources_of(transition);
        for outcome in transition.outcomes.values() {
            self.outcome(&scope, machine, transition, outcome);
        }
        // Of worlds nothing can be said without all that brings them about.
        if let Some(machine) = machine.filter(|_| !self.spec.incomplete) {
            self.worlds(machine, transition);
        }
    }

    fn from(&mut self, machine: &'s Machine, transition: &Transition) {
        if transition.from == From::None && machine.one {
            let message = format!("there is always one `{}`, so none can be started", machine.name);
            let place = self.word_after(transition.place, NONE);
            let problem = Diagnostic::error("bad-from", place, message).label("nothing starts here");
            self.report(problem.context(machine.place, "this machine says `one: true`").help("write `from: found`"));
        }
        let From::States(states) = &transition.from else { return };
        for state in states {
            if state.value == NONE {
                let problem = Diagnostic::error("bad-from", state.place, "`none` stands alone in `from`");
                let help = "a transition that starts a thing and one that changes it are two transitions";
                self.report(problem.label("beside other states").help(help));
            }
            self.state(machine, &state.value, state.place);
        }
    }

    fn sources_of(&mut self, transition: &Transition) {
        if transition.standing.source.is_some() {
            return;
        }
        let without: Vec<&str> = transition
            .outcomes
            .values()
            .filter(|outcome| outcome.standing.source.is_none())
            .map(|outcome| outcome.name.as_str())
            .collect();
        if !without.is_empty() {
            let message = format!("`{}` needs a `source`", transition.name);
            let problem = Diagnostic::error("missing-source", transition.place, message);
            self.report(
                problem
                    .label(format!("nothing says what {} stands on", quoted(&without)))
                    .help("name an entry of `sources.yaml`, such as `source: {page: authn, lines: 53-61}`"),
            );
        }
    }

    fn outcome(
        &mut self,
        scope: &Scope<'s>,
        machine: Option<&'s Machine>,
        transition: &'s Transition,
        outcome: &'s Outcome,
    ) {
        self.speakable("an outcome", &outcome.name, &[], outcome.place);
        let scope = scope.and(self.spec, &outcome.given);
        self.given(&scope, &outcome.given);
        let with = With { values: &outcome.with, places: &outcome.with_places };
        self.with(&scope, transition, with);
        for row in &outcome.rows {
            let scope = row.given.as_ref().map_or_else(|| scope.clone(), |given| scope.and(self.spec, given));
            if let Some(given) = &row.given {
                self.given(&scope, given);
            }
            let claimant = Claimant { scope: &scope, transition: Some(transition), machine, with: Some(&outcome.with) };
            self.claim(claimant, row);
            self.says_something(transition, outcome, row);
        }
        self.standing(&outcome.standing);
    }

    fn says_something(&mut self, transition: &Transition, outcome: &Outcome, row: &Expectation) {
        if matches!(transition.act, Act::Request(_)) && row.status.is_none() && row.error.is_none() {
            let place = if outcome.table { row.place } else { outcome.place };
            let problem = Diagnostic::warning("no-status", place, format!("`{}` claims no status", outcome.name));
            self.report(problem.label("any answer would do").help("say `status`, or `error`, which has one"));
        }
    }
}
