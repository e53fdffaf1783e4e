//! One case: the shared things, the way, the step that is judged, the proofs afterwards, and unmaking what it made.

use std::collections::BTreeMap;
use std::time::Instant;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::cases::draw::{Drawn, Draws, seed};
use crate::cases::slots::{GOAL, GOOD, slots, step_name};
use crate::exchange::cookies::CookieJar;
use crate::plan::path::{Plan, Step};
use crate::run::event::LeftBehind;
use crate::run::pool::{self, Failure, Pool};
use crate::run::session::Session;
use crate::run::step::{Running, StepEnd, strongest};
use crate::run::unmake::{self, Ways};
use crate::run::world::{FamilyWorld, World};
use crate::spec::model::{Expectation, Level, Located, NONE, Outcome, Refusal, SetKey, To};
use crate::verdict::finding::{Finding, Verdict};
use crate::wire::exchange::Exchange;

/// What a case ended with.
#[derive(Debug, Clone)]
pub struct CaseEnd {
    /// Its verdict.
    pub verdict: Verdict,
    /// The differences.
    pub findings: Vec<Finding>,
    /// The alternatives that were taken.
    pub variances: Vec<String>,
    /// Why, where it is inconclusive.
    pub reason: String,
    /// The rule to look at, where it is inconclusive.
    pub look_at: Option<String>,
    /// The rule whose own deviation would explain this one.
    pub blame: Option<String>,
    /// Its exchanges.
    pub exchanges: Vec<Exchange>,
    /// The exchange in question.
    pub at: usize,
    /// Its steps.
    pub way: Vec<String>,
    /// What was answered to the judged step.
    pub answer: Json,
    /// What could not be unmade.
    pub left: Vec<LeftBehind>,
    /// Milliseconds.
    pub took: u64,
}

/// What a case needs beside its plan.
pub struct Workshop<'w, 's> {
    /// What all cases share.
    pub session: &'w Session<'s>,
    /// Things that cases only read.
    pub pool: &'w Pool,
    /// How things are unmade.
    pub ways: &'w Ways,
}

/// Runs one case.
pub async fn run(workshop: &Workshop<'_, '_>, plan: &Plan, drawn: Drawn, key: &str, proofs: bool) -> CaseEnd {
    let begun = Instant::now();
    workshop.session.clock.begin();
    let mut running = start(workshop.session, plan, drawn, key);
    let mut end = take(workshop, plan, &mut running, proofs).await;
    // A foreign server may keep what it says it deleted.
    let verify = end.verdict == Verdict::Deviates || !running.leftovers.is_empty() || !workshop.session.target.embedded;
    let exchanges = running.exchanges.clone();
    end.left = unmake::unmake(&mut running, workshop.ways, verify).await;
    workshop.session.clock.end();
    end.exchanges = exchanges;
    end.way = running.way;
    end.took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    end
}

fn start<'c, 's>(session: &'c Session<'s>, plan: &Plan, drawn: Drawn, key: &str) -> Running<'c, 's> {
    let singles = session.singles.borrow().clone();
    Running {
        session,
        world: World::new(session.spec, plan, drawn, singles, &session.options.mark),
        exchanges: Vec::new(),
        way: Vec::new(),
        cookies: CookieJar::default(),
        key: key.to_owned(),
        made_up: plan.made_up.clone(),
        leftovers: Vec::new(),
    }
}

/// A case that ended before anything was judged.
#[must_use]
pub fn ended(verdict: Verdict, reason: String) -> CaseEnd {
    CaseEnd {
        verdict,
        findings: Vec::new(),
        variances: Vec::new(),
        reason,
        look_at: None,
        blame: None,
        exchanges: Vec::new(),
        at: 0,
        way: Vec::new(),
        answer: Json::Null,
        left: Vec::new(),
        took: 0,
    }
}

async fn take(workshop: &Workshop<'_, '_>, plan: &Plan, running: &mut Running<'_, '_>, proofs: bool) -> CaseEnd {
    let mut skip = Vec::new();
    for family in 0..plan.families.len() {
        match share(workshop, plan, family).await {
            Ok((things, count)) => {
                skip.push(count);
                if let Some(things) = things {
                    adopt(running, family, things);
                }
            }
            Err(failure) => {
                return CaseEnd { look_at: Some(failure.look_at), ..ended(Verdict::Inconclusive, failure.reason) };
            }
        }
    }
    for (index, step) in plan.steps.iter().enumerate() {
        if skip[step.family] > 0 {
            skip[step.family] -= 1;
            continue;
        }
        if let Some(end) = way_step(running, step, &step_name(index)).await {
            return end;
        }
    }
    judge_goal(plan, running, proofs).await
}

