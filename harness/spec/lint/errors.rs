//! The errors that a claim names: published, with their published status, and not among those that no request provokes.

use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::model::{Located, Status};

impl Lint<'_, '_> {
    /// Checks that an error is published, and for an outcome that a request can provoke it.
    pub(super) fn error_code(&mut self, error: &Located<String>, of_outcome: bool) {
        let Some(code) = self.spec.errors.get(&error.value) else {
            let message = format!("no error `{}` is published", error.value);
            let problem = Diagnostic::error("unknown-error", error.place, message).label("unknown error");
            let choices = self.spec.errors.keys().map(String::as_str);
            self.unknown(problem, &error.value, choices);
            return;
        };
        if let Some(reach) = code.reach.filter(|_| of_outcome) {
            let message = format!("an outcome provokes `{}`, which is said to be out of reach", error.value);
            let problem = Diagnostic::warning("reach-contradiction", error.place, message).label("provoked here");
            let context = format!("this says `reach: {}`", reach.name());
            self.report(problem.context(code.place, context).help("one of the two is wrong"));
        }
    }

    /// Checks that a status is one of those that the error is published with.
    pub(super) fn error_status(&mut self, status: Option<&Located<Status>>, error: Option<&Located<String>>) {
        let (Some(status), Some(error)) = (status, error) else { return };
        let Some(code) = self.spec.errors.get(&error.value) else { return };
        let accepted: Vec<u16> = code.status.into_iter().chain(code.or.iter().filter_map(|or| or.status)).collect();
        let Some(published) = accepted.first() else { return };
        if accepted.iter().any(|accepted| status.value.holds(*accepted)) {
            return;
        }
        let message = format!("{} comes with status {published}, not {}", error.value, status.value);
        let problem = Diagnostic::error("status-contradiction", status.place, message)
            .label(format!("expected {published}"))
            .context(code.place, format!("published with {published}"))
            .help("without `status` the published one is expected");
        self.report(match status.value {
            Status::Exactly(number) => problem.help(format!(
                "where {number} is known to come too, the error says so: `or: [{{status: {number}, because: …}}]`"
            )),
            _ => problem,
        });
    }
}
