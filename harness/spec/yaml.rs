//! YAML text to located trees. The only file that knows the YAML crate; it resolves plain scalars itself, so that `no` and
//! `012345` stay texts.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span};
use serde_json::Value as Json;

use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::place::{Files, Place};
use crate::spec::tree::{Key, Node, NodeKind};

/// So many nodes may aliases repeat: a file that repeats more was made to fill the memory.
const MOST_REPEATED: usize = 1 << 20;

/// The documents of one file.
pub(crate) struct Documents {
    /// Those that could be read.
    pub(crate) read: Vec<Node>,
    /// Whether one of them could not.
    pub(crate) lost: bool,
}

/// The documents of one file. Syntax errors and duplicate keys are reported.
pub(crate) fn documents(files: &Files, file: usize, diagnostics: &mut Diagnostics) -> Documents {
    read(Reader { file, text: &files.file(file).text, diagnostics, anchors: None, repeated: 0 })
}

/// The documents of a file that another program wrote: tags are kept, aliases stand for what they repeat.
pub(crate) fn foreign_documents(files: &Files, file: usize, diagnostics: &mut Diagnostics) -> Documents {
    read(Reader { file, text: &files.file(file).text, diagnostics, anchors: Some(HashMap::new()), repeated: 0 })
}

fn read(mut reader: Reader<'_>) -> Documents {
    let mut parser = Parser::new_from_str(reader.text);
    let mut documents = Documents { read: Vec::new(), lost: false };
    loop {
        let lost = match parser.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => return documents,
            Some(Ok((Event::DocumentStart(..), _))) => match reader.next_node(&mut parser) {
                Some(Node { kind: NodeKind::Scalar(Json::Null), .. }) => false,
                Some(node) => {
                    documents.read.push(node);
                    false
                }
                None => true,
            },
            Some(Ok(_)) => false,
            Some(Err(error)) => {
                reader.syntax_error(&error);
                true
            }
        };
        documents.lost |= lost;
        if lost && !parser.proceed_next_document().unwrap_or(false) {
            return documents;
        }
    }
}

struct Reader<'a> {
    file: usize,
    text: &'a str,
    diagnostics: &'a mut Diagnostics,
    /// What aliases may repeat; nothing where they are not part of the language.
    anchors: Option<HashMap<usize, Node>>,
    /// Nodes that aliases have repeated.
    repeated: usize,
}

type Events<'a> = Parser<'a, granit_parser::StrInput<'a>>;

impl<'a> Reader<'a> {
    fn syntax_error(&mut self, error: &granit_parser::ScanError) {
        let marker = error.marker();
        let start = marker.byte_offset().unwrap_or(0).min(self.text.len());
        let end = self.text[start..].char_indices().nth(1).map_or(self.text.len(), |(offset, _)| start + offset);
        self.diagnostics.push(
            Diagnostic::error("yaml-syntax", Place { file: self.file, start, end }, "this is not YAML")
                .label(error.info())
                .help(syntax_help(error.kind())),
        );
    }

    fn place(&self, span: Span) -> Place {
        let start = span.start.byte_offset().unwrap_or(0);
        let end = span.end.byte_offset().unwrap_or(start).max(start);
        Place { file: self.file, start: start.min(self.text.len()), end: end.min(self.text.len()) }
    }

    fn next_event(&mut self, parser: &mut Events<'a>) -> Option<(Event<'a>, Span)> {
        loop {
            match parser.next_event()? {
                Ok((Event::Comment(..), _)) => {}
                Ok(event) => return Some(event),
                Err(error) => {
                    self.syntax_error(&error);
                    return None;
                }
            }
        }
    }

    fn next_node(&mut self, parser: &mut Events<'a>) -> Option<Node> {
        let (event, span) = self.next_event(parser)?;
        self.node(event, span, parser)
    }

