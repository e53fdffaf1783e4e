//! Which transition a recorded request was: by its method and its path, and where several have both, by what its body sends.

use regex::Regex;
use serde_json::Value as Json;

use crate::spec::model::{Act, From, Request as Written, Spec, Transition};
use crate::spec::value::{TextPart, Value};

/// The transitions that are requests.
pub(super) struct Routes<'s> {
    routes: Vec<Route<'s>>,
}

struct Route<'s> {
    transition: &'s Transition,
    request: &'s Written,
    path: Regex,
    /// Whether it asks for the state of a thing.
    observes: bool,
}

/// What a request was, as far as that can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found<'s> {
    /// The machine.
    pub(super) machine: Option<&'s str>,
    /// The transition.
    pub(super) transition: Option<&'s str>,
    /// Whether the answer is a list of things of the machine.
    pub(super) many: bool,
}

impl<'s> Routes<'s> {
    /// The transitions of a specification.
    pub(super) fn new(spec: &'s Spec) -> Self {
        let routes = spec.transitions.values().filter_map(|transition| match &transition.act {
            Act::Request(request) => {
                let machine = spec.machines.get(&transition.machine.value);
                let observe = machine.and_then(|machine| machine.observe.as_ref());
                let observes = observe.is_some_and(|observe| observe.value == transition.name);
                Some(Route { transition, request, path: pattern(&request.path)?, observes })
            }
            Act::Hook(_) | Act::Wait(_) => None,
        });
        Self { routes: routes.collect() }
    }

    /// What a request was: the transition of this method and path whose members it sends.
    pub(super) fn find(&self, request: &Json) -> Found<'s> {
        let text = |name: &str| request.get(name).and_then(Json::as_str).unwrap_or_default();
        let (method, path) = (text("method"), text("path"));
        let candidates: Vec<(&Route<'s>, i32)> = self
            .of_path(path)
            .filter(|route| route.request.method == method)
            .map(|route| (route, likeness(route.request, request)))
            .collect();
        if candidates.is_empty() {
            return self.thing(path).or_else(|| self.list(method, path)).unwrap_or_default();
        }
        let transition = match candidates.as_slice() {
            [(only, _)] => Some(*only),
            several => alike(several),
        };
        let transition = transition.map(|route| route.transition.name.as_str());
        let machine = common(candidates.iter().map(|(route, _)| *route));
        Found { machine, transition, many: false }
    }

    /// What is answered where a thing is observed is that thing, whatever was done to it.
    fn thing(&self, path: &str) -> Option<Found<'s>> {
        let observing = self.of_path(path).filter(|route| route.observes);
        common(observing).map(|machine| Found { machine: Some(machine), transition: None, many: false })
    }

    /// Things are listed where they are made.
    fn list(&self, method: &str, path: &str) -> Option<Found<'s>> {
        let making = self.of_path(path).filter(|route| method == "GET" && route.transition.from == From::None);
        common(making).map(|machine| Found { machine: Some(machine), transition: None, many: true })
    }

    fn of_path(&self, path: &str) -> impl Iterator<Item = &Route<'s>> {
        self.routes.iter().filter(move |route| fits(&route.path, path))
    }
}

/// The machine of all of them.
fn common<'r, 's: 'r>(routes: impl Iterator<Item = &'r Route<'s>>) -> Option<&'s str> {
    let mut machines = routes.map(|route| route.transition.machine.value.as_str());
    let first = machines.next()?;
    machines.all(|other| other == first).then_some(first)
}

/// The one of several that is most like the request, where it is like it at all.
fn alike<'r, 's>(several: &[(&'r Route<'s>, i32)]) -> Option<&'r Route<'s>> {
    let best = several.iter().map(|(_, likeness)| *likeness).max().filter(|best| *best >= 0)?;
    let mut liked = several.iter().filter(|(_, likeness)| *likeness == best);
    match (liked.next(), liked.next()) {
        (Some((only, _)), None) => Some(only),
        _ => None,
    }
}

/// A path in which each reference stands for one segment.
fn pattern(path: &Value) -> Option<Regex> {
    let mut pattern = String::from("^");
    match path {
        Value::Plain(Json::String(text)) => pattern.push_str(&regex::escape(text)),
        Value::Text(parts) => {
            for part in parts {
                match part {
                    TextPart::Literal(text) => pattern.push_str(&regex::escape(text)),
                    TextPart::Reference(_) => pattern.push_str("([^/]+)"),
                }
            }
        }
        _ => return None,
    }
    pattern.push('$');
    Regex::new(&pattern).ok()
}

fn fits(path: &Regex, recorded: &str) -> bool {
    path.captures(recorded).is_some_and(|found| found.iter().skip(1).flatten().all(|part| is_id(part.as_str())))
}

/// An id or a login. A word is the name of another endpoint, as in `/api/v1/groups/rules`.
fn is_id(segment: &str) -> bool {
    segment == "me" || !segment.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_')
}

/// How many members of the body the recorded request sends, less those that it does not send. Bodies are not always recorded.
fn likeness(written: &Written, recorded: &Json) -> i32 {
    let Some(body) = recorded.get("body").or_else(|| recorded.get("form")).filter(|body| body.is_object()) else {
        return 0;
    };
    let of_body = match &written.body {
        Some(Value::Map(members)) => members.keys().map(String::as_str).collect(),
        Some(Value::Plain(Json::Object(members))) => members.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let names = of_body.into_iter().chain(written.form.keys().map(String::as_str));
    names.map(|name| if body.get(name).is_some() { 1 } else { -1 }).sum()
}
