//! The events of a run: the only thing that reports see. Serialised, they are the event log (`--report json=FILE`), version
//! [`LOG_VERSION`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::plan::rules::RuleKind;
use crate::spec::model::{Basis, Level};
use crate::spec::place::Location;
use crate::verdict::finding::{Finding, Verdict};
use crate::wire::exchange::Exchange;

/// The version of the event log; it grows when a member changes its meaning or goes away.
pub const LOG_VERSION: u32 = 1;

/// Something that happened in a run. Secrets are taken out before an event is emitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins.
    RunStarted(RunStarted),
    /// A case came to its end; for progress.
    CaseFinished(CaseFinished),
    /// All that a run knows of one rule.
    RuleFinished(Box<RuleFinished>),
    /// Something that was made could not be unmade.
    LeftBehind(LeftBehind),
    /// The run ends.
    RunFinished(Box<RunFinished>),
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// [`LOG_VERSION`].
    pub version: u32,
    /// The version of the program.
    pub program: String,
    /// The address of the target.
    pub target: String,
    /// Whether it is the embedded reference server.
    pub embedded: bool,
    /// The seed.
    pub seed: String,
    /// What everything made in this run is named with.
    pub mark: String,
    /// Rules that were selected.
    pub rules: usize,
    /// Cases that are planned.
    pub cases: usize,
    /// RFC 3339.
    pub at: String,
    /// `--strict`: variances deviate.
    pub strict: bool,
    /// What the command line said that a replay has to be told again, word by word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<String>,
}

/// A case came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseFinished {
    /// The rule.
    pub rule: String,
    /// What replays the case.
    pub key: String,
    /// Its own verdict.
    pub verdict: Verdict,
    /// Exchanges it took, shrinking included.
    pub exchanges: usize,
}

/// All that a run knows of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleFinished {
    /// Its full name, such as `authn/sign-in.locked-out`.
    pub rule: String,
    /// Its kind.
    pub kind: RuleKind,
    /// What it claims, one sentence.
    pub claim: String,
    /// Where it stands in the specification.
    pub stands: Location,
    /// What it stands on, in words, with an address where there is one.
    pub source: String,
    /// The kind of evidence.
    pub basis: Basis,
    /// How strong the claim is.
    pub level: Level,
    /// The verdict.
    pub verdict: Verdict,
    /// Why: for skipped, inconclusive and waived rules.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// For inconclusive rules: the rule to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<String>,
    /// Cases that ran.
    pub cases: usize,
    /// Exchanges they took; for laws, exchanges that they were asked of.
    pub exchanges: usize,
    /// Milliseconds over all cases.
    pub took: u64,
    /// Alternatives that were taken, with how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variances: BTreeMap<String, usize>,
    /// The case that shows it best, for every verdict but `conforms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Counterexample>,
}

/// A case that does not conform, made as small as the budget allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counterexample {
    /// What replays it: `oktaspec replay KEY`.
    pub key: String,
    /// The differences.
    pub findings: Vec<Finding>,
    /// The way to the exchange in question, one step a line.
    pub way: Vec<String>,
    /// The exchanges of the case, secrets taken out; the last is the one in question unless `at` says otherwise.
    pub exchanges: Vec<Exchange>,
    /// Index of the exchange in question.
    pub at: usize,
    /// What was drawn.
    pub drawn: BTreeMap<String, serde_json::Value>,
    /// How small it is: `minimal`, or why not.
    pub shrunk: String,
}

/// Something that could not be unmade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// The machine.
    pub machine: String,
    /// Its name or login and its id.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// Rules by verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Cases that ran.
    pub cases: usize,
    /// Requests that were sent.
    pub exchanges: usize,
    /// Milliseconds.
    pub took: u64,
    /// What was covered and what not.
    pub coverage: Coverage,
    /// Whether the run was stopped early, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// What was covered and what not.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// States of machines, as `machine.STATE`.
    pub states: Covered,
    /// Transitions.
    pub transitions: Covered,
    /// Outcomes.
    pub outcomes: Covered,
    /// Errors of the catalogue.
    pub errors: Covered,
}

/// One kind of thing that can be covered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Covered {
    /// What was seen, with how often.
    pub seen: BTreeMap<String, usize>,
    /// What was not seen, with the reason.
    pub unseen: BTreeMap<String, String>,
}
