//! What is said when a run is over: what waited for what, variances, what was skipped and why, what is left behind, coverage, and
//! the verdict in one sentence.

use std::collections::BTreeMap;

use crate::report::block::block;
use crate::report::tally::Tally;
use crate::report::text::{Text, Tone, count, duration, names, number, shorten};
use crate::run::event::{Coverage, Covered};
use crate::verdict::finding::Verdict;

/// Names that are listed, unless all are asked for.
const NAMES: usize = 5;

/// Reasons and variances that are listed, unless all are asked for.
const ENTRIES: usize = 20;

/// Characters of a reason.
const REASON: usize = 300;

/// The verdict in one sentence.
#[must_use]
pub fn sentence(verdicts: &BTreeMap<Verdict, usize>) -> String {
    let of = |verdict| verdicts.get(&verdict).copied().unwrap_or(0);
    let conform = of(Verdict::Conforms) + of(Verdict::Variance);
    let mut parts: Vec<(usize, &str, &str)> = vec![
        (of(Verdict::Deviates), "deviates", "deviate"),
        (of(Verdict::Inconclusive), "inconclusive", "inconclusive"),
        (conform, "conforms", "conform"),
        (of(Verdict::Waived), "waived", "waived"),
        (of(Verdict::Skipped), "skipped", "skipped"),
    ];
    parts.retain(|(amount, _, _)| *amount > 0);
    let mut words: Vec<String> = Vec::new();
    if verdicts.iter().all(|(verdict, amount)| *verdict == Verdict::Skipped || *amount == 0) {
        words.push("nothing ran".into());
    }
    let mut noun = true;
    for (amount, one, many) in parts {
        let subject = if noun { count(amount, "rule", "rules") } else { number(amount) };
        noun = false;
        let mut part = format!("{subject} {}", if amount == 1 { one } else { many });
        if many == "conform" && of(Verdict::Variance) > 0 {
            part.push_str(&format!(" ({} with a variance)", number(of(Verdict::Variance))));
        }
        words.push(part);
    }
    format!("oktaspec: {}", words.join(", "))
}

/// Everything that is shown at the end.
pub(crate) fn closing(tally: &Tally, verbose: bool) -> Text {
    let limits = if verbose {
        Limits { names: usize::MAX, entries: usize::MAX }
    } else {
        Limits { names: NAMES, entries: ENTRIES }
    };
    let mut text = Text::default();
    waiting(&mut text, tally, limits);
    by_reason(&mut text, "inconclusive", &tally.inconclusive, limits);
    variances(&mut text, &tally.variances, limits);
    by_reason(&mut text, "waived", &tally.waived, limits);
    by_reason(&mut text, "skipped", &tally.skipped, limits);
    left_behind(&mut text, tally);
    table(&mut text, tally);
    match &tally.finished {
        Some(finished) => {
            coverage(&mut text, &finished.coverage, limits);
            text.blank();
            if let Some(reason) = &finished.stopped {
                text.line(0, &[(Tone::Unsure, "the run was stopped early: "), (Tone::Plain, reason)]);
            }
        }
        None => {
            text.blank();
            text.line(0, &[(Tone::Unsure, "the run did not come to its end")]);
        }
    }
    let verdicts = tally.verdicts();
    text.line(0, &[(tone(&verdicts), &sentence(&verdicts))]);
    text
}

/// How much is listed.
#[derive(Debug, Clone, Copy)]
struct Limits {
    names: usize,
    entries: usize,
}

fn waiting(text: &mut Text, tally: &Tally, limits: Limits) {
    for (root, rules) in tally.by_root() {
        text.blank();
        let known = tally.rules.get(root);
        let was_shown = matches!(known, Some(Verdict::Deviates | Verdict::Inconclusive));
        if let Some(witness) = tally.witness(root).filter(|_| !was_shown) {
            text.append(block(witness, tally.run.as_ref()));
        }
        let state = known.map_or("is not part of this run", |verdict| verdict_words(*verdict));
        let subject = format!("{} for ", count(rules.len(), "rule waits", "rules wait"));
        text.line(
            0,
            &[(Tone::Unsure, &subject), (Tone::Strong, root), (Tone::Plain, ", which "), (Tone::Plain, state)],
        );
        text.line(4, &[(Tone::Quiet, &names(rules, limits.names))]);
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Inconclusive => "is inconclusive",
        Verdict::Skipped => "is skipped",
        Verdict::Waived => "is waived",
        other => other.words(),
    }
}