/// Takes a step of the way; an end where the case cannot go on.
async fn way_step(running: &mut Running<'_, '_>, step: &Step, name: &str) -> Option<CaseEnd> {
    let repeats = step.expectation.or.iter().filter(|alternative| alternative.replaces.eventually.is_some()).count();
    match running.step(step, name).await {
        StepEnd::Came(_) => {
            // Where a later attempt is accepted as well, the way goes on until the thing is where it should be.
            if repeats > 0 {
                let _ = settle(running, step, name).await;
            }
            None
        }
        StepEnd::Deviated(findings) => Some(CaseEnd {
            look_at: Some(step.rule.clone()),
            at: running.exchanges.len().saturating_sub(1),
            reason: format!(
                "the step {} of the way deviates: {}",
                step.rule,
                findings.first().map_or_else(String::new, |finding| format!(
                    "at {} expected {}, got {}",
                    finding.pointer, finding.expected, finding.actual
                ))
            ),
            findings,
            ..ended(Verdict::Inconclusive, String::new())
        }),
        StepEnd::Nothing(reason) => Some(CaseEnd {
            look_at: (!step.rule.is_empty()).then(|| step.rule.clone()),
            at: running.exchanges.len().saturating_sub(1),
            ..ended(Verdict::Inconclusive, reason)
        }),
    }
}

/// Attempts that a locking outcome may take more than documented.
const LATER_ATTEMPTS: usize = 2;

/// Sends a step again until what it sets can be observed. The reason of the alternative, where it took another attempt.
async fn settle(
    running: &mut Running<'_, '_>,
    step: &Step,
    name: &str,
) -> Result<Option<(String, Vec<Finding>)>, Vec<Finding>> {
    let because = step
        .expectation
        .or
        .iter()
        .find(|alternative| alternative.replaces.eventually.is_some())
        .map(|alternative| alternative.because.value.clone());
    let mut first = Vec::new();
    for attempt in 0..=LATER_ATTEMPTS {
        let wrong = observe_sets(running, step).await;
        if wrong.is_empty() {
            return Ok((attempt > 0).then_some(because).flatten().map(|because| (because, first)));
        }
        if because.is_none() || attempt == LATER_ATTEMPTS {
            return Err(wrong);
        }
        if attempt == 0 {
            first = wrong;
        }
        let _ = running.step(step, name).await;
    }
    Ok(None)
}

async fn judge_goal(plan: &Plan, running: &mut Running<'_, '_>, proofs: bool) -> CaseEnd {
    let goal = &plan.goal;
    let came = running.step(goal, GOAL).await;
    let at = running.exchanges.len().saturating_sub(1);
    let answer = running.exchanges.last().map_or(Json::Null, Exchange::answer_document);
    let mut end = match came {
        StepEnd::Nothing(reason) => ended(Verdict::Inconclusive, reason),
        StepEnd::Deviated(findings) => CaseEnd { findings, ..ended(Verdict::Deviates, String::new()) },
        StepEnd::Came(variance) => {
            let (because, findings) = variance.unzip();
            let mut end = CaseEnd {
                variances: because.into_iter().collect(),
                findings: findings.unwrap_or_default(),
                ..ended(Verdict::Conforms, String::new())
            };
            if proofs {
                prove(plan, running, &mut end).await;
            }
            end
        }
    };
    end.at = if end.blame.is_some() { running.exchanges.len().saturating_sub(1) } else { at };
    end.answer = answer;
    grade(plan, end)
}

/// A difference in what is only a `should` is a variance.
fn grade(plan: &Plan, mut end: CaseEnd) -> CaseEnd {
    if end.verdict == Verdict::Deviates {
        let level = strongest(&end.findings);
        let level = if plan.made_up.is_empty() { level } else { level.min(Level::Should) };
        match level {
            Level::Must => {}
            Level::Should => {
                end.verdict = Verdict::Variance;
                end.variances.push(format!("it is a should ({})", plan.goal.standing.basis.name()));
            }
            Level::May => end.verdict = Verdict::Conforms,
        }
    }
    if end.verdict == Verdict::Conforms && !end.variances.is_empty() {
        end.verdict = Verdict::Variance;
    }
    end
}

