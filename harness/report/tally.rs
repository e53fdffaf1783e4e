//! What has been heard of a run so far, grouped by root cause and by reason. Shows nothing by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::block::findings_in_words;
use crate::run::event::{Event, LeftBehind, RuleFinished, RunFinished, RunStarted};
use crate::verdict::finding::Verdict;

/// What has been heard of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// What the run is.
    pub(crate) run: Option<RunStarted>,
    /// Verdicts of the rules that finished.
    pub(crate) rules: BTreeMap<String, Verdict>,
    /// Cases that came to their end.
    pub(crate) cases: usize,
    /// Exchanges that those took.
    pub(crate) exchanges: usize,
    /// Rules that wait for another, with that other.
    pub(crate) waiting: BTreeMap<String, String>,
    /// Of the rules that wait for the same rule, the first, as a witness where that rule is not part of the run.
    pub(crate) witnesses: BTreeMap<String, RuleFinished>,
    /// Inconclusive rules that are their own cause, by reason.
    pub(crate) inconclusive: BTreeMap<String, Vec<String>>,
    /// Rules that conform with a variance, and which.
    pub(crate) variances: BTreeMap<String, Vec<String>>,
    /// Waived rules, by reason.
    pub(crate) waived: BTreeMap<String, Vec<String>>,
    /// Skipped rules, by reason.
    pub(crate) skipped: BTreeMap<String, Vec<String>>,
    /// What could not be unmade.
    pub(crate) left_behind: Vec<LeftBehind>,
    /// The end.
    pub(crate) finished: Option<RunFinished>,
}

impl Tally {
    /// Takes the next event.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CaseFinished(case) => {
                self.cases += 1;
                self.exchanges += case.exchanges;
            }
            Event::RuleFinished(rule) => self.rule(rule),
            Event::LeftBehind(thing) => self.left_behind.push(thing.clone()),
            Event::RunFinished(finished) => self.finished = Some((**finished).clone()),
        }
    }

    /// How many rules came to each verdict.
    pub(crate) fn verdicts(&self) -> BTreeMap<Verdict, usize> {
        let mut verdicts = BTreeMap::new();
        for verdict in self.rules.values() {
            *verdicts.entry(*verdict).or_default() += 1;
        }
        verdicts
    }

    /// The rules that wait, by the rule at the root of it.
    pub(crate) fn by_root(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut roots: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for rule in self.waiting.keys() {
            roots.entry(self.root(rule)).or_default().insert(rule);
        }
        roots
    }

    /// The first rule of its reason, which the others of that reason need not repeat.
    pub(crate) fn is_first_of_its_reason(&self, rule: &RuleFinished) -> bool {
        self.inconclusive.get(&rule.reason).and_then(|rules| rules.first()) == Some(&rule.rule)
    }

    /// A rule that waits for the root without anything in between, where one is known.
    pub(crate) fn witness(&self, root: &str) -> Option<&RuleFinished> {
        self.witnesses.get(root)
    }

    fn rule(&mut self, rule: &RuleFinished) {
        self.rules.insert(rule.rule.clone(), rule.verdict);
        let by_reason = match rule.verdict {
            Verdict::Conforms | Verdict::Deviates => return,
            Verdict::Variance => {
                self.variances.insert(rule.rule.clone(), variances(rule));
                return;
            }
            Verdict::Waived => &mut self.waived,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Inconclusive => match waits_for(rule) {
                Some(other) => {
                    self.waiting.insert(rule.rule.clone(), other.to_owned());
                    self.witnesses.entry(other.to_owned()).or_insert_with(|| rule.clone());
                    return;
                }
                None => &mut self.inconclusive,
            },
        };
        by_reason.entry(rule.reason.clone()).or_default().push(rule.rule.clone());
    }

    fn root<'a>(&'a self, rule: &'a str) -> &'a str {
        let mut seen = BTreeSet::from([rule]);
        let mut root = rule;
        while let Some(next) = self.waiting.get(root) {
            root = next;
            // Rules that wait for each other have no root; any of them may stand for all.
            if !seen.insert(next) {
                break;
            }
        }
        root
    }
}

/// The other rule that an inconclusive rule names as its cause.
pub(crate) fn waits_for(rule: &RuleFinished) -> Option<&str> {
    let other = rule.look_at.as_deref()?;
    (rule.verdict == Verdict::Inconclusive && other != rule.rule).then_some(other)
}

/// The variances of a rule in words: alternatives that were taken, and claims that are no `must`.
pub(crate) fn variances(rule: &RuleFinished) -> Vec<String> {
    let mut words: Vec<String> = rule.variances.iter().map(|(reason, times)| format!("{reason} ×{times}")).collect();
    if words.is_empty() {
        words = rule.example.as_ref().map(|example| findings_in_words(&example.findings)).unwrap_or_default();
    }
    if words.is_empty() && !rule.reason.is_empty() {
        words.push(rule.reason.clone());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn chains_of_waiting_rules_end_at_their_root() {
        let mut tally = Tally::default();
        for (rule, other) in [("a/a.a", "b/b.b"), ("b/b.b", "c/c.c"), ("x/x.x", "y/y.y"), ("y/y.y", "x/x.x")] {
            tally.event(&sample::event(sample::waiting(rule, other)));
        }
        let roots = tally.by_root();
        assert_eq!(roots["c/c.c"], BTreeSet::from(["a/a.a", "b/b.b"]));
        assert_eq!(roots.values().map(BTreeSet::len).sum::<usize>(), 4);
        assert_eq!(tally.witness("c/c.c").unwrap().rule, "b/b.b");
    }

    #[test]
    fn a_rule_that_waits_for_itself_is_its_own_cause() {
        let mut tally = Tally::default();
        tally.event(&sample::event(sample::waiting("a/a.a", "a/a.a")));
        assert!(tally.waiting.is_empty());
        assert_eq!(tally.inconclusive.len(), 1);
    }
}
