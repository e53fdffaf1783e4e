//! Served answers against documented examples and recorded answers of real orgs.
//!
//! The examples aren't part of the project. Where the folder with them is missing, the checks are
//! skipped with a word about it.

use crate::client::{
    ANSWER, Bench, OTHER, PASSWORD, Reply, fresh_login, newcomer, newcomer_with_question, profile, send,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The folder with the examples, beside of the workspace.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    if folder.is_dir() {
        return Some(folder);
    }
    skipped("the folder with documented examples, ../shared/reference beside of the workspace, is missing");
    None
}

#[expect(clippy::print_stderr, reason = "a skipped check has to say so")]
fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// The body of the documented example whose file starts so.
fn example(folder: &Path, start: &str) -> Value {
    let mut files = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    let file = files.find(|file| file.file_name().to_string_lossy().starts_with(start));
    read(&file.unwrap_or_else(|| panic!("no example {start}")).path())
}

/// What differs between an example and an answer; `spared` are members that may differ.
fn differences(example: &Value, served: &Value, place: &str, spared: &[&str], found: &mut Vec<String>) {
    match (example, served) {
        (Value::Object(example), Value::Object(served)) => {
            for (name, value) in example {
                let place = format!("{place}/{name}");
                match served.get(name) {
                    _ if spared.contains(&name.as_str()) => {}
                    Some(served) => differences(value, served, &place, spared, found),
                    None => found.push(format!("{place} is missing")),
                }
            }
            let new = served.keys().filter(|name| !example.contains_key(*name) && !spared.contains(&name.as_str()));
            found.extend(new.map(|name| format!("{place}/{name} is new")));
        }
        (Value::Array(example), Value::Array(served)) => {
            if let (Some(example), Some(served)) = (example.first(), served.first()) {
                differences(example, served, &format!("{place}/0"), spared, found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (example, served) => found.extend(unlike(example, served, place)),
    }
}

/// What differs between two plain values: their type, and the text where the text is protocol.
fn unlike(example: &Value, served: &Value, place: &str) -> Option<String> {
    if std::mem::discriminant(example) != std::mem::discriminant(served) {
        return Some(format!("{place} has another type: {served}"));
    }
    let member = place.rsplit('/').next().unwrap_or_default();
    let fixed = ["status", "errorCode", "errorLink", "recoveryType", "factorResult", "method", "type", "objectClass"];
    let link = place.contains("/_links/");
    let (example, served) = match member {
        "href" => (address(example), address(served)),
        "name" | "0" if link => (example.to_string(), served.to_string()),
        "id" if place.ends_with("type/id") => return None,
        _ if fixed.contains(&member) => (example.to_string(), served.to_string()),
        _ => return None,
    };
    (example != served).then(|| format!("{place} is {served} instead of {example}"))
}

/// The path of an address, with identifiers masked.
fn address(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let path = text.splitn(4, '/').nth(3).unwrap_or_default();
    let masked = |part: &str| {
        let plain = part.chars().all(|letter| letter.is_ascii_alphanumeric());
        let identifier = part.len() >= 17 && (plain || part.starts_with("102"));
        if identifier { "*".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(masked).collect::<Vec<_>>().join("/")
}

/// Holds answers against examples and complains about all of them at once.
struct Comparison {
    folder: PathBuf,
    complaints: Vec<String>,
}

impl Comparison {
    fn new(folder: PathBuf) -> Self {
        Self { folder, complaints: Vec::new() }
    }

    /// Compares with a documented example.
    fn documented(&mut self, start: &str, status: u16, reply: &Reply, spared: &[&str]) {
        let example = example(&self.folder, start);
        self.body(start, &example, reply, spared);
        if reply.status != status {
            self.complaints.push(format!("{start}: status {} instead of {status}", reply.status));
        }
    }

    /// Compares with a recorded answer.
    fn recorded(&mut self, name: &str, reply: &Reply, spared: &[&str]) {
        let recorded = read(&self.folder.join(format!("{name}.json")));
        self.body(name, &recorded["body"], reply, spared);
        if recorded["status"] != json!(reply.status) {
            self.complaints.push(format!("{name}: status {}", reply.status));
        }
        for header in
            ["cache-control", "x-okta-request-id", "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"]
        {
            if recorded["headers"].get(header).is_some() == reply.header(header).is_empty() {
                self.complaints.push(format!("{name}: header {header} is '{}'", reply.header(header)));
            }
        }
    }

    fn body(&mut self, name: &str, example: &Value, reply: &Reply, spared: &[&str]) {
        let mut found = Vec::new();
        differences(example, &reply.json, "", spared, &mut found);
        self.complaints.extend(found.into_iter().map(|text| format!("{name}: {text}")));
    }

    fn finish(self) {
        assert!(self.complaints.is_empty(), "{}", self.complaints.join("\n"));
    }
}

const COMPLEXITY: &str = "excludeUsername";

#[tokio::test]
async fn sign_ins_look_like_the_examples() {
    let Some(folder) = folder() else { return };
    let mut all = Comparison::new(folder.join("authn/examples"));
    let bench = Bench::start().await;
    let user = bench.active().await;
    all.documented("001", 401, &bench.sign_in(&user.login, "wrong").await, &[]);
    let success = bench.sign_in(&user.login, PASSWORD).await;
    all.documented("004", 200, &success, &["_links"]);
    let guide = read(&folder.join("authn/examples/guide/G01-primary-auth-success.response.json"));
    all.body("G01", &guide, &success, &[]);
    let locked = bench.sign_in("locked-shown@oktaspec.example", PASSWORD).await;
    all.documented("007", 200, &locked, &[]);
    let user = bench.create("?nextLogin=changePassword", &newcomer(&fresh_login())).await;
    let expired = bench.sign_in(&user.login, PASSWORD).await;
    all.documented("008", 200, &expired, &[COMPLEXITY]);
    let change = |old: &str, new: &str| json!({ "stateToken": expired.at("/stateToken"), "oldPassword": old, "newPassword": new });
    let path = "/credentials/change_password";
    all.documented("035", 403, &bench.authn(path, &change("wrong", OTHER)).await, &[]);
    let weak = bench.authn(path, &change(PASSWORD, "weak")).await;
    assert_eq!(weak.verdict(), "403 E0000080");
    all.documented("038", 200, &bench.authn(path, &change(PASSWORD, OTHER)).await, &["_links"]);
    let state = json!({ "stateToken": expired.at("/stateToken") });
    all.documented("179", 401, &bench.authn("", &state).await, &[]);
    warning(&bench, &mut all).await;
    for _ in 0..40 {
        let body = json!({ "username": "busy@t.example", "password": "x" });
        let reply = bench.authn("", &body).await;
        if reply.status == 429 {
            all.documented("002", 429, &reply, &[]);
            break;
        }
    }
    all.finish();
}

async fn warning(bench: &Bench, all: &mut Comparison) {
    let user = bench.active().await;
    let age = json!({ "age": { "maxAgeDays": 5, "expireWarnDays": 5 } });
    bench.password_policy(&[&user], age, json!({})).await;
    let options = json!({ "warnBeforePasswordExpired": true });
    let body = json!({ "username": user.login, "password": PASSWORD, "options": options });
    let warned = bench.authn("", &body).await;
    all.documented("021", 200, &warned, &[COMPLEXITY]);
    let state = json!({ "stateToken": warned.at("/stateToken") });
    all.documented("180", 403, &bench.authn("/recovery/answer", &state).await, &[]);
    all.documented("176", 200, &bench.authn("/skip", &state).await, &["_links"]);
}

#[tokio::test]
async fn recoveries_look_like_the_examples() {
    let Some(folder) = folder() else { return };
    let mut all = Comparison::new(folder.join("authn/examples"));
    let bench = Bench::start().await;
    let user = bench.with_question().await;
    for (start, operation, factor) in [
        ("137", "password", "EMAIL"),
        ("139", "password", "SMS"),
        ("141", "password", "CALL"),
        ("146", "unlock", "EMAIL"),
        ("148", "unlock", "SMS"),
    ] {
        let body = json!({ "username": user.login, "factorType": factor });
        let reply = bench.authn(&format!("/recovery/{operation}"), &body).await;
        all.documented(start, 200, &reply, &[]);
        if factor == "SMS" {
            let body = json!({ "stateToken": reply.at("/stateToken"), "passCode": "123456" });
            all.documented("151", 403, &bench.authn("/recovery/factors/sms/verify", &body).await, &[]);
            all.documented("155", 200, &bench.authn("/recovery/factors/sms/resend", &body).await, &["recoveryType"]);
        }
    }
    let path = "/api/v1/authn/recovery/password";
    let unknown = json!({ "username": "nobody@t.example" });
    all.documented("135", 403, &bench.put("POST", path, &unknown).await, &[]);
    let trusted = bench.put("POST", path, &json!({ "username": user.login })).await;
    all.documented("143", 200, &trusted, &[]);
    let token = json!({ "recoveryToken": trusted.at("/recoveryToken") });
    let recovery = bench.authn("/recovery/token", &token).await;
    all.documented("163", 200, &recovery, &["recoveryType"]);
    all.documented("161", 401, &bench.authn("/recovery/token", &token).await, &[]);
    let answer = |answer: &str| json!({ "stateToken": recovery.at("/stateToken"), "answer": answer });
    all.documented("164", 403, &bench.authn("/recovery/answer", &answer("oak")).await, &[]);
    let reset = bench.authn("/recovery/answer", &answer(ANSWER)).await;
    all.documented("166", 200, &reset, &["recoveryType", COMPLEXITY]);
    let body = json!({ "stateToken": recovery.at("/stateToken"), "newPassword": OTHER });
    let reply = bench.authn("/credentials/reset_password", &body).await;
    all.documented("170", 200, &reply, &["_links"]);
    let unlock = json!({ "username": "locked-shown@oktaspec.example" });
    let reply = bench.put("POST", "/api/v1/authn/recovery/unlock", &unlock).await;
    all.documented("150", 200, &reply, &[]);
    activation(&bench, &mut all).await;
    all.finish();
}

async fn activation(bench: &Bench, all: &mut Comparison) {
    let bare = json!({ "profile": profile(&fresh_login()) });
    let user = bench.create("?activate=false", &bare).await;
    let activated = bench.operate(&user, "lifecycle/activate?sendEmail=false").await;
    let body = json!({ "token": activated.at("/activationToken") });
    let reset = bench.authn("", &body).await;
    // A user who never had a password has no time of its change.
    all.documented("016", 200, &reset, &["passwordChanged", "age", COMPLEXITY]);
    let body = json!({ "token": "unknown" });
    all.documented("017", 401, &bench.authn("", &body).await, &[]);
    let user = bench.create("?activate=false", &newcomer(&fresh_login())).await;
    let activated = bench.operate(&user, "lifecycle/activate?sendEmail=false").await;
    let body = json!({ "token": activated.at("/activationToken") });
    all.documented("014", 200, &bench.authn("", &body).await, &["_links"]);
}

/// Members that recordings of 2020 and of 2025 don't share, and optional ones of the recorded user.
const USER: [&str; 8] = [
    "resetFactors",
    "forgotPassword",
    "recovery_question",
    "displayName",
    "nickName",
    "mobilePhone",
    "secondEmail",
    "emails",
];

#[tokio::test]
async fn users_look_like_the_recordings() {
    let Some(folder) = folder() else { return };
    let mut all = Comparison::new(folder.join("management/examples/recorded"));
    let bench = Bench::start().await;
    let users = "/api/v1/users";
    let active = bench.put("POST", users, &newcomer_with_question(&fresh_login())).await;
    all.recorded("user-create", &active, &USER);
    let staged = bench.put("POST", &format!("{users}?activate=false"), &newcomer(&fresh_login())).await;
    all.recorded("user-create-2", &staged, &USER);
    let path = format!("{users}/{}", active.at("/id"));
    all.recorded("user-get", &bench.call("GET", &path).await, &USER);
    let other = format!("{users}/{}", staged.at("/id"));
    all.recorded("user-get-3", &bench.call("GET", &other).await, &USER);
    all.recorded("error-403-E0000038", &bench.call("POST", &format!("{other}/lifecycle/reactivate")).await, &[]);
    all.recorded(
        "user-activate-2",
        &bench.call("POST", &format!("{other}/lifecycle/activate?sendEmail=false")).await,
        &[],
    );
    all.recorded("error-403-E0000032", &bench.call("POST", &format!("{path}/lifecycle/unlock")).await, &[]);
    let change = json!({ "oldPassword": { "value": PASSWORD }, "newPassword": { "value": OTHER } });
    all.recorded(
        "user-change-password",
        &bench.put("POST", &format!("{other}/credentials/change_password"), &change).await,
        &[],
    );
    let question = json!({ "question": "Tree?", "answer": ANSWER });
    let change = json!({ "password": { "value": PASSWORD }, "recovery_question": question });
    let reply = bench.put("POST", &format!("{path}/credentials/change_recovery_question"), &change).await;
    all.recorded("user-change-recovery-question", &reply, &[]);
    let reply = bench.call("POST", &format!("{path}/credentials/forgot_password?sendEmail=false")).await;
    all.recorded("user-forgot-password", &reply, &[]);
    all.recorded("user-suspend", &bench.call("POST", &format!("{path}/lifecycle/suspend")).await, &[]);
    all.recorded("user-get-2", &bench.call("GET", &path).await, &USER);
    bench.call("POST", &format!("{path}/lifecycle/unsuspend")).await;
    all.recorded(
        "user-expire-password",
        &bench.call("POST", &format!("{path}/lifecycle/expire_password")).await,
        &USER,
    );
    let reply = bench.call("POST", &format!("{path}/lifecycle/expire_password_with_temp_password")).await;
    all.recorded("user-temp-password", &reply, &[]);
    let reply = bench.call("POST", &format!("{path}/lifecycle/reset_password?sendEmail=false")).await;
    all.recorded("user-reset-password", &reply, &[]);
    all.finish();
}

#[tokio::test]
async fn groups_policies_and_sessions_look_like_the_recordings() {
    let Some(folder) = folder() else { return };
    let mut all = Comparison::new(folder.join("management/examples/recorded"));
    let bench = Bench::start().await;
    let group = json!({ "profile": { "name": fresh_login() } });
    // Logos are served from another host there.
    all.recorded("group-create", &bench.put("POST", "/api/v1/groups", &group).await, &["logo"]);
    let policy = json!({ "type": "OKTA_SIGN_ON", "name": fresh_login() });
    let policy = bench.put("POST", "/api/v1/policies", &policy).await;
    all.recorded("policy-create", &policy, &[]);
    let rules = format!("/api/v1/policies/{}/rules", policy.at("/id"));
    let rule = json!({ "type": "SIGN_ON", "name": "R" });
    all.recorded("policy-rule-create", &bench.put("POST", &rules, &rule).await, &[]);
    let list = bench.call("GET", "/api/v1/policies?type=OKTA_SIGN_ON").await;
    all.recorded("policy-list", &list, &[]);
    let user = bench.active().await;
    let token = bench.sign_in(&user.login, PASSWORD).await;
    let body = json!({ "sessionToken": token.at("/sessionToken") });
    let session = bench.put("POST", "/api/v1/sessions", &body).await;
    all.recorded("session", &session, &["name"]);
    let path = format!("/api/v1/sessions/{}", session.at("/id"));
    all.recorded("session-2", &bench.call("GET", &path).await, &["name"]);
    all.finish();
}

#[tokio::test]
async fn errors_look_like_the_recordings() {
    let Some(folder) = folder() else { return };
    let mut all = Comparison::new(folder.join("management/examples/recorded"));
    let bench = Bench::start().await;
    let sessions = "/api/v1/sessions";
    let wrong = json!({ "sessionToken": "invalid_token_12345" });
    all.recorded("error-401-E0000004", &bench.put("POST", sessions, &wrong).await, &[]);
    all.recorded("error-400-E0000003", &bench.call("POST", sessions).await, &[]);
    all.recorded("error-405-E0000022", &bench.call("GET", "/api/v1/sessions/").await, &[]);
    all.recorded("error-404-E0000007-3", &bench.call("GET", "/api/v1/users/none").await, &[]);
    let paging = bench.call("GET", "/api/v1/users?after=00u1testcursorvalue&limit=1").await;
    all.recorded("error-400-E0000029", &paging, &[]);
    let fault = json!({ "path": sessions, "error": "E0000047" });
    bench.put("POST", "/oktaspec-hooks/faults", &fault).await;
    all.recorded("error-429-E0000047", &bench.put("POST", sessions, &wrong).await, &[]);
    let accept = bench.trusted("GET", "/api/v1/users").header("accept", "application/xml");
    all.recorded("error-400-E0000019", &send(accept).await, &[]);
    all.finish();
}

#[test]
fn served_codes_have_the_published_status() {
    let Some(folder) = folder() else { return };
    let catalogue = read(&folder.join("errors/error-catalogue.json"));
    let published = catalogue["errors"].as_array().expect("a list");
    let own = include_str!("../../src/catalogue.rs");
    for entry in published {
        let code = entry["code"].as_str().expect("a code");
        if let Some((_, rest)) = own.split_once(&format!("\"{code}\", ")) {
            let status = rest.split(',').next().expect("a status");
            assert_eq!(entry["http_status"], json!(status.parse::<u16>().expect("a number")), "{code}");
        }
    }
}

#[test]
fn every_row_of_the_documented_lockout_matrix_is_one_of_ours() {
    let Some(folder) = folder() else { return };
    let matrix = read(&folder.join("authn/lockout_matrix.json"));
    let rows = matrix["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 32);
    let on = |row: &Value, name: &str| row[name] == json!(true) || row[name] == json!("show");
    for row in rows {
        // The stand on the open rows: shown only where no source says otherwise.
        let shown = on(row, "show_lockout_failures")
            && on(row, "self_service_unlock")
            && on(row, "recovery_enrolled")
            && !on(row, "user_enumeration_prevention");
        let agreed = row["verdict"].as_str().is_some_and(|verdict| verdict.starts_with("agreed"));
        let documented = row["reference"].as_str().is_some_and(|text| text.contains("LOCKED_OUT"));
        assert!(!agreed || shown == documented, "{row}");
    }
}
