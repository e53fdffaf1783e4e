//! Worlds that several `given`s describe together: whether there is one, and what it looks like.
//!
//! Every thing and fact is asked for itself, by trying the values at which one of its conditions can change its mind; so what is
//! found is a world, and where nothing is found there is none. A condition that cannot be decided here is taken to hold. A text
//! with references is a value of its own, other than every plain one. Further things of the same name are the same thing where
//! their kind, owner and count agree, and else never in one world.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::lint::Lint;
use crate::spec::lint::given::{entry, suits};
use crate::spec::lint::index::{Index, states_named};
use crate::spec::lint::selection::any;
use crate::spec::model::{FactKind, From, Further, Given, Machine, NONE, Transition};
use crate::spec::place::Place;
use crate::spec::value::{Duration, Value, plain_text};

/// The state of a thing, or one of its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variable<'s> {
    pub(super) thing: &'s str,
    pub(super) fact: Option<&'s str>,
}

impl fmt::Display for Variable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fact {
            Some(fact) => write!(f, "`{}.{fact}`", self.thing),
            None => write!(f, "the state of `{}`", self.thing),
        }
    }
}

/// What is asked of a variable.
#[derive(Debug, Clone)]
pub(super) enum Wants<'s> {
    /// The condition holds.
    Condition(&'s Condition),
    /// It is one of these states.
    States(BTreeSet<&'s str>),
    /// It is this value.
    Value(&'s Json),
}

#[derive(Debug, Clone)]
struct Demand<'s> {
    wants: Wants<'s>,
    place: Place,
    /// Why it is asked.
    reason: &'static str,
    /// Whether every outcome of the transition asks it.
    common: bool,
}

/// What is asked of a world.
#[derive(Debug, Clone, Default)]
pub(super) struct World<'s> {
    demands: BTreeMap<Variable<'s>, Vec<Demand<'s>>>,
    machines: BTreeMap<&'s str, &'s Machine>,
    named: BTreeMap<&'s str, Place>,
    further: BTreeMap<&'s str, &'s Further>,
}

/// A value that a variable could have.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    value: Known,
    /// How many seconds ago it was set, where an outcome set it.
    age: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Known {
    Absent,
    /// None of the values that are named.
    Other,
    Plain(Json),
    /// What a text with references stands for.
    Written(String),
}

/// What a world looks like: a sentence for each thing and fact that matters.
pub(super) type Witness = Vec<String>;

