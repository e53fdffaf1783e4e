//! `errors`, `sources` and `decisions` documents.

use indexmap::IndexMap;

use crate::spec::diagnostic::Diagnostic;
use crate::spec::model::{Decision, ErrorCode, ErrorVariant, Reach, SourceEntry};
use crate::spec::read::reader::Reader;
use crate::spec::tree::{Key, Node};

impl Reader<'_> {
    pub(crate) fn errors(&mut self, node: &Node) -> Vec<ErrorCode> {
        let Some(fields) = self.fields(node, "a list of errors", &["errors", "codes", "source"], &["title"]) else {
            return Vec::new();
        };
        let group = fields.get("errors").and_then(|name| self.text(name)).unwrap_or_default();
        let source = fields.get("source").and_then(|source| self.source(source));
        let Some(codes) = fields.get("codes") else {
            return Vec::new();
        };
        let Some(entries) = codes.entries() else {
            self.wrong_type(codes, "a map of error codes");
            return Vec::new();
        };
        let mut list = Vec::new();
        for (key, value) in entries {
            if let Some(mut code) = self.error_code(key, value, &group) {
                code.source = code.source.or_else(|| source.clone());
                list.push(code);
            }
        }
        list
    }

    fn error_code(&mut self, key: &Key, node: &Node, group: &str) -> Option<ErrorCode> {
        let fields = self.fields(
            node,
            "an error",
            &["title"],
            &["status", "summary", "reach", "since", "by", "or", "source", "note"],
        )?;
        let redirect = fields
            .get("by")
            .and_then(|by| self.one_of(by, "way", &["redirect"], |text| (text == "redirect").then_some(())))
            .is_some();
        let status = fields.get("status").and_then(|status| self.http_status(status));
        if status.is_none() && !redirect {
            self.report(
                Diagnostic::error("missing-key", key.place, format!("the error `{}` needs the key `status`", key.text))
                    .label("there is no `status`")
                    .help("an error that comes in a redirect has none; it says `by: redirect`"),
            );
        }
        Some(ErrorCode {
            code: key.text.clone(),
            group: group.to_owned(),
            title: fields.get("title").and_then(|title| self.text(title)).unwrap_or_default(),
            status,
            summary: fields.get("summary").and_then(|summary| self.text(summary)),
            reach: fields.get("reach").and_then(|reach| self.one_of(reach, "reach", &Reach::NAMES, Reach::parse)),
            since: fields.get("since").and_then(|since| self.text(since)),
            redirect,
            or: fields.get("or").map_or_else(Vec::new, |or| self.error_variants(or)),
            source: fields.get("source").and_then(|source| self.source(source)),
            place: key.place,
        })
    }

    fn http_status(&mut self, node: &Node) -> Option<u16> {
        let number = self.whole_number(node)?;
        let status = u16::try_from(number).ok().filter(|status| (100..600).contains(status));
        if status.is_none() {
            self.report(
                Diagnostic::error("bad-status", node.place, format!("{number} is not an HTTP status"))
                    .label("expected a number from 100 to 599"),
            );
        }
        status
    }

    fn error_variants(&mut self, node: &Node) -> Vec<ErrorVariant> {
        let Some(elements) = node.elements() else {
            self.wrong_type(node, "a list of alternatives");
            return Vec::new();
        };
        let mut variants = Vec::new();
        for element in elements {
            let Some(fields) =
                self.fields(element, "an alternative of an error", &["because"], &["status", "title", "summary"])
            else {
                continue;
            };
            let Some(because) = fields.get("because").and_then(|because| self.name(because)) else {
                continue;
            };
            variants.push(ErrorVariant {
                status: fields.get("status").and_then(|status| self.http_status(status)),
                title: fields.get("title").and_then(|title| self.text(title)),
                summary: fields.get("summary").and_then(|summary| self.text(summary)),
                because,
            });
        }
        variants
    }

    pub(crate) fn sources(&mut self, node: &Node) -> IndexMap<String, SourceEntry> {
        let mut sources = IndexMap::new();
        for (key, value) in self.named(node, "sources") {
            let Some(fields) =
                self.fields(value, "a source", &["kind", "title", "address"], &["revision", "date", "note"])
            else {
                continue;
            };
            let mut text = |name: &str| fields.get(name).and_then(|node| self.text(node));
            sources.insert(
                key.text.clone(),
                SourceEntry {
                    kind: text("kind").unwrap_or_default(),
                    title: text("title").unwrap_or_default(),
                    address: text("address").unwrap_or_default(),
                    revision: text("revision"),
                    date: text("date"),
                    place: key.place,
                },
            );
        }
        sources
    }

    pub(crate) fn decisions(&mut self, node: &Node) -> IndexMap<String, Decision> {
        let mut decisions = IndexMap::new();
        for (key, value) in self.named(node, "decisions") {
            let Some(fields) = self.fields(value, "a decision", &["title", "stand", "why"], &["sources"]) else {
                continue;
            };
            let sources = match fields.get("sources").map(|sources| (sources, sources.elements())) {
                None => Vec::new(),
                Some((_, Some(elements))) => elements.iter().filter_map(|element| self.source(element)).collect(),
                Some((single, None)) => self.source(single).into_iter().collect(),
            };
            let mut text = |name: &str| fields.get(name).and_then(|node| self.text(node)).unwrap_or_default();
            decisions.insert(
                key.text.clone(),
                Decision { title: text("title"), stand: text("stand"), why: text("why"), sources, place: key.place },
            );
        }
        decisions
    }

    fn named<'n>(&mut self, node: &'n Node, name: &str) -> &'n [(Key, Node)] {
        let Some(fields) = self.fields(node, "this document", &[name], &[]) else {
            return &[];
        };
        let Some(inner) = fields.get(name) else {
            return &[];
        };
        match inner.entries() {
            Some(entries) => entries,
            None => {
                self.wrong_type(inner, "a map");
                &[]
            }
        }
    }
}
