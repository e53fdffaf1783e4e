//! Transactions: states, tokens, links and what each operation refuses.

use crate::client::{ANSWER, Bench, OTHER, PASSWORD, Person, fresh_login, newcomer};
use serde_json::{Value, json};

/// Every operation that takes a state token.
const OPERATIONS: [&str; 9] = [
    "",
    "/cancel",
    "/skip",
    "/previous",
    "/credentials/change_password",
    "/credentials/reset_password",
    "/recovery/answer",
    "/factors",
    "/factors/ostf1fmaMGJLMNGNLIVG/verify",
];

async fn expired(bench: &Bench) -> (Person, String) {
    let user = bench.create("?nextLogin=changePassword", &newcomer(&fresh_login())).await;
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    assert_eq!(reply.verdict(), "200 PASSWORD_EXPIRED");
    (user, reply.at("/stateToken").to_owned())
}

async fn warned(bench: &Bench) -> (Person, crate::client::Reply) {
    let user = bench.active().await;
    let age = json!({ "age": { "maxAgeDays": 5, "expireWarnDays": 5 } });
    bench.password_policy(&[&user], age, json!({})).await;
    let body = json!({
        "username": user.login,
        "password": PASSWORD,
        "options": { "warnBeforePasswordExpired": true },
    });
    let reply = bench.authn("", &body).await;
    assert_eq!(reply.verdict(), "200 PASSWORD_WARN");
    (user, reply)
}

async fn recovering(bench: &Bench) -> (Person, String) {
    let user = bench.with_question().await;
    let body = json!({ "username": user.login });
    let reply = bench.put("POST", "/api/v1/authn/recovery/password", &body).await;
    assert_eq!(reply.verdict(), "200 RECOVERY");
    let body = json!({ "recoveryToken": reply.at("/recoveryToken") });
    let reply = bench.authn("/recovery/token", &body).await;
    assert_eq!(reply.verdict(), "200 RECOVERY");
    let used = bench.authn("/recovery/token", &body).await;
    assert_eq!(used.verdict(), "401 E0000011");
    (user, reply.at("/stateToken").to_owned())
}

fn with(state: &str) -> Value {
    json!({ "stateToken": state })
}

/// The operations that a state refuses.
async fn refused(bench: &Bench, state: &str) -> Vec<&'static str> {
    let mut refused = Vec::new();
    for operation in OPERATIONS {
        if operation == "/cancel" || operation == "/skip" {
            continue;
        }
        let reply = bench.authn(operation, &with(state)).await;
        if reply.verdict() == "403 E0000079" {
            assert_eq!(reply.at("/errorCauses/0/errorSummary"), reply.at("/errorSummary"));
            refused.push(operation);
        }
    }
    refused
}

#[tokio::test]
async fn every_state_refuses_the_operations_of_others() {
    let bench = Bench::start().await;
    let others = ["/previous", "/factors", "/factors/ostf1fmaMGJLMNGNLIVG/verify"];
    let (_, state) = expired(&bench).await;
    let mut wrong = refused(&bench, &state).await;
    wrong.retain(|operation| !others.contains(operation));
    assert_eq!(wrong, ["/credentials/reset_password", "/recovery/answer"]);
    assert_eq!(bench.authn("/skip", &with(&state)).await.verdict(), "403 E0000079");
    let (_, state) = recovering(&bench).await;
    let mut wrong = refused(&bench, &state).await;
    wrong.retain(|operation| !others.contains(operation));
    assert_eq!(wrong, ["/credentials/change_password", "/credentials/reset_password"]);
    let body = json!({ "stateToken": state, "username": "a", "password": "b" });
    assert_eq!(bench.authn("", &body).await.verdict(), "403 E0000079");
}

#[tokio::test]
async fn dead_and_missing_tokens_are_refused_everywhere() {
    let bench = Bench::start().await;
    let (user, cancelled) = expired(&bench).await;
    let reply = bench.authn("/cancel", &with(&cancelled)).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "{}"));
    let completed = bench.sign_in(&user.login, PASSWORD).await.at("/stateToken").to_owned();
    let change = json!({ "stateToken": completed, "oldPassword": PASSWORD, "newPassword": OTHER });
    let reply = bench.authn("/credentials/change_password", &change).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
    let (_, stale) = expired(&bench).await;
    bench.advance(301).await;
    for operation in OPERATIONS {
        for token in ["unknown", &cancelled, &completed, &stale] {
            let reply = bench.authn(operation, &with(token)).await;
            assert_eq!(reply.verdict(), "401 E0000011", "{operation} {token}");
            assert_eq!(reply.header("www-authenticate"), "");
        }
        let reply = bench.authn(operation, &with("")).await;
        assert_eq!(reply.verdict(), "400 E0000001", "{operation}");
        assert_eq!(bench.authn(operation, &json!({})).await.verdict(), "400 E0000001");
    }
}

