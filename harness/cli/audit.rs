//! `oktaspec audit`.

use crate::audit;
use crate::cli::arguments::AuditArguments;
use crate::cli::{End, colour, complain, load};

/// Judges recordings.
pub(crate) fn audit(arguments: &AuditArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let mut written_to = Vec::new();
    for wanted in &arguments.report {
        let Some(path) = wanted.strip_prefix("json=").filter(|path| !path.is_empty()) else {
            complain(&format!("`{wanted}` is not a report of an audit; expected `json=FILE`"));
            return End::Usage;
        };
        written_to.push(path);
    }
    let mut files = Vec::new();
    let mut unreadable = false;
    for path in &arguments.files {
        let shown = path.display().to_string();
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                complain(&format!("{shown} cannot be read: {error}"));
                unreadable = true;
                continue;
            }
        };
        match audit::read(&shown, &text) {
            Ok(recorded) => files.push(recorded),
            Err(problems) => {
                unreadable = true;
                for problem in problems {
                    complain(&problem.to_string());
                }
            }
        }
    }
    if files.is_empty() {
        return End::Usage;
    }
    let report = audit::audit(&spec, &files);
    anstream::print!("{}", audit::render(&report, colour()));
    for path in written_to {
        let written = serde_json::to_string_pretty(&report)
            .map_err(std::io::Error::other)
            .and_then(|text| std::fs::write(path, text + "\n"));
        if let Err(error) = written {
            complain(&format!("the report {path} cannot be written: {error}"));
            return End::Usage;
        }
    }
    match (unreadable, report.conforms()) {
        (true, _) => End::Usage,
        (false, false) => End::Deviates,
        (false, true) if report.interactions == 0 => End::NothingRan,
        (false, true) => End::Conforms,
    }
}
