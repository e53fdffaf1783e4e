//! The run itself: which cases there are, in which order and how many at a time, and what becomes of the rules.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::Value as Json;

use crate::cases::draw::{Draws, seed};
use crate::cases::slots::{draws, slots};
use crate::exchange::transport::Transport;
use crate::plan::model::Model;
use crate::plan::path::{self, Plan};
use crate::plan::rules::{Rule, Subject};
use crate::run::capability::{self, Capability};
use crate::run::case::{self, CaseEnd, Workshop};
use crate::run::clock::Clock;
use crate::run::event::{CaseFinished, Event, LOG_VERSION, RunStarted};
use crate::run::key::Key;
use crate::run::ledger::Ledger;
use crate::run::pool::Pool;
use crate::run::record::{Record, finish};
use crate::run::session::Session;
use crate::run::shrink::{self, AS_DRAWN};
use crate::run::single;
use crate::run::target::{Options, Target};
use crate::run::unmake::Ways;
use crate::spec::model::Spec;
use crate::verdict::finding::Verdict;

/// What is to be run.
pub struct Order<'s> {
    /// The specification.
    pub spec: &'s Spec,
    /// The rules, in the order of the specification.
    pub rules: Vec<Rule>,
    /// One case alone, for a replay.
    pub only: Option<Key>,
}

/// One case to run.
#[derive(Debug, Clone)]
struct Task {
    rule: usize,
    plan: usize,
    index: usize,
}

/// Runs rules against a target; every event goes to `emit`. Gives the ledger's count of requests.
pub async fn run(
    order: Order<'_>,
    target: Target,
    options: Options,
    transport: Transport,
    stopping: Rc<Cell<bool>>,
    emit: &mut dyn FnMut(Event),
) -> Vec<Record> {
    let begun = Instant::now();
    let mut model = Model::new(order.spec);
    let ways = Ways::new(&model);
    let session = Session {
        spec: order.spec,
        target,
        options,
        transport,
        ledger: RefCell::new(Ledger::default()),
        clock: Clock::new(),
        singles: RefCell::new(BTreeMap::new()),
        found: RefCell::new(BTreeMap::new()),
        left: RefCell::new(Vec::new()),
        stopping,
    };
    let mut records: Vec<Record> = Vec::new();
    for rule in &order.rules {
        let planned = path::plan(&mut model, rule);
        records.push(Record::new(rule.clone(), planned));
    }
    single::find(&session).await;
    let mut groups: BTreeMap<single::Assignment, Vec<Task>> = BTreeMap::new();
    let mut planned = 0;
    for (index, record) in records.iter_mut().enumerate() {
        for (number, plan) in record.plans.clone().iter().enumerate() {
            match capability::of(&session, plan) {
                Capability::Can(assignment) => {
                    let tasks = tasks(&session, order.only.as_ref(), index, number, plan);
                    planned += tasks.len();
                    groups.entry(assignment).or_default().extend(tasks);
                }
                Capability::Cannot(reason) => record.skipped(&plan.label, reason),
            }
        }
    }
    emit(Event::RunStarted(RunStarted {
        version: LOG_VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        target: session.target.url.clone(),
        embedded: session.target.embedded,
        seed: session.options.seed.clone(),
        mark: session.options.mark.clone(),
        rules: records.len(),
        cases: planned,
        at: session.options.started_at.clone(),
        strict: session.options.strict,
        again: session.options.again.clone(),
    }));
    let pool = Pool::default();
    let workshop = Workshop { session: &session, pool: &pool, ways: &ways };
    let mut lacking: BTreeMap<String, String> = BTreeMap::new();
    for (assignment, tasks) in groups {
        if session.stopping.get() {
            break;
        }
        if let Err(reason) = single::set(&workshop, &assignment).await {
            for task in &tasks {
                records[task.rule].inconclusive(&reason);
            }
            continue;
        }
        let (first, rest): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(|task| {
            task.index == 0 && task.plan == 0 && capability::is_entry(&session, &records[task.rule].rule)
        });
        for task in first {
            batch(&workshop, vec![task], &mut records, &mut lacking, 1, emit).await;
        }
        batch(&workshop, rest, &mut records, &mut lacking, session.options.jobs, emit).await;
    }
    let left = case::unmake_shared(&workshop, pool.drain()).await;
    session.left.borrow_mut().extend(left);
    single::restore(&workshop).await;
    finish(&session, &mut records, begun.elapsed(), emit);
    records
}

fn tasks(session: &Session<'_>, only: Option<&Key>, rule: usize, plan: usize, of: &Plan) -> Vec<Task> {
    if let Some(key) = only {
        return (key.plan == plan).then_some(Task { rule, plan, index: key.index }).into_iter().collect();
    }
    let table = session
        .spec
        .transitions
        .get(&of.goal.transition)
        .and_then(|transition| transition.outcomes.get(&of.goal.outcome))
        .is_some_and(|outcome| outcome.table);
    let count = if table || of.setter.is_some() || !draws(session.spec, of) { 1 } else { session.options.cases.max(1) };
    (0..count).map(|index| Task { rule, plan, index }).collect()
}

