//! One rule to its plans: for each state, row and choice the steps that lead there, and the step that is judged.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::plan::model::{Demand, Edge, FactClass, Model, NONE_ID};
use crate::plan::rules::{Rule, Subject};
use crate::plan::search::{Found, Hop};
use crate::plan::world::World;
use crate::spec::condition::Condition;
use crate::spec::model::{Act, Expectation, From, Given, GivenThing, Scope, Standing, To, Transition, WithKey};
use crate::spec::value::{Duration, Value};

/// A family: things that belong together. The first one is the rule's own, the others are its further things.
#[derive(Debug, Clone)]
pub struct Family {
    /// Empty for the rule's own; else the name in the `given`, with a number where there are several.
    pub name: String,
    /// The name in the `given`.
    pub role: String,
    /// The machine of the thing that carries the name.
    pub machine: String,
    /// What its settings are.
    pub settings: BTreeMap<String, Json>,
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// Index of the family.
    pub family: usize,
    /// The transition; empty where time passes that no transition names.
    pub transition: String,
    /// The outcome that is expected; empty for a refusal or a law.
    pub outcome: String,
    /// What differs in the request.
    pub with: IndexMap<WithKey, Value>,
    /// What is expected.
    pub expectation: Expectation,
    /// What that stands on.
    pub standing: Standing,
    /// Whether the step starts a new thing.
    pub births: bool,
    /// Whether a published link is followed.
    pub follows: bool,
    /// The rule that says the same, to look at where the step deviates.
    pub rule: String,
    /// Time that passes instead.
    pub wait: Option<Duration>,
}

/// A plan: everything that one case of a rule does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which of the rule's plans: the state, the row, the choices; empty where there is but one.
    pub label: String,
    /// The families.
    pub families: Vec<Family>,
    /// The way.
    pub steps: Vec<Step>,
    /// The steps that are judged; side by side where there are several.
    pub goal: Step,
    /// What must still succeed afterwards, where the goal changes nothing.
    pub good: Option<Step>,
    /// Which step of the way has the effect that the goal shows.
    pub setter: Option<usize>,
    /// What is wanted of things of which there is one: by fact the choices that fit; only where not all do.
    pub wanted: BTreeMap<String, Vec<Json>>,
    /// Facts of things of which there is one that a step sends or sets.
    pub touched: BTreeSet<String>,
    /// Facts that the goal sends and nobody can know: they are made up, and the claim is a `should`.
    pub made_up: Vec<String>,
    /// Nodes that the search looked at.
    pub nodes: usize,
}

/// What became of planning a rule.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// The plans.
    pub plans: Vec<Plan>,
    /// Variants that no path reaches, with the nearest that was found.
    pub unreached: Vec<(String, String)>,
}

/// Plans a rule.
#[must_use]
pub fn plan(model: &mut Model<'_>, rule: &Rule) -> Planned {
    let mut planned = Planned::default();
    match &rule.subject {
        Subject::Everywhere { .. } => {}
        Subject::Outcome { transition, outcome } => {
            for variant in outcome_variants(model, transition, outcome) {
                planned.take(model, variant);
            }
        }
        Subject::Refusal { transition, state, claim } => {
            let variant = refusal_variant(model, transition, state, claim, rule);
            planned.take(model, variant);
        }
        Subject::ForEach { law, transition } => {
            if let Some(variant) = law_variant(model, law, transition, rule) {
                planned.take(model, variant);
            }
        }
        Subject::Effect(pair) => {
            let found = Found { hops: pair.hops.clone(), world: pair.world.clone(), nodes: 0 };
            let edge = model.edges[pair.user].clone();
            let mut goal = edge_step(model, &edge, 0);
            goal.standing = rule.standing.clone();
            let mut plan = assemble(model, String::new(), found, goal, &Given::default(), &edge.sends);
            plan.setter = Some(pair.at);
            planned.plans.push(plan);
        }
        Subject::SideBySide { law } => {
            for variant in side_variants(model, law, rule) {
                planned.take(model, variant);
            }
        }
    }
    planned
}

impl Planned {
    fn take(&mut self, model: &mut Model<'_>, variant: Variant) {
        match reach(model, &variant) {
            Ok(plan) => self.plans.push(plan),
            Err(nearest) => self.unreached.push((variant.label, nearest)),
        }
    }
}

