//! What becomes of each rule: its cases put together, root causes told from what they cause, waivers, and the events of the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value as Json;

use crate::plan::path::{Plan, Planned};
use crate::plan::rules::{Rule, Subject};
use crate::run::case::CaseEnd;
use crate::run::event::{Counterexample, Coverage, Covered, Event, RuleFinished, RunFinished};
use crate::run::orchestrate::Ended;
use crate::run::session::Session;
use crate::run::shrink::AS_DRAWN;
use crate::spec::model::{Compare, Level, Scope, Spec};
use crate::verdict::finding::{Finding, Verdict};
use crate::verdict::law::differences;

/// All that a run knows of one rule while it runs.
pub struct Record {
    /// The rule.
    pub rule: Rule,
    /// Its plans.
    pub plans: Vec<Plan>,
    unreached: Vec<(String, String)>,
    cases: usize,
    exchanges: usize,
    took: u64,
    verdict: Option<Verdict>,
    reason: String,
    look_at: Option<String>,
    blame: Option<String>,
    variances: BTreeMap<String, usize>,
    skipped: BTreeMap<String, usize>,
    example: Option<Counterexample>,
    answers: Vec<(String, Json)>,
    compared: Option<Counterexample>,
    /// What was answered to each plan that conformed, by its label: for shapes.
    pub conforming: BTreeMap<String, Json>,
}

impl Record {
    /// Of a rule of which nothing ran yet.
    #[must_use]
    pub fn new(rule: Rule, planned: Planned) -> Self {
        Self {
            rule,
            plans: planned.plans,
            unreached: planned.unreached,
            cases: 0,
            exchanges: 0,
            took: 0,
            verdict: None,
            reason: String::new(),
            look_at: None,
            blame: None,
            variances: BTreeMap::new(),
            skipped: BTreeMap::new(),
            example: None,
            answers: Vec::new(),
            compared: None,
            conforming: BTreeMap::new(),
        }
    }

    /// Notes that a plan did not run.
    pub fn skipped(&mut self, _label: &str, reason: String) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Notes that nothing can be said.
    pub fn inconclusive(&mut self, reason: &str) {
        if self.verdict.is_none_or(|verdict| verdict < Verdict::Inconclusive) {
            self.verdict = Some(Verdict::Inconclusive);
            reason.clone_into(&mut self.reason);
        }
    }

    /// Takes a case that ran.
    pub fn take(&mut self, ended: Ended) {
        let Ended { end, key, drawn, shrunk, exchanges, label } = ended;
        self.cases += 1;
        self.exchanges += exchanges;
        self.took += end.took;
        for variance in &end.variances {
            *self.variances.entry(variance.clone()).or_default() += 1;
        }
        if end.verdict <= Verdict::Variance {
            self.conforming.entry(label.clone()).or_insert_with(|| end.answer.clone());
        }
        if matches!(self.rule.subject, Subject::SideBySide { .. }) && end.verdict <= Verdict::Variance {
            self.answers.push((label.clone(), end.answer.clone()));
            self.side_by_side(&key, &label, &end);
        }
        let worse = self.verdict.is_none_or(|verdict| end.verdict > verdict);
        // A case that is made smaller ends after others that fail alike.
        let smaller = self.verdict == Some(end.verdict)
            && shrunk != AS_DRAWN
            && self.example.as_ref().is_some_and(|example| example.shrunk == AS_DRAWN);
        if !worse && !smaller {
            return;
        }
        self.verdict = Some(end.verdict);
        self.reason =
            if label.is_empty() || end.reason.is_empty() { end.reason } else { format!("{} ({label})", end.reason) };
        self.look_at = end.look_at.filter(|look_at| *look_at != self.rule.name);
        self.blame = end.blame;
        self.example = (end.verdict != Verdict::Conforms).then(|| Counterexample {
            key,
            findings: end.findings,
            way: end.way,
            at: end.at.min(end.exchanges.len().saturating_sub(1)),
            exchanges: end.exchanges,
            drawn,
            shrunk,
        });
    }

