//! The event log: one JSON document a line, each an [`Event`], the first of them `run-started` with the version. A line is written
//! and flushed as soon as the event happens, so that a run that is killed keeps what it knew.

use std::io::{self, Write};

use crate::report::Report;
use crate::run::event::{Event, LOG_VERSION};

/// Writes the event log.
#[derive(Debug)]
pub struct Log<W> {
    writer: W,
}

impl<W: Write> Log<W> {
    /// A log that writes to the writer.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl<W: Write> Report for Log<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        self.writer.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Why an event log cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A line is no event.
    #[error("line {line} of the event log is no event: {source}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The log does not begin with the start of a run.
    #[error("line {line} of the event log is expected to be `run-started`; is this an event log of oktaspec?")]
    Start {
        /// The line, from 1.
        line: usize,
    },
    /// There is nothing in the log.
    #[error("the event log is empty")]
    Empty,
    /// The log is of a version that this program does not know.
    #[error("the event log has version {found}, expected {LOG_VERSION}")]
    Version {
        /// The version of the log.
        found: u64,
    },
}

/// Reads an event log. A last line that was not written to its end, as a killed run leaves it, is left out.
///
/// # Errors
/// The first line that is no event of this version.
pub fn read(text: &str) -> Result<Vec<Event>, LogError> {
    let mut events = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        if events.is_empty() {
            check_start(line, number)?;
        }
        match serde_json::from_str(line) {
            Ok(event) => events.push(event),
            Err(_) if is_torn(text, number) && !events.is_empty() => {}
            Err(source) => return Err(LogError::Line { line: number, source }),
        }
    }
    if events.is_empty() { Err(LogError::Empty) } else { Ok(events) }
}

/// Looks at the version first: events of another version may not be readable at all.
fn check_start(line: &str, number: usize) -> Result<(), LogError> {
    let start: serde_json::Value =
        serde_json::from_str(line).map_err(|source| LogError::Line { line: number, source })?;
    if start["event"] != "run-started" {
        return Err(LogError::Start { line: number });
    }
    match start["version"].as_u64() {
        Some(found) if found != u64::from(LOG_VERSION) => Err(LogError::Version { found }),
        _ => Ok(()),
    }
}

fn is_torn(text: &str, number: usize) -> bool {
    !text.ends_with('\n') && text.lines().count() == number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::run::event::CaseFinished;
    use crate::verdict::finding::Verdict;

    fn events() -> Vec<Event> {
        let mut finished = sample::finished();
        finished.verdicts.insert(Verdict::Deviates, 1);
        let mut silent = sample::deviating("a/a.silent");
        silent.example.as_mut().unwrap().exchanges[0].answer = Err("refused".into());
        let case =
            CaseFinished { rule: "a/a.a".into(), key: "k\n\u{1b}".into(), verdict: Verdict::Variance, exchanges: 3 };
        vec![
            Event::RunStarted(sample::run()),
            Event::CaseFinished(case),
            sample::event(sample::deviating("a/a.broken")),
            sample::event(silent),
            sample::event(sample::waiting("a/a.waits", "a/a.broken")),
            sample::left_behind(),
            Event::RunFinished(Box::new(finished)),
        ]
    }

    fn written(events: &[Event]) -> String {
        let mut output = Vec::new();
        let mut log = Log::new(&mut output);
        for event in events {
            log.event(event).unwrap();
        }
        log.finish().unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = written(&events());
        assert_eq!(text.lines().count(), events().len());
        assert_eq!(read(&text).unwrap(), events());
    }

    #[test]
    fn a_killed_run_keeps_what_it_knew() {
        let text = written(&events());
        let torn = &text[..text.len() - 20];
        assert_eq!(read(torn).unwrap(), events()[..events().len() - 1]);
    }

    #[test]
    fn errors_name_the_line() {
        let text = written(&events()).replacen("\"case-finished\"", "\"nothing-known\"", 1);
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with("line 2 of the event log is no event: unknown variant `nothing-known`"), "{error}");
        assert_eq!(read("").unwrap_err().to_string(), "the event log is empty");
        assert!(read("{\"event\":").unwrap_err().to_string().starts_with("line 1 "));
        assert!(read("{\"log\": {}}\n").unwrap_err().to_string().contains("expected to be `run-started`"));
    }

    #[test]
    fn other_versions_are_refused() {
        let text = written(&events()).replacen("\"version\":1", "\"version\":7", 1);
        assert_eq!(read(&text).unwrap_err().to_string(), "the event log has version 7, expected 1");
    }
}
