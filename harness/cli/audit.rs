//! `oktaspec audit`.

use crate::cli::arguments::AuditArguments;
use crate::cli::{End, complain};

/// Judges recordings.
pub(crate) fn audit(_arguments: &AuditArguments) -> End {
    complain("audit is not wired yet");
    End::Usage
}
