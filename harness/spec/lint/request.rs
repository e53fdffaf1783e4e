//! What a transition sends: its request or hook, and what an outcome's `with` puts in its place.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::scope::Scope;
use crate::spec::lint::values::NOT_SENT;
use crate::spec::model::{Act, EntryPlace, Request, Transition, Wait, WithKey};
use crate::spec::place::Place;
use crate::spec::value::{Reference, Value};
use crate::wire::pointer::{Pointer, Step};

/// The differences of a `with`, and where they stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct With<'s> {
    pub(super) values: &'s IndexMap<WithKey, Value>,
    pub(super) places: &'s IndexMap<WithKey, EntryPlace>,
}

impl<'s> With<'s> {
    fn place(&self, key: &WithKey) -> EntryPlace {
        self.places.get(key).copied().unwrap_or_default()
    }
}

impl<'s> Lint<'s, '_> {
    /// Checks how a transition acts.
    pub(super) fn act(&mut self, scope: &Scope<'s>, transition: &'s Transition) {
        let place = self.rest_of_file(transition.place);
        for (_, value) in parts(&transition.act) {
            self.references(scope, value);
            self.words(value, &NOT_SENT, "in a request", place);
        }
        match &transition.act {
            Act::Request(request) => self.request(request),
            Act::Wait(Wait::Until(value)) if value.sole_reference().is_none() => self.report(
                Diagnostic::error(
                    "bad-reference",
                    self.word_after(transition.place, "until"),
                    "a wait ends at a known time",
                )
                .label("this is not one reference to a fact")
                .help("write such as `wait: {until: \"${authn.expires}\"}`"),
            ),
            _ => {}
        }
    }

    fn request(&mut self, request: &Request) {
        if request.body.is_some() && !request.form.is_empty() {
            self.two_bodies(request.place, "this request has both");
        }
        let follow = request.follow.as_ref().map(ToString::to_string);
        if let Some(follow) = follow.filter(|follow| !follow.starts_with("/body/") && !follow.starts_with("/header/")) {
            let place = self.word_after(request.place, &follow);
            let problem = Diagnostic::error("bad-place", place, format!("no link is published at `{follow}`"));
            self.report(problem.label("expected a place in an answer, such as `/body/_links/next`"));
        }
    }

    fn two_bodies(&mut self, place: Place, label: &str) {
        let problem = Diagnostic::warning("two-bodies", place, "a request has one body: JSON or a form");
        self.report(problem.label(label).help("leave out one of `body` and `form`"));
    }

    /// Checks what an outcome sends instead.
    pub(super) fn with(&mut self, scope: &Scope<'s>, transition: &'s Transition, with: With<'s>) {
        for (key, value) in with.values {
            let place = with.place(key);
            self.difference(scope, key, value, place);
            match key {
                WithKey::Fact(thing, fact) => self.fact_is_sent(transition, thing, fact, place.key),
                WithKey::At(pointer) => self.place_is_sent_to(transition, pointer, with, place.key),
            }
        }
    }

    /// Checks one difference for itself.
    pub(super) fn difference(&mut self, scope: &Scope<'s>, key: &WithKey, value: &Value, place: EntryPlace) {
        self.references(scope, value);
        self.words(value, &NOT_SENT, "in a request", place.value);
        match key {
            WithKey::Fact(thing, fact) => {
                self.fact_of_thing(scope, thing, fact, place.key);
            }
            WithKey::At(pointer) => {
                if pointer.steps.iter().any(|step| !matches!(step, Step::Name(_))) {
                    let problem = Diagnostic::error("bad-place", place.key, "one place is replaced at a time");
                    self.report(
                        problem
                            .label("`*` and `[name=value]` find places in answers")
                            .help("write the number of the element"),
                    );
                }
            }
        }
        if matches!(value, Value::Raw(_)) && !matches!(key, WithKey::At(pointer) if pointer.steps.len() == 1) {
            let problem = Diagnostic::error("misplaced-word", place.value, "`$raw` is a whole body, as it is sent");
            self.report(problem.label("only `/body` can be this"));
        }
    }

    fn fact_is_sent(&mut self, transition: &Transition, thing: &str, fact: &str, place: Place) {
        let known = self.spec.machines.get(thing).is_none_or(|machine| machine.facts.contains_key(fact));
        if known && !sent(&transition.act).iter().any(|sent| sent.thing == thing && sent.fact == fact) {
            let message = format!("`{}` does not send `{thing}.{fact}`", transition.name);
            let problem = Diagnostic::error("unsent-fact", place, message).label("nothing would be replaced");
            let mut names: Vec<String> =
                sent(&transition.act).iter().map(|sent| format!("{}.{}", sent.thing, sent.fact)).collect();
            names.dedup();
            self.report(problem.choices(&format!("{thing}.{fact}"), names.iter().map(String::as_str)));
        }
    }

    fn place_is_sent_to(&mut self, transition: &Transition, pointer: &Pointer, with: With<'_>, place: Place) {
        let root = pointer.root().unwrap_or("");
        let (fits, label) = match &transition.act {
            Act::Hook(_) => (root == "hook", "this transition acts by a hook; its places start with `/hook`"),
            Act::Request(_) => (root != "hook", "this transition acts by a request and has no `/hook`"),
            Act::Wait(_) => (false, "this transition waits and sends nothing"),
        };
        if !fits {
            let message = format!("`{pointer}` is not a place of what `{}` sends", transition.name);
            self.report(Diagnostic::error("bad-place", place, message).label(label));
            return;
        }
        let Act::Request(request) = &transition.act else { return };
        let removed = |root: &str| with.values.get(&WithKey::At(Pointer::default().join(root))) == Some(&Value::Absent);
        if root == "form" && request.body.is_some() && !removed("body") {
            self.two_bodies(place, "the request has a `body` already");
        } else if root == "body" && !request.form.is_empty() && !removed("form") {
            self.two_bodies(place, "the request has a `form` already");
        }
    }

    /// The first occurrence of a word after a place, else the place.
    pub(super) fn word_after(&self, place: Place, word: &str) -> Place {
        let rest = self.rest_of_file(place);
        let found = self.spec.files.find(rest, word);
        if found == rest { place } else { found }
    }

    fn rest_of_file(&self, place: Place) -> Place {
        Place { end: self.spec.files.file(place.file).text.len(), ..place }
    }
}