#[tokio::test]
async fn reading_the_state_changes_nothing_but_the_expiry() {
    let bench = Bench::start().await;
    let (_, state) = expired(&bench).await;
    let mut first = bench.authn("", &with(&state)).await.json;
    bench.advance(200).await;
    let mut second = bench.authn("", &with(&state)).await.json;
    assert!(first["expiresAt"].as_str() < second["expiresAt"].as_str());
    first["expiresAt"] = Value::Null;
    second["expiresAt"] = Value::Null;
    assert_eq!(first, second);
    bench.advance(200).await;
    assert_eq!(bench.authn("", &with(&state)).await.status, 200);
}

#[tokio::test]
async fn links_lead_on() {
    let bench = Bench::start().await;
    let (_, state) = expired(&bench).await;
    let reply = bench.authn("", &with(&state)).await;
    let path = |name: &str| format!("{}/api/v1/authn/{name}", bench.server.url());
    assert_eq!(reply.at("/_links/next/name"), "changePassword");
    assert_eq!(reply.at("/_links/next/href"), path("credentials/change_password"));
    assert_eq!(reply.json["_links"]["next"]["hints"]["allow"], json!(["POST"]));
    assert_eq!(reply.at("/_links/cancel/href"), path("cancel"));
    let (_, reply) = warned(&bench).await;
    assert_eq!(reply.at("/_links/skip/name"), "skip");
    assert_eq!(reply.json["_embedded"]["policy"]["expiration"]["passwordExpireDays"], 5);
    let reply = bench.authn("/skip", &with(reply.at("/stateToken"))).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
}

#[tokio::test]
async fn a_warning_is_given_only_when_asked_for_and_in_time() {
    let bench = Bench::start().await;
    let (user, _) = warned(&bench).await;
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "200 SUCCESS");
    bench.advance(5 * 24 * 60 * 60).await;
    assert_eq!(bench.status(&user).await, "ACTIVE");
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "200 PASSWORD_EXPIRED");
    assert_eq!(bench.status(&user).await, "PASSWORD_EXPIRED");
}

#[tokio::test]
async fn a_wrong_step_leaves_the_transaction_where_it_is() {
    let bench = Bench::start().await;
    let (user, state) = expired(&bench).await;
    let change = |old: &str, new: &str| json!({ "stateToken": state, "oldPassword": old, "newPassword": new });
    let path = "/credentials/change_password";
    let reply = bench.authn(path, &change("wrong", OTHER)).await;
    assert_eq!(reply.verdict(), "403 E0000014");
    assert_eq!(bench.authn(path, &change(PASSWORD, "weak")).await.verdict(), "403 E0000080");
    let part = user.login.replace("u", "Unlike-").replace("@", "A1");
    assert_eq!(bench.authn(path, &change(PASSWORD, &part)).await.verdict(), "403 E0000080", "{part}");
    assert_eq!(bench.authn("", &with(&state)).await.verdict(), "200 PASSWORD_EXPIRED");
    assert_eq!(bench.authn(path, &change(PASSWORD, OTHER)).await.verdict(), "200 SUCCESS");
    assert_eq!(bench.status(&user).await, "ACTIVE");
}

#[tokio::test]
async fn a_forgotten_password_is_reset_with_the_answer() {
    let bench = Bench::start().await;
    let (user, state) = recovering(&bench).await;
    let answer = |answer: &str| json!({ "stateToken": state, "answer": answer });
    assert_eq!(bench.authn("/recovery/answer", &answer("oak")).await.verdict(), "403 E0000087");
    let reply = bench.authn("/recovery/answer", &answer(ANSWER)).await;
    assert_eq!(reply.verdict(), "200 PASSWORD_RESET");
    assert_eq!(reply.at("/stateToken"), state);
    assert_eq!(reply.at("/_links/next/name"), "password");
    let reset = |new: &str| json!({ "stateToken": state, "newPassword": new });
    let path = "/credentials/reset_password";
    assert_eq!(bench.authn(path, &reset("weak")).await.verdict(), "403 E0000080");
    assert_eq!(bench.authn(path, &reset(OTHER)).await.verdict(), "200 SUCCESS");
    assert_eq!(bench.sign_in(&user.login, OTHER).await.verdict(), "200 SUCCESS");
}

