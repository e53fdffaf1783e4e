//! Things that cases only read are made once for all cases that want them alike.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use tokio::sync::OnceCell;

use crate::plan::path::{Plan, Step};
use crate::run::world::FamilyWorld;
use crate::spec::model::{Act, SetKey, Spec};

/// Things that were made for sharing, or why they could not be.
pub type Shared = Result<FamilyWorld, Failure>;

/// Why things could not be made.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The rule to look at.
    pub look_at: String,
    /// What happened.
    pub reason: String,
}

/// The things that are shared, by what they are like.
#[derive(Default)]
pub struct Pool {
    cells: RefCell<HashMap<String, Rc<OnceCell<Shared>>>>,
}

impl Pool {
    /// The cell of what is wanted.
    pub fn cell(&self, key: &str) -> Rc<OnceCell<Shared>> {
        Rc::clone(self.cells.borrow_mut().entry(key.to_owned()).or_default())
    }

    /// Everything that was made, and forgets it.
    pub fn drain(&self) -> Vec<FamilyWorld> {
        self.cells
            .borrow_mut()
            .drain()
            .filter_map(|(_, cell)| cell.get().and_then(|shared| shared.as_ref().ok().cloned()))
            .collect()
    }
}

/// How many of the first steps of a family make things that the case only reads.
#[must_use]
pub fn shared_steps(spec: &Spec, plan: &Plan, family: usize) -> usize {
    let machine =
        |step: &Step| spec.transitions.get(&step.transition).map(|transition| transition.machine.value.clone());
    let own: Vec<&Step> = plan.steps.iter().filter(|step| step.family == family).collect();
    let mut changed: BTreeSet<String> = BTreeSet::new();
    if plan.goal.family == family {
        if !only_reads(spec, &plan.goal) {
            changed.extend(machine(&plan.goal));
        }
        changed.extend(sets(&plan.goal));
    }
    for step in own.iter().copied().chain(plan.good.iter().filter(|good| good.family == family)) {
        changed.extend(sets(step).into_iter().filter(|set| machine(step).as_ref() != Some(set)));
    }
    if let Some(good) = plan.good.as_ref().filter(|good| good.family == family && !only_reads(spec, good)) {
        changed.extend(machine(good));
    }
    loop {
        let shared = own
            .iter()
            .take_while(|step| {
                machine(step).is_some_and(|machine| !changed.contains(&machine) && !spec.machines[&machine].one)
            })
            .count();
        let before = changed.len();
        for step in &own[shared..] {
            if !only_reads(spec, step) {
                changed.extend(machine(step));
            }
        }
        if changed.len() == before {
            return shared;
        }
    }
}

fn only_reads(spec: &Spec, step: &Step) -> bool {
    let reads = spec
        .transitions
        .get(&step.transition)
        .is_some_and(|transition| matches!(&transition.act, Act::Request(request) if request.method == "GET"));
    reads && step.with.is_empty()
}

fn sets(step: &Step) -> Vec<String> {
    let alternatives = step.expectation.or.iter().flat_map(|alternative| alternative.replaces.sets.keys());
    step.expectation
        .sets
        .keys()
        .chain(alternatives)
        .map(|key| match key {
            SetKey::Fact(machine, _) | SetKey::State(machine) => machine.clone(),
        })
        .collect()
}

/// What tells shared things apart: the family, the steps, and the settings of the machines in them.
#[must_use]
pub fn key(spec: &Spec, plan: &Plan, family: usize, steps: usize) -> String {
    let own: Vec<&Step> = plan.steps.iter().filter(|step| step.family == family).take(steps).collect();
    let machines: BTreeSet<&str> = own
        .iter()
        .filter_map(|step| spec.transitions.get(&step.transition))
        .map(|transition| transition.machine.value.as_str())
        .collect();
    let settings: Vec<String> = plan.families[family]
        .settings
        .iter()
        .filter(|(fact, _)| fact.split('.').next().is_some_and(|machine| machines.contains(machine)))
        .map(|(fact, value)| format!("{fact}={value}"))
        .collect();
    let steps: Vec<String> = own.iter().map(|step| format!("{}.{}", step.transition, step.outcome)).collect();
    format!("{}|{}|{}", plan.families[family].name, steps.join(">"), settings.join(","))
}
