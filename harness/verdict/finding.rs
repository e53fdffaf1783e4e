//! What judging finds: single differences, and the verdict of a rule.

use serde::{Deserialize, Serialize};

use crate::spec::model::Level;
use crate::spec::place::Location;

/// One difference between what was expected and what came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The place in the answer, as a JSON Pointer.
    pub pointer: String,
    /// What was expected there.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// How strong the claim is.
    pub level: Level,
    /// The line of the specification that demands it.
    pub demanded_by: Location,
}

/// What is known of a rule after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything was as claimed.
    Conforms,
    /// As claimed, but by an alternative, or but for a `should`.
    Variance,
    /// A deviation, or a variance, that the target file waives.
    Waived,
    /// Nothing ran, with the reason.
    Skipped,
    /// A step of the way failed, or there was no answer.
    Inconclusive,
    /// A `must` does not hold.
    Deviates,
}

impl Verdict {
    /// The words of the reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::Variance => "conforms with a variance",
            Self::Waived => "waived",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
            Self::Deviates => "deviates",
        }
    }
}