/// Proves what the answer does not show: that things are in the states and that a good request still succeeds.
async fn prove(plan: &Plan, running: &mut Running<'_, '_>, end: &mut CaseEnd) {
    let goal = &plan.goal;
    match settle(running, goal, GOAL).await {
        Ok(Some((because, findings))) => {
            end.variances.push(because);
            end.findings = findings;
        }
        Ok(None) => {}
        Err(findings) => {
            end.verdict = Verdict::Deviates;
            end.blame = observing_rule(running, goal);
            end.findings = findings;
            return;
        }
    }
    let Some(good) = &plan.good else { return };
    match running.step(good, GOOD).await {
        StepEnd::Came(_) => {}
        StepEnd::Deviated(findings) => {
            end.verdict = Verdict::Deviates;
            end.blame = Some(good.rule.clone());
            end.findings = findings
                .into_iter()
                .map(|finding| Finding {
                    expected: format!("{} by the good request afterwards ({})", finding.expected, good.rule),
                    level: finding.level.min(goal.standing.level),
                    ..finding
                })
                .collect();
        }
        StepEnd::Nothing(reason) => {
            end.verdict = Verdict::Inconclusive;
            end.reason = format!("the good request afterwards: {reason}");
            end.blame = Some(good.rule.clone());
        }
    }
}

fn observing_rule(running: &Running<'_, '_>, step: &Step) -> Option<String> {
    let spec = running.world.spec;
    let machine = &spec.transitions.get(&step.transition)?.machine.value;
    let observe = spec.machines[machine].observe.as_ref()?;
    let first = spec.transitions.get(&observe.value)?.outcomes.keys().next()?;
    Some(format!("{machine}/{}.{first}", observe.value))
}

/// Observes every thing whose state or facts a step claims to change, and its own where its answer does not name the state.
async fn observe_sets(running: &mut Running<'_, '_>, step: &Step) -> Vec<Finding> {
    let spec = running.world.spec;
    let Some(transition) = spec.transitions.get(&step.transition) else {
        return Vec::new();
    };
    let mut machines = vec![transition.machine.value.clone()];
    for key in step.expectation.sets.keys() {
        let (SetKey::Fact(machine, _) | SetKey::State(machine)) = key;
        if !machines.contains(machine) {
            machines.push(machine.clone());
        }
    }
    let given = transition.outcomes.get(&step.outcome).map(|outcome| &outcome.given);
    for name in given.into_iter().flat_map(|given| given.things.keys()) {
        if spec.machines.contains_key(name) && !machines.contains(name) {
            machines.push(name.clone());
        }
    }
    let mut findings = Vec::new();
    for machine in machines {
        findings.extend(observe(running, step, &machine).await);
        if !findings.is_empty() {
            break;
        }
    }
    findings
}

