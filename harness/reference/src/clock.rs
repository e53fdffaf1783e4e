//! The virtual clock: real time plus an offset, and how a point in time is written.
//!
//! Who moves the clock is decided in `hooks`; what expires is decided by each resource.

use jiff::{SignedDuration, Timestamp};

/// Time as the server sees it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// How far the server is ahead of real time.
    offset: SignedDuration,
}

impl Clock {
    /// The current virtual time.
    pub(crate) fn now(self) -> Timestamp {
        Timestamp::now().checked_add(self.offset).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward; `None` if that leaves the range of representable time.
    pub(crate) fn advance(&mut self, seconds: u32) -> Option<Timestamp> {
        let offset = self.offset.checked_add(SignedDuration::from_secs(i64::from(seconds)))?;
        let now = Timestamp::now().checked_add(offset).ok()?;
        self.offset = offset;
        Some(now)
    }
}

/// `moment` plus a number of seconds, at most the end of representable time.
pub(crate) fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// A point in time as the API writes it: UTC, whole seconds, a fraction of zeroes.
pub(crate) fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Clock, later, written};
    use jiff::Timestamp;

    #[test]
    fn a_moment_is_written_with_zeroes_behind_the_second() {
        let moment: Timestamp = "2015-11-03T10:15:57.913Z".parse().expect("a timestamp");
        assert_eq!(written(moment), "2015-11-03T10:15:57.000Z");
        assert_eq!(written(later(moment, 3)), "2015-11-03T10:16:00.000Z");
    }

    #[test]
    fn an_advanced_clock_stays_ahead() {
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(3_600).expect("within range");
        assert!(clock.now() >= later(before, 3_600));
    }
}
