//! Users, groups and sessions as an administrator manages them.

use crate::client::{Bench, OTHER, PASSWORD, fresh_login, newcomer, newcomer_with_question, profile};
use serde_json::{Value, json};

const USERS: &str = "/api/v1/users";

/// The verdict and the first cause of a creation.
async fn creation(bench: &Bench, query: &str, body: &Value) -> (String, String) {
    let reply = bench.put("POST", &format!("{USERS}{query}"), body).await;
    (reply.verdict(), reply.at("/errorCauses/0/errorSummary").to_owned())
}

#[tokio::test]
async fn the_query_and_the_credentials_decide_the_first_status() {
    let bench = Bench::start().await;
    for (query, password, expected) in [
        ("", false, "PROVISIONED"),
        ("?activate=true", false, "PROVISIONED"),
        ("?activate=false", false, "STAGED"),
        ("?activate=false", true, "STAGED"),
        ("", true, "ACTIVE"),
        ("?activate=true&nextLogin=changePassword", true, "PASSWORD_EXPIRED"),
    ] {
        let mut body = newcomer(&fresh_login());
        if !password {
            body["credentials"] = Value::Null;
        }
        let (verdict, _) = creation(&bench, query, &body).await;
        assert_eq!(verdict, format!("200 {expected}"), "{query}");
    }
}

#[tokio::test]
async fn creations_are_refused_as_documented() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let upper = newcomer(&user.login.to_uppercase());
    let (verdict, cause) = creation(&bench, "", &upper).await;
    assert_eq!(verdict, "400 E0000001");
    assert_eq!(cause, "login: An object with this field already exists in the current organization");
    let mut odd = newcomer(&fresh_login());
    odd["profile"]["notValid"] = json!("x");
    let reply = bench.put("POST", USERS, &odd).await;
    assert_eq!(reply.at("/errorSummary"), "Api validation failed: newUser");
    let bare = json!({ "profile": profile(&fresh_login()) });
    let (verdict, _) = creation(&bench, "?nextLogin=changePassword", &bare).await;
    assert_eq!(verdict, "400 E0000124");
    let full = newcomer(&fresh_login());
    let (verdict, _) = creation(&bench, "?activate=false&nextLogin=changePassword", &full).await;
    assert_eq!(verdict, "400 E0000125");
    assert_eq!(creation(&bench, "?activate=perhaps", &full).await.0, "400 E0000037");
    let mut crowded = full.clone();
    crowded["groupIds"] = (0..21).map(|number| json!(format!("00g{number}"))).collect();
    let (verdict, cause) = creation(&bench, "", &crowded).await;
    assert_eq!(verdict, "400 E0000093");
    assert_eq!(cause, "The number of group targets is too large");
    for weak in ["short1A", "alllower-42", "ALLUPPER-42", "No-Numbers-Here"] {
        let mut body = newcomer(&fresh_login());
        body["credentials"]["password"]["value"] = json!(weak);
        assert_eq!(creation(&bench, "", &body).await.0, "400 E0000001", "{weak}");
    }
    for member in ["login", "email", "firstName", "lastName"] {
        let mut body = newcomer(&fresh_login());
        body["profile"].as_object_mut().expect("a profile").remove(member);
        let (verdict, cause) = creation(&bench, "", &body).await;
        assert_eq!(verdict, "400 E0000001");
        assert!(cause.starts_with(member), "{cause}");
    }
}

#[tokio::test]
async fn a_user_is_found_by_id_login_and_short_login() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let (short, _) = user.login.split_once('@').expect("an address");
    for name in [&user.id, &user.login, &user.login.to_uppercase(), short, &user.login.replace('@', "%40")] {
        let reply = bench.call("GET", &format!("{USERS}/{name}")).await;
        assert_eq!(reply.at("/id"), user.id, "{name}");
    }
}

