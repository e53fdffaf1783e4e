//! Which kind of document a tree is.

use indexmap::IndexMap;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::model::{Act, From, NONE, Spec, Transition, Wait};
use crate::spec::place::Place;
use crate::spec::read::reader::Reader;
use crate::spec::tree::{Key, Node};
use crate::spec::value::Value;

/// What a document can be, by the key that says so. A transition also has a `machine`, so it is asked for first.
const KINDS: [&str; 6] = ["transition", "machine", "law", "errors", "sources", "decisions"];

/// Reads one document into the specification.
pub(crate) fn read_document(reader: &mut Reader<'_>, node: &Node, spec: &mut Spec) {
    let Some(entries) = node.entries() else {
        reader.wrong_type(node, "a map that is a machine, a transition, errors, a law, sources or decisions");
        spec.incomplete = true;
        return;
    };
    match KINDS.into_iter().find(|kind| node.get(kind).is_some()) {
        Some("transition") => match reader.transition(node) {
            Some(transition) => keep_transition(reader, transition, spec),
            None => spec.incomplete = true,
        },
        Some("machine") => match reader.machine(node) {
            Some(machine) => {
                let (name, place) = (machine.name.clone(), machine.place);
                keep(reader, "machine", &mut spec.machines, name, machine, place, |first| first.place);
            }
            None => spec.incomplete = true,
        },
        Some("law") => {
            // Nothing names a law, so that one which could not be read leaves no gap.
            if let Some(law) = reader.law(node) {
                let (name, place) = (law.name.clone(), law.place);
                keep(reader, "law", &mut spec.laws, name, law, place, |first| first.place);
            }
        }
        Some(_) => catalogue(reader, node, spec),
        None => {
            unknown(reader, node, entries);
            spec.incomplete = true;
        }
    }
}

fn keep_transition(reader: &mut Reader<'_>, transition: Transition, spec: &mut Spec) {
    let Some(first) = spec.transitions.get_mut(&transition.name) else {
        spec.transitions.insert(transition.name.clone(), transition);
        return;
    };
    // Naming a transition again adds outcomes to it.
    if !same_beginning(first, &transition) {
        let message = format!("the transition `{}` is declared twice, with different beginnings", transition.name);
        reader.report(
            Diagnostic::error("duplicate-name", transition.place, message)
                .label("the second time")
                .context(first.place, "the first time")
                .help("to add outcomes to a transition, repeat its `machine`, `from` and request as they are"),
        );
        return;
    }
    for (name, outcome) in transition.outcomes {
        let place = outcome.place;
        keep(reader, "outcome", &mut first.outcomes, name, outcome, place, |first| first.place);
    }
}

fn same_beginning(first: &Transition, second: &Transition) -> bool {
    let states = |from: &From| match from {
        From::States(states) => states.iter().map(|state| state.value.clone()).collect(),
        From::None => vec![NONE.to_owned()],
        From::Any => Vec::new(),
    };
    first.machine.value == second.machine.value
        && states(&first.from) == states(&second.from)
        && sent(&first.act) == sent(&second.act)
}

/// What a transition does, as a text to be compared.
fn sent(act: &Act) -> String {
    let members = |members: &IndexMap<String, Value>| Value::Map(members.clone()).to_string();
    match act {
        Act::Hook(value) => format!("hook {value}"),
        Act::Wait(Wait::For(duration)) => format!("wait {duration}"),
        Act::Wait(Wait::Until(value)) => format!("wait {value}"),
        Act::Request(request) => format!(
            "{} {} {} {} {} {} {}",
            request.method,
            request.path,
            request.follow.as_ref().map(ToString::to_string).unwrap_or_default(),
            members(&request.query),
            members(&request.header),
            members(&request.form),
            request.body.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
    }
}

fn catalogue(reader: &mut Reader<'_>, node: &Node, spec: &mut Spec) {
    if node.get("errors").is_some() {
        for code in reader.errors(node) {
            let (name, place) = (code.code.clone(), code.place);
            keep(reader, "error code", &mut spec.errors, name, code, place, |first| first.place);
        }
    } else if node.get("sources").is_some() {
        for (name, source) in reader.sources(node) {
            let place = source.place;
            keep(reader, "source", &mut spec.sources, name, source, place, |first| first.place);
        }
    } else {
        for (name, decision) in reader.decisions(node) {
            let place = decision.place;
            keep(reader, "decision", &mut spec.decisions, name, decision, place, |first| first.place);
        }
    }
}

fn unknown(reader: &mut Reader<'_>, node: &Node, entries: &[(Key, Node)]) {
    let first = entries.first().map_or("", |(key, _)| key.text.as_str());
    reader.report(
        Diagnostic::error("unknown-document", node.place, "this document is nothing that the language knows")
            .label("none of its keys says what it is")
            .choices(first, KINDS),
    );
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
