//! The world as a run knows it: real things with their states and facts, and what requests are filled in with.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value as Json;

use crate::cases::draw::Drawn;
use crate::cases::slots::{fact_key, value_key};
use crate::cases::strategy::{MARK, USER_NAME};
use crate::plan::path::Plan;
use crate::spec::model::{FactKind, NONE, Spec};
use crate::spec::value::{Reference, TextPart, Value};
use crate::wire::pointer::Pointer;

/// A thing that exists, or did.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    /// Its machine.
    pub machine: String,
    /// Its state, as the model has it.
    pub state: String,
    /// What is known of it.
    pub facts: BTreeMap<String, Json>,
    /// What its facts started with.
    pub starts: BTreeMap<String, Json>,
    /// When facts were set, in milliseconds of the target's clock.
    pub set_at: BTreeMap<String, i64>,
    /// The newest answer that was about it and no error.
    pub newest: Json,
    /// A number that no other thing of the run has.
    pub number: u64,
}

/// Things that belong together.
#[derive(Debug, Clone, Default)]
pub struct FamilyWorld {
    /// Its name in slots.
    pub name: String,
    /// Its name in the `given`.
    pub role: String,
    /// The machine of the thing that carries the name.
    pub machine: String,
    /// What its settings are, by `machine.fact`.
    pub settings: BTreeMap<String, Json>,
    /// The things, by machine.
    pub things: BTreeMap<String, Thing>,
    /// How many of each machine were begun.
    pub begun: BTreeMap<String, usize>,
}

/// The world of one case.
pub struct World<'s> {
    /// The specification.
    pub spec: &'s Spec,
    /// The families, the rule's own first.
    pub families: Vec<FamilyWorld>,
    /// What things of which there is one are like, by `machine.fact`.
    pub singles: BTreeMap<String, Json>,
    /// What was drawn.
    pub drawn: Drawn,
    /// The mark of the run.
    pub mark: String,
    unknown: RefCell<Option<String>>,
    made: RefCell<BTreeMap<String, Json>>,
}

static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A number that no other thing of this process has.
pub fn next_number() -> u64 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

impl<'s> World<'s> {
    /// The world of a plan before anything was done.
    #[must_use]
    pub fn new(spec: &'s Spec, plan: &Plan, drawn: Drawn, singles: BTreeMap<String, Json>, mark: &str) -> Self {
        let families = plan
            .families
            .iter()
            .map(|family| FamilyWorld {
                name: family.name.clone(),
                role: family.role.clone(),
                machine: family.machine.clone(),
                settings: family.settings.clone(),
                ..FamilyWorld::default()
            })
            .collect();
        Self {
            spec,
            families,
            singles,
            drawn,
            mark: mark.to_owned(),
            unknown: RefCell::new(None),
            made: RefCell::new(BTreeMap::new()),
        }
    }

    /// A world of things that were made elsewhere.
    #[must_use]
    pub fn of(spec: &'s Spec, families: Vec<FamilyWorld>, mark: &str) -> Self {
        Self {
            spec,
            families,
            singles: BTreeMap::new(),
            drawn: Drawn::new(),
            mark: mark.to_owned(),
            unknown: RefCell::new(None),
            made: RefCell::new(BTreeMap::new()),
        }
    }

    /// The thing of a machine in a family.
    #[must_use]
    pub fn thing(&self, family: usize, machine: &str) -> Option<&Thing> {
        self.families.get(family).and_then(|family| family.things.get(machine))
    }

    /// The state of a thing; `none` where there is none.
    #[must_use]
    pub fn state(&self, family: usize, machine: &str) -> &str {
        self.thing(family, machine).map_or(NONE, |thing| &thing.state)
    }

    /// What a reference refers to.
    #[must_use]
    pub fn resolve(&self, family: usize, reference: &Reference) -> Option<Json> {
        if reference.thing == "run" {
            return (reference.fact == "mark").then(|| Json::String(self.mark.clone()));
        }
        if let Some(fact) = reference.fact.strip_prefix("*.") {
            let all: Option<Vec<Json>> = self
                .families
                .iter()
                .enumerate()
                .filter(|(_, other)| other.role == reference.thing)
                .map(|(index, other)| self.fact(index, &other.machine, fact))
                .collect();
            return all.map(Json::Array);
        }
        let own = self.families.iter().position(|other| !other.role.is_empty() && other.role == reference.thing);
        let value = match own {
            Some(other) => self.fact(other, &self.families[other].machine, &reference.fact),
            None => self.fact(family, &reference.thing, &reference.fact),
        }?;
        match &reference.pointer {
            Some(pointer) => pointer.first(&value).cloned(),
            None => Some(value),
        }
    }

    /// A fact of the thing of a machine in a family.
    #[must_use]
    pub fn fact(&self, family: usize, machine: &str, fact: &str) -> Option<Json> {
        let full = format!("{machine}.{fact}");
        if self.spec.machines.get(machine).is_some_and(|machine| machine.one) {
            return self.singles.get(&full).cloned();
        }
        let own = self.families.get(family)?;
        if let Some(setting) = own.settings.get(&full) {
            return Some(setting.clone());
        }
        if let Some(thing) = own.things.get(machine) {
            return thing.facts.get(fact).cloned();
        }
        let begun = own.begun.get(machine).copied().unwrap_or(0);
        self.made_up(family, machine, fact, begun)
    }