/// Runs cases, so many at a time.
async fn batch(
    workshop: &Workshop<'_, '_>,
    tasks: Vec<Task>,
    records: &mut [Record],
    lacking: &mut BTreeMap<String, String>,
    jobs: usize,
    emit: &mut dyn FnMut(Event),
) {
    let session = workshop.session;
    let failed: RefCell<HashMap<(usize, usize), ()>> = RefCell::new(HashMap::new());
    let inputs: Vec<(Task, Rule, Plan, Option<String>)> = tasks
        .into_iter()
        .map(|task| {
            let record = &records[task.rule];
            let plan = record.plans[task.plan].clone();
            let missing = capability::lacks(session, &plan, &record.rule, lacking);
            (task, record.rule.clone(), plan, missing)
        })
        .collect();
    let failed = &failed;
    let cases = futures_util::stream::iter(inputs.into_iter().map(|(task, rule, plan, missing)| async move {
        if let Some(reason) = missing {
            return (task, Ran::Skipped(reason));
        }
        let stop = session.stopping.get() || failed.borrow().contains_key(&(task.rule, task.plan));
        if stop {
            return (task, Ran::Not);
        }
        let first = || failed.borrow_mut().insert((task.rule, task.plan), ()).is_none();
        let ended = one(workshop, &rule, &plan, &task, &first).await;
        (task, Ran::Ended(Box::new(ended)))
    }))
    .buffer_unordered(jobs.max(1));
    let clock = move_clock(session);
    tokio::pin!(cases);
    tokio::pin!(clock);
    loop {
        let next = tokio::select! {
            next = cases.next() => next,
            () = &mut clock => None,
        };
        let Some((task, ran)) = next else { break };
        match ran {
            Ran::Not => {}
            Ran::Skipped(reason) => {
                let label = records[task.rule].plans[task.plan].label.clone();
                records[task.rule].skipped(&label, reason);
            }
            Ran::Ended(ended) => {
                emit(Event::CaseFinished(CaseFinished {
                    rule: records[task.rule].rule.name.clone(),
                    key: ended.key.clone(),
                    verdict: ended.end.verdict,
                    exchanges: ended.exchanges,
                }));
                if let Some((machine, reason)) = capability::missing(session, &records[task.rule].rule, &ended.end) {
                    lacking.insert(machine, reason);
                }
                session.left.borrow_mut().extend(ended.end.left.clone());
                records[task.rule].take(*ended);
            }
        }
    }
}

enum Ran {
    Ended(Box<Ended>),
    Not,
    Skipped(String),
}

/// A case that ran, made smaller where it failed.
pub struct Ended {
    /// How it ended.
    pub end: CaseEnd,
    /// What replays it.
    pub key: String,
    /// What was drawn, for a report.
    pub drawn: BTreeMap<String, Json>,
    /// How small it is.
    pub shrunk: String,
    /// Exchanges it took, shrinking included.
    pub exchanges: usize,
    /// The label of its plan.
    pub label: String,
}

/// Runs one case; the first of a plan that fails is made smaller.
async fn one(workshop: &Workshop<'_, '_>, rule: &Rule, plan: &Plan, task: &Task, is_first: &dyn Fn() -> bool) -> Ended {
    let session = workshop.session;
    let slots = slots(session.spec, plan);
    let seed = seed(&session.options.seed, &rule.name, &plan.label, task.index);
    let key = Key {
        rule: rule.name.clone(),
        plan: task.plan,
        index: task.index,
        seed: session.options.seed.clone(),
        trail: session.options.trail.clone(),
    };
    let mut draws = match Draws::new(&slots, seed) {
        Ok(draws) => draws,
        Err(reason) => return undrawn(key, reason, plan),
    };
    if let Err(reason) = draws.follow(&key.trail) {
        return undrawn(key, reason, plan);
    }
    let drawn = draws.current();
    let proofs = task.index == 0;
    let end = case::run(workshop, plan, drawn.clone(), &key.to_string(), proofs).await;
    let exchanges = end.exchanges.len();
    let worth =
        end.verdict == Verdict::Deviates && is_first() && end.blame.is_none() && slots.iter().any(|slot| slot.shrinks);
    if worth && session.options.shrink_budget > 0 && key.trail.is_empty() {
        return shrink::smaller(workshop, plan, draws, key, end, exchanges).await;
    }
    Ended {
        drawn: case::drawn_for_report(&drawn),
        key: key.to_string(),
        shrunk: AS_DRAWN.to_owned(),
        exchanges,
        label: plan.label.clone(),
        end,
    }
}

fn undrawn(key: Key, reason: String, plan: &Plan) -> Ended {
    Ended {
        end: case::ended(Verdict::Inconclusive, reason),
        key: key.to_string(),
        drawn: BTreeMap::new(),
        shrunk: String::new(),
        exchanges: 0,
        label: plan.label.clone(),
    }
}

/// How often it is looked whether every running case waits.
const LOOK: Duration = Duration::from_millis(5);

/// Moves the target's clock whenever every running case waits; never ends.
async fn move_clock(session: &Session<'_>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(due) = session.clock.due() else { continue };
        let by = Duration::from_secs(due.as_secs() + 1);
        let moved = session.hook("POST", "clock", serde_json::json!({"advance": by.as_secs()})).await;
        // Where the clock cannot be moved the cases go on and find that nothing has expired.
        let _ = moved;
        session.clock.moved(by);
    }
}

/// Whether a rule is about things that only one exchange or none shows.
#[must_use]
pub fn is_passive(rule: &Rule) -> bool {
    matches!(rule.subject, Subject::Everywhere { .. })
}