    /// The judged exchanges of outcomes side by side make one example.
    fn side_by_side(&mut self, key: &str, label: &str, end: &CaseEnd) {
        let compared = self.compared.get_or_insert_with(|| Counterexample {
            key: key.to_owned(),
            findings: Vec::new(),
            way: Vec::new(),
            at: 0,
            exchanges: Vec::new(),
            drawn: BTreeMap::new(),
            shrunk: AS_DRAWN.to_owned(),
        });
        if let Some(exchange) = end.exchanges.get(end.at) {
            compared
                .way
                .push(format!("{label} → {}", end.answer.get("status").map_or_else(String::new, ToString::to_string)));
            compared.exchanges.push(exchange.clone());
            compared.at = compared.exchanges.len() - 1;
        }
    }

    /// Its verdict; a rule of which nothing ran is skipped.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Skipped)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.rule.name
    }
}

/// Puts everything together and emits the events of the end.
pub fn finish(session: &Session<'_>, records: &mut [Record], took: Duration, emit: &mut dyn FnMut(Event)) {
    for record in records.iter_mut() {
        settle_law(session, record);
        side_by_side(session.spec, record);
    }
    fold_lacking(session.spec, records);
    tell_causes(records);
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut cases = 0;
    for record in records.iter_mut() {
        waive(session, record);
        let finished = finished(session, record);
        *verdicts.entry(finished.verdict).or_default() += 1;
        cases += finished.cases;
        emit(Event::RuleFinished(Box::new(finished)));
    }
    for left in session.left.borrow().iter() {
        emit(Event::LeftBehind(left.clone()));
    }
    emit(Event::RunFinished(Box::new(RunFinished {
        verdicts,
        cases,
        exchanges: session.ledger.borrow().exchanges,
        took: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        coverage: coverage(session, records),
        stopped: session.stopping.get().then(|| "interrupted".to_owned()),
    })));
}

/// A law that holds everywhere has the verdict of the exchanges it was asked of.
fn settle_law(session: &Session<'_>, record: &mut Record) {
    let Subject::Everywhere { law } = &record.rule.subject else {
        return;
    };
    let ledger = session.ledger.borrow();
    let Some(seen) = ledger.laws.get(law) else {
        return;
    };
    record.exchanges = seen.asked;
    record.variances.clone_from(&seen.variances);
    record.verdict = Some(match &seen.first {
        None if seen.variances.is_empty() => Verdict::Conforms,
        None => Verdict::Variance,
        Some(first) => match crate::run::step::strongest(&first.findings) {
            Level::Must => Verdict::Deviates,
            Level::Should => Verdict::Variance,
            Level::May => Verdict::Conforms,
        },
    });
    if let Some(first) = &seen.first {
        if record.verdict == Some(Verdict::Variance) {
            record.variances.insert("it is a should".to_owned(), seen.broken);
        }
        record.reason = format!("it does not hold in {} of {} exchanges", seen.broken, seen.asked);
        record.example = Some(Counterexample {
            key: first.key.clone(),
            findings: first.findings.clone(),
            way: vec![format!("an exchange of {}", first.step)],
            exchanges: vec![first.exchange.clone()],
            at: 0,
            drawn: BTreeMap::new(),
            shrunk: "the first exchange in which it does not hold".to_owned(),
        });
    }
}

fn side_by_side(spec: &Spec, record: &mut Record) {
    let Subject::SideBySide { law } = &record.rule.subject else {
        return;
    };
    let Scope::Of { compare, outcomes, .. } = &spec.laws[law].scope else {
        return;
    };
    if record.verdict == Some(Verdict::Inconclusive) || record.answers.is_empty() {
        return;
    }
    let wanted: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.value.as_str()).collect();
    let seen: BTreeSet<&str> = record.answers.iter().map(|(label, _)| label.as_str()).collect();
    if seen.len() < 2 || seen.len() < wanted.len() && record.verdict == Some(Verdict::Deviates) {
        record.inconclusive("an outcome that it compares did not come");
        return;
    }
    let Compare::Same { places, except } = &compare.value else {
        return;
    };
    let level = record.rule.standing.level;
    let mut answers = record.answers.clone();
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    let findings: Vec<Finding> = differences(places, except, &answers)
        .into_iter()
        .map(|(pointer, expected, actual)| Finding {
            pointer,
            expected,
            actual,
            level,
            demanded_by: spec.files.location(compare.place),
        })
        .collect();
    record.verdict = Some(match (findings.is_empty(), level) {
        (true, _) => Verdict::Conforms,
        (false, Level::Must) => Verdict::Deviates,
        (false, _) => Verdict::Variance,
    });
    record.example =
        record.compared.take().filter(|_| !findings.is_empty()).map(|compared| Counterexample { findings, ..compared });
}

