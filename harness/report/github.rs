//! Annotations for GitHub Actions: each root cause at the line of the specification that claims it.

use std::io::{self, Write};

use crate::report::Report;
use crate::report::block::findings_in_words;
use crate::report::tally::waits_for;
use crate::report::text::visible;
use crate::run::event::{Event, RuleFinished};
use crate::verdict::finding::Verdict;

/// Writes workflow commands, which GitHub reads from the standard output of a step.
#[derive(Debug)]
pub struct GitHub<W> {
    writer: W,
}

impl<W: Write> GitHub<W> {
    /// A report that writes to the writer.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl<W: Write> Report for GitHub<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RuleFinished(rule) => match command(rule) {
                Some(command) => writeln!(self.writer, "{}", annotation(command, rule)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// What is worth an annotation: rules that wait for another say nothing new.
fn command(rule: &RuleFinished) -> Option<&'static str> {
    match rule.verdict {
        Verdict::Deviates => Some("error"),
        Verdict::Inconclusive if waits_for(rule).is_none() => Some("warning"),
        _ => None,
    }
}

fn annotation(command: &str, rule: &RuleFinished) -> String {
    let findings = rule.example.as_ref().map(|example| example.findings.as_slice()).unwrap_or_default();
    let demanded = findings.first().map(|finding| &finding.demanded_by).filter(|place| !place.path.is_empty());
    let place = demanded.unwrap_or(&rule.stands);
    let title = format!("{} {}", rule.rule, rule.verdict.words());
    let mut lines = vec![rule.claim.as_str(), rule.reason.as_str()];
    lines.retain(|line| !line.is_empty());
    let words = findings_in_words(findings);
    lines.extend(words.iter().map(String::as_str));
    let message: Vec<String> = lines.into_iter().map(|line| escape(&visible(line))).collect();
    format!(
        "::{command} file={},line={},col={},title={}::{}",
        property(&place.path),
        place.line,
        place.column,
        property(&title),
        message.join("%0A"),
    )
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escape(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(rule: RuleFinished) -> String {
        let mut output = Vec::new();
        GitHub::new(&mut output).event(&sample::event(rule)).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_deviation_stands_at_the_line_that_demands_it() {
        assert_eq!(
            written(sample::deviating("authn/sign-in.wrong")),
            "::error file=specs/authn.yaml,line=41,col=9,title=authn/sign-in.wrong deviates::A wrong password is refused.%0A\
             at /body/errorCode expected \"E0000004\", got \"E0000007\"\n"
        );
    }

    #[test]
    fn an_answer_cannot_write_a_command_of_its_own() {
        let mut rule = sample::deviating("a/b,c:d");
        rule.example.as_mut().unwrap().findings[0].actual = "x\n::error::owned %0A".into();
        let text = written(rule);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("x\\n::error::owned %250A"), "{text}");
        assert!(text.contains("title=a/b%2Cc%3Ad deviates::"));
    }

    #[test]
    fn only_causes_are_annotated() {
        assert!(written(sample::waiting("a/a.a", "b/b.b")).is_empty());
        assert!(written(sample::rule("a/a.a", Verdict::Conforms)).is_empty());
        assert!(written(sample::because("a/a.a", Verdict::Inconclusive, "refused")).starts_with("::warning "));
    }
}
