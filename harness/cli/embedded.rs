//! Runs without a command line: rules against a target, the events as a list. For tests, and for the `run` command itself.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use okta_reference::{Config, HOOKS_PREFIX, Server};
use serde_json::Value as Json;

use crate::exchange::transport::{Transport, TransportOptions};
use crate::plan::rules::Rule;
use crate::run::event::Event;
use crate::run::orchestrate::{self, Order};
use crate::run::record::Record;
use crate::run::target::{Options, Target};
use crate::spec::model::Spec;

/// The embedded reference server with a runtime of its own; it stops when this is dropped.
pub struct Embedded {
    server: Server,
    // Dropped after the server, which needs it.
    _runtime: tokio::runtime::Runtime,
}

impl Embedded {
    /// Starts it with defects.
    ///
    /// # Panics
    /// Where it cannot be started.
    #[must_use]
    pub fn start(defects: &[&str]) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
        let config = Config {
            hooks: true,
            defects: defects.iter().map(|name| (*name).to_owned()).collect(),
            ..Config::default()
        };
        let server = runtime
            .block_on(Server::start(config))
            .unwrap_or_else(|error| panic!("the reference server starts: {error}"));
        Self { server, _runtime: runtime }
    }

    /// What is known of it.
    #[must_use]
    pub fn target(&self) -> Target {
        target(&self.server)
    }
}

/// What is known of an embedded reference server.
#[must_use]
pub fn target(server: &Server) -> Target {
    Target {
        url: server.url().to_owned(),
        token: Some(server.token().to_owned()),
        embedded: true,
        disposable: true,
        stated: BTreeMap::from([
            ("org.engine".to_owned(), Json::from("classic")),
            ("org.enumeration-prevention".to_owned(), Json::from(false)),
        ]),
        hooks: Some(format!("{}{HOOKS_PREFIX}", server.url())),
        patience: None,
        waivers: Vec::new(),
    }
}

/// Options of a quick run: one case of everything, nothing made smaller.
#[must_use]
pub fn quick() -> Options {
    Options {
        seed: "quick".to_owned(),
        cases: 1,
        jobs: 32,
        shrink_budget: 0,
        strict: false,
        today: "2026-01-01".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        mark: fresh_mark(),
        trail: String::new(),
        again: Vec::new(),
    }
}

/// A mark that no other run of these days has.
#[must_use]
pub fn fresh_mark() -> String {
    let now = jiff::Timestamp::now().as_nanosecond().unsigned_abs() / 1_000;
    format!("oktaspec-{}", base36(now % 2_176_782_336))
}

/// A number in digits and letters.
#[must_use]
pub(crate) fn base36(mut number: u128) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// Runs rules against a target and gives every event.
///
/// # Panics
/// Where the target's address is none.
#[must_use]
pub fn run(spec: &Spec, rules: Vec<Rule>, target: Target, options: &Options) -> Vec<Event> {
    record(spec, rules, target, options).0
}

/// Runs rules against a target and gives every event and record.
///
/// # Panics
/// Where the target's address is none.
#[must_use]
pub fn record(spec: &Spec, rules: Vec<Rule>, target: Target, options: &Options) -> (Vec<Event>, Vec<Record>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let transport = Transport::new(TransportOptions {
        token: target.token.clone(),
        timeout: Duration::from_secs(30),
        ..TransportOptions::new(target.url.clone())
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let mut events = Vec::new();
    let order = Order { spec, rules, only: None };
    let stopping = Rc::new(Cell::new(false));
    let records =
        runtime.block_on(orchestrate::run(order, target, options.clone(), transport, stopping, &mut |event| {
            events.push(event)
        }));
    (events, records)
}
