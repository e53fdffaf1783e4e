//! Unmaking what was made: the path back to where nothing is left, also when the case that made it went wrong.

use std::collections::{HashMap, VecDeque};

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::plan::model::{Demand, Model, NONE_ID};
use crate::plan::path::Step;
use crate::run::event::LeftBehind;
use crate::run::request::ready;
use crate::run::step::Running;
use crate::run::world::Thing;
use crate::spec::model::{Expectation, Spec};

/// For each machine and state, the transitions that lead to where nothing is left.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    ways: HashMap<(String, String), Vec<String>>,
    removable: Vec<String>,
}

impl Ways {
    /// Finds the ways in a model: shortest first, over ordinary requests alone.
    #[must_use]
    pub fn new(model: &Model<'_>) -> Self {
        let mut ways = Self::default();
        for (machine, declared) in model.machines.iter().enumerate() {
            for state in model.states_of(machine) {
                if let Some(way) = way(model, machine, state) {
                    ways.ways.insert((declared.name.clone(), model.state_name(state).to_owned()), way);
                    if !ways.removable.contains(&declared.name) {
                        ways.removable.push(declared.name.clone());
                    }
                }
            }
        }
        ways
    }

    /// The transitions from a state; the way from any other state, where the state is not known.
    #[must_use]
    pub fn from(&self, machine: &str, state: &str) -> Option<&Vec<String>> {
        self.ways.get(&(machine.to_owned(), state.to_owned())).or_else(|| {
            self.ways.iter().filter(|((other, _), _)| other == machine).map(|(_, way)| way).max_by_key(|way| way.len())
        })
    }
}

fn way(model: &Model<'_>, machine: usize, from: u16) -> Option<Vec<String>> {
    if model.is_gone(machine, from) {
        return None;
    }
    let mut queue = VecDeque::from([(from, Vec::new())]);
    let mut seen = vec![from];
    while let Some((state, way)) = queue.pop_front() {
        for edge in &model.edges {
            let fits = edge.machine == machine
                && !edge.births
                && !edge.has_with
                && edge.walkable
                && edge.from.contains(&state)
                && edge.demands.iter().all(|demand| match demand {
                    Demand::State(of, states) if *of == machine => states.contains(&state),
                    Demand::State(..) | Demand::Fact(..) => false,
                    Demand::Setting(..) => true,
                });
            let Some(to) = edge.to.filter(|_| fits) else {
                continue;
            };
            let mut longer: Vec<String> = way.clone();
            longer.push(edge.transition.clone());
            if to == NONE_ID || model.is_gone(machine, to) {
                return Some(longer);
            }
            if !seen.contains(&to) {
                seen.push(to);
                queue.push_back((to, longer));
            }
        }
    }
    None
}

/// Requests that unmaking one thing may take.
const MOST_REQUESTS: usize = 6;

/// Unmakes everything that the case owns. What stays is returned with the reason.
pub async fn unmake(running: &mut Running<'_, '_>, ways: &Ways, verify: bool) -> Vec<LeftBehind> {
    let mut things: Vec<(usize, Thing)> = std::mem::take(&mut running.leftovers);
    for (index, family) in running.world.families.iter().enumerate() {
        things.extend(family.things.values().filter(|thing| thing.number > 0).map(|thing| (index, thing.clone())));
    }
    // What was made last may belong to what was made before.
    things.sort_by_key(|(_, thing)| std::cmp::Reverse(thing.number));
    let mut left = Vec::new();
    for (family, thing) in things {
        if let Err(reason) = unmake_one(running, ways, family, &thing, verify).await {
            left.push(LeftBehind { machine: thing.machine.clone(), what: name(&thing), reason });
        }
    }
    left
}

async fn unmake_one(
    running: &mut Running<'_, '_>,
    ways: &Ways,
    family: usize,
    thing: &Thing,
    verify: bool,
) -> Result<(), String> {
    let spec = running.world.spec;
    let machine = &spec.machines[&thing.machine];
    let gone = machine.states.get(&thing.state).is_some_and(|state| state.gone);
    let Some(way) = ways.from(&thing.machine, &thing.state).cloned() else {
        return Ok(());
    };
    if gone && !verify {
        return Ok(());
    }
    running.world.families[family].things.insert(thing.machine.clone(), thing.clone());
    let mut requests = 0;
    let mut last = String::from("nothing was sent");
    while requests < MOST_REQUESTS {
        if verify && !still_there(running, spec, family, &thing.machine).await {
            return Ok(());
        }
        let mut clean = true;
        for transition in &way {
            requests += 1;
            match call(running, spec, family, transition).await {
                Some(status) if status < 300 => {}
                Some(404) => return Ok(()),
                Some(status) => {
                    last = format!("{transition} answers {status}");
                    clean = false;
                }
                None => {
                    last = format!("{transition} has no answer");
                    clean = false;
                }
            }
        }
        if clean && !verify {
            return Ok(());
        }
    }
    if verify && !still_there(running, spec, family, &thing.machine).await {
        return Ok(());
    }
    Err(last)
}

/// Whether the thing can still be read; where it cannot be asked for, whether it is taken to be there.
async fn still_there(running: &mut Running<'_, '_>, spec: &Spec, family: usize, machine: &str) -> bool {
    let Some(observe) = spec.machines[machine].observe.as_ref() else {
        return true;
    };
    !matches!(call(running, spec, family, &observe.value).await, Some(404 | 401 | 410))
}

async fn call(running: &mut Running<'_, '_>, spec: &Spec, family: usize, name: &str) -> Option<u16> {
    let transition = spec.transitions.get(name)?;
    let step = Step {
        family,
        transition: name.to_owned(),
        outcome: String::new(),
        with: IndexMap::new(),
        expectation: Expectation::default(),
        standing: transition.standing.clone(),
        births: false,
        follows: false,
        rule: String::new(),
        wait: None,
    };
    let base = running.session.target.url.clone();
    let ready = ready(&running.world, &base, transition, &step, "unmake", &[]).ok()?;
    let machine = &spec.machines[&transition.machine.value];
    let (exchange, _, _) = running.send(&ready, transition, machine, family).await;
    running.exchanges.pop();
    exchange.answer.ok().map(|answer| answer.status)
}

/// What a thing is called in messages.
#[must_use]
pub fn name(thing: &Thing) -> String {
    let text = |fact: &str| thing.facts.get(fact).and_then(Json::as_str).map(ToOwned::to_owned);
    let named = text("login").or_else(|| text("name")).unwrap_or_default();
    match text("id") {
        Some(id) => format!("{named} ({id})").trim().to_owned(),
        None => named,
    }
}
