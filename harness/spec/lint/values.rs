//! Values wherever they stand: their references, and the words that have no meaning there.

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::lint::scope::Scope;
use crate::spec::place::Place;
use crate::spec::value::Value;

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
        Value::Upper(inner) => each_word(inner, visit),
        Value::Absent | Value::Plain(_) | Value::Text(_) => {}
    }
}