/// What a target lacks is one finding: rules that ask for the same operation and meet the same answer are skipped.
fn fold_lacking(spec: &Spec, records: &mut [Record]) {
    let mut lacking: BTreeMap<String, (String, u64)> = BTreeMap::new();
    for record in records.iter() {
        let Subject::Outcome { transition, outcome } = &record.rule.subject else {
            continue;
        };
        let first = spec.transitions[transition].outcomes.values().find(|outcome| outcome.with.is_empty());
        let is_first = first.is_some_and(|first| first.name == *outcome);
        let status = record.example.as_ref().and_then(answered);
        if let Some(status) = status.filter(|status| matches!(status, 404 | 405 | 501))
            && is_first
            && record.verdict() == Verdict::Deviates
            && record.blame.is_none()
        {
            lacking.insert(transition.clone(), (record.rule.name.clone(), status));
        }
    }
    for record in records.iter_mut() {
        let Some((rule, status)) = record.rule.transition().and_then(|transition| lacking.get(transition)) else {
            continue;
        };
        let same = record.example.as_ref().and_then(answered) == Some(*status);
        if *rule != record.rule.name && same && record.verdict() >= Verdict::Variance {
            record.verdict = Some(Verdict::Skipped);
            record.reason = format!("the target does not have this operation, see {rule}");
            record.example = None;
        }
    }
}

/// The status of the exchange in question.
fn answered(example: &Counterexample) -> Option<u64> {
    let exchange = example.exchanges.get(example.at)?;
    exchange.answer.as_ref().ok().map(|answer| u64::from(answer.status))
}

/// A rule that fails because another one does is inconclusive and names it.
fn tell_causes(records: &mut [Record]) {
    let deviating: BTreeSet<String> = records
        .iter()
        .filter(|record| record.verdict() == Verdict::Deviates && record.blame.is_none())
        .map(|record| record.rule.name.clone())
        .collect();
    for record in records.iter_mut() {
        let Some(blame) = record.blame.clone() else { continue };
        if deviating.contains(&blame) && record.verdict() == Verdict::Deviates {
            record.verdict = Some(Verdict::Inconclusive);
            record.reason = format!("{blame} deviates by itself");
            record.look_at = Some(blame);
        }
    }
    // An effect is not proven by a way that never came so far, nor blamed for what its last step does anyhow.
    for record in records.iter_mut() {
        if let Subject::Effect(pair) = &record.rule.subject {
            let user = format!("/{}.{}", pair.user_transition, pair.user_outcome);
            let alone = deviating.iter().find(|rule| rule.ends_with(&user) && !rule.contains('+')).cloned();
            if let Some(alone) = alone.filter(|_| record.verdict() == Verdict::Deviates) {
                record.verdict = Some(Verdict::Inconclusive);
                record.reason = format!("{alone} deviates by itself");
                record.look_at = Some(alone);
            }
        }
    }
}

fn waive(session: &Session<'_>, record: &mut Record) {
    if session.options.strict && record.verdict() == Verdict::Variance {
        record.verdict = Some(Verdict::Deviates);
        if record.reason.is_empty() {
            let reasons: Vec<&str> = record.variances.keys().map(String::as_str).collect();
            record.reason = format!("a variance, and the run is strict: {}", reasons.join("; "));
        }
    }
    let waiver = session
        .target
        .waivers
        .iter()
        .find(|waiver| waiver.covers(&record.rule.name) && waiver.holds_on(&session.options.today));
    if let Some(waiver) = waiver.filter(|_| matches!(record.verdict(), Verdict::Deviates | Verdict::Inconclusive)) {
        record.verdict = Some(Verdict::Waived);
        record.reason.clone_from(&waiver.reason);
    }
}