impl<'s> Lint<'s, '_> {
    /// The worlds in which a transition starts and several `given`s hold.
    pub(super) fn world(&self, machine: &'s Machine, transition: &'s Transition, givens: &[&'s Given]) -> World<'s> {
        let mut world = World::default();
        let own = machine.name.as_str();
        world.machines.insert(own, machine);
        world.start(&self.index, machine, transition);
        for given in [&machine.given, &transition.given] {
            world.add(self.spec, given);
        }
        for demand in world.demands.values_mut().flatten() {
            demand.common = true;
        }
        for given in givens {
            world.add(self.spec, given);
        }
        world.ask_for_existence(&self.index, own);
        world
    }
}

impl<'s> World<'s> {
    fn start(&mut self, index: &Index<'s>, machine: &'s Machine, transition: &'s Transition) {
        let mut place = transition.place;
        let offered: BTreeSet<&str> = match &transition.from {
            From::States(states) => {
                place = states.first().map_or(place, |state| state.place);
                states.iter().map(|state| state.value.as_str()).collect()
            }
            From::Any => index.states(&machine.name).filter(|state| *state != NONE).collect(),
            From::None => {
                let last = machine.states.iter().filter(|(_, state)| state.is_final);
                last.map(|(name, _)| name.as_str()).chain([NONE]).collect()
            }
        };
        let reason = "the transition starts here";
        let demand = Demand { wants: Wants::States(offered), place, reason, common: true };
        self.demands.insert(Variable { thing: &machine.name, fact: None }, vec![demand]);
    }

    fn add(&mut self, spec: &'s crate::spec::model::Spec, given: &'s Given) {
        for (name, thing) in &given.things {
            let kind = thing.further.as_ref().or_else(|| self.further.get(name.as_str()).copied());
            let machine = spec.machines.get(kind.map_or(name, |further| &further.machine));
            let Some(machine) = machine else { continue };
            self.machines.insert(name, machine);
            self.named.entry(name).or_insert(thing.place);
            self.further.extend(kind.map(|further| (name.as_str(), further)));
            if let Some(state) = &thing.state {
                let variable = Variable { thing: name, fact: None };
                self.ask(variable, Wants::Condition(state), entry(thing, "state").value);
            }
            for (fact, condition) in &thing.facts {
                if !machine.facts.get(fact).is_some_and(|found| suits(found, condition)) {
                    continue;
                }
                let variable = Variable { thing: name, fact: Some(fact) };
                self.ask(variable, Wants::Condition(condition), entry(thing, fact).key);
            }
        }
    }

    /// A thing that is named without a state is ready, or at least there.
    fn ask_for_existence(&mut self, index: &Index<'s>, own: &str) {
        for (name, place) in self.named.clone() {
            let variable = Variable { thing: name, fact: None };
            let Some(machine) = self.machines.get(name).filter(|_| name != own) else { continue };
            if machine.one || self.demands.contains_key(&variable) {
                continue;
            }
            let states = match &machine.ready {
                Some(ready) => BTreeSet::from([ready.value.as_str()]),
                None => index.states(&machine.name).filter(|state| *state != NONE).collect(),
            };
            let reason = "named without a state, so it is ready";
            let demand = Demand { wants: Wants::States(states), place, reason, common: false };
            self.demands.insert(variable, vec![demand]);
        }
    }

    /// Asks something more of the world.
    pub(super) fn ask(&mut self, variable: Variable<'s>, wants: Wants<'s>, place: Place) {
        let demand = Demand { wants, place, reason: "asked for here", common: false };
        self.demands.entry(variable).or_default().push(demand);
    }

    /// The worlds that are of both kinds; none where a name stands for two kinds of things.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (name, further) in &other.further {
            if self.further.get(name).is_some_and(|own| !same_kind(own, further)) {
                return None;
            }
            both.further.insert(name, further);
        }
        both.machines.extend(other.machines.iter().map(|(name, machine)| (*name, *machine)));
        for (variable, demands) in &other.demands {
            both.demands.entry(*variable).or_default().extend(demands.iter().cloned());
        }
        Some(both)
    }

    /// The conditions that are asked of a variable.
    pub(super) fn conditions(&self, variable: Variable<'s>) -> Vec<&'s Condition> {
        let demands = self.demands.get(&variable).into_iter().flatten();
        let conditions = demands.filter_map(|demand| match demand.wants {
            Wants::Condition(condition) => Some(condition),
            _ => None,
        });
        conditions.collect()
    }

    /// Whether anything is asked of a variable.
    pub(super) fn asks(&self, variable: Variable<'_>) -> bool {
        self.demands.contains_key(&variable)
    }

    /// Everything that something is asked of.
    pub(super) fn variables(&self) -> impl Iterator<Item = Variable<'s>> {
        self.demands.keys().copied()
    }

    /// Where something is asked of a variable, for the context of a report.
    pub(super) fn places(&self, variable: Variable<'_>) -> Vec<(Place, &'static str)> {
        let demands = self.demands.get(&variable).into_iter().flatten();
        let mut places: Vec<(Place, &str)> = demands.map(|demand| (demand.place, demand.reason)).collect();
        places.dedup();
        places
    }

    /// Why nothing is left for a variable of which one thing only is asked, in words for a hint.
    pub(super) fn why(&self, index: &Index<'s>, variable: Variable<'s>) -> Option<String> {
        let machine = *self.machines.get(variable.thing)?;
        if variable.fact.is_none() && index.states(&machine.name).all(|state| state == NONE) {
            return Some(format!("no outcome makes a `{}`: none says `to` with a state", machine.name));
        }
        let (name, fact) = machine.facts.get_key_value(variable.fact?)?;
        let full = format!("{}.{name}", machine.name);
        if !index.can_have(machine, name, fact) {
            Some(format!("no outcome sets `{full}`, so it is never known"))
        } else if !index.can_lack(machine, name, fact)
            && self.conditions(variable).iter().any(|condition| matches!(condition, Condition::Absent))
        {
            Some(format!("`{full}` is always known: no outcome sets it to `$absent`"))
        } else {
            None
        }
    }

    /// One such world, or a variable for which nothing is left.
    pub(super) fn witness(&self, index: &Index<'s>) -> Result<Witness, Variable<'s>> {
        let mut sentences = Vec::new();
        for (variable, demands) in &self.demands {
            let candidates = self.candidates(index, *variable, demands);
            let fits = |candidate: &&Candidate| demands.iter().all(|demand| demand.wants.admits(candidate));
            let found = candidates.iter().find(fits).ok_or(*variable)?;
            if demands.iter().any(|demand| !demand.common) {
                let alone = !candidates.iter().any(|other| matches!(other.value, Known::Plain(_) | Known::Written(_)));
                sentences.push(found.sentence(variable, alone));
            }
        }
        Ok(sentences)
    }

    fn candidates(&self, index: &Index<'s>, variable: Variable<'s>, demands: &[Demand<'s>]) -> Vec<Candidate> {
        let Some(machine) = self.machines.get(variable.thing) else { return Vec::new() };
        let plain = |value: Json| Candidate { value: Known::Plain(value), age: None };
        let Some((name, fact)) = variable.fact.and_then(|name| machine.facts.get_key_value(name)) else {
            let mut states: BTreeSet<&str> = index.states(&machine.name).collect();
            // What is misspelt is reported once, where it stands.
            states.extend(demands.iter().flat_map(|demand| demand.wants.states()));
            return states.into_iter().map(|state| plain(state.into())).collect();
        };
        if let FactKind::Choice(choices) = &fact.kind {
            return choices.iter().cloned().map(plain).collect();
        }
        let mut values = Vec::new();
        let mut ages = vec![None];
        for demand in demands {
            demand.wants.turning_points(&mut values, &mut ages);
        }
        match index.values(machine, name, fact) {
            Some(all) => values.extend(all.into_iter().cloned().map(Known::Plain)),
            None => values.push(Known::Other),
        }
        values.retain(|value| *value != Known::Absent && index.can_have(machine, name, fact));
        let known =
            values.iter().flat_map(|value| ages.iter().map(|age| Candidate { value: value.clone(), age: *age }));
        let absent = index.can_lack(machine, name, fact).then_some(Candidate { value: Known::Absent, age: None });
        known.chain(absent).collect()
    }
}

fn same_kind(a: &Further, b: &Further) -> bool {
    (&a.machine, &a.of, a.count) == (&b.machine, &b.of, b.count)
}

impl<'s> Wants<'s> {
    fn states(&self) -> Vec<&'s str> {
        match self {
            Self::Condition(condition) => states_named(condition),
            Self::States(states) => states.iter().copied().collect(),
            Self::Value(value) => value.as_str().into_iter().collect(),
        }
    }

    fn admits(&self, candidate: &Candidate) -> bool {
        match self {
            Self::Condition(condition) => holds(condition, candidate) != Some(false),
            Self::States(states) => {
                matches!(&candidate.value, Known::Plain(Json::String(state)) if states.contains(state.as_str()))
            }
            Self::Value(value) => matches!(&candidate.value, Known::Plain(known) if known == *value),
        }
    }

    fn turning_points(&self, values: &mut Vec<Known>, ages: &mut Vec<Option<u64>>) {
        match self {
            Self::Condition(condition) => turning_points(condition, values, ages),
            Self::Value(value) => values.push(Known::Plain((*value).clone())),
            Self::States(_) => {}
        }
    }
}

