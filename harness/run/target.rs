//! What a run knows of its target before it asks: where it is, what it may do there, what nobody can read.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

/// The endpoint that is tested.
#[derive(Clone)]
pub struct Target {
    /// The address without a slash at the end.
    pub url: String,
    /// The API token.
    pub token: Option<String>,
    /// Whether it is the embedded reference server.
    pub embedded: bool,
    /// Whether things may be created, changed, locked and deleted there.
    pub disposable: bool,
    /// What was said by hand, by `machine.fact`.
    pub stated: BTreeMap<String, Json>,
    /// Where its hooks are.
    pub hooks: Option<String>,
    /// How long a wait may take where there is no clock hook.
    pub patience: Option<Duration>,
    /// What is not held against it.
    pub waivers: Vec<Waiver>,
}

/// A rule that is not held against the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The name of the rule; `*` at the end stands for anything.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// The last day, as `2027-03-01`.
    pub until: Option<String>,
}

impl Waiver {
    /// Whether it speaks of a rule.
    #[must_use]
    pub fn covers(&self, rule: &str) -> bool {
        match self.rule.strip_suffix('*') {
            Some(start) => rule.starts_with(start),
            None => self.rule == rule,
        }
    }

    /// Whether it holds on a day, `2026-11-21`.
    #[must_use]
    pub fn holds_on(&self, day: &str) -> bool {
        self.until.as_deref().is_none_or(|until| day <= until)
    }
}

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seed.
    pub seed: String,
    /// How often what can be drawn is drawn.
    pub cases: usize,
    /// How many cases run at a time.
    pub jobs: usize,
    /// Exchanges that making one case smaller may take.
    pub shrink_budget: usize,
    /// Whether variances deviate.
    pub strict: bool,
    /// The day, `2026-11-21`, for waivers.
    pub today: String,
    /// When the run began, RFC 3339.
    pub started_at: String,
    /// What everything made in this run is named with.
    pub mark: String,
    /// For a replay: the steps of shrinking.
    pub trail: String,
    /// What a replay of one of its cases has to be told again, word by word.
    pub again: Vec<String>,
}
