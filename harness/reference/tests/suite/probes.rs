//! Facts about a server that a client without hooks can find out, as far as they don't need
//! a sign-in.
//!
//! Facts are texts that are the same for every server without defects.

use crate::client::{Bench, OTHER, PASSWORD, Person, Reply, fresh_login, newcomer, profile, send};
use serde_json::{Value, json};

const USERS: &str = "/api/v1/users";

fn fact(name: &str, value: impl std::fmt::Debug) -> String {
    format!("{name}: {value:?}")
}

/// The members of the body.
fn members(reply: &Reply) -> Vec<&str> {
    let members = reply.json.as_object().into_iter();
    members.flat_map(|members| members.keys()).map(String::as_str).collect()
}

pub(crate) async fn api_tokens(bench: &Bench) -> Vec<String> {
    let mut facts = Vec::new();
    for token in [None, Some("SSWS wrong")] {
        let mut request = bench.request("GET", USERS);
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let reply = send(request).await;
        facts.push(fact("verdict", reply.verdict()));
        facts.push(fact("challenge", reply.header("www-authenticate")));
    }
    facts
}

pub(crate) async fn envelope(bench: &Bench) -> Vec<String> {
    let missing = bench.call("GET", &format!("{USERS}/none")).await;
    let second = bench.call("GET", &format!("{USERS}/none")).await;
    let wrong = bench.sign_in(&fresh_login(), "Secret-Pebble-7").await;
    let mut facts = Vec::new();
    for reply in [&missing, &wrong] {
        let identifier = reply.at("/errorId");
        facts.push(fact("verdict", reply.verdict()));
        facts.push(fact("members", members(reply)));
        facts.push(fact("media type", reply.header("content-type")));
        facts.push(fact("link", reply.at("/errorLink") == reply.code()));
        facts.push(fact("identifier", identifier.starts_with("oae") && identifier.len() == 25));
        facts.push(fact("causes", &reply.json["errorCauses"]));
        facts.push(fact("password", reply.text.contains("Secret-Pebble-7")));
    }
    facts.push(fact("unique", missing.at("/errorId") != second.at("/errorId")));
    facts
}

pub(crate) async fn refusals(bench: &Bench) -> Vec<String> {
    let post = |kind: &'static str, body: &'static str| {
        send(bench.trusted("POST", "/api/v1/groups").header("content-type", kind).body(body))
    };
    let replies = [
        send(bench.request("GET", "/api/v1/nothing")).await,
        send(bench.request("PATCH", USERS)).await,
        post("application/json", "{").await,
        post("text/plain", "{}").await,
        send(bench.trusted("GET", USERS).header("accept", "text/html")).await,
    ];
    let says = |reply: &Reply| fact("refusal", (reply.verdict(), reply.header("content-type")));
    replies.iter().map(says).collect()
}

pub(crate) async fn headers(bench: &Bench) -> Vec<String> {
    let replies = [bench.call("GET", USERS).await, bench.call("GET", USERS).await];
    let number = |index: usize, name: &str| -> Option<i64> { replies[index].header(name).parse().ok() };
    let remaining = |index: usize| number(index, "x-rate-limit-remaining");
    let reset = |index: usize| number(index, "x-rate-limit-reset");
    let request = |index: usize| replies[index].header("x-okta-request-id");
    vec![
        fact("remaining falls", remaining(1) < remaining(0)),
        fact("reset stays", reset(0).is_some() && reset(0) == reset(1)),
        fact("limit", replies[0].header("x-rate-limit-limit").is_empty()),
        fact("request", request(0).len()),
        fact("requests differ", request(0) != request(1)),
        fact("cache", replies[0].header("cache-control")),
    ]
}

async fn verdict(bench: &Bench, query: &str, body: &Value) -> String {
    bench.put("POST", &format!("{USERS}{query}"), body).await.verdict()
}

pub(crate) async fn creation(bench: &Bench) -> Vec<String> {
    let login = fresh_login();
    let created = bench.put("POST", USERS, &newcomer(&login)).await;
    let mut crowded = newcomer(&fresh_login());
    crowded["groupIds"] = (0..21).map(|number| json!(format!("00g{number}"))).collect();
    let mut nameless = newcomer(&fresh_login());
    nameless["profile"]["lastName"] = Value::Null;
    let mut odd = newcomer(&fresh_login());
    odd["profile"]["shoeSize"] = json!("44");
    let mut weak = newcomer(&fresh_login());
    weak["credentials"]["password"]["value"] = json!("weak");
    let bare = |login: &str| json!({ "profile": profile(login) });
    let mut facts = vec![
        fact("created", created.verdict()),
        fact("password", &created.json["credentials"]["password"]),
        fact("same", verdict(bench, "", &newcomer(&login)).await),
        fact("upper", verdict(bench, "", &newcomer(&login.to_uppercase())).await),
        fact("crowded", verdict(bench, "", &crowded).await),
        fact("nameless", verdict(bench, "", &nameless).await),
        fact("odd", verdict(bench, "", &odd).await),
        fact("weak", verdict(bench, "", &weak).await),
        fact("bare", verdict(bench, "", &bare(&fresh_login())).await),
        fact("expiring", verdict(bench, "?nextLogin=changePassword", &bare(&fresh_login())).await),
        fact("by login", bench.call("GET", &format!("{USERS}/{login}")).await.status),
    ];
    let path = format!("{USERS}/{}", created.at("/id"));
    let nick = json!({ "profile": { "nickName": "N" } });
    let updated = bench.put("POST", &path, &nick).await;
    facts.push(fact("update", (updated.status, updated.at("/profile/lastName"))));
    let replaced = bench.put("PUT", &path, &bare(&login)).await;
    facts.push(fact("replacement", &replaced.json["profile"]["nickName"]));
    facts
}

