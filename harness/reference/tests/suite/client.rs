//! What the tests share: a running server, a client for it, and users to try things on.
//!
//! Nothing here knows what an answer should be.

use okta_reference::{Config, Server};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// A password that every default policy takes.
pub(crate) const PASSWORD: &str = "Quiet-Lantern-42";

/// Another one.
pub(crate) const OTHER: &str = "Quiet-Lantern-43";

/// The question and answer of users who have one.
pub(crate) const ANSWER: &str = "juniper";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A login that no other user has.
pub(crate) fn fresh_login() -> String {
    format!("u{}@t.example", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A profile with this login.
pub(crate) fn profile(login: &str) -> Value {
    json!({ "firstName": "Ann", "lastName": "Ode", "login": login, "email": login })
}

/// A body that creates a user with a password.
pub(crate) fn newcomer(login: &str) -> Value {
    json!({ "profile": profile(login), "credentials": { "password": { "value": PASSWORD } } })
}

/// The same with a recovery question.
pub(crate) fn newcomer_with_question(login: &str) -> Value {
    let mut body = newcomer(login);
    body["credentials"]["recovery_question"] = json!({ "question": "Tree?", "answer": ANSWER });
    body
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub(crate) text: String,
    /// The body as JSON, null if it isn't.
    pub(crate) json: Value,
}

impl Reply {
    /// A header, empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All lines of a header.
    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// A text in the body, empty if it is missing.
    pub(crate) fn at(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The error code.
    pub(crate) fn code(&self) -> &str {
        self.at("/errorCode")
    }

    /// HTTP status and what the body says first: error code, state or nothing.
    pub(crate) fn verdict(&self) -> String {
        let says = if self.code().is_empty() { self.at("/status") } else { self.code() };
        format!("{} {says}", self.status).trim().to_owned()
    }
}

/// A user that a test made.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The identifier.
    pub(crate) id: String,
    /// The login.
    pub(crate) login: String,
}

/// A server and a client for it.
pub(crate) struct Bench {
    /// The server.
    pub(crate) server: Server,
    client: Client,
    hooks: bool,
}

impl Bench {
    /// A server without defects, with hooks.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with defects, with hooks.
    pub(crate) async fn with(defects: &[&str]) -> Self {
        Self::open(defects, true).await
    }

    /// A server with defects that offers nothing but the documented API.
    pub(crate) async fn closed(defects: &[&str]) -> Self {
        Self::open(defects, false).await
    }

    async fn open(defects: &[&str], hooks: bool) -> Self {
        let config =
            Config { hooks, defects: defects.iter().map(|name| (*name).to_owned()).collect(), ..Config::default() };
        let server = Server::start(config).await.expect("a free port");
        Self { server, client: Client::new(), hooks }
    }

    /// A request without any header of its own.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    /// The Authorization header's value.
    pub(crate) fn credentials(&self) -> String {
        format!("SSWS {}", self.server.token())
    }

    /// A request with the API token.
    pub(crate) fn trusted(&self, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).header("authorization", self.credentials())
    }

    /// A request with the API token and without a body.
    pub(crate) async fn call(&self, method: &str, path: &str) -> Reply {
        send(self.trusted(method, path)).await
    }

    /// A request with the API token and a body.
    pub(crate) async fn put(&self, method: &str, path: &str, body: &Value) -> Reply {
        send(self.trusted(method, path).json(body)).await
    }

    /// A POST to the authentication API, without a token.
    pub(crate) async fn authn(&self, path: &str, body: &Value) -> Reply {
        let path = format!("/api/v1/authn{path}");
        send(self.request("POST", &path).json(body)).await
    }

    /// A sign-in; with hooks it comes a second after everything before, so that no limit is met.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Reply {
        if self.hooks {
            self.advance(1).await;
        }
        let body = json!({ "username": login, "password": password });
        self.authn("", &body).await
    }

    /// Moves the clock.
    pub(crate) async fn advance(&self, seconds: u64) {
        let body = json!({ "advance": seconds });
        let reply = self.put("POST", "/oktaspec-hooks/clock", &body).await;
        assert_eq!(reply.status, 200);
    }

    /// Creates a user.
    pub(crate) async fn create(&self, query: &str, body: &Value) -> Person {
        let reply = self.put("POST", &format!("/api/v1/users{query}"), body).await;
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        Person {
            id: reply.at("/id").to_owned(),
            login: body["profile"]["login"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Creates a user who can sign in.
    pub(crate) async fn active(&self) -> Person {
        self.create("", &newcomer(&fresh_login())).await
    }

    /// Creates a user who can sign in and has a recovery question.
    pub(crate) async fn with_question(&self) -> Person {
        self.create("", &newcomer_with_question(&fresh_login())).await
    }

    /// Calls a lifecycle or credentials operation without a body.
    pub(crate) async fn operate(&self, user: &Person, operation: &str) -> Reply {
        self.call("POST", &format!("/api/v1/users/{}/{operation}", user.id)).await
    }

    /// The user's status.
    pub(crate) async fn status(&self, user: &Person) -> String {
        let reply = self.call("GET", &format!("/api/v1/users/{}", user.id)).await;
        reply.at("/status").to_owned()
    }

    /// Creates a group with these members and a password policy for it; the answer is its id.
    pub(crate) async fn password_policy(&self, members: &[&Person], password: Value, actions: Value) -> String {
        let name = fresh_login();
        let group = json!({ "profile": { "name": name } });
        let group = self.put("POST", "/api/v1/groups", &group).await;
        let group = group.at("/id").to_owned();
        for member in members {
            let path = format!("/api/v1/groups/{group}/users/{}", member.id);
            assert_eq!(self.call("PUT", &path).await.status, 204);
        }
        let policy = json!({
            "type": "PASSWORD",
            "name": name,
            "priority": 1,
            "conditions": { "people": { "groups": { "include": [group] } } },
            "settings": { "password": password },
        });
        let policy = self.put("POST", "/api/v1/policies", &policy).await;
        let policy = policy.at("/id").to_owned();
        let rule = json!({ "type": "PASSWORD", "name": "all", "actions": actions });
        let path = format!("/api/v1/policies/{policy}/rules");
        assert_eq!(self.put("POST", &path, &rule).await.status, 200);
        policy
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Reply {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let text = answer.text().await.expect("a body");
    let json = serde_json::from_str(&text).unwrap_or_default();
    Reply { status, headers, text, json }
}
