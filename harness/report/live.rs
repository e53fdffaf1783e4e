//! The line that moves while a long run goes on. It stands on standard error and is gone when anything else is written.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::report::text::{duration, number, shorten, visible};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Characters of the rule's name.
const RULE: usize = 60;

/// How far a run is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Cases that came to their end.
    pub(crate) cases: usize,
    /// Cases that are planned.
    pub(crate) planned: usize,
    /// Exchanges so far.
    pub(crate) exchanges: usize,
    /// The rule that was heard of last.
    pub(crate) rule: String,
}

impl Progress {
    /// The line, with the time that the run has taken.
    pub(crate) fn line(&self, elapsed: Duration) -> String {
        let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        format!(
            "{} of {} cases, {} exchanges, {}  {}",
            number(self.cases),
            number(self.planned.max(self.cases)),
            number(self.exchanges),
            duration(milliseconds),
            visible(&shorten(&self.rule, RULE)),
        )
    }
}

/// The line.
#[derive(Debug)]
pub(crate) struct Live {
    bar: ProgressBar,
    progress: Arc<Mutex<Progress>>,
}

impl Live {
    /// Starts the line, where standard error is a terminal.
    pub(crate) fn start() -> Option<Self> {
        let target = ProgressDrawTarget::stderr();
        if target.is_hidden() {
            return None;
        }
        let progress = Arc::new(Mutex::new(Progress::default()));
        let shown = Arc::clone(&progress);
        let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            if state.elapsed() >= PATIENCE {
                let progress = shown.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = out.write_str(&progress.line(state.elapsed()));
            }
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{line}") {
            bar.set_style(style.with_key("line", line));
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Some(Self { bar, progress })
    }

    /// Takes note of how far the run is.
    pub(crate) fn update(&self, progress: &Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress.clone();
    }

    /// Takes the line away while something else is written.
    pub(crate) fn aside(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.bar.suspend(write)
    }

    /// Takes the line away for good.
    pub(crate) fn stop(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_and_where() {
        let progress = Progress { cases: 120, planned: 612, exchanges: 1_460, rule: "authn/sign-in.\u{1b}x".into() };
        assert_eq!(
            progress.line(Duration::from_millis(20_130)),
            "120 of 612 cases, 1,460 exchanges, 20.1 s  authn/sign-in.\\u{1b}x"
        );
    }
}
