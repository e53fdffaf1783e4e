//! The lifecycle table: every operation in every status.

use crate::client::{Bench, PASSWORD, Person, fresh_login, newcomer, profile};
use serde_json::json;

const STATUSES: [&str; 8] =
    ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"];

/// A user in this status.
async fn in_status(bench: &Bench, status: &str) -> Person {
    let login = fresh_login();
    let user = match status {
        "STAGED" => bench.create("?activate=false", &newcomer(&login)).await,
        "PROVISIONED" => bench.create("", &json!({ "profile": profile(&login) })).await,
        "PASSWORD_EXPIRED" => bench.create("?nextLogin=changePassword", &newcomer(&login)).await,
        _ => bench.create("", &newcomer(&login)).await,
    };
    match status {
        "RECOVERY" => drop(bench.operate(&user, "lifecycle/reset_password?sendEmail=false").await),
        "SUSPENDED" => drop(bench.operate(&user, "lifecycle/suspend").await),
        "DEPROVISIONED" => drop(bench.operate(&user, "lifecycle/deactivate").await),
        "LOCKED_OUT" => {
            let policy = json!({ "lockout": { "maxAttempts": 1 } });
            bench.password_policy(&[&user], policy, json!({})).await;
            bench.sign_in(&user.login, "wrong").await;
        }
        _ => {}
    }
    assert_eq!(bench.status(&user).await, status);
    user
}

/// What an operation answers in each status, and the status after it.
async fn check(operation: &str, expected: [(&str, &str); 8]) {
    let bench = Bench::start().await;
    for (status, (verdict, after)) in STATUSES.into_iter().zip(expected) {
        let user = in_status(&bench, status).await;
        let reply = bench.operate(&user, operation).await;
        let code = if reply.code().is_empty() { String::new() } else { format!(" {}", reply.code()) };
        assert_eq!(format!("{}{code}", reply.status), verdict, "{operation} of {status}");
        let after = if after.is_empty() { status } else { after };
        assert_eq!(bench.status(&user).await, after, "after {operation} of {status}");
    }
}

#[tokio::test]
async fn activate() {
    const NO: (&str, &str) = ("403 E0000016", "");
    let expected = [("200", "ACTIVE"), NO, NO, NO, NO, NO, NO, ("200", "PROVISIONED")];
    check("lifecycle/activate?sendEmail=false", expected).await;
}

#[tokio::test]
async fn reactivate() {
    const NO: (&str, &str) = ("403 E0000038", "");
    check("lifecycle/reactivate", [NO, ("200", ""), NO, ("200", ""), NO, NO, NO, NO]).await;
}

#[tokio::test]
async fn deactivate() {
    const YES: (&str, &str) = ("200", "DEPROVISIONED");
    check("lifecycle/deactivate", [YES, YES, YES, YES, YES, YES, YES, ("404 E0000007", "")]).await;
}

#[tokio::test]
async fn suspend() {
    const NO: (&str, &str) = ("400 E0000001", "");
    check("lifecycle/suspend", [NO, NO, ("200", "SUSPENDED"), NO, NO, NO, NO, NO]).await;
}

#[tokio::test]
async fn unsuspend() {
    const NO: (&str, &str) = ("400 E0000001", "");
    check("lifecycle/unsuspend", [NO, NO, NO, NO, NO, NO, ("200", "ACTIVE"), NO]).await;
}

#[tokio::test]
async fn unlock() {
    const NO: (&str, &str) = ("403 E0000032", "");
    check("lifecycle/unlock", [NO, NO, NO, NO, ("200", "ACTIVE"), NO, NO, NO]).await;
}

#[tokio::test]
async fn expire_password() {
    const NO: (&str, &str) = ("403 E0000038", "");
    const YES: (&str, &str) = ("200", "PASSWORD_EXPIRED");
    check("lifecycle/expire_password", [NO, NO, YES, NO, NO, YES, NO, NO]).await;
    check("lifecycle/expire_password_with_temp_password", [NO, NO, YES, NO, NO, YES, NO, NO]).await;
}

#[tokio::test]
async fn reset_password() {
    const NO: (&str, &str) = ("403 E0000038", "");
    const YES: (&str, &str) = ("200", "RECOVERY");
    let expected = [NO, YES, YES, YES, YES, YES, NO, NO];
    check("lifecycle/reset_password?sendEmail=false", expected).await;
}

#[tokio::test]
async fn only_some_may_sign_in() {
    let bench = Bench::start().await;
    for status in STATUSES {
        let user = in_status(&bench, status).await;
        let reply = bench.sign_in(&user.login, PASSWORD).await;
        let expected = match status {
            "ACTIVE" => "200 SUCCESS",
            "PASSWORD_EXPIRED" => "200 PASSWORD_EXPIRED",
            _ => "401 E0000004",
        };
        assert_eq!(reply.verdict(), expected, "{status}");
    }
}

#[tokio::test]
async fn the_first_delete_deactivates_and_the_second_removes() {
    let bench = Bench::start().await;
    for status in STATUSES {
        let user = in_status(&bench, status).await;
        let path = format!("/api/v1/users/{}", user.id);
        assert_eq!(bench.call("DELETE", &path).await.status, 204, "{status}");
        if status != "DEPROVISIONED" {
            assert_eq!(bench.status(&user).await, "DEPROVISIONED");
            assert_eq!(bench.call("DELETE", &path).await.status, 204);
        }
        let gone = bench.call("GET", &path).await;
        assert_eq!(gone.verdict(), "404 E0000007");
        let text = format!("Not found: Resource not found: {} (User)", user.id);
        assert_eq!(gone.at("/errorSummary"), text);
        assert_eq!(bench.call("DELETE", &path).await.verdict(), "404 E0000007");
    }
}

#[tokio::test]
async fn published_links_are_served() {
    let bench = Bench::start().await;
    for status in STATUSES {
        let user = in_status(&bench, status).await;
        let shown = bench.call("GET", &format!("/api/v1/users/{}", user.id)).await;
        let links = shown.json["_links"].as_object().expect("links");
        for (name, link) in links {
            let address = link["href"].as_str().expect("an address");
            let path = address.strip_prefix(bench.server.url()).expect("the own origin");
            if link["method"] == "POST" {
                // Another method tells that the path exists without doing anything.
                assert_eq!(bench.call("PATCH", path).await.status, 405, "{status} {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_activated_user_without_password_sets_one_by_token() {
    let bench = Bench::start().await;
    let user = in_status(&bench, "PROVISIONED").await;
    let reply = bench.operate(&user, "lifecycle/reactivate?sendEmail=false").await;
    let token = reply.at("/activationToken");
    assert!(reply.at("/activationUrl").contains(token));
    let reply = bench.authn("", &json!({ "token": token })).await;
    assert_eq!(reply.verdict(), "200 PASSWORD_RESET");
    assert_eq!(reply.at("/recoveryType"), "ACCOUNT_ACTIVATION");
    let body = json!({ "stateToken": reply.at("/stateToken"), "newPassword": PASSWORD });
    let reply = bench.authn("/credentials/reset_password", &body).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
    assert_eq!(bench.status(&user).await, "ACTIVE");
    let reply = bench.authn("", &json!({ "token": token })).await;
    assert_eq!(reply.verdict(), "401 E0000004");
}
