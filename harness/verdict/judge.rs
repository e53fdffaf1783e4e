//! An expectation against an answer: what differs, by which alternative it conforms.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::model::{CatalogueCheck, ErrorCode, Expectation, Level, Status};
use crate::spec::place::{Files, Place};
use crate::spec::value::Value;
use crate::verdict::check::{Context, Mismatch, check};
use crate::verdict::finding::Finding;
use crate::wire::pointer::Pointer;

/// What judging one answer ends with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged {
    /// The differences to the preferred expectation, where no alternative fits.
    pub findings: Vec<Finding>,
    /// Which alternative fits, and why it is accepted.
    pub variance: Option<String>,
    /// Index of that alternative.
    pub alternative: Option<usize>,
    /// Where an alternative fits: the differences to the preferred expectation.
    pub preferred: Vec<Finding>,
}

/// The published errors and the files that places are in.
#[derive(Clone, Copy)]
pub struct Book<'a> {
    /// The published errors.
    pub errors: &'a IndexMap<String, ErrorCode>,
    /// The files.
    pub files: &'a Files,
}

/// Judges an answer by an expectation and its alternatives.
#[must_use]
pub fn judge(expectation: &Expectation, level: Level, book: Book<'_>, context: &Context<'_>) -> Judged {
    judge_with(expectation, level, book, context, &|_| Vec::new())
}

/// Judges an answer by an expectation and its alternatives, and by what else each of them means.
#[must_use]
pub fn judge_with(
    expectation: &Expectation,
    level: Level,
    book: Book<'_>,
    context: &Context<'_>,
    also: &dyn Fn(&Expectation) -> Vec<Finding>,
) -> Judged {
    let (mut findings, by_catalogue) = differences(expectation, level, book, context);
    findings.extend(also(expectation));
    if findings.is_empty() {
        return Judged { variance: by_catalogue, ..Judged::default() };
    }
    for (index, alternative) in expectation.or.iter().enumerate() {
        // An alternative in time alone is for whoever sends the request again.
        if alternative.replaces.eventually.is_some() && alternative.replaces.status.is_none() {
            continue;
        }
        let other = expectation.with(alternative);
        if differences(&other, level, book, context).0.is_empty() && also(&other).is_empty() {
            return Judged {
                findings: Vec::new(),
                variance: Some(alternative.because.value.clone()),
                alternative: Some(index),
                preferred: findings,
            };
        }
    }
    Judged { findings, ..Judged::default() }
}

/// The differences to one expectation, and the catalogue's own alternative where one was needed.
fn differences(
    expectation: &Expectation,
    level: Level,
    book: Book<'_>,
    context: &Context<'_>,
) -> (Vec<Finding>, Option<String>) {
    let mut found: Vec<(Mismatch, Place)> = Vec::new();
    let mut variance = None;
    let status_at = Pointer::default().join("status");
    let status = context.answer.get("status").and_then(Json::as_u64).and_then(|status| u16::try_from(status).ok());
    if let Some(wanted) = &expectation.status {
        if !status.is_some_and(|status| wanted.value.holds(status)) {
            found.push((status_mismatch(&wanted.value, status, &status_at), wanted.place));
        }
    } else if let Some(error) = &expectation.error
        && let Some(code) = book.errors.get(&error.value)
        && let Some(wanted) = code.status
        && status != Some(wanted)
    {
        match code.or.iter().find(|variant| variant.status.is_some() && variant.status == status) {
            Some(variant) => variance = Some(variant.because.value.clone()),
            None => found.push((status_mismatch(&Status::Exactly(wanted), status, &status_at), error.place)),
        }
    }
    if let Some(error) = &expectation.error {
        let at = Pointer::default().join("body").join("errorCode");
        let condition = Condition::Equals(Value::Plain(Json::String(error.value.clone())));
        let value = at.first(context.answer);
        found.extend(check(&condition, value, &at, context).into_iter().map(|wrong| (wrong, error.place)));
    }
    for (name, condition) in
        [("body", &expectation.body), ("header", &expectation.header), ("location", &expectation.location)]
    {
        if let Some(condition) = condition {
            let at = Pointer::default().join(name);
            let value = context.answer.get(name);
            found
                .extend(check(&condition.value, value, &at, context).into_iter().map(|wrong| (wrong, condition.place)));
        }
    }
    if let Some(check) = &expectation.catalogue {
        let (wrong, accepted) = catalogue(check.value, status, book, context);
        found.extend(wrong.into_iter().map(|wrong| (wrong, check.place)));
        variance = variance.or(accepted);
    }
    let findings = found.into_iter().map(|(wrong, place)| finding(wrong, place, level, book.files)).collect();
    (findings, variance)
}