/// The references that a transition sends.
pub(super) fn sent(act: &Act) -> Vec<&Reference> {
    parts(act).into_iter().flat_map(|(_, value)| value.references()).collect()
}

/// What a transition sends, by place. The place of a link is sent too, but for itself has none.
fn parts(act: &Act) -> Vec<(Pointer, &Value)> {
    let root = |name: &str| Pointer::default().join(name);
    match act {
        Act::Hook(value) => vec![(root("hook"), value)],
        Act::Wait(Wait::Until(value)) => vec![(Pointer::default(), value)],
        Act::Wait(Wait::For(_)) => Vec::new(),
        Act::Request(request) => {
            let maps = [("query", &request.query), ("header", &request.header), ("form", &request.form)];
            let members = maps.into_iter().flat_map(|(name, members)| {
                members.iter().map(move |(member, value)| (root(name).join(member), value))
            });
            let follow = request.follow.iter().map(|follow| (Pointer::default(), follow));
            let body = request.body.iter().map(|body| (root("body"), body));
            std::iter::once((root("path"), &request.path)).chain(follow).chain(members).chain(body).collect()
        }
    }
}

/// Whether something is sent at a place; where that depends on values that only a run knows, it is.
pub(super) fn is_sent(act: &Act, with: &IndexMap<WithKey, Value>, pointer: &Pointer) -> bool {
    if matches!(pointer.root(), Some("header" | "method" | "path")) {
        return true;
    }
    let replaced = with.iter().find_map(|(key, value)| match key {
        WithKey::At(at) if pointer.starts_with(at) => Some((at, value)),
        _ => None,
    });
    if let Some((at, value)) = replaced {
        return has(value, &pointer.steps[at.steps.len()..]);
    }
    let below = |at: &Pointer| at.starts_with(pointer);
    with.iter().any(|(key, value)| matches!(key, WithKey::At(at) if below(at)) && *value != Value::Absent)
        || parts(act).iter().any(|(at, value)| {
            !at.steps.is_empty()
                && (below(at) || (pointer.starts_with(at) && has(value, &pointer.steps[at.steps.len()..])))
        })
}

fn has(value: &Value, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return *value != Value::Absent;
    };
    match (value, step) {
        (Value::Map(members), Step::Name(name)) => members.get(name).is_some_and(|member| has(member, rest)),
        (Value::List(elements), Step::Name(name)) => {
            name.parse().ok().and_then(|index: usize| elements.get(index)).is_some_and(|element| has(element, rest))
        }
        (Value::Plain(json @ (Json::Object(_) | Json::Array(_))), _) => {
            Pointer { steps: steps.to_vec() }.first(json).is_some()
        }
        (Value::Plain(_) | Value::Absent, _) => false,
        _ => true,
    }
}