/// One thing to reach: an edge that may be narrowed, and the step that is judged there.
struct Variant {
    label: String,
    edge: Edge,
    goal: Step,
    given: Given,
    /// Whether facts that nobody can know may be made up.
    may_make_up: bool,
}

fn reach(model: &mut Model<'_>, variant: &Variant) -> Result<Plan, String> {
    let start = narrowed_start(model, &variant.edge.demands);
    let mut edge = variant.edge.clone();
    let mut found = model.search(&start, model.needs(&edge), &|world| model.applicable(world, &edge));
    let mut made_up = Vec::new();
    if found.is_err() && variant.may_make_up {
        // What the answers of the way do not publish is made up.
        let unknown: Vec<usize> = edge
            .sends
            .iter()
            .copied()
            .filter(|fact| matches!(model.facts[*fact].class, FactClass::Answered(_) | FactClass::Changing(_)))
            .collect();
        edge.sends.retain(|fact| !unknown.contains(fact));
        made_up = unknown.iter().map(|fact| model.facts[*fact].name.clone()).collect();
        found = model.search(&start, model.needs(&edge), &|world| model.applicable(world, &edge));
    }
    match found {
        Ok(found) => {
            let end = found.world.clone();
            let mut plan =
                assemble(model, variant.label.clone(), found, variant.goal.clone(), &variant.given, &edge.sends);
            plan.made_up = made_up;
            plan.good = good_step(model, &edge, &plan.goal, &end);
            add_families(model, &variant.given, &mut plan)?;
            Ok(plan)
        }
        Err(_) => Err(model.nearest(&start, &edge)),
    }
}

/// The first ordinary outcome of the transition that may come after a goal that changed nothing.
fn good_step(model: &Model<'_>, edge: &Edge, goal: &Step, end: &World) -> Option<Step> {
    let unchanged = match goal.expectation.to.as_ref().map(|to| &to.value) {
        Some(To::Unchanged) => true,
        Some(To::States(states)) => edge.births && states.iter().any(|state| state == crate::spec::model::NONE),
        None => false,
    };
    if !unchanged || (goal.with.is_empty() && edge.outcome.is_empty()) {
        return None;
    }
    let after = model.apply(end, edge);
    model
        .edges
        .iter()
        .filter(|other| other.transition == edge.transition && !other.has_with && other.walkable)
        .find(|other| model.applicable(&after, other).is_some())
        .filter(|other| !goal.with.is_empty() || other.outcome != edge.outcome)
        .map(|other| edge_step(model, other, 0))
}

/// The world before anything was done, with the settings that demands ask for.
fn narrowed_start(model: &Model<'_>, demands: &[Demand]) -> World {
    let mut start = model.start();
    let settings: Vec<Demand> =
        demands.iter().filter(|demand| matches!(demand, Demand::Setting(..))).cloned().collect();
    let mut narrowed = start.clone();
    if model.meets(&mut narrowed, &settings) {
        start = narrowed;
    }
    start
}

/// The steps of a way, and what its settings are at the end.
fn assemble(model: &Model<'_>, label: String, found: Found, goal: Step, _given: &Given, goal_sends: &[usize]) -> Plan {
    let family = Family {
        name: String::new(),
        role: String::new(),
        machine: String::new(),
        settings: settings(model, &found.world),
    };
    let steps = found.hops.iter().map(|hop| hop_step(model, *hop, 0)).collect();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let sent = found.hops.iter().filter_map(|hop| match hop {
        Hop::Edge(edge) => Some(&model.edges[*edge]),
        Hop::Wait => None,
    });
    for fact in sent.flat_map(|edge| &edge.sends).chain(goal_sends) {
        if model.machines[model.facts[*fact].machine].one {
            touched.insert(model.facts[*fact].name.clone());
        }
    }
    Plan {
        label,
        families: vec![family],
        steps,
        goal,
        good: None,
        setter: None,
        wanted: wanted(model, &found.world),
        touched,
        made_up: Vec::new(),
        nodes: found.nodes,
    }
}

fn settings(model: &Model<'_>, world: &World) -> BTreeMap<String, Json> {
    let mut settings = BTreeMap::new();
    for (id, fact) in model.facts.iter().enumerate() {
        if let FactClass::Setting(choices) = &fact.class
            && !model.machines[fact.machine].one
        {
            let first = world.allowed[id].trailing_zeros() as usize;
            if let Some(choice) = choices.get(first) {
                settings.insert(fact.name.clone(), choice.clone());
            }
        }
    }
    settings
}