#[tokio::test]
async fn a_partial_update_keeps_what_it_does_not_name_and_a_replacement_drops_it() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let path = format!("{USERS}/{}", user.id);
    let update = json!({ "profile": { "nickName": "A", "city": "B" } });
    let reply = bench.put("POST", &path, &update).await;
    assert_eq!((reply.at("/profile/nickName"), reply.at("/profile/lastName")), ("A", "Ode"));
    let update = json!({ "profile": { "city": null } });
    let reply = bench.put("POST", &path, &update).await;
    assert!(reply.json["profile"].get("city").is_none());
    assert_eq!(reply.at("/profile/nickName"), "A");
    let replacement = json!({ "profile": profile(&user.login) });
    let reply = bench.put("PUT", &path, &replacement).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json["profile"].get("nickName").is_none());
    let partial = json!({ "profile": { "firstName": "B" } });
    assert_eq!(bench.put("PUT", &path, &partial).await.verdict(), "400 E0000001");
    let other = bench.active().await;
    let taken = json!({ "profile": { "login": other.login } });
    assert_eq!(bench.put("POST", &path, &taken).await.verdict(), "400 E0000001");
}

#[tokio::test]
async fn lists_come_in_pages_that_together_are_the_whole() {
    let bench = Bench::start().await;
    for _ in 0..5 {
        bench.active().await;
    }
    let mut path = format!("{USERS}?limit=3&filter=status%20eq%20%22ACTIVE%22");
    let mut seen = Vec::new();
    loop {
        let reply = bench.call("GET", &path).await;
        let page = reply.json.as_array().expect("a list").clone();
        assert!(!page.is_empty() && page.len() <= 3);
        seen.extend(page.iter().map(|user| user["id"].clone()));
        let links = reply.lines("link");
        assert!(links[0].ends_with("; rel=\"self\""));
        let Some(next) = links.get(1) else { break };
        let next = next.strip_prefix('<').and_then(|next| next.strip_suffix(">; rel=\"next\""));
        let next = next.expect("a next link");
        assert!(next.contains("filter="));
        next.strip_prefix(bench.server.url()).expect("the own origin").clone_into(&mut path);
    }
    let distinct: std::collections::BTreeSet<String> = seen.iter().map(Value::to_string).collect();
    assert_eq!((seen.len(), distinct.len()), (7, 7));
    let reply = bench.call("GET", &format!("{USERS}?after=nonsense")).await;
    assert_eq!(reply.verdict(), "400 E0000029");
    assert_eq!(bench.call("GET", &format!("{USERS}?limit=many")).await.verdict(), "400 E0000037");
}

#[tokio::test]
async fn filters_and_queries_select() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let filter = format!("profile.login%20eq%20%22{}%22", user.login);
    for query in [format!("filter={filter}"), format!("search={filter}"), format!("q={}", user.login)] {
        let reply = bench.call("GET", &format!("{USERS}?{query}")).await;
        assert_eq!(reply.at("/0/id"), user.id, "{query}");
        assert_eq!(reply.json.as_array().map(Vec::len), Some(1), "{query}");
    }
    let both = format!("{USERS}?q=a&filter={filter}");
    assert_eq!(bench.call("GET", &both).await.verdict(), "400 E0000033");
    let broken = format!("{USERS}?search=status");
    assert_eq!(bench.call("GET", &broken).await.verdict(), "400 E0000031");
    bench.operate(&user, "lifecycle/deactivate").await;
    let by_query = bench.call("GET", &format!("{USERS}?q={}", user.login)).await;
    assert_eq!(by_query.json, json!([]));
    let by_filter = bench.call("GET", &format!("{USERS}?filter={filter}")).await;
    assert_eq!(by_filter.at("/0/status"), "DEPROVISIONED");
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one() {
    let bench = Bench::start().await;
    let user = bench.with_question().await;
    let path = format!("{USERS}/{}/credentials/change_password", user.id);
    let change = |old: &str, new: &str| json!({ "oldPassword": { "value": old }, "newPassword": { "value": new } });
    let reply = bench.put("POST", &path, &change("wrong", OTHER)).await;
    assert_eq!(reply.verdict(), "403 E0000014");
    assert_eq!(reply.at("/errorCauses/0/errorSummary"), "oldPassword: The credentials provided were incorrect.");
    assert_eq!(bench.put("POST", &path, &change(PASSWORD, "weak")).await.verdict(), "403 E0000080");
    let flat = json!({ "oldPassword": PASSWORD, "newPassword": OTHER });
    assert_eq!(bench.put("POST", &path, &flat).await.verdict(), "400 E0000003");
    assert_eq!(bench.put("POST", &path, &json!({})).await.verdict(), "400 E0000001");
    let reply = bench.put("POST", &path, &change(PASSWORD, OTHER)).await;
    assert_eq!((reply.status, reply.at("/provider/type")), (200, "OKTA"));
    assert_eq!(bench.sign_in(&user.login, OTHER).await.verdict(), "200 SUCCESS");
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "401 E0000004");
}

