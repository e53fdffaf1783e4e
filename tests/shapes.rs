//! The shape of each answer of the embedded reference server, outcome by outcome, under `snapshots/shapes/`: a change of an answer is
//! seen and reviewed. These are no claims: what an answer must be like stands in `specs/`.
//!
//! `cargo test --test shapes` shows every difference; `cargo insta review` (or `INSTA_UPDATE=always cargo test --test shapes`)
//! accepts them. The shapes of an outcome that is gone are deleted by hand.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use oktaspec::cases::draw::{Draws, seed};
use oktaspec::cases::slots::slots;
use oktaspec::cli::embedded::{self, Embedded};
use oktaspec::plan::model::Model;
use oktaspec::plan::path::Plan;
use oktaspec::plan::rules::{self, Rule, RuleKind};
use oktaspec::run::record::Record;
use oktaspec::spec::load;
use oktaspec::spec::model::Spec;
use oktaspec::verdict::shape::shape;
use serde_json::{Value as Json, json};

/// Outcomes whose answers show what other cases have made at the same time: their shapes are never the same twice.
const OF_THE_ORG: &[&str] = &["password-policy/list-password-policies.listed"];

#[test]
fn answers_of_the_reference_have_the_accepted_shapes() {
    let (spec, outcomes) = outcomes();
    let server = Embedded::start(&[]);
    let target = server.target();
    let origin = target.url.clone();
    let options = embedded::quick();
    let (_, records) = embedded::record(&spec, outcomes, target, &options);
    let mut failures = Vec::new();
    for record in &records {
        failures.extend(unanswered(record));
        let drawn = |plan: &Plan| drawn(&spec, record.name(), plan, &options.seed);
        failures.extend(differs(&spec, record, &shapes(record, &origin, &drawn)));
    }
    failures.extend(stale(&records));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn outcomes() -> (Spec, Vec<Rule>) {
    let (spec, diagnostics) = load::load(&load::embedded());
    assert_eq!(diagnostics.errors(), 0, "{}", diagnostics.render(&spec.files, false));
    let mut rules = rules::all(&Model::new(&spec));
    rules.retain(|rule| rule.kind() == RuleKind::Outcome && !OF_THE_ORG.contains(&rule.name.as_str()));
    (spec, rules)
}

/// The plans that were not answered as expected: they would silently be missing from the shapes.
fn unanswered(record: &Record) -> Vec<String> {
    let missing = record.plans.iter().filter(|plan| !record.conforming.contains_key(&plan.label));
    missing
        .map(|plan| format!("{} ({}): there is no answer that conforms, see `oktaspec run`", record.name(), plan.label))
        .collect()
}

/// Each shape of an outcome, with the plans that have it; an outcome of one plan only has a shape.
fn shapes(record: &Record, origin: &str, drawn: &dyn Fn(&Plan) -> Vec<String>) -> Vec<Json> {
    let mut shapes: Vec<(Json, Vec<&str>)> = Vec::new();
    for plan in &record.plans {
        let Some(answer) = record.conforming.get(&plan.label) else { continue };
        let shape = shape(answer, origin, &drawn(plan));
        match shapes.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, labels)) => labels.push(&plan.label),
            None => shapes.push((shape, vec![&plan.label])),
        }
    }
    shapes
        .into_iter()
        .map(|(shape, labels)| match labels.as_slice() {
            [""] => json!({"answer": shape}),
            labels => json!({"plans": labels, "answer": shape}),
        })
        .collect()
}

/// The texts that the first case of a plan drew; the same seed draws the same.
fn drawn(spec: &Spec, rule: &str, plan: &Plan, run: &str) -> Vec<String> {
    let draws = Draws::new(&slots(spec, plan), seed(run, rule, &plan.label, 0)).expect("values can be drawn");
    draws.current().into_values().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()
}

/// Has the difference shown, and says what was wrong.
fn differs(spec: &Spec, record: &Record, shapes: &[Json]) -> Option<String> {
    if shapes.is_empty() {
        return None;
    }
    // The place where insta panics is none that anybody asks for, and there may be many.
    let loud = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(|| accepted(spec, record, shapes)));
    panic::set_hook(loud);
    let said = result.err()?;
    Some(format!(
        "{}: {}",
        record.name(),
        said.downcast_ref::<String>().map_or("no shape could be compared", String::as_str)
    ))
}

fn accepted(spec: &Spec, record: &Record, shapes: &[Json]) {
    let (machine, name) = record.name().split_once('/').expect("the name of an outcome has a machine");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join(machine));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(&record.rule.claim);
    settings.set_input_file(spec.files.location(record.rule.place).path);
    let text = serde_json::to_string_pretty(shapes).expect("shapes can be written");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/shapes")
}

/// Accepted shapes of outcomes that the specification does not have.
fn stale(records: &[Record]) -> Vec<String> {
    let outcomes: BTreeSet<&str> = records.iter().map(Record::name).collect();
    let mut stale = Vec::new();
    for machine in entries(&folder()) {
        for file in
            entries(&machine).iter().filter(|file| file.extension().is_some_and(|extension| extension == "snap"))
        {
            let name =
                file.strip_prefix(folder()).expect("a file of the folder").with_extension("").display().to_string();
            if !outcomes.contains(name.replace('\\', "/").as_str()) {
                stale.push(format!("{name}: there is no such outcome; delete its accepted shape"));
            }
        }
    }
    stale
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
