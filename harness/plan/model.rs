//! The specification compiled for the search: names become numbers, each row of each outcome becomes an edge with what it
//! demands, needs and changes.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use crate::plan::search::Need;
use crate::plan::world::{FactId, Known, MachineId, StateId, World};
use crate::spec::condition::Condition;
use crate::spec::model::{
    Act, Expectation, FOUND, FactKind, From, Given, Level, Machine, NONE, Outcome, SetKey, Spec, To, Transition, Wait,
    WithKey,
};
use crate::spec::value::Value;
use crate::wire::pointer::Pointer;

/// How the search treats a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum FactClass {
    /// Read from answers, with where.
    Answered(Pointer),
    /// Changed by outcomes; starts so.
    Changing(Start),
    /// Made up at birth.
    Made,
    /// A choice that no outcome changes.
    Setting(Vec<Json>),
}

/// What a changing fact starts with.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// This.
    As(Known),
    /// What the setting of another thing is, where that thing is ready; else nothing.
    Like(FactId),
}

/// A fact of the model.
#[derive(Debug, Clone)]
pub struct FactInfo {
    /// Its machine.
    pub machine: MachineId,
    /// `machine.fact`.
    pub name: String,
    /// How the search treats it.
    pub class: FactClass,
    /// Facts whose knowledge it needs, for values that are computed.
    pub needs: Vec<FactId>,
}

/// A condition on one thing of the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// The fact is like this.
    Fact(FactId, Test),
    /// The fact is a setting with one of these choices.
    Setting(FactId, u32),
    /// The machine's thing is in one of these states.
    State(MachineId, Vec<StateId>),
}

/// A condition on what is known of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Nothing is known.
    Absent,
    /// A number, no smaller.
    AtLeast(i64),
    /// A number, no larger.
    AtMost(i64),
    /// One of these.
    In(Vec<Known>),
    /// None of these.
    NotIn(Vec<Known>),
    /// Set long ago, or never.
    Older,
    /// Something is known.
    Present,
    /// Set a short time ago.
    Within,
}

/// What an edge changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Adds to a number.
    Add(FactId, i64),
    /// Sets what is known.
    Know(FactId, Known),
    /// Back to what it started with.
    Restart(FactId),
    /// Sets the state of a thing.
    State(MachineId, StateId),
}

/// One row of one outcome: an edge of the search.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The transition's name.
    pub transition: String,
    /// The outcome's name.
    pub outcome: String,
    /// The row of its table.
    pub row: usize,
    /// The machine.
    pub machine: MachineId,
    /// The states it starts in; empty for any but `none`.
    pub from: Vec<StateId>,
    /// Whether it starts a thing where there is none.
    pub births: bool,
    /// What it demands of the world.
    pub demands: Vec<Demand>,
    /// Things that must exist because the edge speaks of them.
    pub exist: Vec<MachineId>,
    /// Facts that its request sends.
    pub sends: Vec<FactId>,
    /// The machine's next state; none for unchanged.
    pub to: Option<StateId>,
    /// What else it changes.
    pub effects: Vec<Effect>,
    /// Answered facts that its answer brings.
    pub answers: Vec<FactId>,
    /// Whether the request differs from the ordinary one.
    pub has_with: bool,
    /// Whether paths may go over it.
    pub walkable: bool,
    /// Whether it is a row for everything else.
    pub otherwise: bool,
}

impl Edge {
    /// `machine/transition.outcome`.
    #[must_use]
    pub fn rule(&self, model: &Model<'_>) -> String {
        format!("{}/{}.{}", model.machines[self.machine].name, self.transition, self.outcome)
    }
}

/// What each edge gives and needs, by its index.
#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) gives: Vec<BTreeSet<Need>>,
    pub(crate) needs: Vec<BTreeSet<Need>>,
}