#[tokio::test]
async fn a_reset_by_an_administrator_goes_through_recovery() {
    let bench = Bench::start().await;
    for question in [true, false] {
        let user = if question { bench.with_question().await } else { bench.active().await };
        let reply = bench.operate(&user, "lifecycle/reset_password?sendEmail=false").await;
        let token = reply.at("/resetPasswordUrl").rsplit('/').next().expect("a token");
        let reply = bench.authn("/recovery/token", &json!({ "recoveryToken": token })).await;
        let expected = if question { "200 RECOVERY" } else { "200 PASSWORD_RESET" };
        assert_eq!(reply.verdict(), expected);
    }
}

#[tokio::test]
async fn public_recovery_discloses_nothing() {
    let bench = Bench::start().await;
    let user = bench.with_question().await;
    for factor in ["EMAIL", "SMS", "CALL"] {
        let mut shapes = Vec::new();
        for name in [&user.login, "nobody@t.example"] {
            let body = json!({ "username": name, "factorType": factor });
            let reply = bench.authn("/recovery/password", &body).await;
            assert_eq!(reply.verdict(), "200 RECOVERY_CHALLENGE");
            let state = reply.at("/stateToken").to_owned();
            if factor != "EMAIL" {
                let path = format!("/recovery/factors/{factor}/verify");
                let body = json!({ "stateToken": state, "passCode": "123456" });
                assert_eq!(bench.authn(&path, &body).await.verdict(), "403 E0000068");
                let path = format!("/recovery/factors/{factor}/resend");
                assert_eq!(bench.authn(&path, &with(&state)).await.status, 200);
            }
            let members = reply.json.as_object().expect("an object");
            shapes.push(members.keys().cloned().collect::<Vec<_>>());
        }
        assert_eq!(shapes[0], shapes[1]);
    }
    let body = json!({ "username": user.login });
    assert_eq!(bench.authn("/recovery/password", &body).await.verdict(), "400 E0000001");
}

#[tokio::test]
async fn trusted_recovery_tells_who_exists() {
    let bench = Bench::start().await;
    let (plain, path) = (bench.active().await, "/api/v1/authn/recovery/password");
    let of = |name: &str| json!({ "username": name });
    assert_eq!(bench.put("POST", path, &of("nobody@t.example")).await.verdict(), "403 E0000095");
    assert_eq!(bench.put("POST", path, &of(&plain.login)).await.verdict(), "403 E0000034");
    let path = "/api/v1/authn/recovery/unlock";
    assert_eq!(bench.put("POST", path, &of("nobody@t.example")).await.verdict(), "403 E0000095");
    assert_eq!(bench.put("POST", path, &of(&plain.login)).await.verdict(), "403 E0000032");
}

#[tokio::test]
async fn incomplete_sign_ins_are_refused() {
    let bench = Bench::start().await;
    for body in
        [json!({}), json!({ "username": "a" }), json!({ "password": "b" }), json!({ "username": "", "password": "" })]
    {
        assert_eq!(bench.authn("", &body).await.verdict(), "400 E0000001", "{body}");
    }
    let odd = json!({ "username": 5, "password": "b" });
    assert_eq!(bench.authn("", &odd).await.verdict(), "400 E0000003");
    let unknown = json!({ "token": "unknown" });
    assert_eq!(bench.authn("", &unknown).await.verdict(), "401 E0000004");
}

#[tokio::test]
async fn the_fifth_sign_in_of_a_second_is_limited() {
    let bench = Bench::start().await;
    bench.advance(0).await;
    let body = json!({ "username": "nobody@t.example", "password": "x" });
    let mut limited = None;
    // Four fit into any second; on a slow machine the fifth may fall into the next one.
    for _ in 0..40 {
        let reply = bench.authn("", &body).await;
        if reply.status == 429 {
            limited = Some(reply);
            break;
        }
    }
    let reply = limited.expect("a limit");
    assert_eq!(reply.verdict(), "429 E0000047");
    assert_eq!(reply.header("x-rate-limit-limit"), "4");
    assert_eq!(reply.header("x-rate-limit-remaining"), "0");
    assert_eq!(reply.header("retry-after"), "");
    assert_eq!(reply.header("cache-control"), "");
    assert_eq!(reply.header("x-okta-request-id").len(), 32);
    bench.advance(1).await;
    assert_eq!(bench.authn("", &body).await.status, 401);
}