/// Asks for the state of a thing and compares it with what the model has.
async fn observe(running: &mut Running<'_, '_>, step: &Step, name: &str) -> Vec<Finding> {
    let spec = running.world.spec;
    let machine = &spec.machines[name];
    let state = running.world.state(step.family, name).to_owned();
    let Some(observe) = machine.observe.as_ref().filter(|_| !machine.one && state != NONE) else {
        return Vec::new();
    };
    if step.transition == observe.value {
        return Vec::new();
    }
    let Some(transition) = spec.transitions.get(&observe.value) else {
        return Vec::new();
    };
    let place = step.expectation.to.as_ref().map_or(step.expectation.place, |to| to.place);
    let (expectation, level) = if transition.from.offers(&state) {
        let comes = |outcome: &&Outcome| outcome.with.is_empty() && speaks_of(outcome, name, &state);
        let Some(first) = transition.outcomes.values().find(comes) else {
            return Vec::new();
        };
        // Only the state is asked about: everything else is the observing rule's own affair.
        let expectation = Expectation {
            status: first.rows[0].status.clone(),
            to: Some(Located { value: To::Unchanged, place }),
            place,
            ..Expectation::default()
        };
        (expectation, Level::Must)
    } else {
        let refusal = machine.states.get(&state).and_then(|state| state.refuses.as_ref());
        match refusal {
            Some(Refusal::Claim(claim, standing)) => (claim.as_ref().clone(), standing.level),
            _ => return Vec::new(),
        }
    };
    let mut standing = step.standing.clone();
    standing.level = standing.level.min(level);
    let observing = Step {
        family: step.family,
        transition: observe.value.clone(),
        outcome: String::new(),
        with: IndexMap::new(),
        expectation,
        standing,
        births: false,
        follows: false,
        rule: String::new(),
        wait: None,
    };
    match running.step(&observing, "observe").await {
        StepEnd::Deviated(findings) => findings
            .into_iter()
            .map(|finding| Finding {
                expected: format!("{} (the {name} is {state} after this)", finding.expected),
                demanded_by: spec.files.location(place),
                ..finding
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether an outcome's `given` allows a state of its own thing.
fn speaks_of(outcome: &Outcome, machine: &str, state: &str) -> bool {
    let condition = outcome.given.things.get(machine).and_then(|thing| thing.state.as_ref());
    condition.is_none_or(|condition| crate::plan::model::choice_fits(condition, &Json::from(state)))
}

async fn share(
    workshop: &Workshop<'_, '_>,
    plan: &Plan,
    family: usize,
) -> Result<(Option<FamilyWorld>, usize), Failure> {
    let spec = workshop.session.spec;
    let count = pool::shared_steps(spec, plan, family);
    if count == 0 {
        return Ok((None, 0));
    }
    let key = pool::key(spec, plan, family, count);
    let cell = workshop.pool.cell(&key);
    let shared = cell.get_or_init(|| make(workshop, plan, family, count, &key)).await;
    match shared {
        Ok(things) => Ok((Some(things.clone()), count)),
        Err(failure) => Err(failure.clone()),
    }
}

/// Makes things for sharing, by a plan of their own.
async fn make(
    workshop: &Workshop<'_, '_>,
    plan: &Plan,
    family: usize,
    count: usize,
    key: &str,
) -> Result<FamilyWorld, Failure> {
    let session = workshop.session;
    let steps: Vec<Step> = plan
        .steps
        .iter()
        .filter(|step| step.family == family)
        .take(count)
        .map(|step| Step { family: 0, ..step.clone() })
        .collect();
    let own = Plan {
        families: vec![plan.families[family].clone()],
        good: None,
        goal: steps[0].clone(),
        steps,
        ..plan.clone()
    };
    let failure = |look_at: String, reason: String| Failure { look_at, reason };
    let drawn = Draws::new(&slots(session.spec, &own), seed(&session.options.seed, "shared", key, 0))
        .map_err(|reason| failure(String::new(), reason))?
        .current();
    let mut running = start(session, &own, drawn, &format!("shared {key}"));
    for (index, step) in own.steps.iter().enumerate() {
        if let Some(end) = way_step(&mut running, step, &step_name(index)).await {
            let left = unmake::unmake(&mut running, workshop.ways, true).await;
            session.left.borrow_mut().extend(left);
            return Err(failure(end.look_at.unwrap_or_default(), end.reason));
        }
    }
    Ok(running.world.families.remove(0))
}

/// Takes shared things into the world of a case; they are not the case's to unmake.
fn adopt(running: &mut Running<'_, '_>, family: usize, shared: FamilyWorld) {
    let own = &mut running.world.families[family];
    for (machine, mut thing) in shared.things {
        thing.number = 0;
        own.things.insert(machine, thing);
    }
    own.begun = shared.begun;
}

/// Unmakes shared things.
pub async fn unmake_shared(workshop: &Workshop<'_, '_>, families: Vec<FamilyWorld>) -> Vec<LeftBehind> {
    let session = workshop.session;
    let mut running = Running {
        session,
        world: World::of(session.spec, families, &session.options.mark),
        exchanges: Vec::new(),
        way: Vec::new(),
        cookies: CookieJar::default(),
        key: "unmake".to_owned(),
        made_up: Vec::new(),
        leftovers: Vec::new(),
    };
    unmake::unmake(&mut running, workshop.ways, !session.target.embedded).await
}

/// What was drawn for the judged request, for a report.
#[must_use]
pub fn drawn_for_report(drawn: &Drawn) -> BTreeMap<String, Json> {
    drawn
        .iter()
        .filter(|(key, _)| key.starts_with(GOAL))
        .map(|(key, value)| {
            let shown = match value {
                Json::String(text) => Json::String(
                    text.replace(crate::cases::strategy::MARK, "{mark}")
                        .replace(crate::cases::strategy::USER_NAME, "{user name}"),
                ),
                other => other.clone(),
            };
            (key.trim_start_matches(GOAL).to_owned(), shown)
        })
        .collect()
}
