//! JUnit XML: a suite for each machine or law group, a test case for each rule. Written at the end, in one piece.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite, XmlString};

use crate::report::Report;
use crate::report::block::{block, findings_in_words};
use crate::report::tally::variances;
use crate::report::text::visible;
use crate::run::event::{Event, LeftBehind, RuleFinished, RunStarted};
use crate::verdict::finding::Verdict;

/// Writes JUnit XML.
#[derive(Debug)]
pub struct Junit<W> {
    writer: W,
    run: Option<RunStarted>,
    suites: BTreeMap<String, Vec<TestCase>>,
    left_behind: Vec<LeftBehind>,
    took: Option<u64>,
    stopped: Option<String>,
}

impl<W: Write> Junit<W> {
    /// A report that writes to the writer when it is finished.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { writer, run: None, suites: BTreeMap::new(), left_behind: Vec::new(), took: None, stopped: None }
    }

    fn document(&mut self) -> quick_junit::Report {
        let mut document = quick_junit::Report::new("oktaspec");
        if let Some(took) = self.took {
            document.set_time(Duration::from_millis(took));
        }
        for (name, cases) in std::mem::take(&mut self.suites) {
            let mut suite = TestSuite::new(visible(&name));
            suite.set_time(cases.iter().filter_map(|case| case.time).sum());
            suite.add_properties(properties(self.run.as_ref()));
            suite.add_test_cases(cases);
            document.add_test_suite(suite);
        }
        if let Some(notes) = self.notes() {
            let mut suite = TestSuite::new("run");
            suite.set_system_err(notes);
            document.add_test_suite(suite);
        }
        document
    }

    /// What concerns the run and no rule.
    fn notes(&self) -> Option<String> {
        let left = self.left_behind.iter().map(|thing| {
            visible(&format!("left behind: {} {}: {}", thing.machine, thing.what, thing.reason)).into_owned()
        });
        let stopped = self.stopped.iter().map(|reason| visible(&format!("stopped early: {reason}")).into_owned());
        let notes: Vec<String> = left.chain(stopped).collect();
        (!notes.is_empty()).then(|| notes.join("\n"))
    }
}

impl<W: Write> Report for Junit<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CaseFinished(_) => {}
            Event::RuleFinished(rule) => {
                let suite = rule.rule.split_once('/').map_or("oktaspec", |(suite, _)| suite);
                let case = test_case(rule, suite, self.run.as_ref());
                self.suites.entry(suite.to_owned()).or_default().push(case);
            }
            Event::LeftBehind(thing) => self.left_behind.push(thing.clone()),
            Event::RunFinished(finished) => {
                self.took = Some(finished.took);
                self.stopped.clone_from(&finished.stopped);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let document = self.document().to_string().map_err(io::Error::other)?;
        self.writer.write_all(document.as_bytes())?;
        self.writer.flush()
    }
}

fn properties(run: Option<&RunStarted>) -> Vec<(XmlString, XmlString)> {
    let Some(run) = run else {
        return Vec::new();
    };
    [("seed", &run.seed), ("target", &run.target), ("version", &run.program)]
        .into_iter()
        .map(|(name, value)| (name.into(), visible(value).into()))
        .collect()
}

fn test_case(rule: &RuleFinished, suite: &str, run: Option<&RunStarted>) -> TestCase {
    let mut case = TestCase::new(visible(&rule.rule), status(rule, run));
    case.set_classname(visible(suite));
    case.set_time(Duration::from_millis(rule.took));
    if rule.verdict == Verdict::Variance || rule.verdict == Verdict::Waived {
        case.set_system_out(block(rule, run).plain());
        for words in variances(rule) {
            case.add_property(("variance", &*visible(&words)));
        }
    }
    case
}

fn status(rule: &RuleFinished, run: Option<&RunStarted>) -> TestCaseStatus {
    let mut status = match rule.verdict {
        Verdict::Conforms | Verdict::Variance | Verdict::Waived => return TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Inconclusive => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Deviates => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_type(rule.verdict.words()).set_message(message(rule));
    if rule.verdict != Verdict::Skipped {
        status.set_description(block(rule, run).plain());
    }
    status
}

/// One line: the reason, else the first difference, else the claim.
fn message(rule: &RuleFinished) -> String {
    let difference =
        || rule.example.as_ref().and_then(|example| findings_in_words(&example.findings).into_iter().next());
    let message = if rule.reason.is_empty() { difference() } else { Some(rule.reason.clone()) };
    let mut message = message.unwrap_or_else(|| rule.claim.clone());
    if let Some(other) = &rule.look_at {
        message.push_str(&format!("; look at {other}"));
    }
    visible(&message).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(events: &[Event]) -> String {
        let mut output = Vec::new();
        let mut junit = Junit::new(&mut output);
        for event in events {
            junit.event(event).unwrap();
        }
        junit.finish().unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn verdicts_have_their_elements() {
        let mut variance = sample::rule("law/envelope", Verdict::Variance);
        variance.variances.insert("D09".into(), 3);
        let text = written(&[
            Event::RunStarted(sample::run()),
            sample::event(sample::rule("authn/a.fine", Verdict::Conforms)),
            sample::event(sample::deviating("authn/a.broken")),
            sample::event(sample::waiting("authn/a.waits", "authn/a.broken")),
            sample::event(sample::because("user/u.skipped", Verdict::Skipped, "no inbox hook")),
            sample::event(variance),
            sample::left_behind(),
            Event::RunFinished(Box::new(sample::finished())),
        ]);
        let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
        assert_eq!((report.tests, report.failures, report.errors, report.skipped), (5, 1, 1, 1));
        let suites: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(suites, ["authn", "law", "user", "run"]);
        assert_eq!(report.test_suites[0].properties[1].value.as_str(), "https://org.example");
        assert!(
            text.contains("message=\"at /body/errorCode expected &quot;E0000004&quot;, got &quot;E0000007&quot;\""),
            "{text}"
        );
        assert!(text.contains("message=\"a step of the way failed; look at authn/a.broken\""));
        assert!(text.contains("DEVIATES authn/a.broken"));
        assert!(text.contains("left behind: user oktaspec-4f2a-ada@example.com"));
    }

    #[test]
    fn a_hostile_answer_leaves_the_document_well_formed() {
        let mut rule = sample::deviating("authn/a.]]>\u{0}");
        let example = rule.example.as_mut().unwrap();
        example.findings[0].actual = "\u{1b}[31m]]>\u{0}\u{fffe}<evil a=\"&".into();
        sample::answer(example).body = "]]>\u{0}\u{8}\u{ffff}</failure><testcase/>".into();
        let text = written(&[sample::event(rule)]);
        let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
        assert_eq!(report.tests, 1);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}')));
    }

    #[test]
    fn an_empty_run_is_a_document() {
        assert_eq!(quick_junit::Report::deserialize_from_str(&written(&[])).unwrap().tests, 0);
    }
}
