//! The report for people: failures as they are known, each cause once, and a closing summary. Writes to what it is handed; only the
//! moving line of [`TerminalOptions::live`] goes to standard error.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::report::Report;
use crate::report::block::block;
use crate::report::closing::closing;
use crate::report::live::{Live, Progress};
use crate::report::tally::{Tally, waits_for};
use crate::report::text::{Text, Tone, count, duration};
use crate::run::event::{Event, RuleFinished, RunStarted};
use crate::verdict::finding::Verdict;

/// How often a run without a moving line says how far it is.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What the terminal gets to see.
#[derive(Debug, Clone, Copy, Default)]
pub struct TerminalOptions {
    /// Whether colours are used.
    pub colour: bool,
    /// Whether a line on standard error shows how far a long run is, if that is a terminal.
    pub live: bool,
    /// Whether rules that conform and full lists are shown.
    pub verbose: bool,
}

/// The report for people.
#[derive(Debug)]
pub struct Terminal<W> {
    writer: W,
    options: TerminalOptions,
    tally: Tally,
    progress: Progress,
    live: Option<Live>,
    started: Instant,
    last_beat: Instant,
}

impl<W: Write> Terminal<W> {
    /// A report that writes to the writer.
    #[must_use]
    pub fn new(writer: W, options: TerminalOptions) -> Self {
        let now = Instant::now();
        Self {
            writer,
            options,
            tally: Tally::default(),
            progress: Progress::default(),
            live: None,
            started: now,
            last_beat: now,
        }
    }

    fn show(&mut self, text: &Text) -> io::Result<()> {
        let (writer, colour) = (&mut self.writer, self.options.colour);
        let mut write = || {
            text.write(writer, colour)?;
            writer.flush()
        };
        match &self.live {
            Some(live) => live.aside(write),
            None => write(),
        }
    }

    fn begin(&mut self, run: &RunStarted) -> io::Result<()> {
        self.progress.planned = run.cases;
        self.show(&header(run))?;
        if self.options.live {
            self.live = Live::start();
        }
        Ok(())
    }

    fn rule(&mut self, rule: &RuleFinished) -> io::Result<()> {
        let is_shown = match rule.verdict {
            Verdict::Deviates => true,
            Verdict::Inconclusive => waits_for(rule).is_none() && self.tally.is_first_of_its_reason(rule),
            Verdict::Variance | Verdict::Waived => self.options.verbose,
            Verdict::Conforms | Verdict::Skipped => false,
        };
        if is_shown {
            let mut text = Text::default();
            text.blank();
            text.append(block(rule, self.tally.run.as_ref()));
            self.show(&text)
        } else if self.options.verbose {
            self.show(&one_line(rule))
        } else {
            Ok(())
        }
    }

    fn beat(&mut self, now: Instant) -> io::Result<()> {
        if let Some(live) = &self.live {
            live.update(&self.progress);
            return Ok(());
        }
        if now.duration_since(self.last_beat) < HEARTBEAT {
            return Ok(());
        }
        self.last_beat = now;
        let mut text = Text::default();
        text.line(0, &[(Tone::Quiet, "… "), (Tone::Quiet, &self.progress.line(now.duration_since(self.started)))]);
        self.show(&text)
    }
}

impl<W: Write> Report for Terminal<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.tally.event(event);
        match event {
            Event::RunStarted(run) => self.begin(run)?,
            Event::CaseFinished(case) => {
                self.progress.cases = self.tally.cases;
                self.progress.exchanges = self.tally.exchanges;
                self.progress.rule.clone_from(&case.rule);
            }
            Event::RuleFinished(rule) => self.rule(rule)?,
            Event::LeftBehind(_) | Event::RunFinished(_) => {}
        }
        self.beat(Instant::now())
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(live) = self.live.take() {
            live.stop();
        }
        self.show(&closing(&self.tally, self.options.verbose))
    }
}

fn header(run: &RunStarted) -> Text {
    let mut text = Text::default();
    let target = if run.embedded { "the embedded reference server" } else { run.target.as_str() };
    let amount = format!("{}, {}", count(run.rules, "rule", "rules"), count(run.cases, "case", "cases"));
    let strict = if run.strict { ", strict" } else { "" };
    let seed = format!(", seed {}{strict}", run.seed);
    text.line(
        0,
        &[
            (Tone::Strong, "oktaspec "),
            (Tone::Strong, &run.program),
            (Tone::Plain, " against "),
            (Tone::Strong, target),
            (Tone::Plain, ": "),
            (Tone::Plain, &amount),
            (Tone::Quiet, &seed),
        ],
    );
    text
}

