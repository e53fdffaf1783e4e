//! Sign-ins of one username: the target allows four in a second. Says who signs in by a request, and when the next may.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::Instant;

use crate::exchange::bucket::Admission;
use crate::wire::exchange::{Body, Request};

/// One less than the target allows.
const SIGN_INS: usize = 3;

/// In so much time.
const WINDOW: Duration = Duration::from_secs(1);

/// The username that a request signs in with, in lower case.
pub(crate) fn username(request: &Request) -> Option<String> {
    if request.method != "POST" {
        return None;
    }
    let path = request.path();
    let member = match path {
        "/api/v1/authn" => "username",
        "/idp/idx/identify" => "identifier",
        _ if path.starts_with("/oauth2/") && path.ends_with("/v1/token") => "username",
        _ => return None,
    };
    let username = match &request.body {
        Body::Json(body) => body.get(member).and_then(Json::as_str),
        Body::Form(members) => members.iter().find(|(name, _)| name == member).map(|(_, value)| value.as_str()),
        Body::None | Body::Text(_) => None,
    };
    username.map(str::to_lowercase)
}

/// The recent sign-ins of one username. A sign-in counts until a second after its answer: so the target cannot have seen two of them
/// closer together than they were sent.
#[derive(Debug, Default)]
pub(crate) struct SignIns {
    in_flight: usize,
    ended: VecDeque<Instant>,
}

impl SignIns {
    /// When the next sign-in may go.
    pub(crate) fn admission(&mut self, now: Instant) -> Admission {
        while self.ended.front().is_some_and(|ended| *ended + WINDOW <= now) {
            self.ended.pop_front();
        }
        match self.ended.front() {
            _ if self.in_flight + self.ended.len() < SIGN_INS => Admission::Now,
            Some(first) => Admission::At(*first + WINDOW),
            None => Admission::WhenAnswered,
        }
    }

    /// A sign-in is on its way.
    pub(crate) fn sent(&mut self) {
        self.in_flight += 1;
    }

    /// A sign-in was answered, or lost.
    pub(crate) fn ended(&mut self, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ended.push_back(now);
    }

    /// Whether nothing of it matters any more.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        self.in_flight == 0 && self.ended.back().is_none_or(|ended| *ended + WINDOW <= now)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: &str, path: &str, body: Body) -> Request {
        Request { method: method.into(), url: format!("http://127.0.0.1:1{path}"), headers: Vec::new(), body }
    }

    #[test]
    fn sign_ins_are_known_by_path_and_username() {
        let named = Body::Json(json!({"username": "Ada@Example.com"}));
        assert_eq!(username(&request("POST", "/api/v1/authn?x=1", named.clone())).as_deref(), Some("ada@example.com"));
        assert_eq!(username(&request("GET", "/api/v1/authn", named.clone())), None);
        assert_eq!(username(&request("POST", "/api/v1/authn/factors/1/verify", named)), None);
        assert_eq!(username(&request("POST", "/api/v1/authn", Body::Json(json!({"username": 7})))), None);
        assert_eq!(username(&request("POST", "/api/v1/authn", Body::Text("{".into()))), None);
        let identify = Body::Json(json!({"identifier": "ada"}));
        assert_eq!(username(&request("POST", "/idp/idx/identify", identify)).as_deref(), Some("ada"));
        let grant = Body::Form(vec![("grant_type".into(), "password".into()), ("username".into(), "ada".into())]);
        assert_eq!(username(&request("POST", "/oauth2/default/v1/token", grant)).as_deref(), Some("ada"));
    }

    #[test]
    fn a_sign_in_counts_until_a_second_after_its_answer() {
        let (mut sign_ins, start) = (SignIns::default(), Instant::now());
        for _ in 0..SIGN_INS {
            assert_eq!(sign_ins.admission(start), Admission::Now);
            sign_ins.sent();
        }
        assert_eq!(sign_ins.admission(start + WINDOW * 9), Admission::WhenAnswered);
        let answered = start + WINDOW * 9;
        sign_ins.ended(answered);
        assert_eq!(sign_ins.admission(answered), Admission::At(answered + WINDOW));
        assert_eq!(sign_ins.admission(answered + WINDOW), Admission::Now);
        assert!(!sign_ins.is_idle(answered + WINDOW));
    }
}