fn wanted(model: &Model<'_>, world: &World) -> BTreeMap<String, Vec<Json>> {
    let start = model.start();
    let mut wanted = BTreeMap::new();
    for (id, fact) in model.facts.iter().enumerate() {
        if let FactClass::Setting(choices) = &fact.class
            && model.machines[fact.machine].one
            && world.allowed[id] != start.allowed[id]
        {
            let fitting = choices
                .iter()
                .enumerate()
                .filter(|(index, _)| world.allowed[id] & (1 << index) != 0)
                .map(|(_, choice)| choice.clone())
                .collect();
            wanted.insert(fact.name.clone(), fitting);
        }
    }
    wanted
}

fn hop_step(model: &Model<'_>, hop: Hop, family: usize) -> Step {
    match hop {
        Hop::Edge(edge) => edge_step(model, &model.edges[edge], family),
        Hop::Wait => Step {
            family,
            transition: String::new(),
            outcome: String::new(),
            with: IndexMap::new(),
            expectation: Expectation::default(),
            standing: Standing {
                source: None,
                basis: crate::spec::model::Basis::Inferred,
                level: crate::spec::model::Level::May,
            },
            births: false,
            follows: false,
            rule: String::new(),
            wait: Some(longest_age(model)),
        },
    }
}

/// The longest time that any `$within` or `$older` speaks of.
fn longest_age(model: &Model<'_>) -> Duration {
    let mut longest = Duration(0);
    for transition in model.spec.transitions.values() {
        let givens = std::iter::once(&transition.given).chain(transition.outcomes.values().flat_map(|outcome| {
            std::iter::once(&outcome.given).chain(outcome.rows.iter().filter_map(|row| row.given.as_ref()))
        }));
        for thing in givens.flat_map(|given| given.things.values()) {
            for condition in thing.facts.values() {
                if let Condition::Within(duration) | Condition::Older(duration) = condition {
                    longest = longest.max(*duration);
                }
            }
        }
    }
    longest
}

fn edge_step(model: &Model<'_>, edge: &Edge, family: usize) -> Step {
    let transition = &model.spec.transitions[&edge.transition];
    let outcome = &transition.outcomes[&edge.outcome];
    Step {
        family,
        transition: edge.transition.clone(),
        outcome: edge.outcome.clone(),
        with: outcome.with.clone(),
        expectation: outcome.rows[edge.row].clone(),
        standing: outcome.standing.clone(),
        births: edge.births,
        follows: true,
        rule: edge.rule(model),
        wait: match &transition.act {
            Act::Wait(crate::spec::model::Wait::For(duration)) => Some(*duration),
            _ => None,
        },
    }
}

/// The variants of an outcome: each state of its `from`, each combination of choices, each row that fits.
fn outcome_variants(model: &mut Model<'_>, transition: &str, outcome: &str) -> Vec<Variant> {
    let spec = model.spec;
    let of = &spec.transitions[transition].outcomes[outcome];
    let edges: Vec<Edge> =
        model.edges.iter().filter(|edge| edge.transition == transition && edge.outcome == outcome).cloned().collect();
    let combinations = if of.table { combinations(model, &of.given, &of.with) } else { vec![Combination::default()] };
    let mut variants = Vec::new();
    for combination in combinations {
        let mut fitting = 0;
        for otherwise in [false, true] {
            for edge in edges.iter().filter(|edge| edge.otherwise == otherwise) {
                if otherwise && fitting > 0 {
                    continue;
                }
                for variant in row_variants(model, edge, &combination, of.given.clone()) {
                    fitting += 1;
                    variants.push(variant);
                }
            }
        }
    }
    let several_rows = edges.len() > 1
        && variants.iter().map(|variant| &variant.label).collect::<BTreeSet<_>>().len() < variants.len();
    if several_rows {
        for (index, variant) in variants.iter_mut().enumerate() {
            variant.label = join(&variant.label, &format!("row {}", index + 1));
        }
    }
    variants
}

