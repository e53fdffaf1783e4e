//! What is known of one rate limit of the target: how much is left, until when, and how much of that is on its way. Decides when the
//! next request may go; waits for nothing by itself.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::Instant;

use crate::wire::exchange::Response;

/// Added to an announced reset, which is in whole seconds.
const MARGIN: Duration = Duration::from_secs(1);

/// How long a refused request holds others back where the answer does not say.
const PAUSE: Duration = Duration::from_secs(10);

/// Resets that are no further apart belong to one window.
const SAME_WINDOW: Duration = Duration::from_secs(2);

/// Stands for resets that no clock can hold.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// When a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// At this moment, unless something changes earlier.
    At(Instant),
    /// At once.
    Now,
    /// When something is known: a request is on its way that will tell.
    WhenAnswered,
}

/// What an answer says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Requests in a window.
    pub(crate) limit: u64,
    /// Requests that are left.
    pub(crate) remaining: u64,
    /// When the window ends.
    pub(crate) reset: Instant,
}

impl Reading {
    /// Reads the headers of an answer that came at a moment; the target's own clock is used where it says its time.
    pub(crate) fn of(response: &Response, now: Instant, clock: Timestamp) -> Option<Self> {
        let number = |name| response.header(name).and_then(|value| value.trim().parse::<u64>().ok());
        let clock = response.header("date").and_then(date_of).unwrap_or(clock);
        let wait = number("x-rate-limit-reset").map(|reset| {
            let left = i64::try_from(reset).unwrap_or(i64::MAX).saturating_sub(clock.as_second());
            Duration::from_secs(u64::try_from(left).unwrap_or(0)).saturating_add(MARGIN)
        });
        let at = |wait: Duration| now + wait.min(NEVER);
        if response.status == 429 {
            let wait = wait.or_else(|| number("retry-after").map(Duration::from_secs)).unwrap_or(PAUSE);
            return Some(Self { limit: number("x-rate-limit-limit").unwrap_or(0), remaining: 0, reset: at(wait) });
        }
        Some(Self {
            limit: number("x-rate-limit-limit")?,
            remaining: number("x-rate-limit-remaining")?,
            reset: at(wait?),
        })
    }
}

/// The moment of an HTTP date, also in the old form with hyphens.
pub(crate) fn date_of(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim().replace('-', " ")).ok()
}

/// What is known of one limit.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    known: Known,
    in_flight: u64,
}

#[derive(Debug, Default)]
enum Known {
    /// What the last answer said.
    Limit(Reading),
    /// Answers come without a limit.
    NoLimit,
    /// Nothing, or nothing of this window.
    #[default]
    Nothing,
}

impl Bucket {
    /// When the next request may go.
    pub(crate) fn admission(&mut self, now: Instant) -> Admission {
        if matches!(&self.known, Known::Limit(reading) if reading.reset <= now) {
            self.known = Known::Nothing;
        }
        match &self.known {
            Known::NoLimit => Admission::Now,
            // One request asks first: how many fit is not known.
            Known::Nothing if self.in_flight == 0 => Admission::Now,
            Known::Nothing => Admission::WhenAnswered,
            Known::Limit(reading) => {
                let left = reading.remaining.saturating_sub(self.in_flight);
                if left > reserve(reading.limit) { Admission::Now } else { Admission::At(reading.reset) }
            }
        }
    }

    /// A request is on its way.
    pub(crate) fn sent(&mut self) {
        self.in_flight += 1;
    }

    /// An answer came; most say what is left.
    pub(crate) fn answered(&mut self, reading: Option<Reading>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.known = match (std::mem::take(&mut self.known), reading) {
            (Known::Nothing | Known::NoLimit, None) => Known::NoLimit,
            (Known::Nothing | Known::NoLimit, Some(new)) => Known::Limit(new),
            (Known::Limit(old), None) => Known::Limit(one_less(old)),
            (Known::Limit(old), Some(new)) => Known::Limit(newer(old, new)),
        };
    }

    /// No answer came; the target may have counted the request all the same.
    pub(crate) fn lost(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Known::Limit(old) = self.known {
            self.known = Known::Limit(one_less(old));
        }
    }
}

fn one_less(reading: Reading) -> Reading {
    Reading { remaining: reading.remaining.saturating_sub(1), ..reading }
}

