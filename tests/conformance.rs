//! Every rule as a test: one trial for each, against the embedded reference server, or against `OKTASPEC_TARGET` with the token
//! in `OKTA_CLIENT_TOKEN` (and `OKTASPEC_DISPOSABLE=1` where it may be changed). Works with filters, `--list` and cargo-nextest.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use oktaspec::cli::embedded::{self, Embedded};
use oktaspec::plan::model::Model;
use oktaspec::plan::rules::{self, Rule};
use oktaspec::report::Report as _;
use oktaspec::report::terminal::{Terminal, TerminalOptions};
use oktaspec::run::event::Event;
use oktaspec::run::target::Target;
use oktaspec::spec::load;
use oktaspec::spec::model::Spec;
use oktaspec::verdict::finding::Verdict;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (spec, diagnostics) = load::load(&load::embedded());
    assert_eq!(diagnostics.errors(), 0, "{}", diagnostics.render(&spec.files, false));
    let spec = Arc::new(spec);
    let server: Arc<OnceLock<Embedded>> = Arc::new(OnceLock::new());
    let rules = rules::all(&Model::new(&spec));
    let trials = rules
        .into_iter()
        // A law that holds everywhere is asked of what others exchange; alone it has nothing to see.
        .filter(|rule| !oktaspec::run::orchestrate::is_passive(rule))
        .map(|rule| {
            let (spec, server) = (Arc::clone(&spec), Arc::clone(&server));
            let kind = rule.kind().word();
            Trial::ignorable_test(rule.name.replace('/', "::"), move || trial(&spec, rule, &server)).with_kind(kind)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The target that the environment names.
fn named() -> Option<Target> {
    let url = std::env::var("OKTASPEC_TARGET").ok().filter(|url| !url.is_empty())?;
    Some(Target {
        url: url.trim_end_matches('/').to_owned(),
        token: std::env::var("OKTA_CLIENT_TOKEN").ok(),
        embedded: false,
        disposable: std::env::var_os("OKTASPEC_DISPOSABLE").is_some(),
        stated: std::collections::BTreeMap::new(),
        hooks: None,
        patience: None,
        waivers: Vec::new(),
    })
}

fn trial(spec: &Spec, rule: Rule, server: &OnceLock<Embedded>) -> Result<Completion, Failed> {
    let target = match named() {
        Some(target) => target,
        None => server.get_or_init(|| Embedded::start(&[])).target(),
    };
    let events = embedded::run(spec, vec![rule], target, &embedded::quick());
    let finished = events.iter().find_map(|event| match event {
        // The rule itself comes first; what follows are laws.
        Event::RuleFinished(finished) => Some(finished),
        _ => None,
    });
    let Some(finished) = finished else {
        return Err(Failed::from("the run ended without a verdict"));
    };
    match finished.verdict {
        Verdict::Conforms | Verdict::Variance | Verdict::Waived => Ok(Completion::Completed),
        Verdict::Skipped => Ok(Completion::ignored_with(finished.reason.clone())),
        Verdict::Inconclusive | Verdict::Deviates => Err(Failed::from(shown(&events))),
    }
}

fn shown(events: &[Event]) -> String {
    let mut text = Vec::new();
    let mut report = Terminal::new(&mut text, TerminalOptions::default());
    for event in events {
        let _ = report.event(event);
    }
    drop(report);
    String::from_utf8_lossy(&text).into_owned()
}
