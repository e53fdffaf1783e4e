//! The report for people: each deviation with its place in the recording and its line of the specification, then what was asked and
//! seen. What comes from a recording is shown by `Text`, so that it cannot move a cursor.

use std::fmt::Write as _;

use crate::audit::report::{AuditReport, Difference, Spot, Variance};
use crate::report::text::{Text, Tone, count, names, shorten};
use crate::verdict::finding::Finding;

/// Deviations that are shown whole.
const SHOWN: usize = 50;

/// Places that are shown of one variance.
const PLACES: usize = 3;

/// Characters of a value that are shown.
const VALUE: usize = 300;

/// Characters of a reason that the table shows; the variance itself has all of it.
const REASON: usize = 120;

/// The report as text, in colour when asked to.
#[must_use]
pub fn render(report: &AuditReport, colour: bool) -> String {
    let mut text = Text::default();
    for difference in report.deviations.iter().take(SHOWN) {
        deviation(&mut text, difference);
        text.blank();
    }
    if let Some(more) = report.deviations.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.line(0, &[(Tone::Bad, &format!("… and {}", count(more, "more deviation", "more deviations")))]);
        text.blank();
    }
    for variance in &report.variances {
        self::variance(&mut text, variance);
        text.blank();
    }
    closing(&mut text, report);
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = text.write(&mut bytes, colour);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn deviation(text: &mut Text, difference: &Difference) {
    text.line(0, &[(Tone::Bad, "DEVIATES "), (Tone::Strong, &difference.rule)]);
    spot(text, &difference.spot);
    if !difference.source.is_empty() {
        text.line(2, &[(Tone::Quiet, &difference.source)]);
    }
    findings(text, 2, &difference.findings);
}

fn variance(text: &mut Text, variance: &Variance) {
    let often = count(variance.seen.len(), "time", "times");
    text.line(0, &[(Tone::Unsure, "VARIANCE "), (Tone::Strong, &variance.rule), (Tone::Plain, &format!(", {often}"))]);
    text.line(2, &[(Tone::Plain, &variance.reason)]);
    text.line(2, &[(Tone::Quiet, &variance.stands.to_string())]);
    for seen in variance.seen.iter().take(PLACES) {
        spot(text, &seen.spot);
        findings(text, 6, &seen.findings);
    }
    if let Some(more) = variance.seen.len().checked_sub(PLACES).filter(|more| *more > 0) {
        text.line(2, &[(Tone::Quiet, &format!("… and {}", count(more, "more time", "more times")))]);
    }
}

fn spot(text: &mut Text, spot: &Spot) {
    let place = format!("{}:{}", spot.file, spot.line);
    text.line(2, &[(Tone::Strong, &place), (Tone::Plain, &format!(", interaction {}", spot.number))]);
    let status = spot.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    text.line(4, &[(Tone::Plain, &shorten(&spot.request, VALUE)), (Tone::Plain, " → "), (Tone::Plain, &status)]);
}

fn findings(text: &mut Text, indent: usize, findings: &[Finding]) {
    for (index, finding) in findings.iter().enumerate() {
        let (expected, actual) = (shorten(&finding.expected, VALUE), shorten(&finding.actual, VALUE));
        text.line(
            indent,
            &[
                (Tone::Plain, "at "),
                (Tone::Strong, &finding.pointer),
                (Tone::Plain, " expected "),
                (Tone::Good, &expected),
                (Tone::Plain, ", got "),
                (Tone::Bad, &actual),
            ],
        );
        // Findings of one line of the specification share it.
        let demanded = &finding.demanded_by;
        if findings.get(index + 1).is_none_or(|next| next.demanded_by != *demanded) && !demanded.path.is_empty() {
            let line = format!("{demanded} | {}", shorten(&demanded.text, VALUE));
            text.line(indent + 4, &[(Tone::Quiet, &line)]);
        }
    }
}

fn closing(text: &mut Text, report: &AuditReport) {
    table(text, "asked", report.asked.iter().map(|(rule, times)| (*times, rule.clone())));
    table(text, "states that answers named", report.states.iter().map(|(state, times)| (*times, state.clone())));
    table(
        text,
        "error codes that answers named",
        report.errors.iter().map(|(code, seen)| {
            let title = seen.title.as_deref().unwrap_or("not published");
            (seen.count, format!("{code}  {title}"))
        }),
    );
    table(
        text,
        "variances",
        report.variances.iter().map(|variance| {
            let reason = shorten(&variance.reason, REASON);
            (variance.seen.len(), format!("{}: {reason}", variance.rule))
        }),
    );
    let limits = report.limits.iter().map(|limit| {
        let first = format!("{}:{}", limit.first.file, limit.first.line);
        (limit.count, format!("{} (first {first})", limit.reason))
    });
    table(text, "not judged", limits);
    not_asked(text, report);
    let (tone, verdict) = match report.deviations.len() {
        0 => (Tone::Good, "nothing deviates".to_owned()),
        many => (Tone::Bad, count(many, "deviation", "deviations")),
    };
    let variances: usize = report.variances.iter().map(|variance| variance.seen.len()).sum();
    let files = count(report.files, "file", "files");
    let interactions = count(report.interactions, "interaction", "interactions");
    let asked = count(report.asked.values().sum(), "question", "questions");
    let rest = format!(", {} in {interactions} of {files}, {asked} asked", count(variances, "variance", "variances"));
    text.line(0, &[(tone, &verdict), (Tone::Plain, &rest)]);
}

fn table(text: &mut Text, title: &str, rows: impl Iterator<Item = (usize, String)>) {
    let rows: Vec<(usize, String)> = rows.collect();
    if rows.is_empty() {
        return;
    }
    text.line(0, &[(Tone::Strong, title)]);
    for (times, row) in rows {
        text.line(2, &[(Tone::Plain, &format!("{times:>6}  {row}"))]);
    }
    text.blank();
}

fn not_asked(text: &mut Text, report: &AuditReport) {
    let mut line = String::new();
    if !report.unasked.is_empty() {
        let laws = count(report.unasked.len(), "law fits", "laws fit");
        let _ = write!(line, "{laws} no exchange: {}", names(report.unasked.iter().map(String::as_str), usize::MAX));
    }
    if report.run_only > 0 {
        let laws = count(report.run_only, "law needs requests of its", "laws need requests of their");
        let _ = write!(line, "{}{laws} own and only a run asks", if line.is_empty() { "" } else { "; " });
    }
    if !line.is_empty() {
        text.line(0, &[(Tone::Quiet, &line)]);
        text.blank();
    }
}
