//! Keeps requests under the limits that the target announces, and sign-ins under the limit of their user. Waits, but never longer
//! than it was told; sends nothing by itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::exchange::bucket::{Admission, Bucket, Reading};
use crate::exchange::sign_in::{SignIns, username};
use crate::wire::exchange::{Request, Response};

/// The pace of all requests to one target.
#[derive(Debug)]
pub(crate) struct Pace {
    longest_wait: Duration,
    limits: Mutex<Limits>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Limits {
    buckets: HashMap<String, Bucket>,
    sign_ins: HashMap<String, SignIns>,
}

impl Pace {
    /// A pace that holds no request back longer than so much time.
    pub(crate) fn new(longest_wait: Duration) -> Self {
        Self { longest_wait, limits: Mutex::default(), changed: Notify::new() }
    }

    /// Waits until the request may be sent.
    ///
    /// # Errors
    /// A sentence fragment where the wait would be too long.
    pub(crate) async fn admit(&self, request: &Request) -> Result<Permit<'_>, String> {
        let key = bucket_key(&request.method, request.path());
        self.wait(&key, |limits, now| {
            let bucket = limits.buckets.entry(key.clone()).or_default();
            let admission = bucket.admission(now);
            if admission == Admission::Now {
                bucket.sent();
            }
            admission
        })
        .await?;
        let mut permit = Permit { pace: self, bucket: Some(key), username: None };
        if let Some(name) = username(request) {
            self.wait(&format!("sign-ins of {name}"), |limits, now| {
                limits.sign_ins.retain(|_, sign_ins| !sign_ins.is_idle(now));
                let sign_ins = limits.sign_ins.entry(name.clone()).or_default();
                let admission = sign_ins.admission(now);
                if admission == Admission::Now {
                    sign_ins.sent();
                }
                admission
            })
            .await?;
            permit.username = Some(name);
        }
        Ok(permit)
    }

