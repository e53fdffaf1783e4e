//! `transition` documents: how they act, where from, and what may come of it.

use indexmap::IndexMap;

use crate::spec::diagnostic::{Diagnostic, quoted};
use crate::spec::model::{Act, EntryPlace, From, Given, NONE, Outcome, Request, Standing, Transition, Wait, WithKey};
use crate::spec::read::reader::Reader;
use crate::spec::read::value::REQUEST_ROOTS;
use crate::spec::tree::{Key, Node};
use crate::spec::value::Value;

const HOOKS: [&str; 3] = ["clock", "faults", "settings"];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

impl Reader<'_> {
    pub(crate) fn transition(&mut self, node: &Node) -> Option<Transition> {
        let fields = self.fields(
            node,
            "a transition",
            &["transition", "machine", "outcomes"],
            &["title", "from", "as", "given", "request", "wait", "hook", "refuses", "source", "basis", "level"],
        )?;
        let name_node = fields.get("transition")?;
        let name = self.text(name_node)?;
        let standing = self.standing(node, None);
        let act = self.act(node)?;
        let mut transition = Transition {
            machine: fields.get("machine").and_then(|machine| self.name(machine))?,
            title: fields.get("title").and_then(|title| self.text(title)),
            from: fields.get("from").map_or(From::Any, |from| self.from(from)),
            given: fields.get("given").map_or_else(Given::default, |given| self.given(given)),
            act,
            refuses: fields.get("refuses").and_then(|refuses| self.refusal(refuses, Some(&standing))),
            outcomes: fields.get("outcomes").map_or_else(IndexMap::new, |outcomes| self.outcomes(outcomes, &standing)),
            standing,
            place: name_node.place,
            name,
        };
        if let (Some(actor), Act::Request(request)) = (fields.get("as"), &mut transition.act) {
            request.actor = request.actor.or(self.actor(actor));
        }
        Some(transition)
    }

    fn from(&mut self, node: &Node) -> From {
        let names = self.names(node);
        match names.as_slice() {
            [only] if only.value == NONE => From::None,
            _ => From::States(names),
        }
    }

    fn act(&mut self, node: &Node) -> Option<Act> {
        let acts: Vec<&str> = ["request", "wait", "hook"].into_iter().filter(|name| node.get(name).is_some()).collect();
        if acts.len() != 1 {
            let place = node.get("transition").map_or(node.place, |name| name.place);
            self.report(
                Diagnostic::error("no-act", place, "a transition acts by one of `request`, `wait` and `hook`").label(
                    if acts.is_empty() {
                        "this has none of them".to_owned()
                    } else {
                        format!("this has {}", quoted(&acts))
                    },
                ),
            );
            return None;
        }
        if let Some(request) = node.get("request") {
            return self.request(request).map(|request| Act::Request(Box::new(request)));
        }
        if let Some(wait) = node.get("wait") {
            if let Some(until) = wait.get("until") {
                return Some(Act::Wait(Wait::Until(self.value(until))));
            }
            return self.duration(wait).map(|duration| Act::Wait(Wait::For(duration)));
        }
        node.get("hook").map(|hook| self.hook(hook))
    }

    fn hook(&mut self, node: &Node) -> Act {
        self.fields(node, "a message to the hooks", &[], &HOOKS);
        Act::Hook(self.value(node))
    }

    fn request(&mut self, node: &Node) -> Option<Request> {
        let optional: Vec<&str> =
            METHODS.iter().chain(&["follow", "as", "query", "header", "body", "form"]).copied().collect();
        if let Some(key) = node.get("submit").or_else(|| node.get("fields")) {
            self.report(
                Diagnostic::error("not-yet", key.place, "`submit` is not supported yet")
                    .label("this release has no Identity Engine"),
            );
            return None;
        }
        let fields = self.fields(node, "a request", &[], &optional)?;
        let methods: Vec<&(Key, Node)> =
            node.entries().unwrap_or_default().iter().filter(|(key, _)| METHODS.contains(&key.text.as_str())).collect();
        let [(method, path)] = methods.as_slice() else {
            let names: Vec<&str> = methods.iter().map(|(method, _)| method.text.as_str()).collect();
            self.report(
                Diagnostic::error("no-method", node.place, "a request has one method with its path")
                    .label(if names.is_empty() {
                        "this has none".to_owned()
                    } else {
                        format!("this has {}", quoted(&names))
                    })
                    .help("write such as `POST: /api/v1/users`"),
            );
            return None;
        };
        let path_value = self.value(path);
        self.check_path(path);
        Some(Request {
            method: method.text.clone(),
            path: path_value,
            follow: fields.get("follow").map(|follow| self.value(follow)),
            actor: fields.get("as").and_then(|actor| self.actor(actor)),
            query: fields.get("query").map_or_else(IndexMap::new, |query| self.value_map(query)),
            header: fields
                .get("header")
                .map_or_else(IndexMap::new, |header| self.value_map(header))
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            body: fields.get("body").map(|body| self.value(body)),
            form: fields.get("form").map_or_else(IndexMap::new, |form| self.value_map(form)),
            place: method.place,
        })
    }

    fn check_path(&mut self, path: &Node) {
        let Some(text) = self.text(path) else { return };
        if !text.starts_with('/') {
            self.report(
                Diagnostic::error("bad-path", path.place, "a path starts with `/`")
                    .label("the address of the target is not part of it"),
            );
        } else if text.contains('?') {
            self.report(
                Diagnostic::error("bad-path", path.place, "a path has no query in it")
                    .label("everything after the `?` belongs elsewhere")
                    .help("write `query: {name: value}` beside it"),
            );
        }
    }

    fn outcomes(&mut self, node: &Node, inherited: &Standing) -> IndexMap<String, Outcome> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of outcomes");
            return IndexMap::new();
        };
        if entries.is_empty() {
            self.report(
                Diagnostic::error("no-outcome", node.place, "a transition has at least one outcome")
                    .label("this is empty"),
            );
        }
        let mut outcomes = IndexMap::new();
        for (key, value) in entries {
            if let Some(outcome) = self.outcome(key, value, inherited) {
                outcomes.insert(key.text.clone(), outcome);
            }
        }
        outcomes
    }

    fn outcome(&mut self, key: &Key, node: &Node, inherited: &Standing) -> Option<Outcome> {
        let fields =
            self.fields(node, "an outcome", &["then"], &["title", "given", "with", "source", "basis", "level"])?;
        let standing = self.standing(node, Some(inherited));
        let (rows, table) = self.rows(fields.get("then")?);
        let (with, with_places) = fields.get("with").map(|with| self.with(with)).unwrap_or_default();
        Some(Outcome {
            name: key.text.clone(),
            given: fields.get("given").map_or_else(Given::default, |given| self.given(given)),
            with,
            with_places,
            rows,
            table,
            standing,
            place: key.place,
        })
    }

    pub(crate) fn with(&mut self, node: &Node) -> (IndexMap<WithKey, Value>, IndexMap<WithKey, EntryPlace>) {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of places or facts to values");
            return (IndexMap::new(), IndexMap::new());
        };
        let mut with = IndexMap::new();
        let mut places = IndexMap::new();
        for (key, value) in entries {
            let found = if key.text.starts_with('/') {
                self.pointer_text(&key.text, key.place, &REQUEST_ROOTS).map(WithKey::At)
            } else if let Some((thing, fact)) = key.text.split_once('.') {
                Some(WithKey::Fact(thing.to_owned(), fact.to_owned()))
            } else {
                self.report(
                    Diagnostic::error("bad-place", key.place, format!("`{}` is not a place of a request", key.text))
                        .label("expected a place such as `/body/password`, or a fact such as `authn.token`"),
                );
                None
            };
            if let Some(found) = found {
                places.insert(found.clone(), EntryPlace { key: key.place, value: value.place });
                with.insert(found, self.value(value));
            }
        }
        (with, places)
    }
}
