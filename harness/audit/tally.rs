//! Counts what an audit finds and sorts it into deviations and variances.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::audit::recorded::Recorded;
use crate::audit::report::{AuditReport, Difference, Limit, REPORT_VERSION, SeenError, Spot, Variance, VarianceSeen};
use crate::report::text::shorten;
use crate::spec::model::{Level, Scope, Source, Spec};
use crate::spec::place::Place;
use crate::spec::source;
use crate::verdict::finding::Finding;
use crate::verdict::judge::Judged;
use crate::wire::redact::Secrets;

/// Characters of an error code that are kept; what is longer is no code.
const CODE: usize = 80;

/// What was found so far.
pub(super) struct Tally<'s> {
    spec: &'s Spec,
    asked: BTreeMap<String, usize>,
    deviations: Vec<Difference>,
    variances: IndexMap<(String, String), Variance>,
    states: BTreeMap<String, usize>,
    errors: BTreeMap<String, SeenError>,
    limits: IndexMap<String, Limit>,
}

/// What one rule found in one exchange.
pub(super) struct Ruled<'s> {
    /// The rule, as reports name it.
    pub(super) rule: String,
    /// Where it stands.
    pub(super) place: Place,
    /// What it stands on.
    pub(super) source: Option<&'s Source>,
    /// What was found.
    pub(super) judged: Judged,
}

impl<'s> Tally<'s> {
    /// Nothing yet.
    pub(super) fn new(spec: &'s Spec) -> Self {
        Self {
            spec,
            asked: BTreeMap::new(),
            deviations: Vec::new(),
            variances: IndexMap::new(),
            states: BTreeMap::new(),
            errors: BTreeMap::new(),
            limits: IndexMap::new(),
        }
    }

    /// A rule was asked of an exchange.
    pub(super) fn ruled(&mut self, ruled: Ruled<'_>, spot: &Spot, hidden: &Secrets) {
        *self.asked.entry(ruled.rule.clone()).or_default() += 1;
        if let Some(because) = &ruled.judged.variance {
            let reason = self::because(self.spec, because);
            self.variance(&ruled, reason, spot, Vec::new());
        }
        let findings: Vec<Finding> = ruled.judged.findings.iter().map(|finding| scrubbed(finding, hidden)).collect();
        if findings.is_empty() {
            return;
        }
        let source = ruled.source.map_or_else(String::new, |source| source::words(self.spec, source));
        if findings.iter().any(|finding| finding.level == Level::Must) {
            let stands = self.spec.files.location(ruled.place);
            self.deviations.push(Difference { spot: spot.clone(), rule: ruled.rule, stands, source, findings });
        } else {
            self.variance(&ruled, format!("a recommendation that stands on {source}"), spot, findings);
        }
    }

    fn variance(&mut self, ruled: &Ruled<'_>, reason: String, spot: &Spot, findings: Vec<Finding>) {
        let stands = self.spec.files.location(ruled.place);
        let variance = self.variances.entry((ruled.rule.clone(), reason.clone())).or_insert_with(|| Variance {
            rule: ruled.rule.clone(),
            reason,
            stands,
            seen: Vec::new(),
        });
        variance.seen.push(VarianceSeen { spot: spot.clone(), findings });
    }

    /// An answer named a state.
    pub(super) fn state(&mut self, state: String) {
        *self.states.entry(state).or_default() += 1;
    }

    /// An answer named an error code.
    pub(super) fn error(&mut self, code: &str) {
        let title = self.spec.errors.get(code).map(|entry| entry.title.clone());
        let code = shorten(code, CODE);
        self.errors.entry(code.into_owned()).or_insert(SeenError { count: 0, title }).count += 1;
    }

    /// Something could not be judged.
    pub(super) fn limit(&mut self, reason: String, spot: &Spot) {
        let limit =
            self.limits.entry(reason.clone()).or_insert_with(|| Limit { reason, count: 0, first: spot.clone() });
        limit.count += 1;
    }

    /// The report.
    pub(super) fn finish(self, files: &[Vec<Recorded>]) -> AuditReport {
        let mut unasked = Vec::new();
        let mut run_only = 0;
        for law in self.spec.laws.values() {
            let rule = format!("law/{}", law.name);
            match law.scope {
                Scope::ForEach { .. } | Scope::Of { .. } => run_only += 1,
                Scope::Each { .. } | Scope::Between { .. } if !self.asked.contains_key(&rule) => unasked.push(rule),
                Scope::Each { .. } | Scope::Between { .. } => {}
            }
        }
        AuditReport {
            version: REPORT_VERSION,
            files: files.len(),
            interactions: files.iter().map(Vec::len).sum(),
            asked: self.asked,
            unasked,
            run_only,
            deviations: self.deviations,
            variances: self.variances.into_values().collect(),
            states: self.states,
            errors: self.errors,
            limits: self.limits.into_values().collect(),
        }
    }
}

/// The reason of an alternative: a decision with its stand, or the sentence itself.
fn because(spec: &Spec, because: &str) -> String {
    match spec.decisions.get(because) {
        Some(decision) => format!("decision {because}: {} — {}", decision.title, decision.stand),
        None => because.to_owned(),
    }
}

fn scrubbed(finding: &Finding, hidden: &Secrets) -> Finding {
    Finding { expected: hidden.scrub(&finding.expected), actual: hidden.scrub(&finding.actual), ..finding.clone() }
}