fn one_line(rule: &RuleFinished) -> Text {
    let mut text = Text::default();
    let tone = if rule.verdict == Verdict::Conforms { Tone::Good } else { Tone::Unsure };
    let mut details = format!("  {}, {}", count(rule.cases, "case", "cases"), duration(rule.took));
    if let Some(other) = &rule.look_at {
        details = format!("  waits for {other}");
    } else if !rule.reason.is_empty() {
        details = format!("  {}", rule.reason);
    }
    text.line(
        0,
        &[(tone, rule.verdict.words()), (Tone::Plain, " "), (Tone::Plain, &rule.rule), (Tone::Quiet, &details)],
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::run::event::CaseFinished;

    fn shown(options: TerminalOptions, events: &[Event]) -> String {
        let mut output = Vec::new();
        let mut terminal = Terminal::new(&mut output, options);
        for event in events {
            terminal.event(event).unwrap();
        }
        terminal.finish().unwrap();
        String::from_utf8(output).unwrap()
    }

    fn run_with_everything() -> Vec<Event> {
        vec![
            Event::RunStarted(sample::run()),
            sample::event(sample::rule("a/a.fine", Verdict::Conforms)),
            sample::event(sample::waiting("a/a.waits", "a/a.broken")),
            sample::event(sample::because("a/a.silent", Verdict::Inconclusive, "connection refused")),
            sample::event(sample::because("a/a.silent-too", Verdict::Inconclusive, "connection refused")),
            sample::event(sample::because("a/a.skipped", Verdict::Skipped, "no inbox hook")),
            sample::event(sample::deviating("a/a.broken")),
            Event::RunFinished(Box::new(sample::finished())),
        ]
    }

    #[test]
    fn each_cause_is_shown_once() {
        let output = shown(TerminalOptions::default(), &run_with_everything());
        assert_eq!(output.matches("DEVIATES a/a.broken").count(), 1, "{output}");
        assert_eq!(output.matches("INCONCLUSIVE a/a.silent\n").count(), 1);
        assert!(!output.contains("INCONCLUSIVE a/a.silent-too"));
        assert!(!output.contains("INCONCLUSIVE a/a.waits"));
        assert!(!output.contains("a/a.fine"));
        assert!(output.ends_with("oktaspec: 1 rule deviates, 3 inconclusive, 1 conforms, 1 skipped\n"), "{output}");
    }

    #[test]
    fn without_colour_there_are_no_escapes() {
        for verbose in [false, true] {
            let plain = shown(TerminalOptions { verbose, ..TerminalOptions::default() }, &run_with_everything());
            assert!(!plain.contains('\u{1b}'));
        }
        assert!(
            shown(TerminalOptions { colour: true, ..TerminalOptions::default() }, &run_with_everything())
                .contains('\u{1b}')
        );
    }

    #[test]
    fn verbose_shows_every_rule() {
        let output = shown(TerminalOptions { verbose: true, ..TerminalOptions::default() }, &run_with_everything());
        assert!(output.contains("conforms a/a.fine  4 cases, 1.2 s\n"), "{output}");
        assert!(output.contains("inconclusive a/a.waits  waits for a/a.broken\n"));
        assert!(output.contains("skipped a/a.skipped  no inbox hook\n"));
    }

    #[test]
    fn a_run_without_events_has_a_summary() {
        assert!(shown(TerminalOptions::default(), &[]).ends_with("oktaspec: nothing ran\n"));
    }

    #[test]
    fn a_long_run_has_a_heartbeat() {
        let mut output = Vec::new();
        let mut terminal = Terminal::new(&mut output, TerminalOptions::default());
        let case = CaseFinished { rule: "a/a.a".into(), key: "k".into(), verdict: Verdict::Conforms, exchanges: 3 };
        terminal.event(&Event::CaseFinished(case)).unwrap();
        let start = terminal.started;
        terminal.beat(start + Duration::from_secs(9)).unwrap();
        terminal.beat(start + Duration::from_secs(11)).unwrap();
        terminal.beat(start + Duration::from_secs(12)).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), "… 1 of 1 cases, 3 exchanges, 11.0 s  a/a.a\n");
    }
}