/// The values and ages around which a condition begins or ceases to hold.
fn turning_points(condition: &Condition, values: &mut Vec<Known>, ages: &mut Vec<Option<u64>>) {
    let numbers = |at: i64| [at, at.saturating_add(1), at.saturating_sub(1)].map(|number| Known::Plain(number.into()));
    match condition {
        Condition::Equals(value) => values.push(known(value)),
        Condition::AtLeast(number) | Condition::AtMost(number) => values.extend(numbers(*number)),
        Condition::Within(Duration(seconds)) | Condition::Older(Duration(seconds)) => {
            ages.extend([Some(0), Some(*seconds), Some(seconds.saturating_add(1))]);
        }
        Condition::All(list) | Condition::In(list) => {
            list.iter().for_each(|inner| turning_points(inner, values, ages));
        }
        Condition::Not(inner) => turning_points(inner, values, ages),
        _ => {}
    }
}

fn known(value: &Value) -> Known {
    match value {
        Value::Absent | Value::Plain(Json::Null) => Known::Absent,
        Value::Plain(json) => Known::Plain(json.clone()),
        other => Known::Written(other.to_string()),
    }
}

/// Whether a condition holds for a candidate; none where that cannot be decided.
fn holds(condition: &Condition, candidate: &Candidate) -> Option<bool> {
    let absent = candidate.value == Known::Absent || candidate.value == Known::Plain(NONE.into());
    let number = match &candidate.value {
        Known::Plain(json) => json.as_i64(),
        _ => None,
    };
    match condition {
        Condition::Equals(value) => Some(known(value) == candidate.value),
        Condition::Absent => Some(absent),
        Condition::Present => Some(!absent),
        Condition::AtLeast(least) => Some(number.is_some_and(|number| number >= *least)),
        Condition::AtMost(most) => Some(number.is_some_and(|number| number <= *most)),
        Condition::Within(Duration(seconds)) => Some(candidate.age.is_some_and(|age| age <= *seconds)),
        Condition::Older(Duration(seconds)) => Some(candidate.age.is_none_or(|age| age > *seconds)),
        Condition::In(list) => any(list.iter().map(|inner| holds(inner, candidate))),
        Condition::All(list) => any(list.iter().map(|inner| holds(inner, candidate).map(|holds| !holds))).map(|no| !no),
        Condition::Not(inner) => holds(inner, candidate).map(|holds| !holds),
        _ if absent => Some(false),
        _ => None,
    }
}

impl Candidate {
    /// `alone` says that no value of the variable has a name.
    fn sentence(&self, variable: &Variable<'_>, alone: bool) -> String {
        let name = match variable.fact {
            Some(fact) => format!("{}.{fact}", variable.thing),
            None => variable.thing.to_owned(),
        };
        let age = match self.age {
            None => String::new(),
            Some(0) => ", just set".to_owned(),
            Some(seconds) => format!(", set {} ago", Duration(seconds)),
        };
        match &self.value {
            Known::Absent => format!("{name} is not known"),
            Known::Other if alone && self.age.is_some() => format!("{name} was{}", age.replace(',', "")),
            Known::Other if alone => format!("{name} is known"),
            Known::Other => format!("{name} is some other value{age}"),
            Known::Plain(json) => format!("{name} is {}{age}", plain_text(json)),
            Known::Written(text) => format!("{name} is {text}{age}"),
        }
    }
}