fn row_variants(model: &Model<'_>, edge: &Edge, combination: &Combination, given: Given) -> Vec<Variant> {
    let mut edge = edge.clone();
    edge.demands.extend(combination.demands.iter().cloned());
    // A row that contradicts the combination does not apply.
    let mut world = model.start();
    let settings: Vec<Demand> =
        edge.demands.iter().filter(|demand| matches!(demand, Demand::Setting(..))).cloned().collect();
    if !model.meets(&mut world, &settings) || contradicts(&edge.demands) {
        return Vec::new();
    }
    let mut goal = edge_step(model, &edge, 0);
    for (key, value) in &combination.with {
        goal.with.insert(key.clone(), value.clone());
    }
    states_of(&edge)
        .into_iter()
        .map(|state| {
            let mut edge = edge.clone();
            let mut label = combination.label.clone();
            if let Some(state) = state {
                edge.from = vec![state];
                label = join(model.state_name(state), &label);
            }
            Variant { label, edge, goal: goal.clone(), given: given.clone(), may_make_up: false }
        })
        .collect()
}

/// Whether two demands on one fact or state exclude each other.
fn contradicts(demands: &[Demand]) -> bool {
    use crate::plan::model::Test;
    demands.iter().enumerate().any(|(index, one)| {
        demands[index + 1..].iter().any(|other| match (one, other) {
            (Demand::State(a, left), Demand::State(b, right)) => {
                a == b && !left.iter().any(|state| right.contains(state))
            }
            (Demand::Fact(a, Test::In(left)), Demand::Fact(b, Test::In(right))) => {
                a == b && !left.iter().any(|known| right.contains(known))
            }
            _ => false,
        })
    })
}

/// Each state that the outcome may start in; none where that is no question.
fn states_of(edge: &Edge) -> Vec<Option<u16>> {
    if edge.births || edge.from.is_empty() {
        return vec![None];
    }
    let fitting: Vec<u16> = edge
        .from
        .iter()
        .copied()
        .filter(|state| {
            edge.demands.iter().all(|demand| match demand {
                Demand::State(machine, states) if *machine == edge.machine => states.contains(state),
                _ => true,
            })
        })
        .collect();
    fitting.into_iter().map(Some).collect()
}

#[derive(Debug, Clone, Default)]
struct Combination {
    label: String,
    demands: Vec<Demand>,
    with: Vec<(WithKey, Value)>,
}

/// Every combination of the choices that a table names.
fn combinations(model: &mut Model<'_>, given: &Given, with: &IndexMap<WithKey, Value>) -> Vec<Combination> {
    let mut all = vec![Combination::default()];
    for (name, thing) in &given.things {
        for (fact, condition) in &thing.facts {
            let Condition::In(choices) = condition else {
                continue;
            };
            let options: Vec<Combination> = choices
                .iter()
                .map(|choice| {
                    let narrowed = Given {
                        things: [(
                            name.clone(),
                            GivenThing {
                                further: None,
                                state: None,
                                facts: [(fact.clone(), choice.clone())].into_iter().collect(),
                                ..thing.clone()
                            },
                        )]
                        .into_iter()
                        .collect(),
                    };
                    let mut demands = Vec::new();
                    model.givens(usize::MAX, &[&narrowed], &mut demands, &mut Vec::new());
                    demands.retain(|demand| !matches!(demand, Demand::State(..)));
                    Combination { label: format!("{name}.{fact}={}", shown(choice)), demands, with: Vec::new() }
                })
                .collect();
            all = product(&all, &options);
        }
    }
    for (key, value) in with {
        if let Value::OneOf(choices) = value {
            let options: Vec<Combination> = choices
                .iter()
                .map(|choice| Combination {
                    label: format!("{}={}", key_text(key), crate::plan::rules::written(choice)),
                    demands: Vec::new(),
                    with: vec![(key.clone(), choice.clone())],
                })
                .collect();
            all = product(&all, &options);
        }
    }
    all
}

fn product(left: &[Combination], right: &[Combination]) -> Vec<Combination> {
    left.iter()
        .flat_map(|a| {
            right.iter().map(move |b| Combination {
                label: join(&a.label, &b.label),
                demands: a.demands.iter().chain(&b.demands).cloned().collect(),
                with: a.with.iter().chain(&b.with).cloned().collect(),
            })
        })
        .collect()
}

