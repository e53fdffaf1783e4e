//! Which transitions a law with `for-each` speaks of, and the report where there is none.

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::request::sent;
use crate::spec::model::{Act, Request, Selector, Transition};

/// The methods of requests.
pub(super) const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

impl Lint<'_, '_> {
    /// Reports a selection that no transition fits.
    pub(super) fn fits_something(&mut self, selector: &Selector) {
        if !self.spec.transitions.values().any(|transition| self.fits(selector, transition)) {
            let problem =
                Diagnostic::error("fits-nothing", selector.place, "no transition fits, so this law is never tested");
            self.report(problem.label("expected a choice that some transition fits"));
        }
    }

    fn fits(&self, selector: &Selector, transition: &Transition) -> bool {
        let Act::Request(request) = &transition.act else { return false };
        let sends = sent(&transition.act);
        selector.sends.iter().all(|(thing, fact)| sends.iter().any(|sent| sent.thing == *thing && sent.fact == *fact))
            && (selector.method.is_empty() || selector.method.contains(&request.method))
            && selector.actor.is_none_or(|actor| self.actor(transition, request) == Some(actor))
            && (selector.machine.is_empty()
                || selector.machine.iter().any(|machine| machine.value == transition.machine.value))
            && selector.has.iter().all(|part| has(request, part))
            && selector.path.as_ref().is_none_or(|path| fits_path(path, &request.path.to_string()) != Some(false))
            && !selector.except.iter().any(|except| except.value == transition.name)
    }

    fn actor(&self, transition: &Transition, request: &Request) -> Option<crate::spec::model::Actor> {
        let machine = self.spec.machines.get(&transition.machine.value);
        request.actor.or(machine.map(|machine| machine.actor))
    }
}

fn has(request: &Request, part: &str) -> bool {
    match part {
        "body" => request.body.is_some(),
        "form" => !request.form.is_empty(),
        "query" => !request.query.is_empty(),
        _ => true,
    }
}

/// Whether a path as it is written fits; none where that depends on what the references stand for.
fn fits_path(condition: &Condition, path: &str) -> Option<bool> {
    match condition {
        Condition::Equals(value) => Some(value.to_string() == path),
        Condition::Prefix { prefix, except } => {
            Some(path.starts_with(prefix.as_str()) && !except.iter().any(|except| path.starts_with(except.as_str())))
        }
        Condition::Not(inner) => fits_path(inner, path).map(|fits| !fits),
        Condition::In(list) => any(list.iter().map(|inner| fits_path(inner, path))),
        Condition::All(list) => any(list.iter().map(|inner| fits_path(inner, path).map(|fits| !fits))).map(|no| !no),
        Condition::Pattern(pattern) if !path.contains("${") => Some(pattern.regex.is_match(path)),
        _ => None,
    }
}

/// Whether one of several holds: yes where one surely does, no where all surely do not.
pub(super) fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut sure = true;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => sure = false,
        }
    }
    sure.then_some(false)
}
