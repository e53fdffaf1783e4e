//! An operation that didn't succeed: a catalogue entry, its texts and how early it was refused.
//!
//! The envelope's exact form on the wire is put together in `answer`.

use crate::catalogue::{self, Problem};
use crate::limits::Reading;

/// How far a request got before it was refused; it decides which headers the answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Refused before routing: neither request id nor rate limit headers.
    Nothing,
    /// Refused by the gate in front of the API: no cache headers.
    Gate,
    /// Refused by an operation: every header.
    Operation,
}

/// A refused request.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The code of the catalogue.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The summary with its placeholders filled.
    pub(crate) summary: String,
    /// The texts of the causes.
    pub(crate) causes: Vec<String>,
    /// Whether the answer asks for an API token.
    pub(crate) challenge: bool,
    /// How far the request got.
    pub(crate) reached: Reached,
    /// The limit that was exceeded, if it isn't that of the endpoint.
    pub(crate) reading: Option<Reading>,
}

impl Failure {
    /// The failure that a catalogue entry describes, without causes.
    pub(crate) fn of(problem: &Problem) -> Self {
        Self {
            code: problem.code,
            status: problem.status,
            summary: problem.summary.to_owned(),
            causes: Vec::new(),
            challenge: false,
            reached: Reached::Operation,
            reading: None,
        }
    }

    /// Fills the placeholder of the summary.
    pub(crate) fn about(mut self, subject: &str) -> Self {
        self.summary = self.summary.replace("{0}", subject);
        self
    }

    /// Adds a cause.
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Marks how far the request got.
    pub(crate) fn at(mut self, reached: Reached) -> Self {
        self.reached = reached;
        self
    }

    /// Names the limit that was exceeded.
    pub(crate) fn with_reading(mut self, reading: Reading) -> Self {
        self.reading = Some(reading);
        self
    }

    /// A member of the request is wrong.
    pub(crate) fn validation(subject: &str, cause: impl Into<String>) -> Self {
        Self::of(&catalogue::VALIDATION).about(subject).because(cause)
    }

    /// A required member is missing.
    pub(crate) fn blank(member: &str) -> Self {
        Self::validation(member, format!("{member}: The field cannot be left blank"))
    }

    /// A resource that doesn't exist.
    pub(crate) fn missing(identifier: &str, kind: &str) -> Self {
        Self::of(&catalogue::NOT_FOUND).about(&format!("Resource not found: {identifier} ({kind})"))
    }
}
