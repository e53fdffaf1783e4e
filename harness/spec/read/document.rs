//! Which kind of document a tree is.

use indexmap::IndexMap;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::model::Spec;
use crate::spec::place::Place;
use crate::spec::read::reader::Reader;
use crate::spec::tree::Node;

const KINDS: [&str; 6] = ["machine", "transition", "errors", "law", "sources", "decisions"];

/// Reads one document into the specification.
pub(crate) fn read_document(reader: &mut Reader<'_>, node: &Node, spec: &mut Spec) {
    let Some(entries) = node.entries() else {
        reader.wrong_type(node, "a map that is a machine, a transition, errors, a law, sources or decisions");
        return;
    };
    // A transition also has a `machine`, so it is asked for first.
    let has = |name: &str| node.get(name).is_some();
    if has("transition") {
        if let Some(transition) = reader.transition(node) {
            let name = transition.name.clone();
            let place = transition.place;
            if let Some(first) = spec.transitions.get_mut(&name) {
                // Naming a transition again adds outcomes to it.
                if first.machine.value != transition.machine.value {
                    duplicate(reader, "transition", &name, place, first.place);
                    return;
                }
                for (outcome_name, outcome) in transition.outcomes {
                    match first.outcomes.get(&outcome_name) {
                        Some(earlier) => {
                            duplicate(reader, "outcome", &outcome_name, outcome.place, earlier.place);
                        }
                        None => {
                            first.outcomes.insert(outcome_name, outcome);
                        }
                    }
                }
                return;
            }
            spec.transitions.insert(name, transition);
        }
    } else if has("machine") {
        if let Some(machine) = reader.machine(node) {
            let (name, place) = (machine.name.clone(), machine.place);
            keep(reader, "machine", &mut spec.machines, name, machine, place, |first| first.place);
        }
    } else if has("law") {
        if let Some(law) = reader.law(node) {
            let (name, place) = (law.name.clone(), law.place);
            keep(reader, "law", &mut spec.laws, name, law, place, |first| first.place);
        }
    } else if has("errors") {
        for code in reader.errors(node) {
            let (name, place) = (code.code.clone(), code.place);
            keep(reader, "error code", &mut spec.errors, name, code, place, |first| first.place);
        }
    } else if has("sources") {
        for (name, source) in reader.sources(node) {
            let place = source.place;
            keep(reader, "source", &mut spec.sources, name, source, place, |first| first.place);
        }
    } else if has("decisions") {
        for (name, decision) in reader.decisions(node) {
            let place = decision.place;
            keep(reader, "decision", &mut spec.decisions, name, decision, place, |first| first.place);
        }
    } else {
        let first = entries.first().map_or("", |(key, _)| key.text.as_str());
        reader.report(
            Diagnostic::error("unknown-document", node.place, "this document is nothing that the language knows")
                .label("none of its keys says what it is")
                .choices(first, KINDS),
        );
    }
}

fn keep<T>(
    reader: &mut Reader<'_>,
    what: &str,
    map: &mut IndexMap<String, T>,
    name: String,
    value: T,
    place: Place,
    place_of: impl Fn(&T) -> Place,
) {
    match map.get(&name) {
        Some(first) => duplicate(reader, what, &name, place, place_of(first)),
        None => {
            map.insert(name, value);
        }
    }
}

fn duplicate(reader: &mut Reader<'_>, what: &str, name: &str, place: Place, first: Place) {
    reader.report(
        Diagnostic::error("duplicate-name", place, format!("the {what} `{name}` is declared twice"))
            .label("the second time")
            .context(first, "the first time")
            .help("give one of the two another name; the second is ignored"),
    );
}