pub(crate) async fn lists(bench: &Bench) -> Vec<String> {
    let page = bench.call("GET", &format!("{USERS}?limit=2")).await;
    let filtered = bench.call("GET", &format!("{USERS}?filter=status%20eq%20%22STAGED%22")).await;
    let count = |reply: &Reply| reply.json.as_array().map(Vec::len);
    vec![fact("page", count(&page)), fact("links", page.lines("link").len()), fact("filtered", count(&filtered))]
}

/// What an operation answers, and the status after it.
async fn step(bench: &Bench, user: &Person, operation: &str) -> String {
    let reply = bench.operate(user, operation).await;
    let status = bench.status(user).await;
    fact(operation, (reply.status, reply.code(), status))
}

pub(crate) async fn lifecycle(bench: &Bench) -> Vec<String> {
    let user = bench.create("?activate=false", &newcomer(&fresh_login())).await;
    let mut facts = Vec::new();
    for operation in [
        "lifecycle/reactivate",
        "lifecycle/unsuspend",
        "lifecycle/activate",
        "lifecycle/activate",
        "lifecycle/unlock",
        "lifecycle/expire_password",
        "lifecycle/reset_password",
        "lifecycle/deactivate",
        "lifecycle/deactivate",
    ] {
        facts.push(step(bench, &user, operation).await);
    }
    let user = bench.active().await;
    let path = format!("{USERS}/{}", user.id);
    for operation in ["lifecycle/suspend", "lifecycle/suspend"] {
        facts.push(step(bench, &user, operation).await);
    }
    let shown = bench.call("GET", &path).await;
    let links = shown.json["_links"].as_object().map(|links| links.keys().cloned().collect::<Vec<_>>());
    facts.push(fact("links", links));
    facts.push(step(bench, &user, "lifecycle/unsuspend").await);
    facts.push(step(bench, &user, "lifecycle/expire_password_with_temp_password").await);
    for _ in 0..3 {
        let deleted = bench.call("DELETE", &path).await.verdict();
        facts.push(fact("delete", (deleted, bench.call("GET", &path).await.verdict())));
    }
    facts
}

pub(crate) async fn groups(bench: &Bench) -> Vec<String> {
    let user = bench.active().await;
    let group = json!({ "profile": { "name": fresh_login() } });
    let group = bench.put("POST", "/api/v1/groups", &group).await;
    let users = format!("/api/v1/groups/{}/users", group.at("/id"));
    let member = format!("{users}/{}", user.id);
    let mut facts = Vec::new();
    for method in ["PUT", "DELETE"] {
        let status = bench.call(method, &member).await.status;
        let members = bench.call("GET", &users).await;
        facts.push(fact(method, (status, members.json.as_array().map(Vec::len))));
    }
    facts
}

/// Whether a policy of twenty characters decides about the user's new password.
async fn is_applied(bench: &Bench, user: &Person) -> String {
    let password = if bench.status(user).await == "ACTIVE" { OTHER } else { PASSWORD };
    let body = json!({ "credentials": { "password": { "value": password } } });
    let reply = bench.put("POST", &format!("{USERS}/{}", user.id), &body).await;
    fact("short password", reply.verdict())
}

pub(crate) async fn policies(bench: &Bench) -> Vec<String> {
    const POLICIES: &str = "/api/v1/policies";
    let user = bench.active().await;
    let long = json!({ "complexity": { "minLength": 20 } });
    let strict = bench.password_policy(&[&user], long, json!({})).await;
    let mut facts = vec![is_applied(bench, &user).await];
    let path = format!("{POLICIES}/{strict}");
    bench.call("POST", &format!("{path}/lifecycle/deactivate")).await;
    facts.push(is_applied(bench, &user).await);
    bench.call("DELETE", &path).await;
    let everyone = bench.call("GET", &format!("{USERS}/{}/groups", user.id)).await;
    let policy = json!({
        "type": "PASSWORD",
        "name": fresh_login(),
        "priority": 1,
        "conditions": { "people": { "groups": { "include": [everyone.at("/0/id")] } } },
        "settings": { "password": { "complexity": { "minLength": 20 } } },
    });
    bench.put("POST", POLICIES, &policy).await;
    facts.push(is_applied(bench, &user).await);
    let list = bench.call("GET", &format!("{POLICIES}?type=OKTA_SIGN_ON")).await;
    facts.push(fact("sign-on policies", list.json.as_array().map(Vec::len)));
    let default = format!("{POLICIES}/{}", list.at("/0/id"));
    facts.push(fact("default", bench.call("DELETE", &default).await.verdict()));
    facts
}
