//! Making a failing case smaller, within a budget of exchanges.

use crate::cases::draw::Draws;
use crate::plan::path::Plan;
use crate::run::case::{self, CaseEnd, Workshop, drawn_for_report};
use crate::run::key::Key;
use crate::run::orchestrate::Ended;
use crate::verdict::finding::Verdict;

/// What is said of a case that was not made smaller.
pub const AS_DRAWN: &str = "as drawn";

/// Takes steps of shrinking while the case fails at the same places.
pub async fn smaller(
    workshop: &Workshop<'_, '_>,
    plan: &Plan,
    mut draws: Draws,
    mut key: Key,
    first: CaseEnd,
    mut exchanges: usize,
) -> Ended {
    let budget = workshop.session.options.shrink_budget;
    let mut best = first;
    let mut best_drawn = draws.current();
    let mut best_trail = String::new();
    let mut spent = 0;
    let mut shrunk = "minimal".to_owned();
    let mut more = draws.simplify();
    while more {
        if spent >= budget || workshop.session.stopping.get() {
            "not minimal: the budget of exchanges is spent".clone_into(&mut shrunk);
            break;
        }
        let drawn = draws.current();
        key.trail = draws.trail().to_owned();
        let end = case::run(workshop, plan, drawn.clone(), &key.to_string(), false).await;
        spent += end.exchanges.len().max(1);
        exchanges += end.exchanges.len();
        if same_failure(&best, &end) {
            best = end;
            best_drawn = drawn;
            best_trail.clone_from(&key.trail);
            more = draws.simplify();
        } else {
            more = draws.complicate();
        }
    }
    key.trail = best_trail;
    Ended {
        drawn: drawn_for_report(&best_drawn),
        key: key.to_string(),
        shrunk,
        exchanges,
        label: plan.label.clone(),
        end: best,
    }
}

fn same_failure(one: &CaseEnd, other: &CaseEnd) -> bool {
    let places = |end: &CaseEnd| end.findings.iter().map(|finding| finding.pointer.clone()).collect::<Vec<_>>();
    other.verdict == Verdict::Deviates && places(one) == places(other)
}