/// What holds after two readings, the second of which came later but may have been written earlier.
fn newer(old: Reading, new: Reading) -> Reading {
    if new.reset > old.reset + SAME_WINDOW {
        new
    } else if new.reset + SAME_WINDOW < old.reset {
        old
    } else {
        Reading { limit: new.limit, remaining: old.remaining.min(new.remaining), reset: old.reset.max(new.reset) }
    }
}

/// What is left to others who use the target: a twentieth of the limit, five at most.
fn reserve(limit: u64) -> u64 {
    (limit / 20).min(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(remaining: u64, reset: Instant) -> Reading {
        Reading { limit: 10, remaining, reset }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: String::new() }
    }

    #[test]
    fn the_first_request_asks_for_the_others() {
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        assert_eq!(bucket.admission(now), Admission::Now);
        bucket.sent();
        assert_eq!(bucket.admission(now), Admission::WhenAnswered);
        bucket.answered(None);
        assert_eq!(bucket.admission(now), Admission::Now);
        bucket.sent();
        assert_eq!(bucket.admission(now), Admission::Now);
    }

    #[test]
    fn what_is_on_its_way_counts() {
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        let reset = now + seconds(60);
        bucket.sent();
        bucket.answered(Some(reading(2, reset)));
        bucket.sent();
        assert_eq!(bucket.admission(now), Admission::Now);
        bucket.sent();
        assert_eq!(bucket.admission(now), Admission::At(reset));
        bucket.answered(Some(reading(0, reset)));
        bucket.answered(Some(reading(1, reset)));
        assert_eq!(bucket.admission(now), Admission::At(reset), "an answer that was overtaken gives nothing back");
        assert_eq!(bucket.admission(reset), Admission::Now);
    }

    #[test]
    fn lost_requests_are_counted() {
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        let reset = now + seconds(60);
        bucket.sent();
        bucket.answered(Some(reading(1, reset)));
        bucket.sent();
        bucket.lost();
        assert_eq!(bucket.admission(now), Admission::At(reset));
    }

    #[test]
    fn a_new_window_replaces_the_old_one() {
        let (mut bucket, now) = (Bucket::default(), Instant::now());
        bucket.sent();
        bucket.answered(Some(reading(0, now + seconds(5))));
        bucket.sent();
        bucket.answered(Some(reading(9, now + seconds(65))));
        assert_eq!(bucket.admission(now), Admission::Now);
    }

    #[test]
    fn the_clock_of_the_target_counts() {
        let now = Instant::now();
        let headers = [
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("x-rate-limit-limit", "600"),
            ("x-rate-limit-remaining", "599"),
            ("x-rate-limit-reset", "784111807"),
        ];
        let reading = Reading::of(&answer(200, &headers), now, Timestamp::now()).unwrap();
        assert_eq!(reading, Reading { limit: 600, remaining: 599, reset: now + seconds(31) });
        assert_eq!(Reading::of(&answer(200, &headers[..3]), now, Timestamp::now()), None);
        let distant = [headers[0], headers[1], headers[2], ("x-rate-limit-reset", "18446744073709551615")];
        assert_eq!(Reading::of(&answer(200, &distant), now, Timestamp::now()).unwrap().reset, now + NEVER);
        let past = [headers[0], headers[1], headers[2], ("x-rate-limit-reset", "60")];
        assert_eq!(Reading::of(&answer(200, &past), now, Timestamp::now()).unwrap().reset, now + MARGIN);
    }

    #[test]
    fn a_refused_request_holds_others_back() {
        let now = Instant::now();
        let refused =
            |headers: &[(&str, &str)]| Reading::of(&answer(429, headers), now, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(refused(&[]).reset, now + PAUSE);
        assert_eq!(refused(&[("retry-after", "3")]).reset, now + seconds(3));
        assert_eq!(refused(&[("x-rate-limit-remaining", "7"), ("x-rate-limit-reset", "140")]).remaining, 0);
        assert_eq!(refused(&[("x-rate-limit-reset", "140")]).reset, now + seconds(141));
    }

    #[test]
    fn dates_come_in_two_forms() {
        assert_eq!(date_of("Thu, 01 Jan 1970 00:00:10 GMT"), Timestamp::from_second(10).ok());
        assert_eq!(date_of("Thu, 01-Jan-1970 00:00:10 GMT"), Timestamp::from_second(10).ok());
        assert_eq!(date_of("soon"), None);
    }
}
