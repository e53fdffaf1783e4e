//! `then`, its alternatives, and `refuses`.

use indexmap::IndexMap;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::model::{
    Alternative, Basis, CatalogueCheck, Expectation, Located, Refusal, SetKey, SetValue, Standing, Status, To,
};
use crate::spec::read::reader::Reader;
use crate::spec::tree::{Key, Node, NodeKind};

const KEYS: [&str; 9] = ["status", "error", "body", "header", "location", "catalogue", "to", "sets", "eventually"];

impl Reader<'_> {
    /// `then` as a list of rows, and whether it was a table.
    pub(crate) fn rows(&mut self, node: &Node) -> (Vec<Expectation>, bool) {
        match &node.kind {
            NodeKind::List(elements) => (
                elements
                    .iter()
                    .filter_map(|element| self.expectation(element, &["given", "otherwise", "or"]))
                    .collect(),
                true,
            ),
            _ => (self.expectation(node, &["or"]).into_iter().collect(), false),
        }
    }

    pub(crate) fn expectation(&mut self, node: &Node, further: &[&str]) -> Option<Expectation> {
        let allowed: Vec<&str> = KEYS.iter().chain(further).copied().collect();
        let fields = self.fields(node, "an expectation", &[], &allowed)?;
        Some(Expectation {
            given: fields.get("given").map(|given| self.given(given)),
            otherwise: fields.get("otherwise").is_some_and(|otherwise| self.boolean(otherwise)),
            status: fields
                .get("status")
                .and_then(|status| self.status(status).map(|value| Located { value, place: status.place })),
            error: fields.get("error").and_then(|error| self.name(error)),
            body: self.located_condition(fields.get("body")),
            header: self.located_condition(fields.get("header")),
            location: self.located_condition(fields.get("location")),
            catalogue: fields.get("catalogue").and_then(|check| self.catalogue_check(check)),
            to: fields.get("to").and_then(|to| self.to(to)),
            sets: fields.get("sets").map_or_else(IndexMap::new, |sets| self.sets(sets)),
            eventually: fields.get("eventually").and_then(|duration| self.duration(duration)),
            or: fields.get("or").map_or_else(Vec::new, |or| self.alternatives(or)),
            place: fields.place(),
        })
    }

    fn located_condition(&mut self, node: Option<&Node>) -> Option<Located<crate::spec::condition::Condition>> {
        node.map(|node| Located { value: self.condition(node), place: node.place })
    }

    fn catalogue_check(&mut self, node: &Node) -> Option<Located<CatalogueCheck>> {
        self.one_of(node, "part of the catalogue", &["status", "summary"], |text| match text {
            "status" => Some(CatalogueCheck::Status),
            "summary" => Some(CatalogueCheck::Summary),
            _ => None,
        })
        .map(|value| Located { value, place: node.place })
    }

    pub(super) fn status(&mut self, node: &Node) -> Option<Status> {
        match &node.kind {
            NodeKind::List(elements) => {
                Some(Status::OneOf(elements.iter().filter_map(|element| self.status(element)).collect()))
            }
            NodeKind::Scalar(scalar) => {
                let number = scalar
                    .as_u64()
                    .and_then(|number| u16::try_from(number).ok())
                    .filter(|number| (100..600).contains(number))
                    .map(Status::Exactly);
                let class = scalar.as_str().and_then(|text| match text {
                    "2xx" => Some(Status::Class(2)),
                    "3xx" => Some(Status::Class(3)),
                    "4xx" => Some(Status::Class(4)),
                    "5xx" => Some(Status::Class(5)),
                    _ => None,
                });
                let status = number.or(class);
                if status.is_none() {
                    self.report(
                        Diagnostic::error("bad-status", node.place, format!("{scalar} is not an HTTP status"))
                            .label("expected a number from 100 to 599, or `2xx` to `5xx`"),
                    );
                }
                status
            }
            NodeKind::Map(_) => {
                self.wrong_type(node, "a status, or a list of them");
                None
            }
        }
    }

    fn to(&mut self, node: &Node) -> Option<Located<To>> {
        let names = self.names(node);
        if names.is_empty() {
            return None;
        }
        let value = match names.as_slice() {
            [only] if only.value == "unchanged" => To::Unchanged,
            _ => To::States(names.into_iter().map(|name| name.value).collect()),
        };
        Some(Located { value, place: node.place })
    }

    fn sets(&mut self, node: &Node) -> IndexMap<SetKey, SetValue> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of things or facts to values");
            return IndexMap::new();
        };
        entries
            .iter()
            .map(|(key, value)| {
                let set_key = match key.text.split_once('.') {
                    Some((thing, fact)) => SetKey::Fact(thing.to_owned(), fact.to_owned()),
                    None => SetKey::State(key.text.clone()),
                };
                (set_key, self.set_value(key, value))
            })
            .collect()
    }

    fn set_value(&mut self, key: &Key, node: &Node) -> SetValue {
        if node.get("is").is_some()
            && let Some(fields) = self.fields(node, "an entry of `sets`", &["is"], &["basis"])
            && let Some(is) = fields.get("is")
        {
            let basis = fields.get("basis").and_then(|basis| self.one_of(basis, "basis", &Basis::NAMES, Basis::parse));
            return SetValue { value: self.value(is), basis, value_place: is.place, place: key.place };
        }
        SetValue { value: self.value(node), basis: None, value_place: node.place, place: key.place }
    }

    fn alternatives(&mut self, node: &Node) -> Vec<Alternative> {
        let Some(elements) = node.elements() else {
            self.wrong_type(node, "a list of alternatives");
            return Vec::new();
        };
        let mut alternatives = Vec::new();
        for element in elements {
            let Some(replaces) = self.expectation(element, &["because"]) else {
                continue;
            };
            let Some(because) = element.get("because").and_then(|because| self.name(because)) else {
                self.report(
                    Diagnostic::error("missing-key", element.place, "an alternative needs the key `because`")
                        .label("nothing says why this is accepted as well")
                        .help("name a decision of `decisions.yaml`, or write a sentence"),
                );
                continue;
            };
            alternatives.push(Alternative { because, replaces });
        }
        alternatives
    }

    pub(crate) fn refusal(&mut self, node: &Node, inherited: Option<&Standing>) -> Option<Refusal> {
        if node.text() == Some("unknown") {
            return Some(Refusal::Unknown);
        }
        let expectation = self.expectation(node, &["or", "source", "basis", "level"])?;
        Some(Refusal::Claim(Box::new(expectation), self.standing(node, inherited)))
    }
}