fn finding(wrong: Mismatch, place: Place, level: Level, files: &Files) -> Finding {
    Finding {
        pointer: wrong.pointer,
        expected: wrong.expected,
        actual: wrong.actual,
        level,
        demanded_by: files.location(place),
    }
}

fn status_mismatch(wanted: &Status, found: Option<u16>, at: &Pointer) -> Mismatch {
    Mismatch {
        pointer: at.to_string(),
        expected: wanted.to_string(),
        actual: found.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
    }
}

/// Whether an error is as the catalogue says, and by which of its alternatives.
fn catalogue(
    what: CatalogueCheck,
    status: Option<u16>,
    book: Book<'_>,
    context: &Context<'_>,
) -> (Vec<Mismatch>, Option<String>) {
    let at = Pointer::default().join("body");
    let Some(code) = at.join("errorCode").first(context.answer).and_then(Json::as_str) else {
        return (Vec::new(), None);
    };
    let Some(entry) = book.errors.get(code) else {
        let wrong = Mismatch {
            pointer: at.join("errorCode").to_string(),
            expected: "a published error code".to_owned(),
            actual: format!("{code:?}"),
        };
        return (vec![wrong], None);
    };
    match what {
        CatalogueCheck::Status => {
            if status.is_some() && (entry.status == status || entry.status.is_none()) {
                return (Vec::new(), None);
            }
            if let Some(variant) = entry.or.iter().find(|variant| variant.status.is_some() && variant.status == status)
            {
                return (Vec::new(), Some(variant.because.value.clone()));
            }
            let wanted = Status::Exactly(entry.status.unwrap_or_default());
            (vec![status_mismatch(&wanted, status, &Pointer::default().join("status"))], None)
        }
        CatalogueCheck::Summary => summary(entry, at.join("errorSummary").first(context.answer)),
    }
}

fn summary(entry: &ErrorCode, found: Option<&Json>) -> (Vec<Mismatch>, Option<String>) {
    let text = found.and_then(Json::as_str).unwrap_or("");
    let Some(template) = &entry.summary else {
        return (Vec::new(), None);
    };
    if fits_template(template, text) {
        return (Vec::new(), None);
    }
    let other =
        entry.or.iter().find(|variant| variant.summary.as_ref().is_some_and(|template| fits_template(template, text)));
    if let Some(variant) = other {
        return (Vec::new(), Some(variant.because.value.clone()));
    }
    let wrong = Mismatch {
        pointer: "/body/errorSummary".to_owned(),
        expected: format!("{template:?}"),
        actual: found.map_or_else(|| "nothing".to_owned(), crate::verdict::check::shown),
    };
    (vec![wrong], None)
}

/// Whether a text fits a template whose `{0}` stand for any text.
#[must_use]
pub fn fits_template(template: &str, text: &str) -> bool {
    let mut pattern = String::from("(?s)^");
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let after = &rest[start + 1..];
        match after.find('}') {
            Some(end) if end > 0 && after[..end].chars().all(|c| c.is_ascii_digit()) => {
                pattern.push_str(&regex::escape(&rest[..start]));
                pattern.push_str(".*");
                rest = &after[end + 1..];
            }
            _ => {
                pattern.push_str(&regex::escape(&rest[..=start]));
                rest = after;
            }
        }
    }
    pattern.push_str(&regex::escape(rest));
    pattern.push('$');
    regex::Regex::new(&pattern).is_ok_and(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::fits_template;

    #[test]
    fn templates_stand_for_any_text() {
        assert!(fits_template(
            "Not found: Resource not found: {0} ({1})",
            "Not found: Resource not found: 00u1 (User)"
        ));
        assert!(fits_template("Api validation failed: {0}", "Api validation failed: a\nb"));
        assert!(!fits_template("Authentication failed", "Authentication failed!"));
        assert!(fits_template("{ \"a\": {0} }", "{ \"a\": 1 }"));
    }
}