    async fn wait(&self, what: &str, mut ask: impl FnMut(&mut Limits, Instant) -> Admission) -> Result<(), String> {
        loop {
            // Listening begins before asking, so that no change in between is missed.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let now = Instant::now();
            let admission = ask(&mut self.limits(), now);
            match admission {
                Admission::Now => return Ok(()),
                Admission::WhenAnswered => changed.await,
                Admission::At(moment) if moment - now > self.longest_wait => {
                    return Err(format!(
                        "the rate limit of `{what}` is used up for another {} s, longer than the {} s that are waited for it",
                        (moment - now).as_secs(),
                        self.longest_wait.as_secs()
                    ));
                }
                Admission::At(moment) => {
                    tokio::select! {
                        () = sleep_until(moment) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, bucket: &str, username: Option<&str>, end: impl FnOnce(&mut Bucket)) {
        let mut limits = self.limits();
        if let Some(bucket) = limits.buckets.get_mut(bucket) {
            end(bucket);
        }
        if let Some(sign_ins) = username.and_then(|name| limits.sign_ins.get_mut(name)) {
            sign_ins.ended(Instant::now());
        }
        drop(limits);
        self.changed.notify_waiters();
    }
}

/// The right to send one request. Dropped without an answer, it counts as used.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    pace: &'a Pace,
    bucket: Option<String>,
    username: Option<String>,
}

impl Permit<'_> {
    /// Learns from the answer.
    pub(crate) fn answered(mut self, response: &Response) {
        let reading = Reading::of(response, Instant::now(), Timestamp::now());
        if let Some(bucket) = self.bucket.take() {
            self.pace.end(&bucket, self.username.as_deref(), |bucket| bucket.answered(reading));
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(bucket) = self.bucket.take() {
            self.pace.end(&bucket, self.username.as_deref(), Bucket::lost);
        }
    }
}

/// What the target probably counts together: the method and the path without identifiers.
fn bucket_key(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').map(|segment| if is_word(segment) { segment } else { "*" }).collect();
    format!("{method} {}", segments.join("/"))
}

/// Words of an address, as opposed to identifiers, names of users and the like.
fn is_word(segment: &str) -> bool {
    let is_version = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    segment == "oauth2"
        || segment.strip_prefix('v').is_some_and(is_version)
        || segment.len() <= 40 && segment.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;
    use tokio::task::JoinSet;
    use tokio::time::sleep;

    use super::*;
    use crate::wire::exchange::Body;

    const LATENCY: Duration = Duration::from_millis(50);

    fn request(path: &str) -> Request {
        Request {
            method: "GET".into(),
            url: format!("http://127.0.0.1:1{path}"),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    fn sign_in(name: &str) -> Request {
        let body = Body::Json(json!({"username": name, "password": "x"}));
        Request { method: "POST".into(), body, ..request("/api/v1/authn") }
    }

    fn answer(status: u16, limit: usize, remaining: usize, reset: u64) -> Response {
        let headers = vec![
            ("date".into(), "Thu, 01 Jan 1970 00:00:00 GMT".into()),
            ("x-rate-limit-limit".into(), limit.to_string()),
            ("x-rate-limit-remaining".into(), remaining.to_string()),
            ("x-rate-limit-reset".into(), reset.to_string()),
        ];
        Response { status, headers, body: String::new() }
    }

    /// A target that allows so many requests in windows of a minute, and counts the ones that are too many.
    struct Target {
        start: Instant,
        limit: usize,
        windows: Mutex<HashMap<u64, usize>>,
        refused: AtomicUsize,
    }

    impl Target {
        fn new(limit: usize) -> Self {
            Self { start: Instant::now(), limit, windows: Mutex::default(), refused: AtomicUsize::new(0) }
        }

        fn answer(&self) -> Response {
            let second = self.start.elapsed().as_secs();
            let mut windows = self.windows.lock().unwrap();
            let used = windows.entry(second / 60).or_default();
            *used += 1;
            let status = if *used > self.limit { 429 } else { 200 };
            self.refused.fetch_add(usize::from(status == 429), Ordering::Relaxed);
            answer(status, self.limit, self.limit.saturating_sub(*used), 60 - second % 60)
        }
    }

    async fn exchange(pace: &Pace, target: &Target, request: &Request) {
        let permit = pace.admit(request).await.unwrap();
        sleep(LATENCY).await;
        let response = target.answer();
        sleep(LATENCY).await;
        permit.answered(&response);
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_is_too_many() {
        let (pace, target) = (Arc::new(Pace::new(Duration::from_secs(90))), Arc::new(Target::new(10)));
        let mut tasks = JoinSet::new();
        for id in 0..35 {
            let (pace, target) = (Arc::clone(&pace), Arc::clone(&target));
            tasks.spawn(async move { exchange(&pace, &target, &request(&format!("/api/v1/users/00u{id}"))).await });
        }
        tasks.join_all().await;
        assert_eq!(target.refused.load(Ordering::Relaxed), 0);
        let elapsed = target.start.elapsed().as_secs();
        assert!((180..200).contains(&elapsed), "{elapsed}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_holds_the_bucket_until_its_reset_and_no_other() {
        let (pace, start) = (Pace::new(Duration::from_secs(90)), Instant::now());
        pace.admit(&request("/api/v1/users/1")).await.unwrap().answered(&answer(429, 10, 0, 30));
        pace.admit(&request("/api/v1/groups/1")).await.unwrap().answered(&answer(200, 10, 9, 30));
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(pace.admit(&request("/api/v1/users/2")).await.unwrap());
        assert_eq!(start.elapsed().as_secs(), 31);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_that_is_too_far_is_reported() {
        let (pace, start) = (Pace::new(Duration::from_secs(90)), Instant::now());
        pace.admit(&request("/api/v1/users")).await.unwrap().answered(&answer(429, 0, 0, 140));
        let error = pace.admit(&request("/api/v1/users")).await.unwrap_err();
        assert_eq!(
            error,
            "the rate limit of `GET /api/v1/users` is used up for another 141 s, longer than the 90 s that are waited for it"
        );
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_nothing_is_asked_again_after_its_reset() {
        let pace = Pace::new(Duration::from_secs(200));
        pace.admit(&request("/x")).await.unwrap().answered(&answer(429, 0, 0, 140));
        pace.admit(&request("/x")).await.unwrap().answered(&answer(200, 10, 9, 60));
    }

    #[tokio::test(start_paused = true)]
    async fn sign_ins_of_one_user_are_three_a_second() {
        let (pace, start) = (Arc::new(Pace::new(Duration::from_secs(90))), Instant::now());
        pace.admit(&sign_in("other")).await.unwrap().answered(&answer(200, 100_000, 99_999, 60));
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        for index in 0..20_u32 {
            let (pace, arrivals) = (Arc::clone(&pace), Arc::clone(&arrivals));
            tasks.spawn(async move {
                let permit = pace.admit(&sign_in("Ada")).await.unwrap();
                sleep(LATENCY * (index % 7)).await;
                arrivals.lock().unwrap().push(start.elapsed());
                sleep(LATENCY * (index % 3)).await;
                permit.answered(&answer(200, 100_000, 90_000, 60));
            });
        }
        tasks.join_all().await;
        let arrivals = arrivals.lock().unwrap().clone();
        for window in arrivals.windows(4) {
            assert!(window[3] - window[0] >= Duration::from_secs(1), "{arrivals:?}");
        }
        let before = Instant::now();
        drop(pace.admit(&sign_in("bob")).await.unwrap());
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_request_lets_the_next_one_ask() {
        let pace = Pace::new(Duration::from_secs(90));
        let permit = pace.admit(&request("/x")).await.unwrap();
        let next = request("/x");
        let waiting = pace.admit(&next);
        drop(permit);
        assert!(waiting.await.is_ok());
    }

    #[test]
    fn identifiers_do_not_divide_a_bucket() {
        let keys = [
            ("/api/v1/users/00u1abcdEFGHijklMN0h7", "GET /api/v1/users/*"),
            ("/api/v1/users/ada@example.com/lifecycle/reset_password", "GET /api/v1/users/*/lifecycle/reset_password"),
            ("/api/v1/users/me", "GET /api/v1/users/me"),
            ("/oauth2/aus1x/v1/token", "GET /oauth2/*/v1/token"),
            ("/.well-known/openid-configuration", "GET /.well-known/openid-configuration"),
        ];
        for (path, key) in keys {
            assert_eq!(bucket_key("GET", path), key);
        }
    }
}
