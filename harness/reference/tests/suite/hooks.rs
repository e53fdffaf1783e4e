//! The test hooks and their contract.

use crate::client::{Bench, PASSWORD, send};
use okta_reference::{Config, HOOKS_OPENAPI, HOOKS_PREFIX, Server};
use serde_json::json;

const OPERATIONS: [(&str, &str); 7] = [
    ("GET", "/clock"),
    ("POST", "/clock"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("GET", "/settings"),
    ("PATCH", "/settings"),
    ("POST", "/reset"),
];

fn path(operation: &str) -> String {
    format!("{HOOKS_PREFIX}{operation}")
}

#[tokio::test]
async fn hooks_want_the_api_token() {
    let bench = Bench::start().await;
    for (method, operation) in OPERATIONS {
        let reply = send(bench.request(method, &path(operation))).await;
        assert_eq!(reply.verdict(), "401 E0000011", "{method} {operation}");
        assert_eq!(reply.header("www-authenticate"), "SSWS");
    }
}

#[tokio::test]
async fn without_hooks_their_paths_are_unknown() {
    let server = Server::start(Config::default()).await.expect("a free port");
    for (_, operation) in OPERATIONS {
        let address = format!("{}{}", server.url(), path(operation));
        let request = reqwest::Client::new().post(address);
        let reply = send(request.header("authorization", format!("SSWS {}", server.token()))).await;
        assert_eq!(reply.verdict(), "404 E0000008", "{operation}");
    }
}

#[tokio::test]
async fn the_clock_can_be_moved() {
    let bench = Bench::start().await;
    let before = bench.call("GET", &path("/clock")).await.at("/now").to_owned();
    let reply = bench.put("POST", &path("/clock"), &json!({ "advance": 86_400 })).await;
    assert!(before.as_str() < reply.at("/now"));
    assert_ne!(before.get(..10), reply.at("/now").get(..10));
    for body in [json!({}), json!({ "advance": -1 }), json!({ "advance": "1" }), json!({ "advance": 1.5 })] {
        let reply = bench.put("POST", &path("/clock"), &body).await;
        assert_eq!(reply.verdict(), "400 E0000001", "{body}");
    }
    let far = json!({ "advance": u32::MAX });
    for _ in 0..100 {
        bench.put("POST", &path("/clock"), &far).await;
    }
    assert_eq!(bench.call("GET", "/api/v1/users").await.status, 200);
}

#[tokio::test]
async fn faults_come_as_often_as_asked() {
    let bench = Bench::start().await;
    let fault = json!({ "method": "GET", "path": "/api/v1/users/*", "error": "E0000009", "times": 2 });
    assert_eq!(bench.put("POST", &path("/faults"), &fault).await.status, 204);
    assert_eq!(bench.call("GET", "/api/v1/users").await.status, 200);
    assert_eq!(bench.call("DELETE", "/api/v1/users/a").await.status, 404);
    for expected in ["500 E0000009", "500 E0000009", "404 E0000007"] {
        assert_eq!(bench.call("GET", "/api/v1/users/a").await.verdict(), expected);
    }
    let fault = json!({ "path": "/api/v1/groups", "error": "E0000047", "status": 503 });
    bench.put("POST", &path("/faults"), &fault).await;
    let reply = bench.call("GET", "/api/v1/groups").await;
    assert_eq!(reply.verdict(), "503 E0000047");
    assert_eq!(reply.header("x-rate-limit-remaining"), "0");
    bench.put("POST", &path("/faults"), &fault).await;
    assert_eq!(bench.call("DELETE", &path("/faults")).await.status, 204);
    assert_eq!(bench.call("GET", "/api/v1/groups").await.status, 200);
    for odd in [
        json!({ "path": "/a" }),
        json!({ "error": "E0000009" }),
        json!({ "path": "a", "error": "E0000009" }),
        json!({ "path": "/a", "error": "E9999999" }),
        json!({ "path": "/a", "error": "E0000009", "times": 0 }),
        json!({ "path": "/a", "error": "E0000009", "status": 200 }),
        json!({ "path": path("/reset"), "error": "E0000009" }),
    ] {
        assert_eq!(bench.put("POST", &path("/faults"), &odd).await.verdict(), "400 E0000001", "{odd}");
    }
}

#[tokio::test]
async fn settings_can_be_read_and_changed() {
    let bench = Bench::start().await;
    let off = json!({ "userEnumerationPrevention": false });
    let on = json!({ "userEnumerationPrevention": true });
    assert_eq!(bench.call("GET", &path("/settings")).await.json, off);
    assert_eq!(bench.put("PATCH", &path("/settings"), &on).await.json, on);
    assert_eq!(bench.put("PATCH", &path("/settings"), &json!({})).await.json, on);
    let odd = json!({ "other": true });
    assert_eq!(bench.put("PATCH", &path("/settings"), &odd).await.verdict(), "400 E0000001");
}

#[tokio::test]
async fn a_reset_starts_anew() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    bench.advance(86_400).await;
    let on = json!({ "userEnumerationPrevention": true });
    bench.put("PATCH", &path("/settings"), &on).await;
    let fault = json!({ "path": "/api/v1/users", "error": "E0000009" });
    bench.put("POST", &path("/faults"), &fault).await;
    let late = bench.call("GET", &path("/clock")).await.at("/now").to_owned();
    assert_eq!(bench.call("POST", &path("/reset")).await.status, 204);
    assert!(bench.call("GET", &path("/clock")).await.at("/now") < late.as_str());
    let users = bench.call("GET", "/api/v1/users").await;
    assert_eq!(users.status, 200);
    assert!(!users.text.contains(&user.login));
    let settings = bench.call("GET", &path("/settings")).await;
    assert_eq!(settings.json["userEnumerationPrevention"], false);
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.status, 401);
    let account = &bench.server.accounts()[0];
    assert_eq!(bench.sign_in(&account.login, &account.password).await.status, 200);
}

#[test]
fn the_contract_names_every_operation() {
    assert!(HOOKS_OPENAPI.starts_with("openapi: 3.1"));
    assert!(HOOKS_OPENAPI.contains(&format!("url: {HOOKS_PREFIX}")));
    for (method, operation) in OPERATIONS {
        let section = HOOKS_OPENAPI.split(&format!("\n  {operation}:\n")).nth(1).expect(operation);
        let section = section.split("\n  /").next().expect("a section");
        assert!(section.contains(&format!("    {}:\n", method.to_lowercase())), "{method} {operation}");
    }
}
