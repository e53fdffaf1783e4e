//! Reports: pure sinks of the events of a run. They know nothing of specifications, cases and HTTP, so that a live run, a replay
//! and a merge of shards look alike.

use std::io;

use crate::run::event::Event;

pub(crate) mod block;
pub mod closing;
pub mod github;
pub mod junit;
mod live;
pub mod log;
#[cfg(test)]
mod sample;
mod tally;
pub mod terminal;
pub(crate) mod text;

/// Something that listens to a run.
pub trait Report {
    /// Takes the next event of the run.
    ///
    /// # Errors
    /// What the writer of the report refuses.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Writes what is due at the end; also for a run that was broken off.
    ///
    /// # Errors
    /// What the writer of the report refuses.
    fn finish(&mut self) -> io::Result<()>;
}
