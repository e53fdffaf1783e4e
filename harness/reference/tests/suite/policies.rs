//! Policies and rules: their operations, their order and what they do.

use crate::client::{Bench, OTHER, PASSWORD, fresh_login, newcomer};
use serde_json::{Value, json};

const POLICIES: &str = "/api/v1/policies";

async fn list(bench: &Bench, kind: &str) -> Vec<Value> {
    let reply = bench.call("GET", &format!("{POLICIES}?type={kind}")).await;
    assert_eq!(reply.status, 200);
    reply.json.as_array().expect("a list").clone()
}

fn names(policies: &[Value]) -> Vec<&str> {
    policies.iter().filter_map(|policy| policy["name"].as_str()).collect()
}

async fn sign_on(bench: &Bench, body: Value) -> crate::client::Reply {
    let mut policy = json!({ "type": "OKTA_SIGN_ON", "name": fresh_login() });
    policy.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
    bench.put("POST", POLICIES, &policy).await
}

#[tokio::test]
async fn a_policy_without_settings_gets_the_defaults() {
    let bench = Bench::start().await;
    let body =
        json!({ "type": "PASSWORD", "name": "A", "settings": { "password": { "lockout": { "maxAttempts": 3 } } } });
    let policy = bench.put("POST", POLICIES, &body).await;
    assert_eq!(policy.status, 200);
    assert_eq!(policy.json["settings"]["password"]["lockout"]["maxAttempts"], 3);
    assert_eq!(policy.json["settings"]["password"]["complexity"]["minLength"], 8);
    assert_eq!(policy.json["system"], false);
    let path = format!("{POLICIES}/{}", policy.at("/id"));
    assert_eq!(bench.call("GET", &path).await.json, policy.json);
    assert_eq!(bench.call("POST", &format!("{path}/lifecycle/deactivate")).await.status, 204);
    assert_eq!(bench.call("GET", &path).await.at("/status"), "INACTIVE");
    assert_eq!(bench.call("POST", &format!("{path}/lifecycle/activate")).await.status, 204);
    assert_eq!(bench.call("DELETE", &path).await.status, 204);
    let gone = bench.call("GET", &path).await;
    assert_eq!(gone.at("/errorSummary"), format!("Not found: Resource not found: {} (Policy)", policy.at("/id")));
}

#[tokio::test]
async fn policies_are_refused_where_they_make_no_sense() {
    let bench = Bench::start().await;
    for body in [
        json!({}),
        json!({ "type": "PASSWORD" }),
        json!({ "type": "NONSENSE", "name": "A" }),
        json!({ "type": "PASSWORD", "name": "Default Policy" }),
        json!({ "type": "PASSWORD", "name": "A", "settings": { "password": { "lockout": { "maxAttempts": "3" } } } }),
        json!({ "type": "PASSWORD", "name": "A", "conditions": { "people": { "groups": { "include": ["00gx"] } } } }),
    ] {
        assert_eq!(bench.put("POST", POLICIES, &body).await.verdict(), "400 E0000001", "{body}");
    }
    assert_eq!(bench.call("GET", POLICIES).await.verdict(), "400 E0000028");
    assert_eq!(list(&bench, "MFA_ENROLL").await.len(), 0);
}