fn shown(condition: &Condition) -> String {
    match condition {
        Condition::Equals(value) => crate::plan::rules::written(value),
        Condition::Absent => "absent".to_owned(),
        Condition::Present => "present".to_owned(),
        _ => "…".to_owned(),
    }
}

fn key_text(key: &WithKey) -> String {
    match key {
        WithKey::At(pointer) => pointer.to_string(),
        WithKey::Fact(thing, fact) => format!("{thing}.{fact}"),
    }
}

fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (_, true) => a.to_owned(),
        _ => format!("{a}, {b}"),
    }
}

fn refusal_variant(model: &mut Model<'_>, transition: &str, state: &str, claim: &Expectation, rule: &Rule) -> Variant {
    let spec = model.spec;
    let found = &spec.transitions[transition];
    let mut edge = bare_edge(model, found, &IndexMap::new());
    if let Some(state) = model.state_id(state) {
        edge.from = vec![state];
    }
    let mut expectation = claim.clone();
    if expectation.to.is_none() {
        expectation.to = Some(crate::spec::model::Located { value: To::Unchanged, place: claim.place });
    }
    Variant {
        label: String::new(),
        goal: Step {
            family: 0,
            transition: transition.to_owned(),
            outcome: String::new(),
            with: IndexMap::new(),
            expectation,
            standing: rule.standing.clone(),
            births: false,
            follows: false,
            rule: rule.name.clone(),
            wait: None,
        },
        edge,
        given: Given::default(),
        may_make_up: true,
    }
}

/// An edge with what the transition itself demands and sends, and no outcome. What its `given` says of its own state is left out.
fn bare_edge(model: &mut Model<'_>, transition: &Transition, with: &IndexMap<WithKey, Value>) -> Edge {
    let machine = model.machine_id(&transition.machine.value).unwrap_or_default();
    let births = transition.from == From::None;
    let mut demands = Vec::new();
    let mut exist = Vec::new();
    let spec = model.spec;
    let machine_given = &spec.machines[&transition.machine.value].given;
    model.givens(machine, &[machine_given, &transition.given], &mut demands, &mut exist);
    let own_facts = |demand: &Demand| match demand {
        Demand::State(of, _) => *of == machine,
        Demand::Fact(fact, _) => model.facts[*fact].machine == machine,
        Demand::Setting(..) => false,
    };
    demands.retain(|demand| !own_facts(demand));
    let sends = model.sends(machine, transition, with, births);
    Edge {
        transition: transition.name.clone(),
        outcome: String::new(),
        row: 0,
        machine,
        from: Vec::new(),
        births,
        demands,
        exist,
        sends,
        to: None,
        effects: Vec::new(),
        answers: Vec::new(),
        has_with: false,
        walkable: false,
        otherwise: false,
    }
}

/// A law in the world of the first outcome of a transition that can be reached.
fn law_variant(model: &mut Model<'_>, law: &str, transition: &str, rule: &Rule) -> Option<Variant> {
    let spec = model.spec;
    let Scope::ForEach { given, with, then, .. } = &spec.laws[law].scope else {
        return None;
    };
    let found = &spec.transitions[transition];
    let first = found.outcomes.values().find(|outcome| outcome.with.is_empty()).or(found.outcomes.values().next())?;
    let mut edge = model.edges.iter().find(|edge| edge.transition == transition && edge.outcome == first.name)?.clone();
    let mut merged = first.with.clone();
    for (key, value) in with {
        merged.insert(key.clone(), value.clone());
    }
    let mut demands = Vec::new();
    let mut exist = Vec::new();
    model.givens(edge.machine, &[given], &mut demands, &mut exist);
    edge.demands.extend(demands);
    edge.exist.extend(exist);
    edge.sends = model.sends(edge.machine, found, &merged, edge.births);
    // What the law expects is not what the outcome does.
    edge.effects.clear();
    edge.answers.clear();
    edge.to = if edge.births { Some(NONE_ID) } else { None };
    let mut all_given = first.given.clone();
    for (name, thing) in &given.things {
        all_given.things.insert(name.clone(), thing.clone());
    }
    Some(Variant {
        label: String::new(),
        goal: Step {
            family: 0,
            transition: transition.to_owned(),
            outcome: String::new(),
            with: merged,
            expectation: then.as_ref().clone(),
            standing: rule.standing.clone(),
            births: edge.births,
            follows: true,
            rule: rule.name.clone(),
            wait: None,
        },
        edge,
        given: all_given,
        may_make_up: false,
    })
}

