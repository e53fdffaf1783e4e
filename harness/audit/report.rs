//! What an audit found, as data: serialised, it is the report for programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::spec::place::Location;
use crate::verdict::finding::Finding;

/// The version of the report; it grows when a member changes its meaning or goes away.
pub const REPORT_VERSION: u32 = 1;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditReport {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// Files that were judged.
    pub files: usize,
    /// Exchanges in them.
    pub interactions: usize,
    /// How often each rule was asked: laws as `law/NAME`, the claims of states as `state/MACHINE.STATE`.
    pub asked: BTreeMap<String, usize>,
    /// Laws that no exchange fits.
    pub unasked: Vec<String>,
    /// Laws that only a run can ask, because they need requests of their own.
    pub run_only: usize,
    /// What must not be, in the order of the recordings.
    pub deviations: Vec<Difference>,
    /// What is accepted or only recommended otherwise, by rule and reason.
    pub variances: Vec<Variance>,
    /// States that answers named, as `MACHINE.STATE`, with how often.
    pub states: BTreeMap<String, usize>,
    /// Error codes that answers named, by code.
    pub errors: BTreeMap<String, SeenError>,
    /// What was not judged, or not as it was recorded, with the reason.
    pub limits: Vec<Limit>,
}

/// Where an exchange stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// The number of the exchange in the file, from 1.
    pub number: usize,
    /// The line it begins at, from 1.
    pub line: usize,
    /// Method and address of the request, secrets taken out.
    pub request: String,
    /// The status of the answer.
    pub status: Option<u16>,
}

/// A rule that does not hold in an exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The exchange.
    pub spot: Spot,
    /// The rule, as in [`AuditReport::asked`].
    pub rule: String,
    /// Where the rule stands in the specification.
    pub stands: Location,
    /// What the rule stands on, in words.
    pub source: String,
    /// The differences, secrets taken out.
    pub findings: Vec<Finding>,
}

/// A rule that holds by an alternative, or that is only recommended and does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variance {
    /// The rule, as in [`AuditReport::asked`].
    pub rule: String,
    /// Why it is accepted.
    pub reason: String,
    /// Where the rule stands in the specification.
    pub stands: Location,
    /// Each exchange with its differences; an alternative has none.
    pub seen: Vec<VarianceSeen>,
}

/// A variance in one exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VarianceSeen {
    /// The exchange.
    pub spot: Spot,
    /// The differences to the recommendation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// An error code that answers named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeenError {
    /// How often.
    pub count: usize,
    /// Its title in the catalogue; nothing where it is not published.
    pub title: Option<String>,
}

/// What was not judged, or not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What and why.
    pub reason: String,
    /// In how many exchanges.
    pub count: usize,
    /// The first of them.
    pub first: Spot,
}

impl AuditReport {
    /// Whether nothing deviates.
    #[must_use]
    pub fn conforms(&self) -> bool {
        self.deviations.is_empty()
    }

    /// The exit code of the program: 0 where nothing deviates, else 1. Unreadable input is 2, and is not a report.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.conforms())
    }
}
