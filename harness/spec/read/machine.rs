//! `machine` documents: facts, states, ways to read a state; and `given`, which speaks of them.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::diagnostic::Diagnostic;
use crate::spec::model::{
    Actor, EntryPlace, Fact, FactKind, Further, Given, GivenThing, Machine, Standing, State, StateWay,
};
use crate::spec::read::reader::Reader;
use crate::spec::read::value::ANSWER_ROOTS;
use crate::spec::tree::{Key, Node, NodeKind};
use crate::spec::value::Value;

impl Reader<'_> {
    pub(crate) fn machine(&mut self, node: &Node) -> Option<Machine> {
        let fields = self.fields(
            node,
            "a machine",
            &["machine", "source"],
            &[
                "title", "of", "one", "given", "ready", "as", "state", "observe", "facts", "refuses", "states",
                "basis", "level",
            ],
        )?;
        let name_node = fields.get("machine")?;
        let name = self.text(name_node)?;
        let standing = self.standing(node, None);
        Some(Machine {
            title: fields.get("title").and_then(|title| self.text(title)),
            of: fields.get("of").map_or_else(Vec::new, |of| self.names(of)),
            one: fields.get("one").is_some_and(|one| self.boolean(one)),
            given: fields.get("given").map_or_else(Given::default, |given| self.given(given)),
            ready: fields.get("ready").and_then(|ready| self.name(ready)),
            actor: fields.get("as").and_then(|actor| self.actor(actor)).unwrap_or_default(),
            state: fields.get("state").map_or_else(Vec::new, |state| self.state_ways(state)),
            observe: fields.get("observe").and_then(|observe| self.name(observe)),
            facts: fields.get("facts").map_or_else(IndexMap::new, |facts| self.facts(facts)),
            refuses: fields.get("refuses").and_then(|refuses| self.refusal(refuses, Some(&standing))),
            states: fields.get("states").map_or_else(IndexMap::new, |states| self.states(states, &standing)),
            source: standing.source,
            place: name_node.place,
            name,
        })
    }

    pub(crate) fn actor(&mut self, node: &Node) -> Option<Actor> {
        self.one_of(node, "way to ask", &["api-token", "public"], |text| match text {
            "api-token" => Some(Actor::ApiToken),
            "public" => Some(Actor::Public),
            _ => None,
        })
    }

    fn state_ways(&mut self, node: &Node) -> Vec<StateWay> {
        let NodeKind::List(elements) = &node.kind else {
            return self.pointer(node, &ANSWER_ROOTS).map(StateWay::At).into_iter().collect();
        };
        let mut ways = Vec::new();
        for element in elements {
            let Some(fields) = self.fields(element, "a way to read the state", &[], &["has", "is", "names"]) else {
                continue;
            };
            match (fields.get("has"), fields.get("is"), fields.get("names")) {
                (Some(has), Some(is), None) => {
                    if let (Some(pointer), Some(state)) = (self.pointer(has, &ANSWER_ROOTS), self.text(is)) {
                        ways.push(StateWay::Has(pointer, state));
                    }
                }
                (None, Some(is), None) => ways.extend(self.text(is).map(StateWay::Is)),
                (None, None, Some(names)) => ways.extend(self.pointer(names, &ANSWER_ROOTS).map(StateWay::Names)),
                _ => self.wrong_type(element, "`has` with `is`, `names`, or `is` alone"),
            }
        }
        ways
    }

    fn facts(&mut self, node: &Node) -> IndexMap<String, Fact> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of facts");
            return IndexMap::new();
        };
        entries.iter().map(|(key, value)| (key.text.clone(), self.fact(key, value))).collect()
    }

    fn fact(&mut self, key: &Key, node: &Node) -> Fact {
        let kind = match self.value(node) {
            Value::Absent => FactKind::Absent,
            Value::Answer(pointer) => FactKind::Answer(pointer),
            Value::OneOf(choices) => {
                let plain: Vec<Json> = choices.iter().filter_map(|choice| choice.plain().cloned()).collect();
                if plain.len() != choices.len() || plain.is_empty() {
                    self.report(
                        Diagnostic::error("wrong-type", node.place, "the choices of a fact are plain values")
                            .label("at least one, none with a reference"),
                    );
                }
                FactKind::Choice(plain)
            }
            value @ Value::Any(_) => FactKind::Made(value),
            value => FactKind::Start(value),
        };
        Fact { kind, place: key.place }
    }

    fn states(&mut self, node: &Node, inherited: &Standing) -> IndexMap<String, State> {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of states");
            return IndexMap::new();
        };
        let mut states = IndexMap::new();
        for (key, value) in entries {
            let Some(fields) =
                self.fields(value, "a state", &[], &["body", "final", "gone", "refuses", "source", "basis", "level"])
            else {
                continue;
            };
            let standing = self.standing(value, Some(inherited));
            let gone = fields.get("gone").is_some_and(|gone| self.boolean(gone));
            states.insert(
                key.text.clone(),
                State {
                    body: fields.get("body").map(|body| self.condition(body)),
                    is_final: gone || fields.get("final").is_some_and(|last| self.boolean(last)),
                    gone,
                    refuses: fields.get("refuses").and_then(|refuses| self.refusal(refuses, Some(&standing))),
                    standing,
                    place: key.place,
                },
            );
        }
        states
    }

    pub(crate) fn given(&mut self, node: &Node) -> Given {
        let Some(entries) = node.entries() else {
            self.wrong_type(node, "a map of things");
            return Given::default();
        };
        let things = entries.iter().map(|(key, value)| (key.text.clone(), self.given_thing(key, value))).collect();
        Given { things }
    }

    fn given_thing(&mut self, key: &Key, node: &Node) -> GivenThing {
        let mut thing = GivenThing { place: key.place, ..GivenThing::default() };
        let entries = match node.entries() {
            Some(entries) if !entries.iter().any(|(key, _)| key.text.starts_with('$')) => entries,
            _ => {
                thing.state = Some(self.condition(node));
                thing.entries.insert("state".to_owned(), EntryPlace { key: key.place, value: node.place });
                return thing;
            }
        };
        if let Some(kind) = node.get("a").and_then(|kind| self.text(kind)) {
            thing.further = Some(Further {
                machine: kind,
                of: node.get("of").and_then(|of| self.text(of)),
                count: node.get("count").and_then(|count| self.count(count)).unwrap_or(1),
            });
        }
        for (key, value) in entries {
            thing.entries.insert(key.text.clone(), EntryPlace { key: key.place, value: value.place });
            match key.text.as_str() {
                "a" | "of" | "count" if thing.further.is_some() => {}
                "state" => thing.state = Some(self.condition(value)),
                name => {
                    let condition = match value.text() {
                        Some("$any") => Condition::Present,
                        _ => self.condition(value),
                    };
                    thing.facts.insert(name.to_owned(), condition);
                }
            }
        }
        thing
    }
}