    /// The made-up fact of a thing that may not exist yet.
    #[must_use]
    pub fn made_up(&self, family: usize, machine: &str, fact: &str, incarnation: usize) -> Option<Json> {
        let declared = self.spec.machines.get(machine)?.facts.get(fact)?;
        if !matches!(declared.kind, FactKind::Made(Value::Any(_))) {
            return None;
        }
        let key = fact_key(&self.families.get(family)?.name, machine, fact, incarnation);
        self.finished(&key, family)
    }

    /// A drawn value with its marks filled in; the same for the same key.
    fn finished(&self, key: &str, family: usize) -> Option<Json> {
        if let Some(made) = self.made.borrow().get(key) {
            return Some(made.clone());
        }
        let drawn = self.drawn.get(key)?.clone();
        let value = match drawn {
            Json::String(text) => Json::String(self.marked(&text, family)),
            other => other,
        };
        self.made.borrow_mut().insert(key.to_owned(), value.clone());
        Some(value)
    }

    fn marked(&self, text: &str, family: usize) -> String {
        let mut marked = text.to_owned();
        if marked.contains(MARK) {
            marked = marked.replace(MARK, &format!("{}-{}", self.mark, next_number()));
        }
        if marked.contains(USER_NAME) {
            let login = self.fact(family, "user", "login");
            let login = login.as_ref().and_then(Json::as_str).unwrap_or("nobody");
            marked = marked.replace(USER_NAME, login.split('@').next().unwrap_or(login));
        }
        marked
    }

    /// A value filled in for a place of the request of a step; nothing where it is left out or not known.
    #[must_use]
    pub fn fill(&self, value: &Value, at: &Pointer, scope: &Scope<'_>) -> Option<Json> {
        match value {
            Value::Plain(json) => Some(json.clone()),
            Value::Text(parts) => self.fill_text(parts, scope),
            Value::Map(members) => Some(Json::Object(
                members
                    .iter()
                    .filter_map(|(name, member)| Some((name.clone(), self.fill(member, &at.join(name), scope)?)))
                    .collect(),
            )),
            Value::List(elements) => Some(
                elements
                    .iter()
                    .enumerate()
                    .filter_map(|(index, element)| self.fill(element, &at.join(&index.to_string()), scope))
                    .collect(),
            ),
            Value::Any(draw) => {
                let drawn = self.finished(&value_key(scope.step, at), scope.family)?;
                let avoided: Vec<Json> = draw.except.iter().filter_map(|except| self.fill(except, at, scope)).collect();
                Some(varied(drawn, &avoided))
            }
            Value::OneOf(choices) => {
                let index = self
                    .drawn
                    .get(&value_key(scope.step, at))
                    .and_then(Json::as_u64)
                    .and_then(|index| usize::try_from(index).ok())
                    .unwrap_or(0);
                self.fill(choices.get(index)?, &at.join(&format!("choice{index}")), scope)
            }
            Value::Upper(inner) => match self.fill(inner, at, scope)? {
                Json::String(text) => Some(Json::String(text.to_uppercase())),
                other => Some(other),
            },
            Value::Raw(text) => Some(Json::String(text.clone())),
            Value::Absent | Value::Now | Value::Start | Value::Answer(_) | Value::Sent(_) | Value::Add(_) => None,
        }
    }

    fn fill_text(&self, parts: &[TextPart], scope: &Scope<'_>) -> Option<Json> {
        if let [TextPart::Reference(reference)] = parts {
            return self.reference(reference, scope);
        }
        let mut text = String::new();
        for part in parts {
            match part {
                TextPart::Literal(literal) => text.push_str(literal),
                TextPart::Reference(reference) => match self.reference(reference, scope)? {
                    Json::String(inner) => text.push_str(&inner),
                    other => text.push_str(&other.to_string()),
                },
            }
        }
        Some(Json::String(text))
    }

    fn reference(&self, reference: &Reference, scope: &Scope<'_>) -> Option<Json> {
        let replaced =
            scope.replaced.iter().find(|((thing, fact), _)| *thing == reference.thing && *fact == reference.fact);
        if let Some(((thing, fact), value)) = replaced {
            let at = Pointer::default().join("fact").join(&format!("{thing}.{fact}"));
            let inner = Scope { replaced: &[], ..*scope };
            return self.fill(value, &at, &inner);
        }
        let known = self.resolve(scope.family, reference);
        if known.is_none() {
            *self.unknown.borrow_mut() = Some(format!("{}.{}", reference.thing, reference.fact));
        }
        known
    }

    /// The last fact that was asked for in vain, and forgets it.
    pub fn take_unknown(&self) -> Option<String> {
        self.unknown.borrow_mut().take()
    }
}

/// For whom a value is filled in.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The family.
    pub family: usize,
    /// The name of the step in slots.
    pub step: &'a str,
    /// Facts that are replaced.
    pub replaced: &'a [((String, String), Value)],
}

/// The value, or one like it that is none of those to avoid.
fn varied(value: Json, avoided: &[Json]) -> Json {
    if !avoided.contains(&value) {
        return value;
    }
    match value {
        Json::String(text) => {
            let digits = text.chars().all(|c| c.is_ascii_digit());
            (0..10)
                .map(|turn| {
                    let mut varied = text.clone();
                    if digits {
                        varied.pop();
                    }
                    varied.push(char::from(b'0' + turn));
                    Json::String(varied)
                })
                .find(|varied| !avoided.contains(varied))
                .unwrap_or(Json::String(text))
        }
        Json::Number(number) => Json::from(number.as_i64().unwrap_or_default() + 1),
        other => other,
    }
}
