//! Files of recorders to exchanges. A further format is a further entry of `FORMATS`; nothing after this file knows which it was.

use serde::{Deserialize, Serialize};

use crate::audit::page::Page;
use crate::audit::vcrpy;
use crate::spec::diagnostic::Diagnostics;
use crate::spec::place::Files;
use crate::spec::tree::Node;
use crate::spec::yaml;
use crate::wire::exchange::Exchange;

/// A recorded exchange and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The file, as it was named to [`read`].
    pub file: String,
    /// Its number in the file, from 1.
    pub number: usize,
    /// The line it begins at, from 1.
    pub line: usize,
    /// The exchange; `sent_at` is 0 where the recording does not say when it was.
    pub exchange: Exchange,
    /// The bodies that are no text, as they were recorded.
    pub unread: Vec<Unread>,
}

/// A body that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Whose body it is.
    pub part: Part,
    /// The bytes, as they were recorded.
    pub bytes: Vec<u8>,
    /// Why it cannot be judged, such as `packed with br`.
    pub reason: String,
}

/// One half of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The answer.
    Answer,
    /// The request.
    Request,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct AuditProblem {
    /// The file, as it was named to [`read`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// A format of recordings.
struct Format {
    /// What it is called.
    name: &'static str,
    /// Whether a file is of this format.
    fits: fn(&Node) -> bool,
    /// Reads the exchanges; nothing where that is not done yet.
    read: Option<fn(&Node, &mut Page<'_>) -> Vec<Recorded>>,
}

/// The formats, the first that fits counts.
const FORMATS: [Format; 4] = [
    Format { name: "a cassette of vcrpy", fits: vcrpy::fits, read: Some(vcrpy::read) },
    Format { name: "a cassette of go-vcr", fits: |root| root.get("interactions").is_some(), read: None },
    Format { name: "a cassette of VCR for Ruby", fits: |root| root.get("http_interactions").is_some(), read: None },
    Format { name: "an HTTP archive (HAR)", fits: |root| root.get("log").is_some(), read: None },
];

/// Reads the exchanges of a file; the path is only shown.
///
/// # Errors
/// Every problem of the file, in its order.
pub fn read(path: &str, text: &str) -> Result<Vec<Recorded>, Vec<AuditProblem>> {
    let mut files = Files::default();
    let index = files.add(path.to_owned(), text.trim_start_matches('\u{feff}').to_owned());
    let mut diagnostics = Diagnostics::default();
    let documents = yaml::foreign_documents(&files, index, &mut diagnostics).read;
    let mut page = Page::new(path, &files.file(index).text);
    for diagnostic in diagnostics.sorted() {
        let detail = if diagnostic.code == "yaml-syntax" { format!(": {}", diagnostic.label) } else { String::new() };
        page.problem_at(diagnostic.place.start, format!("{}{detail}", diagnostic.message));
    }
    let mut recorded = Vec::new();
    match documents.as_slice() {
        // What is no YAML has no members that could be missing.
        _ if !page.is_clean() => {}
        [] => page.problem_at(0, "expected a recording, but the file is empty".to_owned()),
        [root] => recorded = exchanges(root, &mut page),
        [_, second, ..] => page.problem(second, "expected one document, but here a second one begins"),
    }
    page.finish(recorded)
}

fn exchanges(root: &Node, page: &mut Page<'_>) -> Vec<Recorded> {
    let found = FORMATS.iter().find(|format| (format.fits)(root));
    if let Some(read) = found.and_then(|format| format.read) {
        return read(root, page);
    }
    let readable = FORMATS.iter().filter(|format| format.read.is_some()).map(|format| format.name);
    let readable = readable.collect::<Vec<_>>().join(" or ");
    page.problem(
        root,
        &match found {
            Some(format) => format!("expected {readable}, but this is {}, which cannot be read yet", format.name),
            None => format!("expected {readable}, but this is of another form"),
        },
    );
    Vec::new()
}