    fn node(&mut self, event: Event<'a>, span: Span, parser: &mut Events<'a>) -> Option<Node> {
        let place = self.place(span);
        let tag = event.tag().map(ToString::to_string);
        let anchor = event.anchor_id();
        if self.anchors.is_none() && (tag.is_some() || anchor.is_some()) {
            self.diagnostics.push(
                Diagnostic::error("yaml-word", place, "tags (`!`) and anchors (`&`) are not part of the language")
                    .label("this has one")
                    .help("a text that starts with `!` or `&` needs quotes"),
            );
        }
        let mut node = match event {
            Event::Scalar(text, style, ..) => {
                let style = if tag.as_deref().is_some_and(is_text_tag) { ScalarStyle::DoubleQuoted } else { style };
                Node { kind: NodeKind::Scalar(resolve(&text, style)), place, tag: None }
            }
            Event::SequenceStart(..) => self.list(place, parser)?,
            Event::MappingStart(..) => self.map(place, parser)?,
            Event::Alias(anchor) => self.alias(anchor, place),
            _ => nothing(place),
        };
        node.tag = tag.or(node.tag);
        if let (Some(anchor), Some(anchors)) = (anchor, &mut self.anchors) {
            anchors.insert(anchor, node.clone());
        }
        Some(node)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Node {
        let repeats = self.anchors.as_ref().map(|anchors| anchors.get(&anchor));
        let problem = match repeats {
            Some(Some(node)) => {
                if self.repeated <= MOST_REPEATED {
                    self.repeated += node.size();
                    return Node { place, ..node.clone() };
                }
                Diagnostic::error("yaml-word", place, "this file repeats too much of itself by aliases (`*`)")
            }
            Some(None) => Diagnostic::error("yaml-word", place, "this alias repeats what it is part of"),
            None => Diagnostic::error("yaml-word", place, "aliases (`*`) are not part of the language")
                .help("write the value out, so that each rule can be read alone")
                .help("a text that starts with `*` needs quotes"),
        };
        self.diagnostics.push(problem.label("an alias"));
        nothing(place)
    }

    fn list(&mut self, mut place: Place, parser: &mut Events<'a>) -> Option<Node> {
        let mut elements: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next_event(parser)?;
            if matches!(event, Event::SequenceEnd) {
                place.end = self.container_end(place, span, elements.last().map(|node| node.place));
                return Some(Node { kind: NodeKind::List(elements), place, tag: None });
            }
            elements.push(self.node(event, span, parser)?);
        }
    }

    fn map(&mut self, mut place: Place, parser: &mut Events<'a>) -> Option<Node> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut first_places: HashMap<String, Place> = HashMap::new();
        loop {
            let (event, span) = self.next_event(parser)?;
            if matches!(event, Event::MappingEnd) {
                place.end = self.container_end(place, span, entries.last().map(|(_, node)| node.place));
                if let Some((first, _)) = entries.first() {
                    place.start = place.start.min(first.place.start);
                }
                return Some(Node { kind: NodeKind::Map(entries), place, tag: None });
            }
            let key = self.node(event, span, parser)?;
            let key = self.key(&key);
            let value = self.next_node(parser)?;
            if let Some(first) = first_places.get(&key.text) {
                self.diagnostics.push(
                    Diagnostic::error("duplicate-key", key.place, format!("`{}` stands twice in this map", key.text))
                        .label("the second one")
                        .context(*first, "the first one")
                        .help("keep one of the two; the second one is ignored"),
                );
                continue;
            }
            first_places.insert(key.text.clone(), key.place);
            entries.push((key, value));
        }
    }

    fn key(&mut self, node: &Node) -> Key {
        let text = match &node.kind {
            NodeKind::Scalar(Json::String(text)) => text.clone(),
            NodeKind::Scalar(other) => other.to_string(),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error("key-not-text", node.place, "a key is a text")
                        .label(format!("this is {}", node.describe())),
                );
                String::new()
            }
        };
        Key { text, place: node.place }
    }

    fn container_end(&self, place: Place, span: Span, last: Option<Place>) -> usize {
        let end = self.place(span).end;
        if self.text[place.start..].starts_with(['{', '[']) {
            return end.max(place.start);
        }
        last.map_or(place.end, |last| last.end)
    }
}

fn nothing(place: Place) -> Node {
    Node { kind: NodeKind::Scalar(Json::Null), place, tag: None }
}

/// Whether a scalar of the tag is a text, however it is written.
fn is_text_tag(tag: &str) -> bool {
    !["bool", "float", "int", "null"].iter().any(|name| tag.strip_prefix("tag:yaml.org,2002:") == Some(name))
}

fn syntax_help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => "indent with blanks, not with tabs",
        ErrorKind::RecursionLimitExceeded => "maps and lists are nested too deeply here",
        ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::UnclosedQuotedScalar => "it starts here and never ends",
        ErrorKind::InvalidColonPlacement => "a bracket or a quote in a line above may have no end",
        _ => "a text with `: ` or ` #` in it, or with one of `*&{[%@` in front, needs quotes",
    }
}

/// YAML 1.2 core schema for plain scalars, but for octal and leading zeros, which stay texts.
fn resolve(text: &str, style: ScalarStyle) -> Json {
    if style != ScalarStyle::Plain {
        return Json::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" => return Json::Null,
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let numeric =
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if numeric && !leading_zero {
        if let Ok(number) = text.parse::<i64>() {
            return Json::from(number);
        }
        if digits.matches('.').count() == 1
            && !digits.ends_with('.')
            && let Ok(number) = text.parse::<f64>()
        {
            return Json::from(number);
        }
    }
    Json::String(text.to_owned())
}
