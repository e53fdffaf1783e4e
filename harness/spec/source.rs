//! What a rule stands on, in words: title, lines or operation, revision, address.

use crate::spec::model::{Source, Spec};

/// A source in words, with those beside it.
#[must_use]
pub fn words(spec: &Spec, source: &Source) -> String {
    let mut text = one(spec, source);
    for also in &source.also {
        text.push_str("; also ");
        text.push_str(&one(spec, also));
    }
    text
}

fn one(spec: &Spec, source: &Source) -> String {
    let mut parts = Vec::new();
    match source.kind.as_str() {
        "decision" => match spec.decisions.get(&source.id) {
            Some(decision) => parts.push(format!("decision {}: {} — {}", source.id, decision.title, decision.stand)),
            None => parts.push(format!("decision {}", source.id)),
        },
        "url" => parts.push(source.id.clone()),
        _ => match spec.sources.get(&source.id) {
            Some(entry) => parts.push(entry.title.clone()),
            None => parts.push(source.id.clone()),
        },
    }
    for (name, detail) in &source.details {
        parts.push(format!("{name} {detail}"));
    }
    if let Some(entry) = spec.sources.get(&source.id).filter(|_| source.kind != "decision" && source.kind != "url") {
        let revision = match (&entry.revision, &entry.date) {
            (Some(revision), Some(date)) => format!("revision {revision} of {date}"),
            (Some(revision), None) => format!("revision {revision}"),
            (None, Some(date)) => format!("of {date}"),
            (None, None) => String::new(),
        };
        if !revision.is_empty() {
            parts.push(revision);
        }
        parts.push(entry.address.clone());
    }
    parts.join(", ")
}
