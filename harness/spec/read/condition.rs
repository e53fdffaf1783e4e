//! Trees to conditions.

use indexmap::IndexMap;

use crate::spec::condition::{Condition, JsonType, Pattern};
use crate::spec::diagnostic::Diagnostic;
use crate::spec::read::reader::Reader;
use crate::spec::read::value::ANSWER_ROOTS;
use crate::spec::tree::{Key, Node, NodeKind};

pub(crate) const WORDS: [&str; 18] = [
    "$in",
    "$not",
    "$at-least",
    "$at-most",
    "$within",
    "$older",
    "$pattern",
    "$prefix",
    "$type",
    "$same-as",
    "$each",
    "$some",
    "$count",
    "$after",
    "$lacks",
    "$only",
    "$origin",
    "$equals",
];
const WORDS_WITHOUT_MEMBERS: [&str; 8] =
    ["$at-least", "$at-most", "$within", "$older", "$pattern", "$prefix", "$after", "$origin"];
const PLAIN_WORDS: [&str; 2] = ["$present", "$absent"];
const VALUE_WORDS: [&str; 6] = ["$any", "$raw", "$upper", "$answer", "$sent", "$add"];

impl Reader<'_> {
    pub(crate) fn condition(&mut self, node: &Node) -> Condition {
        match &node.kind {
            NodeKind::Scalar(serde_json::Value::String(text)) if text.starts_with('$') && !text.starts_with("${") => {
                match text.as_str() {
                    "$present" | "$any" => Condition::Present,
                    "$absent" => Condition::Absent,
                    _ => {
                        self.report(
                            Diagnostic::error("unknown-word", node.place, format!("`{text}` is not a condition"))
                                .label("a text that starts with `$` is a word of the language")
                                .choices(text, PLAIN_WORDS),
                        );
                        Condition::Present
                    }
                }
            }
            NodeKind::Map(entries) => self.map_condition(entries),
            _ => Condition::Equals(self.value(node)),
        }
    }

    fn map_condition(&mut self, entries: &[(Key, Node)]) -> Condition {
        let mut all = Vec::new();
        let mut members = IndexMap::new();
        let prefix_except = entries
            .iter()
            .find(|(key, _)| key.text == "except")
            .filter(|_| entries.iter().any(|(key, _)| key.text == "$prefix"));
        for (key, node) in entries {
            if key.text == "$prefix" {
                let except = prefix_except
                    .map(|(_, node)| self.names(node))
                    .unwrap_or_default()
                    .into_iter()
                    .map(|name| name.value)
                    .collect();
                all.push(Condition::Prefix { prefix: self.text(node).unwrap_or_default(), except });
            } else if key.text == "except" && prefix_except.is_some() {
            } else if key.text.starts_with('$') {
                all.extend(self.word_condition(key, node));
            } else {
                self.member_beside(key, entries);
                members.insert(key.text.clone(), self.condition(node));
            }
        }
        if !members.is_empty() || all.is_empty() {
            all.push(Condition::Members(members));
        }
        if all.len() == 1 {
            return all.remove(0);
        }
        Condition::All(all)
    }

    /// Reports a member of a value that is asked to be a text or a number, which has none.
    fn member_beside(&mut self, member: &Key, entries: &[(Key, Node)]) {
        let Some((word, _)) = entries.iter().find(|(key, _)| WORDS_WITHOUT_MEMBERS.contains(&key.text.as_str())) else {
            return;
        };
        let message = format!("`{}` cannot stand beside `{}`", member.text, word.text);
        let problem = Diagnostic::error("unknown-key", member.place, message).label("unknown key");
        self.report(match word.text.as_str() {
            "$prefix" => problem.choices(&member.text, ["except"]),
            _ => problem.context(word.place, "this asks for a value without members"),
        });
    }

    fn word_condition(&mut self, key: &Key, node: &Node) -> Option<Condition> {
        Some(match key.text.as_str() {
            "$in" => match &node.kind {
                NodeKind::List(elements) => {
                    Condition::In(elements.iter().map(|element| self.condition(element)).collect())
                }
                _ => {
                    self.wrong_type(node, "a list of choices");
                    return None;
                }
            },
            "$equals" => Condition::Equals(self.value(node)),
            "$not" => Condition::Not(Box::new(self.condition(node))),
            "$at-least" => Condition::AtLeast(self.whole_number(node)?),
            "$at-most" => Condition::AtMost(self.whole_number(node)?),
            "$within" => Condition::Within(self.duration(node)?),
            "$older" => Condition::Older(self.duration(node)?),
            "$pattern" => self.pattern(node)?,
            "$type" => {
                let names: Vec<&str> = JsonType::NAMES.iter().map(|(name, _)| *name).collect();
                match &node.kind {
                    NodeKind::List(elements) => Condition::In(
                        elements
                            .iter()
                            .filter_map(|element| self.one_of(element, "type", &names, JsonType::parse))
                            .map(Condition::Type)
                            .collect(),
                    ),
                    _ => Condition::Type(self.one_of(node, "type", &names, JsonType::parse)?),
                }
            }
            "$same-as" => Condition::SameAs(self.pointer(node, &ANSWER_ROOTS)?),
            "$each" => Condition::Each(Box::new(self.condition(node))),
            "$some" => Condition::Some(Box::new(self.condition(node))),
            "$count" => Condition::Count(self.count(node)?),
            "$after" => {
                self.one_of(node, "moment", &["now"], |text| (text == "now").then_some(()))?;
                Condition::AfterNow
            }
            "$lacks" => match node.text() {
                Some("$secrets") => Condition::LacksSecrets,
                _ => Condition::Lacks(self.value(node)),
            },
            "$only" => Condition::Only(self.names(node).into_iter().map(|name| name.value).collect()),
            "$origin" => {
                self.one_of(node, "origin", &["target"], |text| (text == "target").then_some(()))?;
                Condition::Origin
            }
            other => {
                let problem = Diagnostic::error("unknown-word", key.place, format!("`{other}` is not a condition"));
                self.report(if VALUE_WORDS.contains(&other) {
                    problem
                        .label("this is a value; a condition is expected here")
                        .help("compare with what is known: a plain value, `${thing.fact}` or `{$same-as: PLACE}`")
                } else {
                    problem.label("unknown word").choices(other, WORDS.into_iter().chain(PLAIN_WORDS))
                });
                return None;
            }
        })
    }

    fn pattern(&mut self, node: &Node) -> Option<Condition> {
        let text = self.text(node)?;
        match Pattern::parse(&text) {
            Ok(pattern) => Some(Condition::Pattern(pattern)),
            Err(problem) => {
                self.report(
                    Diagnostic::error("bad-pattern", node.place, format!("`{text}` is not a pattern"))
                        .label(problem)
                        .help("patterns are regular expressions for the whole text, such as `E[0-9]{7}`"),
                );
                None
            }
        }
    }
}
