//! `law` documents: where they hold and what they compare.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::{Diagnostic, quoted};
use crate::spec::model::{Compare, Given, Law, Located, Per, Scope, Selector, Status, When, WithKey};
use crate::spec::read::reader::{Fields, Reader};
use crate::spec::read::value::ANSWER_ROOTS;
use crate::spec::tree::{Node, NodeKind};
use crate::spec::value::Value;
use crate::wire::pointer::Pointer;

const COMPARISONS: [&str; 4] = ["same", "distinct", "never-grows", "never-falls"];
const SCOPE_KEYS: [&str; 8] = ["when", "for-each", "of", "given", "with", "then", "per", "compare"];

impl Reader<'_> {
    pub(crate) fn law(&mut self, node: &Node) -> Option<Law> {
        let fields = self.fields(
            node,
            "a law",
            &["law", "source"],
            &["title", "when", "for-each", "of", "given", "with", "then", "per", "compare", "basis", "level"],
        )?;
        let name_node = fields.get("law")?;
        let name = self.text(name_node)?;
        let standing = self.standing(node, None);
        self.law_keys(&fields);
        let (with, with_places) = fields.get("with").map(|with| self.with(with)).unwrap_or_default();
        let scope = self.scope(node, name_node, with)?;
        Some(Law {
            title: fields.get("title").and_then(|title| self.text(title)),
            scope,
            with_places,
            standing,
            whole: node.place,
            place: name_node.place,
            name,
        })
    }

    fn scope(&mut self, node: &Node, name: &Node, with: IndexMap<WithKey, Value>) -> Option<Scope> {
        let then =
            |reader: &mut Self| node.get("then").and_then(|then| reader.expectation(then, &["or"])).map(Box::new);
        let compare = |reader: &mut Self| node.get("compare").and_then(|compare| reader.compare(compare));
        let given = |reader: &mut Self| node.get("given").map_or_else(Given::default, |given| reader.given(given));
        match (node.get("for-each"), node.get("of"), node.get("when")) {
            (Some(each), None, None) if node.get("then").is_some() => {
                Some(Scope::ForEach { selector: self.selector(each)?, given: given(self), with, then: then(self)? })
            }
            (None, Some(of), None) if node.get("compare").is_some() => {
                Some(Scope::Of { outcomes: self.names(of), given: given(self), compare: compare(self)? })
            }
            (None, None, when) if node.get("then").is_some() => {
                Some(Scope::Each { when: when.map_or_else(When::default, |when| self.when(when)), then: then(self)? })
            }
            (None, None, when) if node.get("compare").is_some() => Some(Scope::Between {
                when: when.map_or_else(When::default, |when| self.when(when)),
                per: node.get("per").map_or_else(Vec::new, |per| self.per(per)),
                compare: compare(self)?,
            }),
            _ => {
                self.report(
                    Diagnostic::error("no-scope", name.place, "it is not clear where this law holds")
                        .label("its keys do not make one of the four forms of a law")
                        .help("`when` and `then`: it holds in each exchange that fits")
                        .help("`when` and `compare`: it holds between the answers that fit")
                        .help("`for-each` and `then`: it holds in a case for each transition that fits")
                        .help("`of` and `compare`: it holds between outcomes that run side by side"),
                );
                None
            }
        }
    }

    /// Reports keys that belong to another form of law: they would say nothing.
    fn law_keys(&mut self, fields: &Fields<'_>) {
        let (form, keys): (&str, &[&str]) = if fields.get("for-each").is_some() {
            ("`for-each`", &["for-each", "given", "with", "then"])
        } else if fields.get("of").is_some() {
            ("`of`", &["of", "given", "compare"])
        } else if fields.get("compare").is_some() {
            ("`compare`", &["when", "per", "compare"])
        } else {
            ("`then`", &["when", "then"])
        };
        for (key, _) in fields.node.entries().unwrap_or_default() {
            let name = key.text.as_str();
            if SCOPE_KEYS.contains(&name) && !keys.contains(&name) {
                self.report(
                    Diagnostic::error("misplaced-key", key.place, format!("a law with {form} has no `{name}`"))
                        .label("this would say nothing")
                        .help(format!("a law of this form has {}", quoted(keys))),
                );
            }
        }
    }

    fn when(&mut self, node: &Node) -> When {
        let Some(fields) = self.fields(
            node,
            "`when`",
            &[],
            &["status", "method", "path", "machine", "transition", "header", "body", "request"],
        ) else {
            return When::default();
        };
        let status = fields.get("status").map(|node| self.status_condition(node));
        let mut condition = |name: &str| fields.get(name).map(|node| self.condition(node));
        When {
            status,
            method: condition("method"),
            path: condition("path"),
            machine: condition("machine"),
            transition: condition("transition"),
            header: condition("header"),
            body: condition("body"),
            request: condition("request"),
            place: node.place,
        }
    }

    /// A condition, or what `then` takes for a status.
    fn status_condition(&mut self, node: &Node) -> Condition {
        match node.entries() {
            Some(_) => self.condition(node),
            None => self.status(node).as_ref().map_or(Condition::Present, as_condition),
        }
    }

    fn selector(&mut self, node: &Node) -> Option<Selector> {
        let outer = self.fields(node, "`for-each`", &["transition"], &[])?;
        let inner = outer.get("transition")?;
        let fields = self.fields(
            inner,
            "a choice of transitions",
            &[],
            &["sends", "method", "as", "machine", "has", "path", "except"],
        )?;
        let mut sends = Vec::new();
        for name in fields.get("sends").map_or_else(Vec::new, |sends| self.names(sends)) {
            match name.value.split_once('.') {
                Some((thing, fact)) => sends.push((thing.to_owned(), fact.to_owned())),
                None => self.report(
                    Diagnostic::error(
                        "bad-reference",
                        name.place,
                        format!("`{}` is not the name of a fact", name.value),
                    )
                    .label("expected a thing and its fact, such as `authn.token`"),
                ),
            }
        }
        let texts = |names: Vec<Located<String>>| names.into_iter().map(|name| name.value).collect::<Vec<_>>();
        Some(Selector {
            sends,
            method: fields.get("method").map_or_else(Vec::new, |method| texts(self.names(method))),
            actor: fields.get("as").and_then(|actor| self.actor(actor)),
            machine: fields.get("machine").map_or_else(Vec::new, |machine| self.names(machine)),
            has: fields.get("has").map_or_else(Vec::new, |has| texts(self.names(has))),
            path: fields.get("path").map(|path| self.condition(path)),
            except: fields.get("except").map_or_else(Vec::new, |except| self.names(except)),
            place: node.place,
        })
    }

    fn per(&mut self, node: &Node) -> Vec<Per> {
        let mut per = Vec::new();
        for name in self.names(node) {
            if name.value.starts_with('/') {
                per.extend(self.pointer_text(&name.value, name.place, &ANSWER_ROOTS).map(Per::At));
            } else if name.value == "transition" {
                per.push(Per::Transition);
            } else {
                per.push(Per::Machine(name.value));
            }
        }
        per
    }

    fn compare(&mut self, node: &Node) -> Option<Located<Compare>> {
        let fields =
            self.fields(node, "a comparison", &[], &["same", "except", "distinct", "never-grows", "never-falls"])?;
        let forms: Vec<&str> = COMPARISONS.into_iter().filter(|form| fields.get(form).is_some()).collect();
        if forms.len() > 1 {
            self.report(
                Diagnostic::error("wrong-type", node.place, "a comparison is one of several, not all at once")
                    .label(format!("this has {}", quoted(&forms)))
                    .help("write a law for each"),
            );
        }
        let value = if let Some(same) = fields.get("same") {
            Compare::Same {
                places: self.pointers(same),
                except: fields.get("except").map_or_else(Vec::new, |except| self.pointers(except)),
            }
        } else if let Some(at) = fields.get("distinct") {
            Compare::Distinct(self.pointer(at, &ANSWER_ROOTS)?)
        } else if let Some(at) = fields.get("never-grows") {
            Compare::NeverGrows(self.pointer(at, &ANSWER_ROOTS)?)
        } else if let Some(at) = fields.get("never-falls") {
            Compare::NeverFalls(self.pointer(at, &ANSWER_ROOTS)?)
        } else {
            self.wrong_type(node, "`same`, `distinct`, `never-grows` or `never-falls`");
            return None;
        };
        Some(Located { value, place: node.place })
    }

    fn pointers(&mut self, node: &Node) -> Vec<Pointer> {
        match &node.kind {
            NodeKind::List(elements) => {
                elements.iter().filter_map(|element| self.pointer(element, &ANSWER_ROOTS)).collect()
            }
            _ => self.pointer(node, &ANSWER_ROOTS).into_iter().collect(),
        }
    }
}

fn as_condition(status: &Status) -> Condition {
    match status {
        Status::Class(digit) => {
            let first = i64::from(*digit) * 100;
            Condition::All(vec![Condition::AtLeast(first), Condition::AtMost(first + 99)])
        }
        Status::Exactly(number) => Condition::Equals(Value::Plain(Json::from(*number))),
        Status::OneOf(choices) => Condition::In(choices.iter().map(as_condition).collect()),
    }
}