#[tokio::test]
async fn a_recovery_question_is_changed_with_the_password() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let path = format!("{USERS}/{}/credentials/change_recovery_question", user.id);
    let change = |password: &str| {
        json!({
            "password": { "value": password },
            "recovery_question": { "question": "Bird?", "answer": "heron" },
        })
    };
    assert_eq!(bench.put("POST", &path, &change("wrong")).await.verdict(), "403 E0000014");
    let reply = bench.put("POST", &path, &change(PASSWORD)).await;
    assert_eq!((reply.status, reply.at("/recovery_question/question")), (200, "Bird?"));
    let path = format!("{USERS}/{}/credentials/forgot_password_recovery_question", user.id);
    let recover = |answer: &str| json!({ "password": { "value": OTHER }, "recovery_question": { "answer": answer } });
    assert_eq!(bench.put("POST", &path, &recover("crane")).await.verdict(), "403 E0000087");
    assert_eq!(bench.put("POST", &path, &recover("heron")).await.status, 200);
    assert_eq!(bench.sign_in(&user.login, OTHER).await.verdict(), "200 SUCCESS");
}

#[tokio::test]
async fn a_temporary_password_has_to_be_changed() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let reply = bench.operate(&user, "lifecycle/expire_password_with_temp_password").await;
    let temporary = reply.at("/tempPassword");
    let reply = bench.sign_in(&user.login, temporary).await;
    assert_eq!(reply.verdict(), "200 PASSWORD_EXPIRED");
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "401 E0000004");
}

#[tokio::test]
async fn groups_have_members() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let body = json!({ "profile": { "name": fresh_login() } });
    let group = bench.put("POST", "/api/v1/groups", &body).await;
    let path = format!("/api/v1/groups/{}", group.at("/id"));
    assert_eq!(bench.put("POST", "/api/v1/groups", &body).await.verdict(), "400 E0000001");
    let member = format!("{path}/users/{}", user.id);
    assert_eq!(bench.call("PUT", &member).await.status, 204);
    let members = bench.call("GET", &format!("{path}/users")).await;
    assert_eq!(members.at("/0/id"), user.id);
    let groups = bench.call("GET", &format!("{USERS}/{}/groups", user.id)).await;
    assert_eq!(groups.at("/0/type"), "BUILT_IN");
    assert_eq!(groups.at("/1/id"), group.at("/id"));
    assert_eq!(bench.call("DELETE", &member).await.status, 204);
    assert_eq!(bench.call("GET", &format!("{path}/users")).await.json, json!([]));
    let renamed = json!({ "profile": { "name": fresh_login(), "description": "B" } });
    assert_eq!(bench.put("PUT", &path, &renamed).await.at("/profile/description"), "B");
    assert_eq!(bench.call("DELETE", &path).await.status, 204);
    let gone = bench.call("GET", &path).await;
    assert_eq!(gone.at("/errorSummary"), format!("Not found: Resource not found: {} (UserGroup)", group.at("/id")));
    let everyone = format!("/api/v1/groups/{}", groups.at("/0/id"));
    assert_eq!(bench.call("DELETE", &everyone).await.verdict(), "403 E0000006");
}

