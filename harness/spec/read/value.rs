//! Trees to values: plain, with references, drawn, and the other `$` words.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::place::Place;
use crate::spec::read::condition::WORDS as CONDITION_WORDS;
use crate::spec::read::reader::Reader;
use crate::spec::tree::{Node, NodeKind};
use crate::spec::value::{BREAKINGS, Draw, Kind, Reference, TextPart, Value};
use crate::wire::pointer::Pointer;

/// Roots of places in a request.
pub(crate) const REQUEST_ROOTS: [&str; 7] = ["method", "path", "query", "header", "body", "form", "hook"];
/// Roots of places in an answer.
pub(crate) const ANSWER_ROOTS: [&str; 4] = ["status", "header", "body", "location"];

const WORDS: [&str; 7] = ["$any", "$in", "$raw", "$upper", "$answer", "$sent", "$add"];
const PLAIN_WORDS: [&str; 3] = ["$absent", "$now", "$start"];

impl Reader<'_> {
    pub(crate) fn value(&mut self, node: &Node) -> Value {
        match &node.kind {
            NodeKind::Scalar(Json::String(text)) => self.text_value(text, node.place),
            NodeKind::Scalar(scalar) => Value::Plain(scalar.clone()),
            NodeKind::List(elements) => {
                let values: Vec<Value> = elements.iter().map(|element| self.value(element)).collect();
                match values.iter().map(|value| value.plain().cloned()).collect::<Option<Vec<_>>>() {
                    Some(plain) => Value::Plain(Json::Array(plain)),
                    None => Value::List(values),
                }
            }
            NodeKind::Map(entries) => {
                if entries.iter().any(|(key, _)| key.text.starts_with('$')) {
                    return self.word_value(node);
                }
                let members: IndexMap<String, Value> =
                    entries.iter().map(|(key, member)| (key.text.clone(), self.value(member))).collect();
                let plain: Option<serde_json::Map<String, Json>> = members
                    .iter()
                    .map(|(name, value)| value.plain().map(|plain| (name.clone(), plain.clone())))
                    .collect();
                match plain {
                    Some(plain) => Value::Plain(Json::Object(plain)),
                    None => Value::Map(members),
                }
            }
        }
    }

    fn text_value(&mut self, text: &str, place: Place) -> Value {
        match text {
            "$absent" => return Value::Absent,
            "$now" => return Value::Now,
            "$start" => return Value::Start,
            _ => {}
        }
        if text.starts_with('$') && !text.starts_with("${") {
            self.report(
                Diagnostic::error("unknown-word", place, format!("`{text}` is not a value"))
                    .label("a text that starts with `$` is a word of the language")
                    .choices(text, PLAIN_WORDS),
            );
            return Value::Plain(Json::Null);
        }
        if !text.contains("${") {
            return Value::Plain(Json::String(text.to_owned()));
        }
        Value::Text(self.text_parts(text, place))
    }

    fn text_parts(&mut self, text: &str, place: Place) -> Vec<TextPart> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(TextPart::Literal(rest[..start].to_owned()));
            }
            let Some(length) = rest[start..].find('}') else {
                self.bad_reference(&rest[start..], place, "the `}` is missing");
                return parts;
            };
            let inner = &rest[start + 2..start + length];
            if let Some(reference) = self.reference(inner, place) {
                parts.push(TextPart::Reference(reference));
            }
            rest = &rest[start + length + 1..];
        }
        if !rest.is_empty() {
            parts.push(TextPart::Literal(rest.to_owned()));
        }
        parts
    }

    fn bad_reference(&mut self, text: &str, place: Place, problem: &str) {
        self.report(
            Diagnostic::error("bad-reference", place, format!("`{text}` is not a reference"))
                .label(problem.to_owned())
                .help("write `${thing.fact}` or `${thing.fact/member}`"),
        );
    }

    fn reference(&mut self, inner: &str, place: Place) -> Option<Reference> {
        let (name, pointer) = match inner.find('/') {
            Some(slash) => (&inner[..slash], Some(&inner[slash..])),
            None => (inner, None),
        };
        let Some((thing, fact)) = name.split_once('.') else {
            self.bad_reference(&format!("${{{inner}}}"), place, "thing and fact are not parted by a `.`");
            return None;
        };
        let pointer = match pointer.map(Pointer::parse) {
            Some(Ok(pointer)) => Some(pointer),
            Some(Err(problem)) => {
                self.bad_reference(&format!("${{{inner}}}"), place, &problem);
                return None;
            }
            None => None,
        };
        Some(Reference { thing: thing.trim().to_owned(), fact: fact.trim().to_owned(), pointer, place })
    }

    fn word_value(&mut self, node: &Node) -> Value {
        let entries = node.entries().unwrap_or_default();
        let Some((key, argument)) = entries.iter().find(|(key, _)| key.text.starts_with('$')) else {
            return Value::Plain(Json::Null);
        };
        if key.text != "$any" && entries.len() > 1 {
            for (other, _) in entries.iter().filter(|(other, _)| other.text != key.text) {
                self.report(
                    Diagnostic::error(
                        "unknown-key",
                        other.place,
                        format!("`{}` cannot stand beside `{}`", other.text, key.text),
                    )
                    .label("unknown key")
                    .context(key.place, "this is the whole value"),
                );
            }
        }
        match key.text.as_str() {
            "$any" => self.draw(node, argument),
            "$in" => match &argument.kind {
                NodeKind::List(elements) => Value::OneOf(elements.iter().map(|element| self.value(element)).collect()),
                _ => {
                    self.wrong_type(argument, "a list of choices");
                    Value::Plain(Json::Null)
                }
            },
            "$upper" => Value::Upper(Box::new(self.value(argument))),
            "$raw" => Value::Raw(self.text(argument).unwrap_or_default()),
            "$answer" => self.pointer(argument, &ANSWER_ROOTS).map_or(Value::Plain(Json::Null), Value::Answer),
            "$sent" => self.pointer(argument, &REQUEST_ROOTS).map_or(Value::Plain(Json::Null), Value::Sent),
            "$add" => Value::Add(self.whole_number(argument).unwrap_or(0)),
            "$totp" | "$inbox" | "$s256" | "$edit" | "$option" => {
                self.report(
                    Diagnostic::error("not-yet", key.place, format!("`{}` is not supported yet", key.text))
                        .label("this release has no factors and no Identity Engine"),
                );
                Value::Plain(Json::Null)
            }
            other => {
                let problem = Diagnostic::error("unknown-word", key.place, format!("`{other}` is not a value"));
                self.report(if CONDITION_WORDS.contains(&other) {
                    problem.label("this is a condition; a value is expected here").help(
                        "of a list only whole values are compared; `{$each: …}` and `{$some: …}` ask its elements",
                    )
                } else {
                    problem.label("unknown word").choices(other, WORDS.into_iter().chain(PLAIN_WORDS))
                });
                Value::Plain(Json::Null)
            }
        }
    }

    fn draw(&mut self, node: &Node, argument: &Node) -> Value {
        let Some(fields) = self.fields(node, "`$any`", &["$any"], &["length", "from", "to", "except", "breaking"])
        else {
            return Value::Plain(Json::Null);
        };
        let names: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
        let Some(kind) = self.one_of(argument, "kind of value", &names, Kind::parse) else {
            return Value::Plain(Json::Null);
        };
        let except = match fields.get("except") {
            None => Vec::new(),
            Some(node) => match &node.kind {
                NodeKind::List(elements) => elements.iter().map(|element| self.value(element)).collect(),
                _ => vec![self.value(node)],
            },
        };
        let breaking = fields.get("breaking").map_or_else(Vec::new, |node| self.breakings(node));
        Value::Any(Box::new(Draw {
            kind,
            length: fields.get("length").and_then(|node| self.count(node)),
            from: fields.get("from").and_then(|node| self.whole_number(node)),
            to: fields.get("to").and_then(|node| self.whole_number(node)),
            except,
            breaking,
            place: node.place,
        }))
    }

    fn breakings(&mut self, node: &Node) -> Vec<String> {
        let list = node.get("$in").unwrap_or(node);
        let parse = |text: &str| BREAKINGS.contains(&text).then(|| text.to_owned());
        match &list.kind {
            NodeKind::List(elements) => elements
                .iter()
                .filter_map(|element| self.one_of(element, "demand on passwords", &BREAKINGS, parse))
                .collect(),
            _ => self.one_of(list, "demand on passwords", &BREAKINGS, parse).into_iter().collect(),
        }
    }

    pub(crate) fn value_map(&mut self, node: &Node) -> IndexMap<String, Value> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map");
            return IndexMap::new();
        };
        entries.iter().map(|(key, value)| (key.text.clone(), self.value(value))).collect()
    }
}
