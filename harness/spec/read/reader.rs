//! What all readers share: a cursor over a map that reports unknown and missing keys, and the reading of simple nodes.

use indexmap::IndexMap;

use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::model::{Basis, Level, Located, Source, Standing};
use crate::spec::place::Place;
use crate::spec::tree::{Key, Node, NodeKind};
use crate::spec::value::Duration;
use crate::wire::pointer::{Pointer, Step};

/// Collects problems while trees become types.
pub(crate) struct Reader<'a> {
    pub(crate) diagnostics: &'a mut Diagnostics,
}

/// A map whose keys have been checked.
pub(crate) struct Fields<'n> {
    pub(crate) node: &'n Node,
}

impl<'n> Fields<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    pub(crate) fn place(&self) -> Place {
        self.node.place
    }
}

impl Reader<'_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let problem = Diagnostic::error("wrong-type", node.place, format!("expected {expected}"))
            .label(format!("this is {}", node.describe()));
        let quotable = node.scalar().filter(|scalar| expected == "a text" && !scalar.is_null());
        self.report(match quotable {
            Some(scalar) => problem.help(format!("in quotes it is a text: `\"{scalar}\"`")),
            None => problem,
        });
    }

    /// The map, with a report for each key that is not allowed and each required one that is not there.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        required: &[&str],
        optional: &[&str],
    ) -> Option<Fields<'n>> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, &format!("{what}, which is a map"));
            return None;
        };
        for (key, _) in entries {
            if !required.contains(&key.text.as_str()) && !optional.contains(&key.text.as_str()) {
                self.unknown_key(key, what, required.iter().chain(optional).copied());
            }
        }
        for name in required {
            if node.get(name).is_none() {
                self.missing_key(node.place, what, name);
            }
        }
        Some(Fields { node })
    }

    fn missing_key(&mut self, place: Place, what: &str, name: &str) {
        self.report(if name == "source" {
            Diagnostic::error("missing-source", place, format!("{what} needs a `source`"))
                .label("nothing says what it stands on")
                .help("name an entry of `sources.yaml`, such as `source: {page: authn, lines: 53-61}`")
        } else {
            Diagnostic::error("missing-key", place, format!("{what} needs the key `{name}`"))
                .label(format!("there is no `{name}`"))
        });
    }

    pub(crate) fn unknown_key<'c>(&mut self, key: &Key, what: &str, choices: impl Iterator<Item = &'c str>) {
        self.report(
            Diagnostic::error("unknown-key", key.place, format!("`{}` is not a key of {what}", key.text))
                .label("unknown key")
                .choices(&key.text, choices),
        );
    }

    pub(crate) fn text(&mut self, node: &Node) -> Option<String> {
        if let Some(text) = node.text() {
            return Some(text.to_owned());
        }
        self.wrong_type(node, "a text");
        None
    }

    pub(crate) fn name(&mut self, node: &Node) -> Option<Located<String>> {
        self.text(node).map(|value| Located { value, place: node.place })
    }

    /// A text, or a list of texts.
    pub(crate) fn names(&mut self, node: &Node) -> Vec<Located<String>> {
        match &node.kind {
            NodeKind::List(elements) => elements.iter().filter_map(|element| self.name(element)).collect(),
            NodeKind::Map(_) => {
                self.wrong_type(node, "a text, or a list of texts");
                Vec::new()
            }
            NodeKind::Scalar(_) => self.name(node).into_iter().collect(),
        }
    }

    pub(crate) fn boolean(&mut self, node: &Node) -> bool {
        match node.scalar().and_then(serde_json::Value::as_bool) {
            Some(value) => value,
            None => {
                self.wrong_type(node, "`true` or `false`");
                false
            }
        }
    }

    pub(crate) fn whole_number(&mut self, node: &Node) -> Option<i64> {
        let number = node.scalar().and_then(serde_json::Value::as_i64);
        if number.is_none() {
            self.wrong_type(node, "a whole number");
        }
        number
    }

    pub(crate) fn count(&mut self, node: &Node) -> Option<usize> {
        let number = self.whole_number(node)?;
        let count = usize::try_from(number).ok();
        if count.is_none() {
            self.wrong_type(node, "a number that is not negative");
        }
        count
    }

    pub(crate) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let text = self.text(node)?;
        let duration = Duration::parse(&text);
        if duration.is_none() {
            self.report(
                Diagnostic::error("bad-duration", node.place, format!("`{text}` is not a span of time"))
                    .label("expected a number and its unit, without a blank")
                    .help("write such as `30s`, `5m`, `2h` or `90d`"),
            );
        }
        duration
    }

    pub(crate) fn pointer(&mut self, node: &Node, roots: &[&str]) -> Option<Pointer> {
        let text = self.text(node)?;
        self.pointer_text(&text, node.place, roots)
    }

    pub(crate) fn pointer_text(&mut self, text: &str, place: Place, roots: &[&str]) -> Option<Pointer> {
        match Pointer::parse(text) {
            Ok(pointer) => {
                let root = pointer.root().unwrap_or("");
                if !roots.contains(&root) {
                    let choices: Vec<String> = roots.iter().map(|root| format!("/{root}")).collect();
                    self.report(
                        Diagnostic::error("bad-place", place, format!("no place starts with `/{root}` here"))
                            .label("unknown start of a place")
                            .choices(&format!("/{root}"), choices.iter().map(String::as_str)),
                    );
                    return None;
                }
                self.header_name(&pointer, text, place);
                return Some(pointer);
            }
            Err(problem) => self.report(
                Diagnostic::error("bad-place", place, format!("`{text}` is not a place"))
                    .label(problem)
                    .help("a place is a JSON Pointer such as `/body/status`, with `*` and `[name=value]`"),
            ),
        }
        None
    }

    /// Headers are kept in lower case, so that another spelling would never be found.
    fn header_name(&mut self, pointer: &Pointer, text: &str, place: Place) {
        let Some(Step::Name(name)) = pointer.steps.get(1).filter(|_| pointer.root() == Some("header")) else {
            return;
        };
        if name.chars().any(|c| c.is_ascii_uppercase()) {
            self.report(
                Diagnostic::error("bad-place", place, format!("`{text}` is never there"))
                    .label("names of headers are in lower case")
                    .help(format!("write `/header/{}`", name.to_ascii_lowercase())),
            );
        }
    }

    pub(crate) fn one_of<T>(
        &mut self,
        node: &Node,
        what: &str,
        choices: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.report(
                Diagnostic::error("unknown-choice", node.place, format!("`{text}` is no {what}"))
                    .label(format!("unknown {what}"))
                    .choices(&text, choices.iter().copied()),
            );
        }
        parsed
    }

    /// `source`, `basis` and `level`; what is not said comes from `inherited`.
    pub(crate) fn standing(&mut self, node: &Node, inherited: Option<&Standing>) -> Standing {
        let source = node.get("source").and_then(|source| self.source(source));
        let basis = node.get("basis").and_then(|basis| self.one_of(basis, "basis", &Basis::NAMES, Basis::parse));
        let level =
            node.get("level").and_then(|level| self.one_of(level, "level", &["must", "should", "may"], Level::parse));
        let own_basis = basis.or_else(|| source.as_ref().map(Source::basis));
        let basis = own_basis.or_else(|| inherited.map(|standing| standing.basis)).unwrap_or(Basis::Documented);
        let level = level.unwrap_or_else(|| match (own_basis, inherited) {
            (None, Some(standing)) => standing.level,
            _ => basis.level(),
        });
        Standing { source: source.or_else(|| inherited.and_then(|standing| standing.source.clone())), basis, level }
    }

    pub(crate) fn source(&mut self, node: &Node) -> Option<Source> {
        const KINDS: [&str; 9] =
            ["page", "openapi", "catalogue", "seed", "recorded", "sdk", "contract", "decision", "url"];
        const DETAILS: [&str; 6] = ["lines", "operation", "schema", "example", "note", "also"];
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map such as `{page: authn, lines: 53-61}`");
            return None;
        };
        let mut source: Option<Source> = None;
        let mut details = IndexMap::new();
        let mut also = Vec::new();
        for (key, value) in entries {
            match key.text.as_str() {
                "also" => match &value.kind {
                    NodeKind::List(elements) => {
                        also.extend(elements.iter().filter_map(|element| self.source(element)));
                    }
                    _ => also.extend(self.source(value)),
                },
                name if DETAILS.contains(&name) => {
                    let text = match &value.kind {
                        NodeKind::Scalar(serde_json::Value::String(text)) => text.clone(),
                        _ => value.to_json().to_string(),
                    };
                    details.insert(name.to_owned(), text);
                }
                name if KINDS.contains(&name) => {
                    let Some(id) = self.text(value) else { continue };
                    let found = Source {
                        kind: name.to_owned(),
                        id,
                        details: IndexMap::new(),
                        also: Vec::new(),
                        place: value.place,
                    };
                    if source.is_none() {
                        source = Some(found);
                    } else {
                        also.push(found);
                    }
                }
                _ => self.unknown_key(key, "a source", KINDS.iter().chain(&DETAILS).copied()),
            }
        }
        let Some(mut source) = source else {
            if entries
                .iter()
                .any(|(key, _)| !KINDS.contains(&key.text.as_str()) && !DETAILS.contains(&key.text.as_str()))
            {
                return None;
            }
            self.report(
                Diagnostic::error("missing-source", node.place, "this source names nothing to read")
                    .label("a kind of source and its id are missing")
                    .help("write such as `{page: authn, lines: 53-61}`")
                    .choices("", KINDS),
            );
            return None;
        };
        source.details = details;
        source.also = also;
        Some(source)
    }
}

impl Source {
    /// The basis of a claim that cites this source and says nothing else.
    #[must_use]
    pub fn basis(&self) -> Basis {
        match self.kind.as_str() {
            "recorded" => Basis::Recorded,
            "sdk" => Basis::Client,
            _ => Basis::Documented,
        }
    }
}