#[tokio::test]
async fn users_can_be_created_in_groups() {
    let bench = Bench::start().await;
    let group = json!({ "profile": { "name": fresh_login() } });
    let group = bench.put("POST", "/api/v1/groups", &group).await;
    let mut body = newcomer_with_question(&fresh_login());
    body["groupIds"] = json!([group.at("/id")]);
    let user = bench.create("", &body).await;
    let members = bench.call("GET", &format!("/api/v1/groups/{}/users", group.at("/id"))).await;
    assert_eq!(members.at("/0/id"), user.id);
    body["groupIds"] = json!(["00gunknown"]);
    body["profile"] = profile(&fresh_login());
    assert_eq!(creation(&bench, "", &body).await.0, "404 E0000007");
}

#[tokio::test]
async fn a_session_token_is_exchanged_once() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let token = bench.sign_in(&user.login, PASSWORD).await.at("/sessionToken").to_owned();
    let body = json!({ "sessionToken": token });
    let session = bench.put("POST", "/api/v1/sessions", &body).await;
    assert_eq!((session.status, session.at("/status")), (200, "ACTIVE"));
    assert_eq!(session.at("/userId"), user.id);
    assert_eq!(bench.put("POST", "/api/v1/sessions", &body).await.verdict(), "401 E0000004");
    let path = format!("/api/v1/sessions/{}", session.at("/id"));
    assert_eq!(bench.call("GET", &path).await.status, 200);
    bench.advance(3_600).await;
    let refreshed = bench.call("POST", &format!("{path}/lifecycle/refresh")).await;
    assert_ne!(refreshed.at("/expiresAt"), session.at("/expiresAt"));
    assert_eq!(bench.call("DELETE", &path).await.status, 204);
    let gone = bench.call("GET", &path).await;
    let text = format!("Not found: Resource not found: {} (AppSession)", session.at("/id"));
    assert_eq!((gone.status, gone.at("/errorSummary")), (404, text.as_str()));
}

#[tokio::test]
async fn a_session_belongs_to_its_cookie_and_to_its_user() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let token = bench.sign_in(&user.login, PASSWORD).await.at("/sessionToken").to_owned();
    let body = json!({ "sessionToken": token });
    let session = bench.put("POST", "/api/v1/sessions", &body).await;
    let own = |cookie: String| {
        let request = bench.request("GET", "/api/v1/sessions/me");
        crate::client::send(request.header("cookie", cookie))
    };
    let cookie = format!("a=b; sid={}", session.at("/id"));
    assert_eq!(own(cookie.clone()).await.at("/userId"), user.id);
    let nobody = own("sid=none".to_owned()).await;
    assert_eq!(nobody.at("/errorSummary"), "Not found: Resource not found: me (Session)");
    let sessions = format!("{USERS}/{}/sessions", user.id);
    assert_eq!(bench.call("DELETE", &sessions).await.status, 204);
    assert_eq!(own(cookie).await.status, 404);
}

#[tokio::test]
async fn session_tokens_and_sessions_expire() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let stale = bench.sign_in(&user.login, PASSWORD).await.at("/sessionToken").to_owned();
    bench.advance(301).await;
    let body = json!({ "sessionToken": stale });
    assert_eq!(bench.put("POST", "/api/v1/sessions", &body).await.verdict(), "401 E0000004");
    let fresh = bench.sign_in(&user.login, PASSWORD).await.at("/sessionToken").to_owned();
    let body = json!({ "sessionToken": fresh });
    let session = bench.put("POST", "/api/v1/sessions", &body).await;
    bench.advance(2 * 60 * 60 + 1).await;
    let path = format!("/api/v1/sessions/{}", session.at("/id"));
    assert_eq!(bench.call("GET", &path).await.status, 404);
}

#[tokio::test]
async fn ready_made_accounts_are_as_they_say() {
    let bench = Bench::start().await;
    for account in bench.server.accounts() {
        let reply = bench.call("GET", &format!("{USERS}/{}", account.login)).await;
        assert_eq!(reply.at("/status"), account.status, "{}", account.login);
        let verdict = bench.sign_in(&account.login, &account.password).await.verdict();
        let expected = match account.login.split('@').next().expect("a name") {
            "active" | "recoverable" => "200 SUCCESS",
            "expired" => "200 PASSWORD_EXPIRED",
            "locked-shown" => "200 LOCKED_OUT",
            _ => "401 E0000004",
        };
        assert_eq!(verdict, expected, "{}", account.login);
    }
}