/// One variant for each outcome of a law between outcomes; the label is the outcome.
fn side_variants(model: &mut Model<'_>, law: &str, rule: &Rule) -> Vec<Variant> {
    let spec = model.spec;
    let Scope::Of { outcomes, given, .. } = &spec.laws[law].scope else {
        return Vec::new();
    };
    let mut variants = Vec::new();
    for name in outcomes {
        let Some((transition, outcome)) = name.value.split_once('.') else {
            continue;
        };
        let edges: Vec<Edge> = model
            .edges
            .iter()
            .filter(|edge| edge.transition == transition && edge.outcome == outcome)
            .cloned()
            .collect();
        let mut demands = Vec::new();
        let mut exist = Vec::new();
        let Some(machine) = edges.first().map(|edge| edge.machine) else {
            continue;
        };
        model.givens(machine, &[given], &mut demands, &mut exist);
        // The ready state that the law's `given` implies would contradict outcomes that say another.
        for edge in edges {
            let mut edge = edge.clone();
            for demand in &demands {
                let said = matches!(demand, Demand::State(machine, _) if edge
                    .demands
                    .iter()
                    .any(|own| matches!(own, Demand::State(other, _) if other == machine)));
                if !said {
                    edge.demands.push(demand.clone());
                }
            }
            edge.exist.extend(exist.iter().copied());
            let mut world = model.start();
            let settings: Vec<Demand> =
                edge.demands.iter().filter(|demand| matches!(demand, Demand::Setting(..))).cloned().collect();
            if !model.meets(&mut world, &settings) {
                continue;
            }
            let mut goal = edge_step(model, &edge, 0);
            goal.rule = format!("{}/{transition}.{outcome}", spec.transitions[transition].machine.value);
            variants.push(Variant {
                label: name.value.clone(),
                goal,
                given: spec.transitions[transition].outcomes[outcome].given.clone(),
                edge,
                may_make_up: false,
            });
            break;
        }
    }
    let _ = rule;
    variants
}

/// The further things of a `given`, each with a way of its own.
fn add_families(model: &mut Model<'_>, given: &Given, plan: &mut Plan) -> Result<(), String> {
    let mut prelude = Vec::new();
    // Things of one family are those that say `of` another further thing.
    let further: Vec<(&String, &GivenThing)> =
        given.things.iter().filter(|(_, thing)| thing.further.is_some()).collect();
    for (name, thing) in &further {
        let Some(kind) = &thing.further else { continue };
        let Some(machine) = model.machine_id(&kind.machine) else {
            return Err(format!("there is no machine `{}`", kind.machine));
        };
        for number in 0..kind.count {
            let mut demands = Vec::new();
            let wants = Given {
                things: [(kind.machine.clone(), GivenThing { further: None, ..(*thing).clone() })]
                    .into_iter()
                    .collect(),
            };
            model.givens(usize::MAX, &[&wants], &mut demands, &mut Vec::new());
            let edge = Edge {
                transition: String::new(),
                outcome: String::new(),
                row: 0,
                machine,
                from: Vec::new(),
                births: false,
                demands,
                exist: vec![machine],
                sends: Vec::new(),
                to: None,
                effects: Vec::new(),
                answers: Vec::new(),
                has_with: false,
                walkable: false,
                otherwise: false,
            };
            let start = narrowed_start(model, &edge.demands);
            let found = model
                .search(&start, model.needs(&edge), &|world| {
                    (world.states[machine] != NONE_ID).then(|| model.applicable(world, &edge)).flatten()
                })
                .map_err(|_| format!("{name}: {}", model.nearest(&start, &edge)))?;
            let index = plan.families.len();
            plan.families.push(Family {
                name: if kind.count > 1 { format!("{name}#{number}") } else { (*name).clone() },
                role: (*name).clone(),
                machine: kind.machine.clone(),
                settings: settings(model, &found.world),
            });
            prelude.extend(found.hops.iter().map(|hop| hop_step(model, *hop, index)));
        }
    }
    let setter = plan.setter.map(|setter| setter + prelude.len());
    prelude.append(&mut plan.steps);
    plan.steps = prelude;
    plan.setter = setter;
    Ok(())
}
