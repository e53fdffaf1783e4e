//! Rate limits: one window per endpoint, and the sign-ins of one username in one second.
//!
//! The headers that report a window are written in `pipeline`.

use crate::clock::later;
use crate::defects::{Flaw, Flaws};
use jiff::Timestamp;
use std::collections::HashMap;

/// Requests per minute and endpoint; so many that a test run doesn't meet the limit.
const PER_MINUTE: u32 = 100_000;

/// The length of an endpoint's window in seconds.
const WINDOW: i64 = 60;

/// Sign-ins per second and username.
const SIGN_INS: usize = 4;

/// What the X-Rate-Limit headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Requests per window.
    pub(crate) limit: u32,
    /// Requests left in this window.
    pub(crate) remaining: u32,
    /// When the window ends, in seconds since the epoch.
    pub(crate) reset: i64,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends: i64,
    used: u32,
}

/// What was used of every limit.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: HashMap<&'static str, Window>,
    sign_ins: HashMap<String, Vec<Timestamp>>,
}

impl Limits {
    /// Counts a request to an endpoint; whether it still fits, and what the headers say.
    pub(crate) fn count(&mut self, endpoint: &'static str, now: Timestamp, flaws: &Flaws) -> (bool, Reading) {
        let second = now.as_second();
        let fresh = Window { ends: second + WINDOW, used: 0 };
        let window = self.windows.entry(endpoint).or_insert(fresh);
        if window.ends <= second {
            *window = fresh;
        }
        window.used = window.used.saturating_add(1);
        (window.used <= PER_MINUTE, window.reading(second, flaws))
    }

    /// Counts a sign-in; the error says when the next one fits.
    pub(crate) fn sign_in(&mut self, username: &str, now: Timestamp) -> Result<(), Reading> {
        let recent = self.sign_ins.entry(username.to_lowercase()).or_default();
        recent.retain(|moment| later(*moment, 1) > now);
        if recent.len() < SIGN_INS {
            recent.push(now);
            return Ok(());
        }
        Err(Reading { limit: 4, remaining: 0, reset: later(recent[0], 2).as_second() })
    }
}

impl Window {
    fn reading(self, second: i64, flaws: &Flaws) -> Reading {
        Reading {
            limit: PER_MINUTE,
            remaining: if flaws.has(Flaw::RemainingGrows) {
                PER_MINUTE / 2 + self.used
            } else {
                PER_MINUTE.saturating_sub(self.used)
            },
            reset: if flaws.has(Flaw::ResetMoves) { second + WINDOW + i64::from(self.used % 50) } else { self.ends },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;
    use crate::clock::later;
    use crate::defects::Flaws;
    use jiff::Timestamp;

    #[test]
    fn remaining_falls_and_reset_stays_inside_a_window() {
        let (mut limits, flaws) = (Limits::default(), Flaws::default());
        let now = Timestamp::UNIX_EPOCH;
        let (_, first) = limits.count("a", now, &flaws);
        let (_, second) = limits.count("a", later(now, 59), &flaws);
        assert_eq!(second.remaining + 1, first.remaining);
        assert_eq!(second.reset, first.reset);
        let (_, third) = limits.count("a", later(now, 60), &flaws);
        assert_eq!(third.remaining, first.remaining);
        assert_eq!(third.reset, 120);
    }

    #[test]
    fn the_fifth_sign_in_of_a_second_is_too_many() {
        let mut limits = Limits::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..4 {
            assert!(limits.sign_in("Ann", now).is_ok());
        }
        assert!(limits.sign_in("ann", now).is_err());
        assert!(limits.sign_in("bob", now).is_ok());
        assert!(limits.sign_in("ann", later(now, 1)).is_ok());
    }
}
