//! What a run has seen: laws asked and broken, states, transitions, outcomes and errors covered. Filled while cases run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::spec::model::Spec;
use crate::verdict::check::Context;
use crate::verdict::finding::Finding;
use crate::verdict::law::{Between, Circumstances, each};
use crate::wire::exchange::Exchange;

/// What is known of a law that holds everywhere.
#[derive(Debug, Default)]
pub struct LawRecord {
    /// Exchanges that it was asked of.
    pub asked: usize,
    /// Alternatives that were taken.
    pub variances: BTreeMap<String, usize>,
    /// Times it did not hold.
    pub broken: usize,
    /// The first time it did not hold.
    pub first: Option<LawBreak>,
}

/// One exchange in which a law does not hold.
#[derive(Debug, Clone)]
pub struct LawBreak {
    /// What replays the case.
    pub key: String,
    /// The differences.
    pub findings: Vec<Finding>,
    /// The exchange.
    pub exchange: Exchange,
    /// The step that it belongs to.
    pub step: String,
}

/// What a run has seen.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Laws by name.
    pub laws: BTreeMap<String, LawRecord>,
    /// States by `machine.STATE`.
    pub states: BTreeMap<String, usize>,
    /// Transitions by `machine/transition`.
    pub transitions: BTreeMap<String, usize>,
    /// Outcomes by `machine/transition.outcome`.
    pub outcomes: BTreeMap<String, usize>,
    /// Errors by code.
    pub errors: BTreeMap<String, usize>,
    /// Requests that were sent.
    pub exchanges: usize,
    /// Rules that a law break made suspicious.
    pub suspicious: BTreeSet<String>,
    between: Between,
}

impl Ledger {
    /// Judges an exchange by every law that holds everywhere.
    pub fn exchange(
        &mut self,
        spec: &Spec,
        exchange: &Exchange,
        circumstances: &Circumstances,
        context: &Context<'_>,
        key: &str,
    ) {
        self.exchanges += 1;
        if exchange.answer.is_err() {
            return;
        }
        let code = context.answer.pointer("/body/errorCode").and_then(Json::as_str);
        if let Some(code) = code {
            *self.errors.entry(code.to_owned()).or_default() += 1;
        }
        let mut rulings = each(spec, circumstances, context);
        rulings.extend(self.between.rule(spec, circumstances, context));
        for ruling in rulings {
            let record = self.laws.entry(ruling.law).or_default();
            record.asked += 1;
            if let Some(because) = ruling.judged.variance {
                *record.variances.entry(because).or_default() += 1;
            }
            if !ruling.judged.findings.is_empty() {
                record.broken += 1;
                if record.first.is_none() {
                    record.first = Some(LawBreak {
                        key: key.to_owned(),
                        findings: ruling.judged.findings,
                        exchange: exchange.clone(),
                        step: circumstances.transition.clone(),
                    });
                }
            }
        }
    }

    /// Notes that an outcome came as expected.
    pub fn outcome(&mut self, rule: &str) {
        *self.outcomes.entry(rule.to_owned()).or_default() += 1;
    }

    /// Notes that a transition was used.
    pub fn transition(&mut self, machine: &str, transition: &str) {
        *self.transitions.entry(format!("{machine}/{transition}")).or_default() += 1;
    }

    /// Notes that a thing was in a state.
    pub fn state(&mut self, machine: &str, state: &str) {
        if state != crate::spec::model::NONE && state != crate::spec::model::FOUND {
            *self.states.entry(format!("{machine}.{state}")).or_default() += 1;
        }
    }
}