#[tokio::test]
async fn policies_keep_their_order_and_the_default_stays_last() {
    let bench = Bench::start().await;
    for (name, priority) in [("A", Value::Null), ("B", json!(1)), ("C", json!(2)), ("D", json!(99))] {
        let reply = sign_on(&bench, json!({ "name": name, "priority": priority })).await;
        assert_eq!(reply.status, 200);
    }
    let policies = list(&bench, "OKTA_SIGN_ON").await;
    assert_eq!(names(&policies), ["B", "C", "A", "D", "Default Policy"]);
    let numbers: Vec<u64> = policies.iter().filter_map(|policy| policy["priority"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let path = format!("{POLICIES}/{}", policies[3]["id"].as_str().expect("an id"));
    let first = json!({ "type": "OKTA_SIGN_ON", "name": "D", "priority": 1 });
    assert_eq!(bench.put("PUT", &path, &first).await.json["priority"], 1);
    assert_eq!(names(&list(&bench, "OKTA_SIGN_ON").await), ["D", "B", "C", "A", "Default Policy"]);
    assert_eq!(bench.call("DELETE", &path).await.status, 204);
    let policies = list(&bench, "OKTA_SIGN_ON").await;
    assert_eq!(policies[3]["priority"], 4);
}

#[tokio::test]
async fn the_default_policy_stays_where_it_is() {
    let bench = Bench::start().await;
    let policies = list(&bench, "PASSWORD").await;
    let default = policies.last().expect("a default");
    assert_eq!(default["system"], true);
    let path = format!("{POLICIES}/{}", default["id"].as_str().expect("an id"));
    assert_eq!(bench.call("DELETE", &path).await.verdict(), "403 E0000006");
    let mut body = default.clone();
    body["priority"] = json!(1);
    assert_eq!(bench.put("PUT", &path, &body).await.verdict(), "403 E0000077");
    body["priority"] = default["priority"].clone();
    body["settings"]["password"]["lockout"]["maxAttempts"] = json!(5);
    let reply = bench.put("PUT", &path, &body).await;
    assert_eq!(reply.json["settings"]["password"]["lockout"]["maxAttempts"], 5);
}

#[tokio::test]
async fn rules_have_the_same_operations() {
    let bench = Bench::start().await;
    let policy = sign_on(&bench, json!({})).await;
    let rules = format!("{POLICIES}/{}/rules", policy.at("/id"));
    assert_eq!(bench.call("GET", &rules).await.json, json!([]));
    let rule = bench.put("POST", &rules, &json!({ "type": "SIGN_ON", "name": "R" })).await;
    assert_eq!((rule.status, rule.at("/actions/signon/access")), (200, "ALLOW"));
    let path = format!("{rules}/{}", rule.at("/id"));
    let deny = json!({ "name": "S", "actions": { "signon": { "access": "DENY" } } });
    assert_eq!(bench.put("PUT", &path, &deny).await.at("/actions/signon/access"), "DENY");
    assert_eq!(bench.call("POST", &format!("{path}/lifecycle/deactivate")).await.status, 204);
    assert_eq!(bench.call("GET", &path).await.at("/status"), "INACTIVE");
    assert_eq!(bench.put("POST", &rules, &json!({ "type": "PASSWORD", "name": "T" })).await.status, 400);
    let odd = json!({ "name": "T", "actions": { "signon": { "access": "MAYBE" } } });
    assert_eq!(bench.put("POST", &rules, &odd).await.verdict(), "400 E0000001");
    assert_eq!(bench.call("DELETE", &path).await.status, 204);
    let gone = bench.call("GET", &path).await;
    assert_eq!(gone.at("/errorSummary"), format!("Not found: Resource not found: {} (PolicyRule)", rule.at("/id")));
}

#[tokio::test]
async fn a_sign_on_rule_can_deny() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let policy = sign_on(&bench, json!({ "priority": 1 })).await;
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "200 SUCCESS");
    let rules = format!("{POLICIES}/{}/rules", policy.at("/id"));
    let deny = json!({ "name": "R", "actions": { "signon": { "access": "DENY" } } });
    let rule = bench.put("POST", &rules, &deny).await;
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "401 E0000004");
    bench.call("POST", &format!("{rules}/{}/lifecycle/deactivate", rule.at("/id"))).await;
    assert_eq!(bench.sign_in(&user.login, PASSWORD).await.verdict(), "200 SUCCESS");
}

#[tokio::test]
async fn a_password_policy_decides_about_passwords() {
    let bench = Bench::start().await;
    let user = bench.active().await;
    let long = json!({ "complexity": { "minLength": 20, "minSymbol": 1 } });
    let policy = bench.password_policy(&[&user], long, json!({})).await;
    let path = format!("/api/v1/users/{}", user.id);
    let set = json!({ "credentials": { "password": { "value": OTHER } } });
    let refused = bench.put("POST", &path, &set).await;
    assert_eq!(refused.verdict(), "400 E0000001");
    assert!(refused.at("/errorCauses/0/errorSummary").contains("at least 20 characters"));
    bench.call("DELETE", &format!("{POLICIES}/{policy}")).await;
    assert_eq!(bench.put("POST", &path, &set).await.status, 200);
}

#[tokio::test]
async fn an_expired_password_may_not_come_back_too_soon() {
    let bench = Bench::start().await;
    let user = bench.create("?nextLogin=changePassword", &newcomer(&fresh_login())).await;
    let state = bench.sign_in(&user.login, PASSWORD).await.at("/stateToken").to_owned();
    let change = |new: &str| json!({ "stateToken": state, "oldPassword": PASSWORD, "newPassword": new });
    let reply = bench.authn("/credentials/change_password", &change(PASSWORD)).await;
    assert_eq!(reply.verdict(), "403 E0000080");
    let reply = bench.authn("/credentials/change_password", &change(OTHER)).await;
    assert_eq!(reply.verdict(), "200 SUCCESS");
}
