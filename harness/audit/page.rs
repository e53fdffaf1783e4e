//! A file while it is read: turns nodes into lines, texts and bytes, and keeps every problem.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::audit::recorded::{AuditProblem, Recorded};
use crate::spec::tree::{Node, NodeKind};

/// A file and what is wrong with it.
pub(super) struct Page<'a> {
    path: &'a str,
    text: &'a str,
    /// Where each line starts.
    lines: Vec<usize>,
    problems: Vec<AuditProblem>,
}

impl<'a> Page<'a> {
    /// A file of which nothing is known yet.
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self { path, text, lines, problems: Vec::new() }
    }

    /// Whether no problem was found.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was read, or every problem.
    pub(super) fn finish(self, recorded: Vec<Recorded>) -> Result<Vec<Recorded>, Vec<AuditProblem>> {
        if self.problems.is_empty() { Ok(recorded) } else { Err(self.problems) }
    }

    /// The path, as it is shown.
    pub(super) fn path(&self) -> &str {
        self.path
    }

    /// The line that a node begins at, from 1.
    pub(super) fn line(&self, node: &Node) -> usize {
        self.lines.partition_point(|start| *start <= node.place.start)
    }

    /// Notes a problem with a node.
    pub(super) fn problem(&mut self, node: &Node, message: &str) {
        self.problem_at(node.place.start, message.to_owned());
    }

    /// Notes a problem at a byte.
    pub(super) fn problem_at(&mut self, byte: usize, message: String) {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..byte).map_or(1, |before| before.chars().count() + 1);
        self.problems.push(AuditProblem { file: self.path.to_owned(), line, column, message });
    }

    /// A member that has to be there.
    pub(super) fn member<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n Node> {
        let found = node.get(name);
        if found.is_none() {
            let actual = match node.entries() {
                Some(_) => "this map has none".to_owned(),
                None => format!("this is {}", node.describe()),
            };
            self.problem(node, &format!("expected a map with `{name}`, but {actual}"));
        }
        found
    }

    /// A text, also where it was written as a number or as bytes.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        self.bytes(node, what).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The bytes of a scalar: of a text, or what `!!binary` stands for. `null` has none.
    pub(super) fn bytes(&mut self, node: &Node, what: &str) -> Option<Vec<u8>> {
        match node.scalar() {
            None => {
                self.problem(node, &format!("expected {what}, but this is {}", node.describe()));
                None
            }
            Some(Json::Null) => Some(Vec::new()),
            Some(Json::String(text)) if is_binary(node) => self.decode(node, text),
            Some(Json::String(text)) => Some(text.clone().into_bytes()),
            Some(other) => Some(other.to_string().into_bytes()),
        }
    }

    /// The bytes that a text in base64 stands for.
    pub(super) fn decode(&mut self, node: &Node, text: &str) -> Option<Vec<u8>> {
        let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        match STANDARD.decode(packed) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let reason = error.to_string().to_lowercase().replace('.', "");
                self.problem(node, &format!("expected bytes in base64: {reason}"));
                None
            }
        }
    }

    /// Headers with names in lower case, one entry for each value.
    pub(super) fn headers(&mut self, node: Option<&Node>) -> Vec<(String, String)> {
        let Some(node) = node.filter(|node| node.scalar() != Some(&Json::Null)) else {
            return Vec::new();
        };
        let Some(entries) = node.entries() else {
            self.problem(node, &format!("expected a map of headers, but this is {}", node.describe()));
            return Vec::new();
        };
        let mut headers = Vec::new();
        for (name, value) in entries {
            let values = match &value.kind {
                NodeKind::List(values) => values.iter().collect(),
                _ => vec![value],
            };
            for value in values {
                if let Some(value) = self.text(value, "the value of a header") {
                    headers.push((name.text.to_ascii_lowercase(), value));
                }
            }
        }
        headers
    }
}

/// Whether a node is tagged as bytes in base64; Ruby writes `!binary`.
fn is_binary(node: &Node) -> bool {
    node.tag.as_deref().is_some_and(|tag| tag == "tag:yaml.org,2002:binary" || tag == "!binary")
}
