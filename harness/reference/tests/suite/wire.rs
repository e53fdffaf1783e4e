//! What every answer has: headers, the envelope, and refusals before any operation.

use crate::client::{Bench, Reply, send};
use okta_reference::{Config, Server};
use serde_json::json;
use std::collections::BTreeSet;

const USERS: &str = "/api/v1/users";

/// Checks the envelope and gives its code with the status.
fn envelope(reply: &Reply) -> String {
    let members: Vec<&str> = reply.json.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(members, ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]);
    assert_eq!(reply.at("/errorLink"), reply.code());
    let identifier = reply.at("/errorId");
    assert_eq!(identifier.len(), 25);
    assert!(identifier.starts_with("oae") && identifier.ends_with(['A', 'Q', 'g', 'w']));
    assert!(identifier.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)));
    assert!(reply.json["errorCauses"].is_array());
    assert!(!reply.text.contains("\": ") && !reply.text.ends_with('\n'));
    assert_eq!(reply.header("content-type"), "application/json");
    reply.verdict()
}

fn has_request_id(reply: &Reply) -> bool {
    let identifier = reply.header("x-okta-request-id");
    identifier.len() == 32 && identifier.chars().all(|digit| digit.is_ascii_digit() || ('a'..='f').contains(&digit))
}

fn has_limits(reply: &Reply) -> bool {
    ["limit", "remaining", "reset"]
        .iter()
        .all(|name| reply.header(&format!("x-rate-limit-{name}")).parse::<u64>().is_ok())
}

#[tokio::test]
async fn answers_of_operations_have_every_header() {
    let bench = Bench::start().await;
    for reply in [bench.call("GET", USERS).await, bench.call("GET", "/api/v1/users/none").await] {
        assert!(has_request_id(&reply) && has_limits(&reply));
        assert_eq!(reply.header("cache-control"), "no-cache, no-store");
        assert_eq!(reply.header("pragma"), "no-cache");
        assert_eq!(reply.header("expires"), "0");
        assert_eq!(reply.header("www-authenticate"), "");
    }
}

#[tokio::test]
async fn limits_fall_inside_a_window_and_return_after_it() {
    let bench = Bench::start().await;
    let number = |reply: &Reply, name: &str| -> i64 { reply.header(name).parse().expect("a number") };
    let first = bench.call("GET", USERS).await;
    let second = bench.call("GET", USERS).await;
    let (remaining, reset) = ("x-rate-limit-remaining", "x-rate-limit-reset");
    assert_eq!(number(&first, remaining) - 1, number(&second, remaining));
    assert_eq!(number(&first, reset), number(&second, reset));
    bench.advance(61).await;
    let third = bench.call("GET", USERS).await;
    assert_eq!(number(&third, remaining), number(&first, remaining));
    assert!(number(&third, reset) > number(&second, reset));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let bench = Bench::start().await;
    for path in ["/", "/api/v1/nothing", "/api/v1/authn/nothing", "/api/v2/users"] {
        let reply = send(bench.request("GET", path)).await;
        assert_eq!(envelope(&reply), "404 E0000008", "{path}");
    }
    for (method, path) in
        [("GET", "/api/v1/sessions/"), ("GET", "/api/v1/authn"), ("PATCH", USERS), ("DELETE", "/api/v1/policies")]
    {
        let reply = send(bench.request(method, path)).await;
        assert_eq!(envelope(&reply), "405 E0000022", "{path}");
        assert!(!has_request_id(&reply) && !has_limits(&reply));
        assert_eq!(reply.header("cache-control"), "");
    }
    assert_eq!(send(bench.trusted("GET", "//api/v1/users")).await.status, 200);
}