/// The compiled specification.
#[derive(Debug)]
pub struct Model<'s> {
    /// Where it comes from.
    pub spec: &'s Spec,
    /// The machines, in the order of the specification.
    pub machines: Vec<&'s Machine>,
    /// The facts.
    pub facts: Vec<FactInfo>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// Facts that some `$within` or `$older` asks about.
    pub timed: BTreeSet<FactId>,
    /// What edges give and need, see [`crate::plan::search`].
    pub(crate) rates: OnceCell<Rates>,
    finals: Vec<Vec<StateId>>,
    children: Vec<Vec<MachineId>>,
    machine_ids: BTreeMap<&'s str, MachineId>,
    fact_ids: BTreeMap<String, FactId>,
    state_names: IndexSet<String>,
    plain_values: Vec<Json>,
}

/// The state of what does not exist, in every model.
pub const NONE_ID: StateId = 0;
/// The state of what always exists, in every model.
pub const FOUND_ID: StateId = 1;

impl<'s> Model<'s> {
    /// Compiles a specification that was loaded without errors; what it cannot understand it leaves out.
    #[must_use]
    pub fn new(spec: &'s Spec) -> Self {
        let machines: Vec<&Machine> = spec.machines.values().collect();
        let machine_ids = machines.iter().enumerate().map(|(index, machine)| (machine.name.as_str(), index)).collect();
        let mut model = Self {
            spec,
            machines,
            facts: Vec::new(),
            edges: Vec::new(),
            timed: BTreeSet::new(),
            rates: OnceCell::new(),
            finals: Vec::new(),
            children: Vec::new(),
            machine_ids,
            fact_ids: BTreeMap::new(),
            state_names: [NONE.to_owned(), FOUND.to_owned()].into_iter().collect(),
            plain_values: Vec::new(),
        };
        model.compile_facts();
        model.compile_edges();
        model.find_timed();
        model.find_kin();
        model
    }

    /// The machine of a name.
    #[must_use]
    pub fn machine_id(&self, name: &str) -> Option<MachineId> {
        self.machine_ids.get(name).copied()
    }

    /// The fact of a machine.
    #[must_use]
    pub fn fact_id(&self, machine: &str, fact: &str) -> Option<FactId> {
        self.fact_ids.get(&format!("{machine}.{fact}")).copied()
    }

    /// The name of a state.
    #[must_use]
    pub fn state_name(&self, state: StateId) -> &str {
        self.state_names.get_index(usize::from(state)).map_or("", String::as_str)
    }

    /// The number of a state, where anything names it.
    #[must_use]
    pub fn state_id(&self, name: &str) -> Option<StateId> {
        self.state_names.get_index_of(name).and_then(|index| StateId::try_from(index).ok())
    }

    fn intern_state(&mut self, name: &str) -> StateId {
        let (index, _) = self.state_names.insert_full(name.to_owned());
        StateId::try_from(index).unwrap_or(StateId::MAX)
    }

    fn intern(&mut self, value: &Json) -> Known {
        if value.is_null() {
            return Known::Absent;
        }
        if let Some(number) = value.as_i64() {
            return Known::Number(number);
        }
        let index = self.plain_values.iter().position(|known| known == value).unwrap_or_else(|| {
            self.plain_values.push(value.clone());
            self.plain_values.len() - 1
        });
        u16::try_from(index).map_or(Known::Present, Known::Plain)
    }

    /// The plain value behind what is known, where it is one.
    #[must_use]
    pub fn plain(&self, known: Known) -> Option<Json> {
        match known {
            Known::Absent => Some(Json::Null),
            Known::Number(number) => Some(number.into()),
            Known::Plain(index) => self.plain_values.get(usize::from(index)).cloned(),
            Known::Present => None,
        }
    }

    /// The states of a machine that anything leads to, without `none`.
    #[must_use]
    pub fn states_of(&self, machine: MachineId) -> Vec<StateId> {
        let mut states: BTreeSet<StateId> = BTreeSet::new();
        for edge in &self.edges {
            if edge.machine == machine {
                states.extend(edge.to);
            }
            for effect in &edge.effects {
                if let Effect::State(other, state) = effect
                    && *other == machine
                {
                    states.insert(*state);
                }
            }
        }
        states.remove(&NONE_ID);
        states.into_iter().collect()
    }

    /// Whether another thing may take the place of one in this state.
    #[must_use]
    pub fn is_final(&self, machine: MachineId, state: StateId) -> bool {
        state == NONE_ID || self.finals[machine].contains(&state)
    }

