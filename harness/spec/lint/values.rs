//! Values wherever they stand: their references, the words that have no meaning there, and the text they were written as.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::scope::Scope;
use crate::spec::place::Place;
use crate::spec::value::{Draw, TextPart, Value};

impl<'s> Lint<'s, '_> {
    /// Checks that every reference names a fact of a thing.
    pub(super) fn references(&mut self, scope: &Scope<'s>, value: &Value) {
        for reference in value.references() {
            let name = format!("{}.{}", reference.thing, reference.fact);
            let place = self.spec.files.find(reference.place, &name);
            self.fact_of_thing(scope, &reference.thing, &reference.fact, place);
        }
    }

    /// Checks the references of a condition.
    pub(super) fn condition_references(&mut self, scope: &Scope<'s>, condition: &Condition) {
        let mut values = Vec::new();
        condition.each_value(&mut |value| values.push(value));
        for value in values {
            self.references(scope, value);
        }
    }

    /// Reports words that mean nothing where the value stands.
    pub(super) fn words(&mut self, value: &Value, forbidden: &[&str], here: &str, place: Place) {
        let mut found = Vec::new();
        each_word(value, &mut |word| found.push(word));
        for word in found.into_iter().filter(|word| forbidden.contains(word)) {
            let place = self.spec.files.find(place, word);
            let problem = Diagnostic::error("misplaced-word", place, format!("`{word}` means nothing {here}"));
            self.report(problem.label(meaning(word)));
        }
    }
}

/// Words that speak of an answer or of what was before: nothing that can be sent.
pub(super) const NOT_SENT: [&str; 5] = ["$add", "$answer", "$now", "$sent", "$start"];
/// Words for what is not known until it is drawn: nothing that a `then` can set.
pub(super) const NOT_SET: [&str; 3] = ["$any", "$in", "$raw"];
/// Words that a start value cannot be made of.
pub(super) const NOT_STARTED: [&str; 6] = ["$add", "$answer", "$now", "$raw", "$sent", "$start"];

fn meaning(word: &str) -> &'static str {
    match word {
        "$add" => "it changes a number, in `sets`",
        "$answer" => "it reads the answer, in `sets` or as a fact",
        "$any" => "it draws a value for a request or for a fact",
        "$in" => "it is one of several, which an outcome cannot set",
        "$now" => "it is the moment of the answer, in `sets`",
        "$raw" => "it is a whole body, as it is sent",
        "$sent" => "it reads the request, in `sets`",
        _ => "it is the value that the fact started with, in `sets`",
    }
}

fn each_word(value: &Value, visit: &mut dyn FnMut(&'static str)) {
    match value {
        Value::Add(_) => visit("$add"),
        Value::Answer(_) => visit("$answer"),
        Value::Any(_) => visit("$any"),
        Value::Now => visit("$now"),
        Value::Raw(_) => visit("$raw"),
        Value::Sent(_) => visit("$sent"),
        Value::Start => visit("$start"),
        Value::OneOf(values) => {
            visit("$in");
            values.iter().for_each(|value| each_word(value, visit));
        }
        Value::List(values) => values.iter().for_each(|value| each_word(value, visit)),
        Value::Map(members) => members.values().for_each(|value| each_word(value, visit)),
        Value::Absent | Value::Plain(_) | Value::Text(_) => {}
    }
}

/// The value as it could be written, the same text for the same value wherever it stands.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Absent => "$absent".to_owned(),
        Value::Add(number) => format!("{{$add: {number}}}"),
        Value::Answer(pointer) => format!("{{$answer: {pointer}}}"),
        Value::Any(draw) => drawn(draw),
        Value::List(values) => format!("[{}]", all_written(values)),
        Value::Map(members) => {
            let sorted: BTreeMap<&str, String> =
                members.iter().map(|(name, value)| (name.as_str(), written(value))).collect();
            let entries: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Now => "$now".to_owned(),
        Value::OneOf(values) => format!("{{$in: [{}]}}", all_written(values)),
        Value::Plain(json) => plain(json),
        Value::Raw(text) => format!("{{$raw: {text}}}"),
        Value::Sent(pointer) => format!("{{$sent: {pointer}}}"),
        Value::Start => "$start".to_owned(),
        Value::Text(parts) => parts.iter().map(text_part).collect(),
    }
}

fn all_written(values: &[Value]) -> String {
    values.iter().map(written).collect::<Vec<_>>().join(", ")
}

fn drawn(draw: &Draw) -> String {
    let mut text = format!("{{$any: {}", draw.kind.name());
    for (name, number) in [
        ("length", draw.length.map(|length| length.to_string())),
        ("from", text_of(draw.from)),
        ("to", text_of(draw.to)),
    ] {
        text.extend(number.map(|number| format!(", {name}: {number}")));
    }
    if !draw.except.is_empty() {
        text.push_str(&format!(", except: [{}]", all_written(&draw.except)));
    }
    if !draw.breaking.is_empty() {
        text.push_str(&format!(", breaking: [{}]", draw.breaking.join(", ")));
    }
    text + "}"
}

fn text_of(number: Option<i64>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn text_part(part: &TextPart) -> String {
    match part {
        TextPart::Literal(text) => text.clone(),
        TextPart::Reference(reference) => {
            let pointer = reference.pointer.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("${{{}.{}{pointer}}}", reference.thing, reference.fact)
        }
    }
}

/// A plain value as it is written: texts in quotes only where they would be read as something else.
pub(super) fn plain(json: &Json) -> String {
    match json {
        Json::String(text) if serde_json::from_str::<Json>(text).is_err() && !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}