fn by_reason(text: &mut Text, title: &str, reasons: &BTreeMap<String, Vec<String>>, limits: Limits) {
    if reasons.is_empty() {
        return;
    }
    text.blank();
    text.line(0, &[(Tone::Strong, title)]);
    let mut largest: Vec<(&String, &Vec<String>)> = reasons.iter().collect();
    largest.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
    for (reason, rules) in largest.iter().take(limits.entries) {
        let amount = format!("{:>5}  ", number(rules.len()));
        let reason = if reason.is_empty() { "no reason was given" } else { reason.as_str() };
        text.line(0, &[(Tone::Plain, &amount), (Tone::Plain, &shorten(reason, REASON))]);
        text.line(7, &[(Tone::Quiet, &names(rules.iter().map(String::as_str), limits.names))]);
    }
    more(text, largest.len(), limits);
}

fn variances(text: &mut Text, rules: &BTreeMap<String, Vec<String>>, limits: Limits) {
    if rules.is_empty() {
        return;
    }
    text.blank();
    text.line(0, &[(Tone::Strong, "conform with a variance")]);
    for (rule, words) in rules.iter().take(limits.entries) {
        let reasons = words.iter().map(|reason| shorten(reason, REASON)).collect::<Vec<_>>().join("; ");
        text.line(4, &[(Tone::Plain, rule), (Tone::Quiet, "  "), (Tone::Quiet, &reasons)]);
    }
    more(text, rules.len(), limits);
}

fn more(text: &mut Text, entries: usize, limits: Limits) {
    if let Some(more) = entries.checked_sub(limits.entries).filter(|more| *more > 0) {
        text.line(4, &[(Tone::Quiet, &format!("… and {} more; --verbose shows all", number(more)))]);
    }
}

fn left_behind(text: &mut Text, tally: &Tally) {
    if tally.left_behind.is_empty() {
        return;
    }
    text.blank();
    let things = count(tally.left_behind.len(), "thing", "things");
    let target = tally.run.as_ref().map_or("the target", |run| run.target.as_str());
    text.line(0, &[(Tone::Bad, "LEFT BEHIND "), (Tone::Strong, &things), (Tone::Plain, " on "), (Tone::Plain, target)]);
    for thing in &tally.left_behind {
        let reason = shorten(&thing.reason, REASON);
        text.line(
            4,
            &[
                (Tone::Strong, &thing.machine),
                (Tone::Plain, " "),
                (Tone::Plain, &thing.what),
                (Tone::Quiet, ": "),
                (Tone::Quiet, &reason),
            ],
        );
    }
    let mark = tally.run.as_ref().map_or("", |run| run.mark.as_str());
    let advice = format!("Remove them there by hand; the names of everything that this run made contain `{mark}`.");
    text.line(4, &[(Tone::Plain, &advice)]);
}

fn table(text: &mut Text, tally: &Tally) {
    text.blank();
    for (verdict, amount) in tally.verdicts().iter().rev() {
        row(text, verdict.words(), &number(*amount), verdict_tone(*verdict));
    }
    let (cases, exchanges) = match &tally.finished {
        Some(finished) => (finished.cases, finished.exchanges),
        None => (tally.cases, tally.exchanges),
    };
    row(text, "cases", &number(cases), Tone::Plain);
    row(text, "exchanges", &number(exchanges), Tone::Plain);
    if let Some(finished) = &tally.finished {
        row(text, "time", &duration(finished.took), Tone::Plain);
    }
}

fn row(text: &mut Text, title: &str, value: &str, tone: Tone) {
    text.line(0, &[(Tone::Plain, &format!("{title:<26}")), (tone, &format!("{value:>10}"))]);
}

fn coverage(text: &mut Text, coverage: &Coverage, limits: Limits) {
    let kinds = [
        ("states covered", &coverage.states),
        ("transitions covered", &coverage.transitions),
        ("outcomes covered", &coverage.outcomes),
        ("errors covered", &coverage.errors),
    ];
    for (title, covered) in kinds {
        let all = covered.seen.len() + covered.unseen.len();
        if all > 0 {
            let tone = if covered.unseen.is_empty() { Tone::Good } else { Tone::Plain };
            row(text, title, &format!("{} of {}", number(covered.seen.len()), number(all)), tone);
            uncovered(text, covered, limits);
        }
    }
}

fn uncovered(text: &mut Text, covered: &Covered, limits: Limits) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, reason) in &covered.unseen {
        reasons.entry(reason).or_default().push(name);
    }
    let mut largest: Vec<(&str, Vec<&str>)> = reasons.into_iter().collect();
    largest.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    for (reason, members) in largest.iter().take(limits.entries) {
        let amount = format!("{} not: ", number(members.len()));
        let listed = format!(" ({})", names(members.iter().copied(), limits.names));
        text.line(4, &[(Tone::Plain, &amount), (Tone::Plain, &shorten(reason, REASON)), (Tone::Quiet, &listed)]);
    }
    more(text, largest.len(), limits);
}

