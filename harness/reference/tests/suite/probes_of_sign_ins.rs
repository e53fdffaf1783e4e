//! Facts about sign-ins and what comes after them, for a client without hooks.
//!
//! No username is used more than four times, since the fifth sign-in of a second is refused.

use crate::client::{ANSWER, Bench, OTHER, PASSWORD, Person, fresh_login, newcomer};
use serde_json::{Value, json};

fn fact(name: &str, value: impl std::fmt::Debug) -> String {
    format!("{name}: {value:?}")
}

pub(crate) async fn rate(bench: &Bench) -> Vec<String> {
    let body = json!({ "username": fresh_login(), "password": "x" });
    for _ in 0..60 {
        let reply = bench.authn("", &body).await;
        if reply.status == 429 {
            let (kind, retry) = (reply.header("content-type"), reply.header("retry-after"));
            return vec![fact("limit", (reply.verdict(), kind, retry))];
        }
    }
    vec![fact("limit", "none")]
}

async fn verdict(bench: &Bench, user: &Person, password: &str) -> String {
    fact("sign-in", bench.sign_in(&user.login, password).await.verdict())
}

pub(crate) async fn passwords(bench: &Bench) -> Vec<String> {
    let user = bench.active().await;
    let token = bench.sign_in(&user.login, PASSWORD).await;
    let body = json!({ "sessionToken": token.at("/sessionToken") });
    let session = bench.put("POST", "/api/v1/sessions", &body).await;
    let again = bench.put("POST", "/api/v1/sessions", &body).await;
    let path = format!("/api/v1/users/{}", user.id);
    bench.call("DELETE", &format!("{path}/sessions")).await;
    let revoked = bench.call("GET", &format!("/api/v1/sessions/{}", session.at("/id"))).await;
    let mut facts = vec![fact("again", again.verdict()), fact("revoked", revoked.verdict())];
    let change = |old: &str| json!({ "oldPassword": { "value": old }, "newPassword": { "value": OTHER } });
    let path = format!("{path}/credentials/change_password");
    for old in ["Wrong-Password-1", PASSWORD] {
        facts.push(fact("change", bench.put("POST", &path, &change(old)).await.verdict()));
    }
    facts.push(verdict(bench, &user, PASSWORD).await);
    facts.push(verdict(bench, &user, OTHER).await);
    facts
}

/// A user under a policy of two attempts.
async fn limited(bench: &Bench, question: bool, show: bool) -> Person {
    let user = if question { bench.with_question().await } else { bench.active().await };
    let lockout = json!({ "lockout": { "maxAttempts": 2, "showLockoutFailures": show } });
    let access = if show { "ALLOW" } else { "DENY" };
    let actions = json!({ "selfServiceUnlock": { "access": access } });
    bench.password_policy(&[&user], lockout, actions).await;
    user
}

pub(crate) async fn lockout(bench: &Bench) -> Vec<String> {
    let mut facts = Vec::new();
    let user = limited(bench, false, false).await;
    for _ in 0..2 {
        bench.sign_in(&user.login, "wrong").await;
        facts.push(fact("wrong", bench.status(&user).await));
    }
    bench.operate(&user, "lifecycle/unlock").await;
    facts.push(fact("unlocked", bench.status(&user).await));
    bench.sign_in(&user.login, "wrong").await;
    facts.push(fact("wrong", bench.status(&user).await));
    let user = limited(bench, false, false).await;
    for password in ["wrong", PASSWORD, "wrong", PASSWORD] {
        facts.push(verdict(bench, &user, password).await);
    }
    let body = json!({ "preventBruteForceLockoutFromUnknownDevices": true });
    bench.put("PUT", "/attack-protection/api/v1/user-lockout-settings", &body).await;
    let user = limited(bench, false, false).await;
    for _ in 0..2 {
        bench.sign_in(&user.login, "wrong").await;
    }
    facts.push(fact("device", bench.status(&user).await));
    facts
}

pub(crate) async fn visibility(bench: &Bench) -> Vec<String> {
    let mut facts = Vec::new();
    for (question, show) in [(true, true), (true, false), (false, true)] {
        let user = limited(bench, question, show).await;
        for password in ["wrong", "wrong", "wrong", PASSWORD] {
            let reply = bench.sign_in(&user.login, password).await;
            let link = reply.at("/_links/next/name").to_owned();
            facts.push(fact("locked", (reply.verdict(), link, reply.at("/errorSummary"))));
        }
    }
    facts
}

