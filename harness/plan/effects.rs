//! Effects: an outcome that changes a fact, joined in one case with each outcome that rests on the fact and could not have come
//! before. Wrong, wrong, right, wrong: nobody wrote that case.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use crate::plan::model::{Demand, Effect, FactClass, Model, Start, Test};
use crate::plan::search::Hop;
use crate::plan::world::{FactId, Known, World};
use crate::spec::model::WithKey;

/// An effect and the outcome that depends on it, with the way that shows it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// `machine.fact`.
    pub fact: String,
    /// The transition that changes it.
    pub setter_transition: String,
    /// Its outcome.
    pub setter_outcome: String,
    /// The transition that depends on it.
    pub user_transition: String,
    /// Its outcome.
    pub user_outcome: String,
    /// The way to the world in which the second outcome comes.
    pub hops: Vec<Hop>,
    /// Which hop changes the fact.
    pub at: usize,
    /// The edge of the second outcome.
    pub user: usize,
    /// The world at the end of the way, narrowed to what the second outcome demands.
    pub world: World,
}

/// A node of the search: a world before or after the fact was changed.
#[derive(Clone)]
struct Node {
    world: World,
    phase: usize,
    before: Option<(usize, Hop)>,
    at: usize,
}

/// Nodes that the search for one pair looks at before it gives up.
const NODE_BUDGET: usize = 8_000;

/// Every pair that a way shows and that is not the ordinary way to the second outcome anyhow.
#[must_use]
pub fn pairs(model: &Model<'_>) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (setter, edge) in model.edges.iter().enumerate() {
        if !edge.walkable || edge.row > 0 {
            continue;
        }
        for fact in changed(model, setter) {
            for user in users(model, fact) {
                if !may_establish(model, setter, fact, user) {
                    continue;
                }
                let known = |pair: &Pair| {
                    pair.setter_transition == edge.transition
                        && pair.setter_outcome == edge.outcome
                        && pair.user_transition == model.edges[user].transition
                        && pair.user_outcome == model.edges[user].outcome
                };
                if !pairs.iter().any(known) {
                    pairs.extend(pair(model, setter, fact, user));
                }
            }
        }
    }
    pairs
}

fn changed(model: &Model<'_>, edge: usize) -> Vec<FactId> {
    let mut facts: Vec<FactId> = model.edges[edge]
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Add(fact, _) | Effect::Know(fact, _) | Effect::Restart(fact) => Some(*fact),
            Effect::State(..) => None,
        })
        .filter(|fact| matches!(model.facts[*fact].class, FactClass::Changing(_)))
        .filter(|fact| !model.machines[model.facts[*fact].machine].one)
        .collect();
    facts.dedup();
    facts
}

fn users(model: &Model<'_>, fact: FactId) -> Vec<usize> {
    model
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.walkable)
        .filter(|(_, edge)| demands(edge, fact) || rests_on(model, edge, fact))
        .map(|(index, _)| index)
        .collect()
}

/// Whether the effect can make true what the second outcome asks for: without this, most searches would be in vain.
fn may_establish(model: &Model<'_>, setter: usize, fact: FactId, user: usize) -> bool {
    let tests: Vec<&Test> = model.edges[user]
        .demands
        .iter()
        .filter_map(|demand| match demand {
            Demand::Fact(other, test) if *other == fact => Some(test),
            _ => None,
        })
        .collect();
    // What is there from the birth on needs no effect to be there.
    let from_birth = matches!(model.facts[fact].class, FactClass::Changing(Start::As(Known::Present)));
    if from_birth && !tests.is_empty() && tests.iter().all(|test| **test == Test::Present) {
        return false;
    }
    model.edges[setter].effects.iter().any(|effect| match effect {
        Effect::Know(other, known) if *other == fact => {
            tests.iter().all(|test| established(*known, test)) && (!tests.is_empty() || *known != Known::Absent)
        }
        Effect::Add(other, number) if *other == fact => tests.iter().all(|test| match test {
            Test::AtLeast(_) => *number > 0,
            Test::AtMost(_) => *number < 0,
            Test::In(_) | Test::NotIn(_) => true,
            _ => false,
        }),
        Effect::Restart(other) => *other == fact && !tests.is_empty(),
        _ => false,
    })
}

fn established(known: Known, test: &Test) -> bool {
    match test {
        Test::Absent => known == Known::Absent,
        Test::Present | Test::Within => known != Known::Absent,
        Test::AtLeast(number) => matches!(known, Known::Number(found) if found >= *number),
        Test::AtMost(number) => matches!(known, Known::Number(found) if found <= *number),
        Test::In(choices) => choices.contains(&known),
        Test::NotIn(choices) => !choices.contains(&known),
        Test::Older => known == Known::Absent,
    }
}

