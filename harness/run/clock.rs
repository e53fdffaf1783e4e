//! The clock of the target. By its hook it moves only when every running case waits, and then to the earliest of them; without
//! the hook a wait takes its time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

/// The clock of the target, for cases that run on one thread.
#[derive(Default)]
pub struct Clock {
    /// Milliseconds that the hook has added.
    ahead: Cell<i64>,
    running: Cell<usize>,
    waiting: RefCell<Vec<Waiting>>,
}

struct Waiting {
    until: i64,
    wake: oneshot::Sender<()>,
}

impl Clock {
    /// A clock that shows the time of this machine.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::new(Self::default())
    }

    /// Milliseconds since 1970 at the target.
    #[must_use]
    pub fn now(&self) -> i64 {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        real + self.ahead.get()
    }

    /// A case begins.
    pub fn begin(&self) {
        self.running.set(self.running.get() + 1);
    }

    /// A case has ended.
    pub fn end(&self) {
        self.running.set(self.running.get().saturating_sub(1));
    }

    /// Waits until a moment of the target's clock. Whoever calls this is running, and is not while it waits.
    pub async fn wait_until(&self, until: i64) {
        let (wake, woken) = oneshot::channel();
        self.waiting.borrow_mut().push(Waiting { until, wake });
        // The sender is dropped only with the clock, and then nobody waits any more.
        let _ = woken.await;
    }

    /// How far the clock must move for the next case to go on; nothing while a case runs.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let waiting = self.waiting.borrow();
        if waiting.is_empty() || waiting.len() < self.running.get() {
            return None;
        }
        let earliest = waiting.iter().map(|waiting| waiting.until).min()?;
        let distance = u64::try_from((earliest - self.now()).max(0)).unwrap_or(0);
        Some(Duration::from_millis(distance))
    }

    /// The target's clock was moved: whoever waited for a moment that has come goes on.
    pub fn moved(&self, by: Duration) {
        self.ahead.set(self.ahead.get() + i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        let now = self.now();
        let mut waiting = self.waiting.borrow_mut();
        let (come, stay): (Vec<Waiting>, Vec<Waiting>) = waiting.drain(..).partition(|waiting| waiting.until <= now);
        *waiting = stay;
        drop(waiting);
        for waiting in come {
            let _ = waiting.wake.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn moves_only_when_all_wait_and_to_the_earliest() {
        let clock = Clock::new();
        clock.begin();
        clock.begin();
        let start = clock.now();
        let first = clock.wait_until(start + 60_000);
        let second = clock.wait_until(start + 3_600_000);
        tokio::pin!(first);
        tokio::pin!(second);
        assert!(futures_util::poll!(first.as_mut()).is_pending());
        assert_eq!(clock.due(), None);
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        let due = clock.due().expect("both wait");
        assert!(due <= Duration::from_secs(60) && due > Duration::from_secs(50));
        clock.moved(due + Duration::from_millis(5));
        assert!(futures_util::poll!(first.as_mut()).is_ready());
        assert!(futures_util::poll!(second.as_mut()).is_pending());
    }
}