fn verdict_tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Conforms => Tone::Good,
        Verdict::Variance | Verdict::Waived | Verdict::Inconclusive => Tone::Unsure,
        Verdict::Skipped => Tone::Plain,
        Verdict::Deviates => Tone::Bad,
    }
}

fn tone(verdicts: &BTreeMap<Verdict, usize>) -> Tone {
    match verdicts.keys().next_back() {
        Some(Verdict::Deviates) => Tone::Bad,
        None | Some(Verdict::Inconclusive) => Tone::Unsure,
        Some(Verdict::Skipped) if verdicts.len() == 1 => Tone::Unsure,
        Some(_) => Tone::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::run::event::Event;

    fn tally(events: impl IntoIterator<Item = Event>) -> Tally {
        let mut tally = Tally::default();
        events.into_iter().for_each(|event| tally.event(&event));
        tally
    }

    #[test]
    fn the_last_line_is_a_sentence() {
        let of = |pairs: &[(Verdict, usize)]| sentence(&pairs.iter().copied().collect());
        assert_eq!(
            of(&[
                (Verdict::Deviates, 1),
                (Verdict::Inconclusive, 3),
                (Verdict::Conforms, 206),
                (Verdict::Variance, 4),
                (Verdict::Skipped, 12)
            ]),
            "oktaspec: 1 rule deviates, 3 inconclusive, 210 conform (4 with a variance), 12 skipped"
        );
        assert_eq!(of(&[(Verdict::Conforms, 2), (Verdict::Waived, 1)]), "oktaspec: 2 rules conform, 1 waived");
        assert_eq!(of(&[(Verdict::Skipped, 2)]), "oktaspec: nothing ran, 2 rules skipped");
        assert_eq!(of(&[]), "oktaspec: nothing ran");
    }

    #[test]
    fn one_cause_is_shown_once_with_those_that_wait_for_it() {
        let waiting =
            (0..7).map(|index| sample::event(sample::waiting(&format!("w/w.{index}"), "user/create-user.active")));
        let cause = sample::event(sample::deviating("user/create-user.active"));
        let shown = closing(&tally(waiting.chain([cause])), false).plain();
        assert!(shown.contains("7 rules wait for user/create-user.active, which deviates\n    w/w.0, w/w.1, w/w.2, w/w.3, w/w.4 and 2 more\n"), "{shown}");
        assert!(!shown.contains("INCONCLUSIVE"));
    }

    #[test]
    fn a_cause_outside_the_run_is_shown_by_a_witness() {
        let shown = closing(&tally([sample::event(sample::waiting("a/a.a", "other/shard.rule"))]), false).plain();
        assert!(shown.contains("INCONCLUSIVE a/a.a"), "{shown}");
        assert!(shown.contains("1 rule waits for other/shard.rule, which is not part of this run"));
    }

    #[test]
    fn skipped_rules_are_grouped_by_reason() {
        let rules = ["a/a.a", "a/a.b", "a/a.c"];
        let events = rules.iter().map(|rule| sample::event(sample::because(rule, Verdict::Skipped, "no clock hook")));
        let shown = closing(&tally(events), false).plain();
        assert!(shown.contains("skipped\n    3  no clock hook\n       a/a.a, a/a.b, a/a.c\n"), "{shown}");
    }

    #[test]
    fn coverage_says_why_not() {
        let events = [Event::RunStarted(sample::run()), Event::RunFinished(Box::new(sample::finished()))];
        let shown = closing(&tally(events), false).plain();
        assert!(shown.contains("states covered                1 of 3\n"), "{shown}");
        assert!(shown.contains("    2 not: the target has no clock hook (authn.expired, user.EXPIRED)\n"));
        assert!(shown.contains("exchanges                      2,310\n"));
        assert!(shown.ends_with("\noktaspec: nothing ran\n"));
    }

    #[test]
    fn what_is_left_behind_is_loud() {
        let shown = closing(&tally([Event::RunStarted(sample::run()), sample::left_behind()]), false).plain();
        assert!(shown.contains("LEFT BEHIND 1 thing on https://org.example\n"), "{shown}");
        assert!(shown.contains("user oktaspec-4f2a-ada@example.com (00u1): DELETE answered 500"));
        assert!(shown.contains("contain `oktaspec-4f2a`"));
        assert!(shown.contains("the run did not come to its end"));
    }
}