fn finished(session: &Session<'_>, record: &mut Record) -> RuleFinished {
    let spec = session.spec;
    let rule = &record.rule;
    let verdict = record.verdict();
    if verdict == Verdict::Skipped && record.reason.is_empty() {
        record.reason = skip_reason(record);
    }
    let source = rule.standing.source.as_ref();
    RuleFinished {
        rule: rule.name.clone(),
        kind: rule.kind(),
        claim: rule.claim.clone(),
        stands: spec.files.location(rule.place),
        source: source.map_or_else(String::new, |source| crate::spec::source::words(spec, source)),
        basis: rule.standing.basis,
        level: rule.standing.level,
        verdict,
        reason: record.reason.clone(),
        look_at: record.look_at.clone(),
        cases: record.cases,
        exchanges: record.exchanges,
        took: record.took,
        variances: record.variances.clone(),
        example: record.example.clone(),
    }
}

fn skip_reason(record: &Record) -> String {
    if let Some((reason, _)) = record.skipped.iter().max_by_key(|(_, count)| **count) {
        return reason.clone();
    }
    if let Some((_, nearest)) = record.unreached.first() {
        return format!("no path reaches it: {nearest}");
    }
    match record.rule.subject {
        Subject::Everywhere { .. } => "no exchange of this run was one that it speaks of".to_owned(),
        _ => "nothing ran".to_owned(),
    }
}

/// What was covered and what not, and why not.
fn coverage(session: &Session<'_>, records: &[Record]) -> Coverage {
    let spec = session.spec;
    let ledger = session.ledger.borrow();
    let why: BTreeMap<&str, String> = records
        .iter()
        .map(|record| {
            let reason = match record.verdict() {
                Verdict::Skipped => skip_reason(record),
                Verdict::Inconclusive => record.reason.clone(),
                _ => "it came otherwise than expected".to_owned(),
            };
            (record.rule.name.as_str(), reason)
        })
        .collect();
    let not_selected = || "no rule of it was selected".to_owned();
    let mut coverage = Coverage::default();
    for transition in spec.transitions.values() {
        let machine = &transition.machine.value;
        let name = format!("{machine}/{}", transition.name);
        note(&mut coverage.transitions, &name, ledger.transitions.get(&name).copied(), || {
            transition
                .outcomes
                .keys()
                .find_map(|outcome| why.get(format!("{name}.{outcome}").as_str()).cloned())
                .unwrap_or_else(not_selected)
        });
        for outcome in transition.outcomes.keys() {
            let full = format!("{name}.{outcome}");
            note(&mut coverage.outcomes, &full, ledger.outcomes.get(&full).copied(), || {
                why.get(full.as_str()).cloned().unwrap_or_else(not_selected)
            });
        }
    }
    for machine in spec.machines.values().filter(|machine| !machine.one) {
        for state in states(spec, &machine.name) {
            let name = format!("{}.{state}", machine.name);
            note(&mut coverage.states, &name, ledger.states.get(&name).copied(), || "no case led there".to_owned());
        }
    }
    for code in spec.errors.values() {
        note(&mut coverage.errors, &code.code, ledger.errors.get(&code.code).copied(), || {
            if code.redirect {
                return "it comes by redirect, and no rule has one yet".to_owned();
            }
            match code.reach {
                Some(reach) => format!("reach: {}", reach.name()),
                None if expected_somewhere(spec, &code.code) => "the rules that expect it did not get it".to_owned(),
                None => "no rule expects it yet".to_owned(),
            }
        });
    }
    coverage
}

fn note(covered: &mut Covered, name: &str, seen: Option<usize>, why: impl FnOnce() -> String) {
    match seen {
        Some(count) => {
            covered.seen.insert(name.to_owned(), count);
        }
        None => {
            covered.unseen.insert(name.to_owned(), why());
        }
    }
}

fn states(spec: &Spec, machine: &str) -> BTreeSet<String> {
    let model = crate::plan::model::Model::new(spec);
    model
        .machine_id(machine)
        .map(|id| model.states_of(id).into_iter().map(|state| model.state_name(state).to_owned()).collect())
        .unwrap_or_default()
}

fn expected_somewhere(spec: &Spec, code: &str) -> bool {
    spec.transitions
        .values()
        .flat_map(|transition| transition.outcomes.values())
        .flat_map(|outcome| &outcome.rows)
        .any(|row| row.error.as_ref().is_some_and(|error| error.value == code))
}