    /// Whether nothing is left of a thing in this state.
    #[must_use]
    pub fn is_gone(&self, machine: MachineId, state: StateId) -> bool {
        state == NONE_ID || self.machines[machine].states.get(self.state_name(state)).is_some_and(|state| state.gone)
    }

    /// The state that is meant where none is said.
    #[must_use]
    pub fn ready(&self, machine: MachineId) -> Option<StateId> {
        let machine = self.machines[machine];
        if machine.one {
            return Some(FOUND_ID);
        }
        machine.ready.as_ref().and_then(|ready| self.state_id(&ready.value))
    }

    /// The world before anything was done.
    #[must_use]
    pub fn start(&self) -> World {
        World {
            states: self.machines.iter().map(|machine| if machine.one { FOUND_ID } else { NONE_ID }).collect(),
            known: vec![Known::Absent; self.facts.len()],
            allowed: self
                .facts
                .iter()
                .map(|fact| match &fact.class {
                    FactClass::Setting(choices) => (1_u32 << choices.len().min(31)) - 1,
                    _ => 0,
                })
                .collect(),
            old: Vec::new(),
        }
    }

    fn compile_facts(&mut self) {
        let spec = self.spec;
        let mut set: BTreeSet<String> = BTreeSet::new();
        for transition in spec.transitions.values() {
            for outcome in transition.outcomes.values() {
                for key in outcome.rows.iter().flat_map(all_sets) {
                    if let SetKey::Fact(thing, fact) = key {
                        set.insert(format!("{thing}.{fact}"));
                    }
                }
            }
        }
        for (id, machine) in self.machines.clone().into_iter().enumerate() {
            self.intern_states(machine);
            for name in machine.facts.keys() {
                let full = format!("{}.{name}", machine.name);
                self.fact_ids.insert(full.clone(), self.facts.len());
                self.facts.push(FactInfo { machine: id, name: full, class: FactClass::Made, needs: Vec::new() });
            }
        }
        for machine in self.machines.clone() {
            for (name, fact) in &machine.facts {
                let full = format!("{}.{name}", machine.name);
                let class = self.fact_class(&fact.kind, set.contains(&full) && !machine.one);
                let needs = match &fact.kind {
                    FactKind::Made(value) => self.referenced(value),
                    _ => Vec::new(),
                };
                if let Some(info) = self.fact_ids.get(&full).copied().and_then(|id| self.facts.get_mut(id)) {
                    info.class = class;
                    info.needs = needs;
                }
            }
        }
    }

    fn intern_states(&mut self, machine: &Machine) {
        for state in machine.states.keys() {
            self.intern_state(state);
        }
        if let Some(ready) = &machine.ready {
            self.intern_state(&ready.value);
        }
    }

    fn fact_class(&mut self, kind: &FactKind, changes: bool) -> FactClass {
        match kind {
            FactKind::Absent => FactClass::Changing(Start::As(Known::Absent)),
            FactKind::Answer(pointer) => FactClass::Answered(pointer.clone()),
            FactKind::Choice(choices) if changes => {
                let first = choices.first().cloned().unwrap_or(Json::Null);
                FactClass::Changing(Start::As(self.intern(&first)))
            }
            FactKind::Choice(choices) => FactClass::Setting(choices.clone()),
            FactKind::Made(_) if changes => FactClass::Changing(Start::As(Known::Present)),
            FactKind::Made(_) => FactClass::Made,
            FactKind::Start(value) => match (value.sole_reference(), value.plain().cloned()) {
                (Some(reference), _) => match self.fact_id(&reference.thing, &reference.fact) {
                    Some(like) => FactClass::Changing(Start::Like(like)),
                    None => FactClass::Changing(Start::As(Known::Present)),
                },
                (None, Some(plain)) => FactClass::Changing(Start::As(self.intern(&plain))),
                (None, None) => FactClass::Changing(Start::As(Known::Present)),
            },
        }
    }

    fn referenced(&self, value: &Value) -> Vec<FactId> {
        value.references().into_iter().filter_map(|reference| self.fact_id(&reference.thing, &reference.fact)).collect()
    }