pub(crate) async fn sign_ins(bench: &Bench) -> Vec<String> {
    let mut facts = Vec::new();
    let accounts = ["suspended", "deactivated", "staged", "expired", "nobody"];
    for name in accounts {
        let password = &bench.server.accounts()[0].password;
        let reply = bench.sign_in(&format!("{name}@oktaspec.example"), password).await;
        facts.push(fact(name, (reply.verdict(), reply.at("/errorSummary"))));
    }
    let user = bench.active().await;
    for password in ["Wrong-Password-1", &PASSWORD.to_lowercase()] {
        facts.push(verdict(bench, &user, password).await);
    }
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    facts.push(fact("token", reply.at("/sessionToken").is_empty()));
    facts.push(fact("user", reply.at("/_embedded/user/id") == user.id));
    facts.push(fact("minutes", minutes_left(reply.at("/expiresAt"), reply.header("date"))));
    let incomplete = bench.authn("", &json!({ "username": user.login })).await;
    facts.push(fact("incomplete", incomplete.verdict()));
    facts
}

/// Begun minutes between a date header and a point in time, both of the same hour or the next.
fn minutes_left(expires: &str, date: &str) -> i64 {
    let of_day = |text: &str| -> i64 {
        let mut parts = text.splitn(3, ':').map(|part| part.get(..2).and_then(|part| part.parse().ok()).unwrap_or(0));
        parts.by_ref().take(3).fold(0, |sum, part: i64| sum * 60 + part)
    };
    let expires = of_day(expires.split('T').nth(1).unwrap_or_default());
    let now = of_day(date.split(' ').nth(4).unwrap_or_default());
    ((expires - now).rem_euclid(86_400) + 59) / 60
}

fn with(state: &str) -> Value {
    json!({ "stateToken": state })
}

async fn expired(bench: &Bench) -> (Person, crate::client::Reply) {
    let user = bench.create("?nextLogin=changePassword", &newcomer(&fresh_login())).await;
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    (user, reply)
}

pub(crate) async fn transactions(bench: &Bench) -> Vec<String> {
    let (_, reply) = expired(bench).await;
    let state = reply.at("/stateToken").to_owned();
    let own = reply.at("/_links/next/href").starts_with(bench.server.url());
    let mut facts = vec![
        fact("origin", own),
        fact("next", &reply.json["_links"]["next"]["name"]),
        fact("methods", &reply.json["_links"]["next"]["hints"]),
        fact("cancel", reply.json["_links"].get("cancel").is_some()),
        fact("policy", reply.json["_embedded"].get("policy").is_some()),
    ];
    let read = bench.authn("", &with(&state)).await;
    facts.push(fact("state", (read.verdict(), read.at("/stateToken") == state)));
    for operation in ["/recovery/answer", "/cancel", ""] {
        facts.push(fact(operation, bench.authn(operation, &with(&state)).await.verdict()));
    }
    let (_, reply) = expired(bench).await;
    let state = reply.at("/stateToken").to_owned();
    facts.push(fact("unknown", bench.authn("", &with("unknown")).await.verdict()));
    let change = |new: &str| json!({ "stateToken": state, "oldPassword": PASSWORD, "newPassword": new });
    for new in [PASSWORD, OTHER] {
        let reply = bench.authn("/credentials/change_password", &change(new)).await;
        facts.push(fact("change", reply.verdict()));
    }
    facts.push(fact("completed", bench.authn("", &with(&state)).await.verdict()));
    let (_, reply) = expired(bench).await;
    let state = with(reply.at("/stateToken"));
    facts.push(fact("skip", bench.authn("/skip", &state).await.verdict()));
    facts
}

pub(crate) async fn warnings(bench: &Bench) -> Vec<String> {
    let user = bench.active().await;
    let age = json!({ "age": { "maxAgeDays": 5, "expireWarnDays": 5 } });
    bench.password_policy(&[&user], age, json!({})).await;
    let mut facts = Vec::new();
    for warn in [true, false] {
        let options = json!({ "warnBeforePasswordExpired": warn });
        let body = json!({ "username": user.login, "password": PASSWORD, "options": options });
        facts.push(fact("warning", bench.authn("", &body).await.verdict()));
    }
    facts
}

pub(crate) async fn recovery(bench: &Bench) -> Vec<String> {
    let user = bench.with_question().await;
    let mut facts = Vec::new();
    for name in [&user.login, "nobody@t.example"] {
        let body = json!({ "username": name, "factorType": "SMS" });
        facts.push(fact("public", bench.authn("/recovery/password", &body).await.verdict()));
    }
    let body = json!({ "username": user.login });
    let trusted = bench.put("POST", "/api/v1/authn/recovery/password", &body).await;
    let body = json!({ "recoveryToken": trusted.at("/recoveryToken") });
    let first = bench.authn("/recovery/token", &body).await;
    let second = bench.authn("/recovery/token", &body).await;
    facts.push(fact("token", (first.verdict(), second.verdict())));
    for answer in ["wrong", ANSWER] {
        let body = json!({ "stateToken": first.at("/stateToken"), "answer": answer });
        facts.push(fact("answer", bench.authn("/recovery/answer", &body).await.verdict()));
    }
    facts
}
