//! Checks of a machine: whom it belongs to, what its facts start with, which states it has and how they are told.

use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::claim::Claimant;
use crate::spec::lint::scope::Scope;
use crate::spec::model::{Act, Fact, FactKind, Located, Machine, Refusal, StateWay};
use crate::spec::value::Value;

impl<'s> Lint<'s, '_> {
    /// Checks one machine.
    pub(super) fn machine(&mut self, machine: &'s Machine) {
        self.speakable("a machine", &machine.name, &Self::RESERVED_THINGS, machine.place);
        let scope = Scope::new(self.spec).and(self.spec, &machine.given);
        for owner in &machine.of {
            self.machine_named(&owner.value, owner.place);
        }
        self.belongs_to_itself(machine);
        self.given(&scope, &machine.given);
        for (name, fact) in &machine.facts {
            self.machine_fact(&scope, machine, name, fact);
        }
        self.ready(machine);
        if let Some(observe) = &machine.observe {
            self.observe(machine, observe);
        }
        for way in &machine.state {
            if let StateWay::Has(_, state) | StateWay::Is(state) = way {
                self.state(machine, state, machine.place);
            }
        }
        self.states(&scope, machine);
        let claimant = Claimant { scope: &scope, transition: None, machine: Some(machine), with: None };
        self.refusal(claimant, machine.refuses.as_ref());
        machine.source.iter().for_each(|source| self.source(source));
    }

    fn belongs_to_itself(&mut self, machine: &'s Machine) {
        let mut above: Vec<&str> = Vec::new();
        let mut next: Vec<&Located<String>> = machine.of.iter().collect();
        while let Some(owner) = next.pop() {
            if owner.value == machine.name {
                let message = format!("a `{}` would belong to itself", machine.name);
                let problem = Diagnostic::error("circle", owner.place, message).label("this closes the circle");
                self.report(problem.help("what belongs to a thing is made after it, so neither could be made first"));
                return;
            }
            if !above.contains(&owner.value.as_str()) {
                above.push(&owner.value);
                next.extend(self.spec.machines.get(&owner.value).into_iter().flat_map(|machine| &machine.of));
            }
        }
    }

    fn machine_fact(&mut self, scope: &Scope<'s>, machine: &'s Machine, name: &str, fact: &'s Fact) {
        self.speakable("a fact", name, &Self::RESERVED_FACTS, fact.place);
        match &fact.kind {
            FactKind::Made(value) | FactKind::Start(value) => {
                self.references(scope, value);
                self.start_words(value, fact.place);
                self.starts_with_itself(machine, name, fact);
            }
            FactKind::Absent if !self.index.can_have(machine, name, fact) => {
                let message = format!("no outcome sets `{}.{name}`, so it is never known", machine.name);
                let problem = Diagnostic::warning("never-set", fact.place, message).label("this starts as `$absent`");
                self.report(
                    problem.help(format!(
                        "let an outcome say `sets: {{{}.{name}: …}}`, or leave the fact out",
                        machine.name
                    )),
                );
            }
            _ => {}
        }
    }

    fn starts_with_itself(&mut self, machine: &Machine, name: &str, fact: &'s Fact) {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        let mut next: Vec<&Value> = start_value(fact).into_iter().collect();
        while let Some(value) = next.pop() {
            for reference in value.references() {
                if reference.thing == machine.name && reference.fact == name {
                    let message = format!("`{}.{name}` would start with its own value", machine.name);
                    let problem = Diagnostic::error("circle", reference.place, message).label("this closes the circle");
                    self.report(problem.context(fact.place, "the fact"));
                    return;
                }
                let key = (reference.thing.as_str(), reference.fact.as_str());
                if !seen.contains(&key) {
                    seen.push(key);
                    let other = self.spec.machines.get(key.0).and_then(|machine| machine.facts.get(key.1));
                    next.extend(other.and_then(start_value));
                }
            }
        }
    }

    fn ready(&mut self, machine: &Machine) {
        let Some(ready) = &machine.ready else { return };
        self.state(machine, &ready.value, ready.place);
        if machine.one {
            let message = format!("the one `{}` is always ready", machine.name);
            let problem = Diagnostic::error("misplaced-key", ready.place, message).label("this would say nothing");
            self.report(problem.help("a thing says `one: true` or `ready`, not both"));
        }
    }

    fn observe(&mut self, machine: &Machine, observe: &Located<String>) {
        let Some(transition) = self.transition_named(&observe.value, observe.place) else { return };
        let reason = if transition.machine.value != machine.name {
            format!("it is one of the machine `{}`", transition.machine.value)
        } else if !matches!(transition.act, Act::Request(_)) {
            "it sends no request".to_owned()
        } else {
            return;
        };
        let message = format!("`{}` cannot ask a `{}` for its state", observe.value, machine.name);
        let problem = Diagnostic::error("bad-observe", observe.place, message).label(reason);
        self.report(problem.context(transition.place, "the transition"));
    }

    fn states(&mut self, scope: &Scope<'s>, machine: &'s Machine) {
        for (name, state) in &machine.states {
            self.declared_state(machine, name, state.place);
            if let Some(body) = &state.body {
                self.answer_condition(scope, body, state.place);
            }
            let claimant = Claimant { scope, transition: None, machine: Some(machine), with: None };
            self.refusal(claimant, state.refuses.as_ref());
            self.standing(&state.standing);
        }
    }

    /// Checks how something is refused.
    pub(super) fn refusal(&mut self, by: Claimant<'_, 's>, refusal: Option<&'s Refusal>) {
        if let Some(Refusal::Claim(claim, standing)) = refusal {
            self.claim(by, claim);
            self.standing(standing);
        }
    }
}

fn start_value(fact: &Fact) -> Option<&Value> {
    match &fact.kind {
        FactKind::Made(value) | FactKind::Start(value) => Some(value),
        _ => None,
    }
}