#[tokio::test]
async fn api_tokens_are_checked() {
    let bench = Bench::start().await;
    let wrong = [None, Some("SSWS wrong"), Some("SSWS"), Some("Basic x")];
    for value in wrong {
        let mut request = bench.request("GET", USERS);
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        let reply = send(request).await;
        assert_eq!(envelope(&reply), "401 E0000011", "{value:?}");
        assert_eq!(reply.header("www-authenticate"), "SSWS");
        assert_eq!(reply.header("cache-control"), "");
        assert!(has_request_id(&reply) && has_limits(&reply));
    }
    let token = bench.server.token().to_owned();
    for value in [format!("SSWS {token}"), format!("SSWS{token}")] {
        let reply = send(bench.request("GET", USERS).header("authorization", value)).await;
        assert_eq!(reply.status, 200);
    }
    let bearer = bench.request("GET", USERS).header("authorization", "Bearer x");
    assert_eq!(envelope(&send(bearer).await), "403 E0000005");
    let body = json!({ "username": "a", "password": "b" });
    let authn = bench.request("POST", "/api/v1/authn").json(&body);
    let reply = send(authn.header("authorization", "SSWS wrong")).await;
    assert_eq!(envelope(&reply), "401 E0000011");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let bench = Bench::start().await;
    let post = |path: &'static str, kind: &'static str, body: &'static str| {
        send(bench.trusted("POST", path).header("content-type", kind).body(body))
    };
    for path in ["/api/v1/authn", USERS, "/api/v1/sessions", "/api/v1/groups", "/api/v1/policies"] {
        for body in ["", "{", "[]", "\"text\"", "5", "null", "{\"a\":}", "\u{feff}{}"] {
            let reply = post(path, "application/json", body).await;
            assert_eq!(envelope(&reply), "400 E0000003", "{path} {body:?}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            let reply = post(path, kind, "{}").await;
            assert_eq!(envelope(&reply), "400 E0000021", "{path} {kind}");
        }
        let reply = send(bench.trusted("POST", path).body("{}")).await;
        assert_eq!(envelope(&reply), "400 E0000021");
    }
    let charset = "application/json; charset=utf-8";
    assert_eq!(post("/api/v1/authn", charset, "{}").await.code(), "E0000001");
}

#[tokio::test]
async fn answers_come_only_as_json() {
    let bench = Bench::start().await;
    let get = |accept: &'static str| send(bench.trusted("GET", USERS).header("accept", accept));
    for accept in ["text/html", "application/xml", "image/*"] {
        let reply = get(accept).await;
        assert_eq!(envelope(&reply), "400 E0000019", "{accept}");
        assert!(!has_request_id(&reply) && !has_limits(&reply));
    }
    for accept in ["*/*", "application/json", "text/html, application/*;q=0.5", "application/json; charset=utf-8"] {
        assert_eq!(get(accept).await.status, 200, "{accept}");
    }
}

#[tokio::test]
async fn identifiers_are_unique() {
    let bench = Bench::start().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let reply = bench.call("GET", "/api/v1/users/none").await;
        seen.insert(reply.at("/errorId").to_owned());
        seen.insert(reply.header("x-okta-request-id").to_owned());
    }
    assert_eq!(seen.len(), 40);
}

#[tokio::test]
async fn answers_without_a_body_have_no_media_type() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let reply = bench.call("DELETE", &format!("{USERS}/{}", user.id)).await;
    assert_eq!((reply.status, reply.text.as_str(), reply.header("content-type")), (204, "", ""));
}

#[tokio::test]
async fn unknown_defects_are_refused_with_their_neighbours() {
    let config =
        Config { defects: vec!["sucess-keeps-lockout-counter".to_owned(), "zzz".to_owned()], ..Config::default() };
    let text = Server::start(config).await.expect_err("unknown names").to_string();
    assert!(text.contains("'sucess-keeps-lockout-counter' (did you mean success-keeps-lockout-counter"), "{text}");
    assert!(text.contains("'zzz'"), "{text}");
}

#[tokio::test]
async fn a_server_stops_while_clients_are_connected() {
    let bench = Bench::start().await;
    let address = format!("{}{USERS}", bench.server.url());
    let client = reqwest::Client::new();
    assert!(client.get(&address).send().await.is_ok());
    bench.server.stop().await;
    assert!(client.get(&address).send().await.is_err());
}

#[tokio::test]
async fn a_given_token_and_port_are_used() {
    let config = Config { token: Some("given".to_owned()), ..Config::default() };
    let server = Server::start(config).await.expect("a free port");
    assert_eq!(server.token(), "given");
    let port = server.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let taken = Config { port, ..Config::default() };
    let text = Server::start(taken).await.expect_err("the port is taken").to_string();
    assert!(text.contains(&port.to_string()), "{text}");
}
