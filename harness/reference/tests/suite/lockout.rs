//! Lockouts: the threshold, the counter, the way out, and who is told about it.

use crate::client::{Bench, OTHER, PASSWORD, Person};
use serde_json::json;

/// Wrong passwords until the user is locked by a policy of three attempts.
async fn lock(bench: &Bench, user: &Person) {
    for _ in 0..3 {
        bench.sign_in(&user.login, "wrong").await;
    }
    assert_eq!(bench.status(user).await, "LOCKED_OUT");
}

fn three() -> serde_json::Value {
    json!({ "lockout": { "maxAttempts": 3 } })
}

#[tokio::test]
async fn the_last_allowed_attempt_locks() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    bench.password_policy(&[&user], three(), json!({})).await;
    for _ in 0..2 {
        let reply = bench.sign_in(&user.login, "wrong").await;
        assert_eq!(reply.verdict(), "401 E0000004");
    }
    assert_eq!(bench.status(&user).await, "ACTIVE");
    bench.sign_in(&user.login, "wrong").await;
    assert_eq!(bench.status(&user).await, "LOCKED_OUT");
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    assert_eq!(reply.verdict(), "401 E0000004");
}

#[tokio::test]
async fn a_success_resets_the_counter() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    bench.password_policy(&[&user], three(), json!({})).await;
    for _ in 0..3 {
        bench.sign_in(&user.login, "wrong").await;
        bench.sign_in(&user.login, "wrong").await;
        let reply = bench.sign_in(&user.login, PASSWORD).await;
        assert_eq!(reply.verdict(), "200 SUCCESS");
    }
}

#[tokio::test]
async fn no_attempts_mean_no_lockout() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let never = json!({ "lockout": { "maxAttempts": 0 } });
    bench.password_policy(&[&user], never, json!({})).await;
    for _ in 0..12 {
        bench.sign_in(&user.login, "wrong").await;
    }
    assert_eq!(bench.status(&user).await, "ACTIVE");
}

#[tokio::test]
async fn the_default_policy_locks_at_the_tenth() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    for _ in 0..9 {
        bench.sign_in(&user.login, "wrong").await;
    }
    assert_eq!(bench.status(&user).await, "ACTIVE");
    bench.sign_in(&user.login, "wrong").await;
    assert_eq!(bench.status(&user).await, "LOCKED_OUT");
}

#[tokio::test]
async fn an_unlock_ends_it_and_starts_counting_anew() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    bench.password_policy(&[&user], three(), json!({})).await;
    lock(&bench, &user).await;
    let reply = bench.operate(&user, "lifecycle/unlock").await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "{}"));
    assert_eq!(bench.status(&user).await, "ACTIVE");
    bench.sign_in(&user.login, "wrong").await;
    bench.sign_in(&user.login, "wrong").await;
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
}

#[tokio::test]
async fn a_lockout_ends_by_itself_if_the_policy_says_so() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let policy = json!({ "lockout": { "maxAttempts": 3, "autoUnlockMinutes": 10 } });
    bench.password_policy(&[&user], policy, json!({})).await;
    lock(&bench, &user).await;
    bench.advance(590).await;
    assert_eq!(bench.status(&user).await, "LOCKED_OUT");
    bench.advance(11).await;
    assert_eq!(bench.status(&user).await, "ACTIVE");
}

#[tokio::test]
async fn unknown_devices_are_blocked_instead_of_users_if_the_org_wants_so() {
    const PATH: &str = "/attack-protection/api/v1/user-lockout-settings";
    let bench = Bench::start().await;
    let user = bench.active().await;
    bench.password_policy(&[&user], three(), json!({})).await;
    let member = "preventBruteForceLockoutFromUnknownDevices";
    assert_eq!(bench.call("GET", PATH).await.json, json!({ member: false }));
    let on = json!({ member: true });
    assert_eq!(bench.put("PUT", PATH, &on).await.json, on);
    for _ in 0..4 {
        let reply = bench.sign_in(&user.login, "wrong").await;
        assert_eq!(reply.verdict(), "401 E0000004");
    }
    assert_eq!(bench.status(&user).await, "ACTIVE");
    let blocks = format!("/api/v1/users/{}/blocks", user.id);
    let blocks = bench.call("GET", &blocks).await;
    assert_eq!(blocks.at("/0/appliesTo"), "UNKNOWN_DEVICES");
    assert_eq!(bench.operate(&user, "lifecycle/unlock").await.status, 200);
    let reply = bench.sign_in(&user.login, PASSWORD).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
}

/// What a locked user sees under one combination of the five conditions.
async fn seen(bench: &Bench, bits: u32) -> (bool, String) {
    let bit = |index: u32| bits >> index & 1 == 1;
    let (show, unlock, question, prevention, right) = (bit(0), bit(1), bit(2), bit(3), bit(4));
    let user = if question { bench.with_question().await } else { bench.active().await };
    let access = if unlock { "ALLOW" } else { "DENY" };
    bench
        .password_policy(
            &[&user],
            json!({ "lockout": { "maxAttempts": 3, "showLockoutFailures": show } }),
            json!({ "selfServiceUnlock": { "access": access } }),
        )
        .await;
    let settings = json!({ "userEnumerationPrevention": prevention });
    let path = "/oktaspec-hooks/settings";
    assert_eq!(bench.put("PATCH", path, &settings).await.json, settings);
    lock(bench, &user).await;
    let password = if right { PASSWORD } else { OTHER };
    let reply = bench.sign_in(&user.login, password).await;
    (show && unlock && question && !prevention, reply.verdict())
}

#[tokio::test]
async fn a_lockout_is_shown_only_under_all_of_its_conditions() {
    let bench = Bench::start().await;
    for bits in 0..32 {
        let (shown, verdict) = seen(&bench, bits).await;
        let expected = if shown { "200 LOCKED_OUT" } else { "401 E0000004" };
        assert_eq!(verdict, expected, "combination {bits:05b}");
    }
}

#[tokio::test]
async fn a_hidden_lockout_looks_like_a_wrong_password() {
    let bench = Bench::start().await;
    let users = (bench.active().await, bench.active().await);
    bench.password_policy(&[&users.0], three(), json!({})).await;
    lock(&bench, &users.0).await;
    let mut locked = bench.sign_in(&users.0.login, PASSWORD).await.json;
    let mut wrong = bench.sign_in(&users.1.login, "wrong").await.json;
    let mut unknown = bench.sign_in("nobody@t.example", "wrong").await.json;
    for body in [&mut locked, &mut wrong, &mut unknown] {
        body["errorId"] = json!("same");
    }
    assert_eq!(locked, wrong);
    assert_eq!(unknown, wrong);
}

#[tokio::test]
async fn a_locked_user_can_unlock_with_the_recovery_question() {
    let bench = Bench::start().await;
    let user = bench.with_question().await;
    let allowed = json!({ "selfServiceUnlock": { "access": "ALLOW" } });
    bench.password_policy(&[&user], three(), allowed).await;
    lock(&bench, &user).await;
    let body = json!({ "username": user.login });
    let reply = bench.put("POST", "/api/v1/authn/recovery/unlock", &body).await;
    assert_eq!(reply.verdict(), "200 RECOVERY");
    assert_eq!(reply.at("/recoveryType"), "UNLOCK");
    let body = json!({ "recoveryToken": reply.at("/recoveryToken") });
    let reply = bench.authn("/recovery/token", &body).await;
    let body = json!({ "stateToken": reply.at("/stateToken"), "answer": crate::client::ANSWER });
    let reply = bench.authn("/recovery/answer", &body).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
    assert_eq!(bench.status(&user).await, "ACTIVE");
}
