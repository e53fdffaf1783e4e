//! What a plan leaves to be drawn: a slot for each made-up fact of each thing, and for each `$any` and `$in` of each request.

use crate::plan::path::{Plan, Step};
use crate::plan::template::template;
use crate::spec::model::{FactKind, Spec};
use crate::spec::value::{Draw, Value};
use crate::wire::pointer::Pointer;

/// Something to be drawn.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Where it goes: see [`fact_key`] and [`value_key`].
    pub key: String,
    /// What is drawn.
    pub kind: SlotKind,
    /// Whether it is made smaller when a case fails.
    pub shrinks: bool,
}

/// What is drawn for a slot.
#[derive(Debug, Clone)]
pub enum SlotKind {
    /// A value.
    Any(Draw),
    /// A number below this.
    Choice(usize),
}

/// The key of a made-up fact of the n-th thing of a machine in a family.
#[must_use]
pub fn fact_key(family: &str, machine: &str, fact: &str, incarnation: usize) -> String {
    format!("{family}/{machine}.{fact}#{incarnation}")
}

/// The key of a value at a place of the request of a step.
#[must_use]
pub fn value_key(step: &str, at: &Pointer) -> String {
    format!("{step}{at}")
}

/// The name of a step in keys.
#[must_use]
pub fn step_name(index: usize) -> String {
    format!("{STEP}{index}")
}

/// What the names of the steps of the way start with.
pub const STEP: &str = "step";

/// The name of the step that is judged.
pub const GOAL: &str = "goal";

/// The name of the good request afterwards.
pub const GOOD: &str = "good";

/// All slots of a plan, in a fixed order.
#[must_use]
pub fn slots(spec: &Spec, plan: &Plan) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (index, family) in plan.families.iter().enumerate() {
        for machine in spec.machines.values() {
            let births = plan
                .steps
                .iter()
                .chain(std::iter::once(&plan.goal))
                .chain(&plan.good)
                .filter(|step| {
                    step.family == index && step.births && machine_of(spec, step) == Some(machine.name.as_str())
                })
                .count()
                .max(1);
            for (name, fact) in &machine.facts {
                let FactKind::Made(Value::Any(draw)) = &fact.kind else {
                    continue;
                };
                slots.extend((0..births).map(|incarnation| Slot {
                    key: fact_key(&family.name, &machine.name, name, incarnation),
                    kind: SlotKind::Any(draw.as_ref().clone()),
                    shrinks: false,
                }));
            }
        }
    }
    for (index, step) in plan.steps.iter().enumerate() {
        step_slots(spec, step, &step_name(index), false, &mut slots);
    }
    step_slots(spec, &plan.goal, GOAL, true, &mut slots);
    if let Some(good) = &plan.good {
        step_slots(spec, good, GOOD, false, &mut slots);
    }
    slots
}

/// Whether drawing again makes a different case: the judged request draws something, or makes something up.
#[must_use]
pub fn draws(spec: &Spec, plan: &Plan) -> bool {
    let mut slots = Vec::new();
    step_slots(spec, &plan.goal, GOAL, true, &mut slots);
    let made = plan.goal.births
        && machine_of(spec, &plan.goal).and_then(|name| spec.machines.get(name)).is_some_and(|machine| {
            machine.facts.values().any(|fact| matches!(&fact.kind, FactKind::Made(Value::Any(_))))
        });
    made || !slots.is_empty()
}

fn machine_of<'s>(spec: &'s Spec, step: &Step) -> Option<&'s str> {
    spec.transitions.get(&step.transition).map(|transition| transition.machine.value.as_str())
}

fn step_slots(spec: &Spec, step: &Step, name: &str, shrinks: bool, slots: &mut Vec<Slot>) {
    let Some(transition) = spec.transitions.get(&step.transition) else {
        return;
    };
    template(transition, &step.with).each_part(&mut |at, value| value_slots(value, at, name, shrinks, slots));
}

fn value_slots(value: &Value, at: &Pointer, step: &str, shrinks: bool, slots: &mut Vec<Slot>) {
    let mut add = |kind| {
        slots.push(Slot { key: value_key(step, at), kind, shrinks });
    };
    match value {
        Value::Any(draw) => add(SlotKind::Any(draw.as_ref().clone())),
        Value::OneOf(choices) => {
            add(SlotKind::Choice(choices.len()));
            for (index, choice) in choices.iter().enumerate() {
                value_slots(choice, &at.join(&format!("choice{index}")), step, shrinks, slots);
            }
        }
        Value::Upper(inner) => value_slots(inner, at, step, shrinks, slots),
        Value::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                value_slots(element, &at.join(&index.to_string()), step, shrinks, slots);
            }
        }
        Value::Map(members) => {
            for (name, member) in members {
                value_slots(member, &at.join(name), step, shrinks, slots);
            }
        }
        _ => {}
    }
}
