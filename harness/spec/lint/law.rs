//! Checks of a law: where it holds, in which world, and what it says.

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::claim::Claimant;
use crate::spec::lint::request::With;
use crate::spec::lint::scope::Scope;
use crate::spec::lint::selection::METHODS;
use crate::spec::model::{Expectation, Given, Law, Per, Scope as LawScope, Selector, When, WithKey};
use crate::spec::place::Place;

/// The parts of a request, as `when` and `has` name them.
pub(super) const REQUEST_PARTS: [&str; 6] = ["method", "path", "query", "header", "body", "form"];

impl<'s> Lint<'s, '_> {
    /// Checks one law.
    pub(super) fn law(&mut self, law: &'s Law) {
        let scope = Scope::new(self.spec);
        match &law.scope {
            LawScope::Each { when, then } => {
                self.when(&scope, when);
                self.says_no_effect(then, law.whole);
                self.law_claim(&scope, then);
            }
            LawScope::Between { when, per, .. } => {
                self.when(&scope, when);
                self.per(per, law.whole);
            }
            LawScope::ForEach { selector, given, with, then } => {
                let scope = scope.and(self.spec, given);
                self.selector(&scope, selector);
                self.given(&scope, given);
                self.law_with(&scope, selector, With { values: with, places: &law.with_places });
                self.law_claim(&scope, then);
            }
            LawScope::Of { outcomes, given, .. } => {
                self.given(&scope.and(self.spec, given), given);
                for name in outcomes {
                    if let Some((transition, outcome)) = self.outcome_named(&name.value, name.place) {
                        self.fits_world(given, transition, outcome, name.place);
                    }
                }
            }
        }
        self.standing(&law.standing);
    }

    fn law_claim(&mut self, scope: &Scope<'s>, then: &'s Expectation) {
        self.claim(Claimant { scope, transition: None, machine: None, with: None }, then);
    }

    fn when(&mut self, scope: &Scope<'s>, when: &When) {
        let conditions = [&when.status, &when.method, &when.path, &when.header, &when.body, &when.request];
        for condition in conditions.into_iter().flatten() {
            self.answer_condition(scope, condition, when.place);
        }
        for (name, place) in self.names_in(when.machine.as_ref(), when.place) {
            self.machine_named(&name, place);
        }
        for (name, place) in self.names_in(when.transition.as_ref(), when.place) {
            self.transition_named(&name, place);
        }
        for (name, place) in self.names_in(when.method.as_ref(), when.place) {
            self.method(&name, place);
        }
        if let Some(Condition::Members(members)) = &when.header {
            self.header_names(members.keys(), when.place);
        }
        if let Some(Condition::Members(members)) = &when.request {
            for name in members.keys().filter(|name| !REQUEST_PARTS.contains(&name.as_str())) {
                let place = self.spec.files.find(when.place, name);
                let problem = Diagnostic::error("unknown-key", place, format!("`{name}` is not a part of a request"));
                self.report(problem.label("unknown part").choices(name, REQUEST_PARTS));
            }
            if let Some(Condition::Members(headers)) = members.get("header") {
                self.header_names(headers.keys(), when.place);
            }
        }
    }

    /// The names that a condition compares with, and where they stand.
    fn names_in(&self, condition: Option<&Condition>, place: Place) -> Vec<(String, Place)> {
        let mut values = Vec::new();
        if let Some(condition) = condition {
            condition.each_value(&mut |value| values.push(value));
        }
        let texts = values.into_iter().filter_map(|value| value.plain()).filter_map(serde_json::Value::as_str);
        texts.map(|text| (text.to_owned(), self.spec.files.find(place, text))).collect()
    }

    fn method(&mut self, name: &str, place: Place) {
        if !METHODS.contains(&name) {
            let problem = Diagnostic::error("unknown-choice", place, format!("`{name}` is not a method"));
            self.report(problem.label("unknown method").choices(name, METHODS));
        }
    }

    /// What a law says about each exchange is about the answer: no case of its own stands behind it.
    fn says_no_effect(&mut self, then: &Expectation, whole: Place) {
        let keys = [
            ("to", then.to.as_ref().map(|to| to.place)),
            ("sets", then.sets.values().next().map(|set| set.place)),
            ("eventually", then.eventually.map(|_| self.spec.files.find(whole, "eventually"))),
        ];
        for (key, place) in keys {
            let Some(place) = place else { continue };
            let message = format!("a law about each exchange has no `{key}`");
            let problem = Diagnostic::error("misplaced-key", place, message).label("this would say nothing");
            self.report(problem.help("what changes is said by outcomes, and by laws with `for-each`"));
        }
    }

    fn per(&mut self, per: &[Per], whole: Place) {
        for name in per {
            if let Per::Machine(name) = name {
                self.machine_named(name, self.spec.files.find(whole, name));
            }
        }
    }

    fn selector(&mut self, scope: &Scope<'s>, selector: &Selector) {
        let known = self.diagnostics.len();
        for (thing, fact) in &selector.sends {
            let place = self.spec.files.find(selector.place, &format!("{thing}.{fact}"));
            self.fact_of_thing(scope, thing, fact, place);
        }
        for method in &selector.method {
            self.method(method, self.spec.files.find(selector.place, method));
        }
        for part in selector.has.iter().filter(|part| !["body", "query", "form"].contains(&part.as_str())) {
            let place = self.spec.files.find(selector.place, part);
            let problem = Diagnostic::error("unknown-choice", place, format!("no request is chosen by its `{part}`"));
            self.report(problem.label("unknown part").choices(part, ["body", "query", "form"]));
        }
        for machine in &selector.machine {
            self.machine_named(&machine.value, machine.place);
        }
        for transition in &selector.except {
            self.transition_named(&transition.value, transition.place);
        }
        if let Some(path) = &selector.path {
            self.answer_condition(scope, path, selector.place);
        }
        if self.diagnostics.len() == known && !self.spec.incomplete {
            self.fits_something(selector);
        }
    }

    fn law_with(&mut self, scope: &Scope<'s>, selector: &Selector, with: With<'s>) {
        for (key, value) in with.values {
            let place = with.places.get(key).copied().unwrap_or_default();
            self.difference(scope, key, value, place);
            let WithKey::Fact(thing, fact) = key else { continue };
            if !selector.sends.contains(&(thing.clone(), fact.clone())) {
                let message = format!("the transitions of this law need not send `{thing}.{fact}`");
                let problem = Diagnostic::error("unsent-fact", place.key, message).label("nothing would be replaced");
                let help = format!("choose those that do: `for-each: {{transition: {{sends: {thing}.{fact}}}}}`");
                self.report(problem.context(selector.place, "the transitions").help(help));
            }
        }
    }

    /// Reports an outcome that never comes in the world of a law.
    fn fits_world(
        &mut self,
        given: &'s Given,
        transition: &'s crate::spec::model::Transition,
        outcome: &'s crate::spec::model::Outcome,
        place: Place,
    ) {
        let machine = self.spec.machines.get(&transition.machine.value);
        let Some(machine) = machine.filter(|_| !self.spec.incomplete) else { return };
        let own = self.world(machine, transition, &[&outcome.given]);
        let both = self.world(machine, transition, &[&outcome.given, given]);
        if own.witness(&self.index).is_ok()
            && let Err(variable) = both.witness(&self.index)
        {
            let message = format!("`{}.{}` never comes in the world of this law", transition.name, outcome.name);
            let problem =
                Diagnostic::error("impossible-given", place, message).label("its `given` and this law's contradict");
            let problem =
                both.places(variable).into_iter().fold(problem, |problem, (place, text)| problem.context(place, text));
            self.report(problem.help(format!("nothing is left for {variable}")));
        }
    }
}