    fn compile_edges(&mut self) {
        let spec = self.spec;
        for transition in spec.transitions.values() {
            let Some(machine) = self.machine_id(&transition.machine.value) else {
                continue;
            };
            for outcome in transition.outcomes.values() {
                for row in 0..outcome.rows.len() {
                    let edge = self.edge(machine, transition, outcome, row);
                    self.edges.push(edge);
                }
            }
        }
    }

    fn edge(&mut self, machine: MachineId, transition: &'s Transition, outcome: &'s Outcome, row: usize) -> Edge {
        let expectation = &outcome.rows[row];
        let givens: Vec<&Given> = [&self.machines[machine].given, &transition.given, &outcome.given]
            .into_iter()
            .chain(expectation.given.as_ref())
            .collect();
        let mut demands = Vec::new();
        let mut exist = Vec::new();
        let mut further = false;
        for given in &givens {
            further |= given.things.values().any(|thing| thing.further.is_some());
        }
        let births = transition.from == From::None;
        self.givens(machine, &givens, &mut demands, &mut exist);
        let from = match &transition.from {
            From::None | From::Any => Vec::new(),
            From::States(states) => states.iter().map(|state| self.intern_state(&state.value)).collect(),
        };
        let to = match expectation.to.as_ref().map(|to| &to.value) {
            Some(To::States(states)) => states.first().map(|state| self.intern_state(state)),
            Some(To::Unchanged) | None => None,
        };
        let effects = self.effects(expectation);
        let sends = self.sends(machine, transition, &outcome.with, births);
        let answers = self.answers(machine, to, expectation, births);
        Edge {
            transition: transition.name.clone(),
            outcome: outcome.name.clone(),
            row,
            machine,
            from,
            births,
            demands,
            exist,
            sends,
            to,
            effects,
            answers,
            has_with: !outcome.with.is_empty(),
            walkable: outcome.standing.level != Level::May && !expectation.otherwise && !further,
            otherwise: expectation.otherwise,
        }
    }

    /// The demands of several givens together; a thing that is mentioned without a state is in its ready one.
    pub fn givens(&mut self, own: MachineId, givens: &[&Given], demands: &mut Vec<Demand>, exist: &mut Vec<MachineId>) {
        let mut mentioned: IndexMap<MachineId, bool> = IndexMap::new();
        for given in givens {
            for (name, thing) in &given.things {
                if thing.further.is_some() {
                    continue;
                }
                let Some(machine) = self.machine_id(name) else {
                    continue;
                };
                let said = mentioned.entry(machine).or_insert(false);
                if let Some(condition) = &thing.state {
                    *said = true;
                    let states = self.states_fitting(condition);
                    demands.push(Demand::State(machine, states));
                }
                for (fact, condition) in &thing.facts {
                    demands.extend(self.fact_demand(name, fact, condition));
                }
            }
        }
        for (machine, said) in mentioned {
            if said || self.machines[machine].one || machine == own {
                continue;
            }
            match self.ready(machine) {
                Some(ready) => demands.push(Demand::State(machine, vec![ready])),
                None => exist.push(machine),
            }
        }
    }

    fn states_fitting(&mut self, condition: &Condition) -> Vec<StateId> {
        match condition {
            Condition::Equals(value) => {
                value.plain().and_then(Json::as_str).map(|name| self.intern_state(name)).into_iter().collect()
            }
            Condition::In(list) => list.iter().flat_map(|inner| self.states_fitting(inner)).collect(),
            Condition::Not(inner) => {
                let not = self.states_fitting(inner);
                (0..self.state_names.len())
                    .filter_map(|index| StateId::try_from(index).ok())
                    .filter(|state| !not.contains(state))
                    .collect()
            }
            Condition::Present => {
                (1..self.state_names.len()).filter_map(|index| StateId::try_from(index).ok()).collect()
            }
            Condition::Absent => vec![NONE_ID],
            _ => Vec::new(),
        }
    }

