//! The target file: where the target is, what nobody can read of it, what may be done there, what is not held against it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::place::Files;
use crate::spec::read::Reader;
use crate::spec::tree::Node;
use crate::spec::value::Duration;
use crate::spec::yaml;

/// What a target file says; `${NAME}` stands as it is written and is filled in by whoever reads the environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetFile {
    /// The address.
    pub url: Option<String>,
    /// The API token.
    pub token: Option<String>,
    /// Whether things may be created, changed, locked and deleted.
    pub disposable: bool,
    /// Facts of things of which there is one, by `machine.fact`.
    pub stated: BTreeMap<String, Json>,
    /// The address below which the hooks are.
    pub hooks: Option<String>,
    /// How long a wait may take.
    pub patience: Option<Duration>,
    /// Rules that are not held against the target: name, reason, last day.
    pub waivers: Vec<(String, String, Option<String>)>,
}

/// Reads a target file; problems have their places.
#[must_use]
pub fn read(path: &str, text: &str) -> (TargetFile, Diagnostics, Files) {
    let mut files = Files::default();
    let mut diagnostics = Diagnostics::default();
    let index = files.add(path.to_owned(), text.to_owned());
    let documents = yaml::documents(&files, index, &mut diagnostics);
    let mut target = TargetFile::default();
    let mut reader = Reader { diagnostics: &mut diagnostics };
    for document in &documents.read {
        read_document(&mut reader, document, &mut target);
    }
    (target, diagnostics, files)
}

fn read_document(reader: &mut Reader<'_>, node: &Node, target: &mut TargetFile) {
    let known = ["target", "disposable", "hooks", "patience", "waivers", "accounts"];
    let Some(entries) = node.entries() else {
        reader.wrong_type(node, "a map such as `target: {url: …, token: …}`");
        return;
    };
    for (key, value) in entries {
        match key.text.as_str() {
            "target" => {
                if let Some(fields) = reader.fields(value, "a target", &["url"], &["token"]) {
                    target.url = fields.get("url").and_then(|url| reader.text(url));
                    target.token = fields.get("token").and_then(|token| reader.text(token));
                }
            }
            "disposable" => target.disposable = reader.boolean(value),
            "patience" => target.patience = reader.duration(value),
            "hooks" => target.hooks = reader.text(value),
            "waivers" => waivers(reader, value, target),
            "accounts" => reader.report(
                Diagnostic::error("not-yet", key.place, "`accounts` is not supported yet")
                    .label("this release makes its own accounts by the management API"),
            ),
            machine => match value.entries() {
                Some(facts) => {
                    for (fact, value) in facts {
                        target.stated.insert(format!("{machine}.{}", fact.text), value.to_json());
                    }
                }
                None => reader.unknown_key(key, "a target file", known.into_iter().chain(["org"])),
            },
        }
    }
}

fn waivers(reader: &mut Reader<'_>, node: &Node, target: &mut TargetFile) {
    let Some(elements) = node.elements() else {
        reader.wrong_type(node, "a list of waivers");
        return;
    };
    for element in elements {
        let Some(fields) = reader.fields(element, "a waiver", &["rule", "reason"], &["until"]) else {
            continue;
        };
        let mut text = |name: &str| fields.get(name).and_then(|node| reader.text(node));
        if let (Some(rule), Some(reason)) = (text("rule"), text("reason")) {
            let until = text("until");
            target.waivers.push((rule, reason, until));
        }
    }
}