fn demands(edge: &crate::plan::model::Edge, fact: FactId) -> bool {
    edge.demands.iter().any(|demand| matches!(demand, Demand::Fact(other, _) if *other == fact))
}

/// Whether the `with` of an outcome sends the fact.
fn rests_on(model: &Model<'_>, edge: &crate::plan::model::Edge, fact: FactId) -> bool {
    let outcome = &model.spec.transitions[&edge.transition].outcomes[&edge.outcome];
    outcome.with.iter().any(|(key, value)| {
        !matches!(key, WithKey::Fact(..))
            && value
                .sole_reference()
                .is_some_and(|reference| model.fact_id(&reference.thing, &reference.fact) == Some(fact))
    })
}

fn held(model: &Model<'_>, world: &World, user: usize, fact: FactId) -> bool {
    let demands: Vec<Demand> = model.edges[user]
        .demands
        .iter()
        .filter(|demand| matches!(demand, Demand::Fact(other, _) if *other == fact))
        .cloned()
        .collect();
    if demands.is_empty() {
        return model.is_known(world, fact);
    }
    model.meets(&mut world.clone(), &demands)
}

fn pair(model: &Model<'_>, setter: usize, fact: FactId, user: usize) -> Option<Pair> {
    let mut needs = model.needs(&model.edges[setter]);
    needs.extend(model.needs(&model.edges[user]));
    let mut relevant = model.relevant(needs);
    if !relevant.contains(&setter) {
        relevant.push(setter);
    }
    let mut start = model.start();
    let wanted = model.edges[setter].demands.iter().chain(&model.edges[user].demands);
    let settings: Vec<Demand> = wanted.filter(|demand| matches!(demand, Demand::Setting(..))).cloned().collect();
    if !model.meets(&mut start, &settings) {
        return None;
    }
    // Two searches in one: phase 0 before the fact was changed, phase 1 after.
    let mut nodes = vec![Node { world: start.clone(), phase: 0, before: None, at: 0 }];
    let mut seen: FxHashSet<(World, usize)> = FxHashSet::from_iter([(start, 0)]);
    let mut queue = VecDeque::from([0_usize]);
    let mut looked = 0;
    while let Some(index) = queue.pop_front() {
        looked += 1;
        if looked > NODE_BUDGET {
            return None;
        }
        let Node { world, phase, at, .. } = nodes[index].clone();
        if phase == 1
            && let Some(narrowed) = model.applicable(&world, &model.edges[user])
        {
            let hops = way(&nodes, index);
            if ordinary_way(model, user).as_ref() == Some(&hops) {
                return None;
            }
            return Some(found(model, setter, fact, user, hops, at, narrowed));
        }
        for (hop, next) in model.successors(&world, &relevant) {
            let step = way_length(&nodes, index);
            let mut push = |phase: usize, at: usize, next: World| {
                if seen.insert((next.clone(), phase)) {
                    nodes.push(Node { world: next, phase, before: Some((index, hop)), at });
                    queue.push_back(nodes.len() - 1);
                }
            };
            let sets = matches!(hop, Hop::Edge(edge) if model.edges[edge].effects.iter().any(|effect| {
                matches!(effect, Effect::Add(other, _) | Effect::Know(other, _) | Effect::Restart(other) if *other == fact)
            }));
            if phase == 1 {
                if !sets {
                    push(1, at, next);
                }
                continue;
            }
            if hop == Hop::Edge(setter) && !held(model, &world, user, fact) && held(model, &next, user, fact) {
                push(1, step, next.clone());
            }
            push(0, 0, next);
        }
    }
    None
}

fn ordinary_way(model: &Model<'_>, user: usize) -> Option<Vec<Hop>> {
    let edge = &model.edges[user];
    model.search(&model.start(), model.needs(edge), &|world| model.applicable(world, edge)).ok().map(|found| found.hops)
}

fn found(model: &Model<'_>, setter: usize, fact: FactId, user: usize, hops: Vec<Hop>, at: usize, world: World) -> Pair {
    Pair {
        fact: model.facts[fact].name.clone(),
        setter_transition: model.edges[setter].transition.clone(),
        setter_outcome: model.edges[setter].outcome.clone(),
        user_transition: model.edges[user].transition.clone(),
        user_outcome: model.edges[user].outcome.clone(),
        hops,
        at,
        user,
        world,
    }
}

fn way(nodes: &[Node], end: usize) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut at = end;
    while let Some((before, hop)) = nodes[at].before {
        hops.push(hop);
        at = before;
    }
    hops.reverse();
    hops
}

fn way_length(nodes: &[Node], end: usize) -> usize {
    let mut length = 0;
    let mut at = end;
    while let Some((before, _)) = nodes[at].before {
        length += 1;
        at = before;
    }
    length
}