    fn fact_demand(&mut self, machine: &str, fact: &str, condition: &Condition) -> Option<Demand> {
        let id = self.fact_id(machine, fact)?;
        if let FactClass::Setting(choices) = &self.facts[id].class {
            let mask = choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice_fits(condition, choice))
                .fold(0, |mask, (index, _)| mask | (1 << index));
            return Some(Demand::Setting(id, mask));
        }
        self.test(condition).map(|test| Demand::Fact(id, test))
    }

    fn test(&mut self, condition: &Condition) -> Option<Test> {
        Some(match condition {
            Condition::Absent => Test::Absent,
            Condition::Present => Test::Present,
            Condition::AtLeast(number) => Test::AtLeast(*number),
            Condition::AtMost(number) => Test::AtMost(*number),
            Condition::Within(_) => Test::Within,
            Condition::Older(_) => Test::Older,
            Condition::Equals(value) => match value.plain().cloned() {
                Some(plain) => Test::In(vec![self.intern(&plain)]),
                None => Test::Present,
            },
            Condition::In(list) => Test::In(self.plain_choices(list)),
            Condition::Not(inner) => match inner.as_ref() {
                Condition::Equals(_) => Test::NotIn(self.plain_choices(std::slice::from_ref(inner))),
                Condition::In(list) => Test::NotIn(self.plain_choices(list)),
                Condition::Present => Test::Absent,
                Condition::Absent => Test::Present,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn plain_choices(&mut self, list: &[Condition]) -> Vec<Known> {
        list.iter()
            .filter_map(|condition| match condition {
                Condition::Equals(value) => value.plain().cloned(),
                Condition::Absent => Some(Json::Null),
                _ => None,
            })
            .map(|plain| self.intern(&plain))
            .collect()
    }

    fn effects(&mut self, expectation: &Expectation) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (key, set) in &expectation.sets {
            match key {
                SetKey::State(thing) => {
                    if let (Some(machine), Some(state)) =
                        (self.machine_id(thing), set.value.plain().and_then(Json::as_str).map(ToOwned::to_owned))
                    {
                        let state = self.intern_state(&state);
                        effects.push(Effect::State(machine, state));
                    }
                }
                SetKey::Fact(thing, fact) => {
                    let Some(id) = self.fact_id(thing, fact) else {
                        continue;
                    };
                    if matches!(self.facts[id].class, FactClass::Setting(_)) {
                        continue;
                    }
                    effects.push(match &set.value {
                        Value::Add(number) => Effect::Add(id, *number),
                        Value::Start => Effect::Restart(id),
                        Value::Absent => Effect::Know(id, Known::Absent),
                        Value::Plain(plain) => {
                            let plain = plain.clone();
                            Effect::Know(id, self.intern(&plain))
                        }
                        _ => Effect::Know(id, Known::Present),
                    });
                }
            }
        }
        effects
    }

    /// The facts that the request of an outcome sends, after its `with`.
    #[must_use]
    pub fn sends(
        &self,
        machine: MachineId,
        transition: &Transition,
        with: &IndexMap<WithKey, Value>,
        births: bool,
    ) -> Vec<FactId> {
        let mut facts = Vec::new();
        let add = |value: &Value, facts: &mut Vec<FactId>| {
            for reference in value.references() {
                if let Some(id) = self.fact_id(&reference.thing, &reference.fact) {
                    facts.push(id);
                }
            }
        };
        match &transition.act {
            Act::Request(request) => {
                let root = |name: &str| Pointer::default().join(name);
                collect(&request.path, &root("path"), with, &mut |value| add(value, &mut facts));
                for (name, value) in &request.query {
                    collect(value, &root("query").join(name), with, &mut |value| add(value, &mut facts));
                }
                for (name, value) in &request.header {
                    collect(value, &root("header").join(name), with, &mut |value| add(value, &mut facts));
                }
                for (name, value) in &request.form {
                    collect(value, &root("form").join(name), with, &mut |value| add(value, &mut facts));
                }
                if let Some(body) = &request.body {
                    collect(body, &root("body"), with, &mut |value| add(value, &mut facts));
                }
            }
            Act::Hook(value) => collect(value, &Pointer::default().join("hook"), with, &mut |value| {
                add(value, &mut facts);
            }),
            Act::Wait(Wait::Until(value)) => add(value, &mut facts),
            Act::Wait(Wait::For(_)) => {}
        }
        for (key, value) in with {
            add(value, &mut facts);
            if let WithKey::Fact(thing, fact) = key
                && let Some(id) = self.fact_id(thing, fact)
            {
                facts.retain(|other| *other != id);
            }
        }
        // What is made up at the birth of the thing itself is known then.
        facts.retain(|fact| {
            let info = &self.facts[*fact];
            !(births && info.machine == machine && !matches!(info.class, FactClass::Answered(_)))
        });
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// The answered facts that an answer in a state brings.
    fn answers(&self, machine: MachineId, to: Option<StateId>, expectation: &Expectation, births: bool) -> Vec<FactId> {
        if to == Some(NONE_ID) {
            return Vec::new();
        }
        let body = Pointer::default().join("body");
        let claims = |state: &str| {
            self.machines[machine]
                .states
                .get(state)
                .and_then(|state| state.body.as_ref())
                .map(|condition| condition.demanded(&body))
                .unwrap_or_default()
        };
        let own = expectation.body.as_ref().map(|found| found.value.demanded(&body)).unwrap_or_default();
        let in_state = to.map(|state| claims(self.state_name(state))).unwrap_or_default();
        self.facts
            .iter()
            .enumerate()
            .filter(|(_, fact)| fact.machine == machine)
            .filter_map(|(id, fact)| match &fact.class {
                FactClass::Answered(pointer) => Some((id, pointer)),
                _ => None,
            })
            .filter(|(_, pointer)| {
                let claimed_somewhere =
                    self.machines[machine].states.keys().any(|state| claims(state).contains(pointer));
                own.contains(pointer) || in_state.contains(pointer) || (!claimed_somewhere && births)
            })
            .map(|(id, _)| id)
            .collect()
    }

    /// Final states and what belongs to what, as numbers: the search asks for them at every node.
    fn find_kin(&mut self) {
        for machine in &self.machines {
            let finals = machine.states.iter().filter(|(_, state)| state.is_final);
            self.finals.push(finals.filter_map(|(name, _)| self.state_id(name)).collect());
            let belongs = |child: &Machine| !child.one && child.of.iter().any(|of| of.value == machine.name);
            let children = self.machines.iter().enumerate().filter(|(_, child)| belongs(child));
            self.children.push(children.map(|(index, _)| index).collect());
        }
    }

    /// The machines whose things belong to a machine's.
    #[must_use]
    pub fn children(&self, machine: MachineId) -> &[MachineId] {
        &self.children[machine]
    }

    fn find_timed(&mut self) {
        for edge in &self.edges {
            for demand in &edge.demands {
                if let Demand::Fact(fact, Test::Within | Test::Older) = demand {
                    self.timed.insert(*fact);
                }
            }
        }
    }
}

/// The values of a part of a request that `with` does not replace.
fn collect<'v>(value: &'v Value, at: &Pointer, with: &IndexMap<WithKey, Value>, visit: &mut dyn FnMut(&'v Value)) {
    if with.keys().any(|key| matches!(key, WithKey::At(place) if at.starts_with(place))) {
        return;
    }
    match value {
        Value::Map(members) => {
            for (name, member) in members {
                collect(member, &at.join(name), with, visit);
            }
        }
        Value::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &at.join(&index.to_string()), with, visit);
            }
        }
        other => visit(other),
    }
}

fn all_sets(expectation: &Expectation) -> Vec<&SetKey> {
    expectation
        .sets
        .keys()
        .chain(expectation.or.iter().flat_map(|alternative| alternative.replaces.sets.keys()))
        .collect()
}

/// Whether a choice of a setting fits a condition.
#[must_use]
pub fn choice_fits(condition: &Condition, choice: &Json) -> bool {
    match condition {
        Condition::Equals(value) => value.plain() == Some(choice),
        Condition::In(list) => list.iter().any(|inner| choice_fits(inner, choice)),
        Condition::All(list) => list.iter().all(|inner| choice_fits(inner, choice)),
        Condition::Not(inner) => !choice_fits(inner, choice),
        Condition::Present => !choice.is_null(),
        Condition::Absent => choice.is_null(),
        Condition::AtLeast(number) => choice.as_i64().is_some_and(|found| found >= *number),
        Condition::AtMost(number) => choice.as_i64().is_some_and(|found| found <= *number),
        _ => true,
    }
}
