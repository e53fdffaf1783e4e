//! Recorded traffic is judged as it should be: cassettes made by hand, each with one mistake, and, where they are at hand, the
//! cassettes of a real org, as they are and with mistakes put into them.

use std::fs;
use std::path::{Path, PathBuf};

use oktaspec::audit::report::AuditReport;
use oktaspec::audit::{self, Recorded};
use oktaspec::spec::load;
use oktaspec::spec::model::Spec;
use oktaspec::wire::exchange::{Body, Response};
use serde_json::{Value as Json, json};

fn spec() -> Spec {
    let (spec, problems) = load::load(&load::embedded());
    assert_eq!(problems.errors(), 0, "{}", problems.render(&spec.files, false));
    spec
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cassettes").join(name)
}

fn recorded(name: &str) -> Vec<Recorded> {
    let text = fs::read_to_string(own(name)).expect("a cassette of ours is as written");
    audit::read(name, &text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn problems(name: &str) -> Vec<String> {
    let text = fs::read_to_string(own(name)).expect("a cassette of ours is as written");
    let problems = audit::read(name, &text).expect_err(name);
    problems.iter().map(|problem| problem.to_string().replace("unreadable/", "")).collect()
}

/// Each deviation as `rule pointer`.
fn deviations(report: &AuditReport) -> Vec<String> {
    let each = report.deviations.iter();
    each.flat_map(|one| one.findings.iter().map(|finding| format!("{} {}", one.rule, finding.pointer))).collect()
}

/// Each variance as its rule, and the pointers where it differs from a recommendation.
fn variances(report: &AuditReport) -> Vec<String> {
    let seen = report.variances.iter().flat_map(|one| one.seen.iter().map(|seen| (&one.rule, seen)));
    seen.map(|(rule, seen)| {
        let pointers: Vec<&str> = seen.findings.iter().map(|finding| finding.pointer.as_str()).collect();
        format!("{rule} {}", pointers.join(" ")).trim_end().to_owned()
    })
    .collect()
}

#[test]
fn what_conforms_is_not_reported() {
    let report = audit::audit(&spec(), &[recorded("conforming.yaml")]);
    assert_eq!(deviations(&report), [""; 0], "{}", audit::render(&report, false));
    assert_eq!(variances(&report), ["law/catalogue-summary"]);
    assert!(report.variances[0].reason.contains("recorded-text"), "{}", report.variances[0].reason);
    assert_eq!((report.exit_code(), report.interactions), (0, 11));
    let states: Vec<&str> = report.states.keys().map(String::as_str).collect();
    assert_eq!(states, ["group.made", "user.SUSPENDED"]);
    let codes: Vec<&str> = report.errors.keys().map(String::as_str).collect();
    assert_eq!(codes, ["E0000004", "E0000019"]);
}

#[test]
fn what_cannot_be_judged_is_named_with_its_reason() {
    let report = audit::audit(&spec(), &[recorded("conforming.yaml")]);
    let limits: Vec<(&str, usize)> = report.limits.iter().map(|limit| (limit.reason.as_str(), limit.count)).collect();
    assert_eq!(
        limits,
        [
            ("the path has doubled slashes and was judged as if they were single", 1),
            ("the time is not known, so nothing about time was judged", 5),
            ("the path is not below /api/v1/, so only laws of every path were asked", 2),
            ("no headers of the answer were recorded, so none were judged", 1),
            ("the body of the answer is not a text in UTF-8", 1),
            ("the method and the path are of no transition, so no state was looked for", 3),
            ("the body of the answer is packed with br", 1),
            ("the body of the answer is not JSON but text/html", 1),
            ("no answer was recorded", 1),
        ]
    );
}

#[test]
fn nothing_of_a_recording_is_lost() {
    let recorded = recorded("conforming.yaml");
    let answer = |index: usize| -> &Response {
        recorded[index].exchange.answer.as_ref().expect("a cassette of ours is as written")
    };
    assert_eq!(answer(0).json().expect("a cassette of ours is as written")["status"], "SUSPENDED");
    assert_eq!(recorded[1].exchange.request.headers, recorded[0].exchange.request.headers);
    assert_eq!(recorded[1].exchange.request.body, Body::Json(json!({"profile": {"name": "Adaé"}})));
    let cookies = answer(1).headers.iter().filter(|(name, _)| name == "set-cookie");
    assert_eq!(
        cookies.map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ["sid=\"\"", "JSESSIONID=REDACTED; Path=/"]
    );
    assert_eq!((answer(1).status, answer(1).header("x-rate-limit-limit")), (200, Some("50")));
    assert_eq!((answer(2).status, answer(2).body.as_str()), (200, "[]"));
    let form = [("grant_type", "client_credentials"), ("expires", "3600"), ("scope", "okta.users.read")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert_eq!(recorded[4].exchange.request.body, Body::Form(form));
    assert_eq!(recorded[5].exchange.request.body, Body::Json(json!({"sessionToken": "invalid_token"})));
    assert_eq!(recorded[6].unread[0].bytes, b"\x89PNG\r\n\x1a\n");
    assert_eq!(recorded[7].unread[0].bytes, b"\x0b\x02\x80{\"a\":1}\x03\xff");
    assert_eq!(recorded.iter().map(|one| one.line).take(3).collect::<Vec<_>>(), [5, 29, 52]);
}

#[test]
fn each_mistake_is_caught() {
    let spec = spec();
    let cases: [(&str, &[&str], &[&str]); 16] = [
        ("status", &["law/catalogue-status /status"], &[]),
        (
            "code-that-is-not-published",
            &["law/catalogue-status /body/errorCode"],
            &["law/catalogue-summary /body/errorCode"],
        ),
        ("code-of-another-status", &["law/catalogue-status /status"], &["law/catalogue-summary /body/errorSummary"]),
        ("link-to-another-code", &["law/error-envelope /body/errorLink"], &[]),
        ("error-id", &[], &["law/error-id-form /body/errorId"]),
        ("missing-member", &["law/error-envelope /body/errorCauses"], &[]),
        ("another-member", &["law/error-has-no-other-member /body"], &[]),
        (
            "body-of-success",
            &[
                "law/error-envelope /body/errorCode",
                "law/error-envelope /body/errorSummary",
                "law/error-envelope /body/errorId",
                "law/error-envelope /body/errorCauses",
            ],
            &[],
        ),
        ("group-without-name", &["state/group.made /body/profile/name"], &[]),
        ("unknown-status", &["law/user-members /body/status"], &[]),
        ("unknown-status-in-a-list", &["state/user /body/1/status"], &[]),
        ("secret-in-a-user", &["law/no-secret-in-a-user /body"], &[]),
        ("link-to-another-host", &["law/user-members /body/_links/self/href"], &[]),
        ("sign-in-that-has-expired", &["law/sign-in-expires-later /body/expiresAt"], &[]),
        ("remaining-grows", &["law/remaining-never-grows /header/x-rate-limit-remaining"], &[]),
        ("error-id-twice", &[], &["law/error-id-once /body/errorId"]),
    ];
    for (name, wrong, accepted) in cases {
        let report = audit::audit(&spec, &[recorded(&format!("doctored/{name}.yaml"))]);
        assert_eq!(deviations(&report), wrong, "{name}\n{}", audit::render(&report, false));
        assert_eq!(variances(&report), accepted, "{name}\n{}", audit::render(&report, false));
        assert_eq!(report.exit_code(), u8::from(!wrong.is_empty()), "{name}");
    }
    let files = fs::read_dir(own("doctored")).expect("a cassette of ours is as written").count();
    assert_eq!(files, cases.len(), "a cassette in doctored/ is not tested");
}

#[test]
fn recordings_of_different_files_are_different_series() {
    let spec = spec();
    let both = recorded("doctored/error-id-twice.yaml");
    let apart: Vec<Vec<Recorded>> = both.into_iter().map(|one| vec![one]).collect();
    let report = audit::audit(&spec, &apart);
    assert_eq!((report.files, variances(&report)), (2, Vec::new()));
}

#[test]
fn a_deviation_is_shown_with_its_places_and_its_source() {
    let report = audit::audit(&spec(), &[recorded("doctored/status.yaml")]);
    let text = audit::render(&report, false);
    for line in [
        "DEVIATES law/catalogue-status\n",
        "  doctored/status.yaml:4, interaction 1\n",
        "    GET https://org.example/api/v1/groups/00g1a2b3c4d5e6f7g8h9 → 403\n",
        "  Error codes of the Okta API, revision okta-developer-docs ",
        "  at /status expected 404, got 403\n      specs/laws/errors.yaml:",
        " | then: {catalogue: status}\n",
        "       1  law/error-envelope\n",
        "       1  E0000007  Resource not found exception\n",
        "\n1 deviation, 0 variances in 1 interaction of 1 file, ",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    assert!(!text.contains('\u{1b}') && audit::render(&report, true).contains('\u{1b}'));
}

#[test]
fn secrets_are_not_shown() {
    let mut recorded = recorded("doctored/secret-in-a-user.yaml");
    recorded[0].exchange.request.url =
        "https://org.example/api/v1/users?token=Tr0ub4dor%2B3&password=Tr0ub4dor+3".to_owned();
    let answer = recorded[0].exchange.answer.as_mut().expect("a cassette of ours is as written");
    answer.body = answer.body.replace("\"ACTIVE\"", "\"Tr0ub4dor+3\"");
    let report = audit::audit(&spec(), &[recorded]);
    assert!(!report.conforms());
    assert!(!audit::render(&report, false).contains("Tr0ub4dor+3"), "{}", audit::render(&report, false));
    assert!(!serde_json::to_string(&report).expect("a cassette of ours is as written").contains("Tr0ub4dor+3"));
}

#[test]
fn what_a_recording_says_cannot_move_a_cursor() {
    let mut recorded = recorded("doctored/status.yaml");
    recorded[0].exchange.request.url.push_str("?\u{1b}[2J");
    let report = audit::audit(&spec(), &[recorded]);
    assert!(!audit::render(&report, false).contains('\u{1b}'));
}

#[test]
fn values_that_an_author_replaced_say_nothing_about_the_server() {
    let mut recorded = recorded("doctored/unknown-status.yaml");
    let answer = recorded[0].exchange.answer.as_mut().expect("a cassette of ours is as written");
    answer.body = answer.body.replace("\"ACTIF\"", "\"ACTIVE\"").replace("2026-05-04T08:00:00.000Z", "REDACTED");
    let report = audit::audit(&spec(), &[recorded]);
    assert_eq!(deviations(&report), [""; 0]);
    assert!(report.limits.iter().any(|limit| limit.reason == "a value that the author of the recording replaced"));
}

#[test]
fn states_that_no_transition_covers_are_states() {
    let spec = spec();
    let signed_in = |status: &str| {
        let mut recorded = recorded("doctored/sign-in-that-has-expired.yaml");
        let answer = recorded[0].exchange.answer.as_mut().expect("a cassette of ours is as written");
        answer.body = answer.body.replace("SUCCESS", status).replace("07:55", "08:05");
        audit::audit(&spec, &[recorded])
    };
    let required = signed_in("MFA_REQUIRED");
    assert_eq!((deviations(&required), variances(&required)), (Vec::new(), Vec::new()));
    assert_eq!(required.limits[0].reason, "the specification claims nothing of the state authn.MFA_REQUIRED");
    let consent = signed_in("CONSENT_REQUIRED");
    assert_eq!((deviations(&consent), variances(&consent)), (Vec::new(), vec!["law/sign-in-status".to_owned()]));
    assert_eq!(deviations(&signed_in("SUCESS")), ["law/sign-in-status /body/status"]);
}

#[test]
fn words_in_a_path_are_no_ids() {
    let spec = spec();
    for (path, states) in [("/api/v1/groups/rules", 0), ("/api/v1/groups/00g1a2b3c4d5e6f7g8h9", 1)] {
        let mut recorded = recorded("doctored/group-without-name.yaml");
        recorded[0].exchange.request.url = format!("https://org.example{path}");
        let report = audit::audit(&spec, &[recorded]);
        assert_eq!((report.states.len(), report.deviations.len()), (states, states), "{path}");
    }
}

#[test]
fn reports_are_read_again() {
    let report = audit::audit(&spec(), &[recorded("conforming.yaml"), recorded("doctored/unknown-status.yaml")]);
    let text = serde_json::to_string_pretty(&report).expect("a cassette of ours is as written");
    assert_eq!(serde_json::from_str::<AuditReport>(&text).expect("a cassette of ours is as written"), report);
}

#[test]
fn every_problem_of_a_file_has_a_place() {
    assert_eq!(
        problems("unreadable/cassette.yaml"),
        [
            "cassette.yaml:4:3: expected a map with `request`, but this map has none",
            "cassette.yaml:6:12: expected a map with `method`, but this map has none",
            "cassette.yaml:6:18: expected an address with a host, but this is `/api/v1/users`",
            "cassette.yaml:6:42: expected a map of headers, but this is a list",
            "cassette.yaml:8:20: expected a status from 100 to 599, but this is `2000`",
            "cassette.yaml:9:11: expected a body: a map with `string` or `base64_string`",
            "cassette.yaml:12:5: expected a map with `status`, but this map has none",
            "cassette.yaml:12:29: expected bytes in base64: invalid input length: 9",
            "cassette.yaml:13:3: expected a map with `response`, but this map has none",
        ]
    );
}

#[test]
fn other_files_are_told_apart() {
    let other = "expected a cassette of vcrpy, but this is";
    for (name, wanted) in [
        ("go-vcr.yaml", format!("1:1: {other} a cassette of go-vcr, which cannot be read yet")),
        ("ruby.yaml", format!("1:1: {other} a cassette of VCR for Ruby, which cannot be read yet")),
        ("archive.har", format!("1:1: {other} an HTTP archive (HAR), which cannot be read yet")),
        ("something.yaml", format!("1:1: {other} of another form")),
        ("empty.yaml", "1:1: expected a recording, but the file is empty".to_owned()),
        ("broken.yaml", "2:12: this is not YAML: unclosed bracket '{'".to_owned()),
        ("alias.yaml", "2:18: this alias repeats what it is part of".to_owned()),
    ] {
        assert_eq!(problems(&format!("unreadable/{name}")), [format!("{name}:{wanted}")]);
    }
}

#[test]
fn aliases_do_not_fill_the_memory() {
    let mut text = "a: &a [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n".to_owned();
    for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        text.push_str(&format!(
            "{name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]\n"
        ));
    }
    let problems = audit::read("bomb.yaml", &text).expect_err("it repeats too much");
    assert_eq!(problems[0].message, "this file repeats too much of itself by aliases (`*`)");
}

/// The cassettes of a real org, which are no part of the project.
#[expect(clippy::print_stderr, reason = "a test that has nothing to test says so")]
fn real() -> Option<Vec<Vec<Recorded>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/traffic/cassettes");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: no recordings of a real org at hand, {} is not there", folder.display());
        return None;
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a cassette of ours is as written").path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a cassette of ours is as written");
        let name = path.file_name().expect("a cassette of ours is as written").to_string_lossy().into_owned();
        audit::read(&name, &text).unwrap_or_else(|problems| panic!("{problems:?}"))
    };
    Some(paths.iter().map(read).collect())
}

#[test]
fn a_real_org_does_not_deviate() {
    let Some(files) = real() else { return };
    let report = audit::audit(&spec(), &files);
    assert!(report.conforms(), "{}", audit::render(&report, false));
    assert!(report.variances.iter().all(|variance| !variance.reason.is_empty()));
    assert!(report.files >= 61 && report.interactions >= 352, "{} {}", report.files, report.interactions);
}

/// A mistake, and the rule that has to find it.
type Mistake = (&'static str, fn(&mut u16, &mut Json), &'static str);

const MISTAKES_IN_ERRORS: [Mistake; 10] = [
    ("another status", |status, _| *status = if *status == 404 { 400 } else { 404 }, "law/catalogue-status"),
    ("the status of success", |status, _| *status = 200, "law/catalogue-status"),
    ("a code that is not published", |_, body| body["errorCode"] = "E0000999".into(), "law/catalogue-status"),
    (
        "a code of another status",
        |_, body| (body["errorCode"], body["errorLink"]) = ("E0000009".into(), "E0000009".into()),
        "law/catalogue-status",
    ),
    ("an id of another form", |_, body| body["errorId"] = "oaetest123".into(), "law/error-id-form"),
    ("no code", |_, body| remove(body, "errorCode"), "law/error-envelope"),
    ("no summary", |_, body| remove(body, "errorSummary"), "law/error-envelope"),
    ("no link", |_, body| remove(body, "errorLink"), "law/error-envelope"),
    ("no id", |_, body| remove(body, "errorId"), "law/error-envelope"),
    ("no causes", |_, body| remove(body, "errorCauses"), "law/error-envelope"),
];

const MISTAKES_IN_USERS: [Mistake; 4] = [
    ("a status that does not exist", |_, body| body["status"] = "ACTIF".into(), "law/user-members"),
    ("the status of an error", |status, _| *status = 404, "law/error-envelope"),
    ("no id", |_, body| remove(body, "id"), "law/user-members"),
    ("a login of another type", |_, body| body["profile"]["login"] = 1.into(), "law/user-members"),
];

const MISTAKES_IN_LISTS: [Mistake; 1] =
    [("a status that does not exist", |_, body| body[0]["status"] = "ACTIF".into(), "state/user")];

fn remove(body: &mut Json, name: &str) {
    body.as_object_mut()
        .expect("a cassette of ours is as written")
        .remove(name)
        .expect("a cassette of ours is as written");
}

fn mistakes(recorded: &Recorded) -> &'static [Mistake] {
    let Ok(answer) = &recorded.exchange.answer else { return &[] };
    let Some(body) = answer.json() else { return &[] };
    let path = recorded.exchange.request.path().replace("//", "/");
    let is_user = |body: &Json| body["status"].is_string() && body["profile"]["login"].is_string();
    let of_users = path.strip_prefix("/api/v1/users").is_some_and(|rest| rest.matches('/').count() <= 1);
    match &body {
        body if body["errorCode"].is_string() => &MISTAKES_IN_ERRORS,
        body if of_users && is_user(body) => &MISTAKES_IN_USERS,
        Json::Array(users) if of_users && users.first().is_some_and(is_user) => &MISTAKES_IN_LISTS,
        _ => &[],
    }
}

#[test]
fn mistakes_in_the_traffic_of_a_real_org_are_caught() {
    let Some(files) = real() else { return };
    let mut doctored = Vec::new();
    let mut wanted = Vec::new();
    for recorded in files.iter().flatten() {
        for (mistake, make, rule) in mistakes(recorded) {
            let mut copy = recorded.clone();
            copy.file = format!("{} {}: {mistake}", recorded.file, recorded.number);
            let answer = copy.exchange.answer.as_mut().expect("a cassette of ours is as written");
            let mut body = answer.json().expect("a cassette of ours is as written");
            make(&mut answer.status, &mut body);
            answer.body = body.to_string();
            wanted.push((copy.file.clone(), *rule));
            doctored.push(vec![copy]);
        }
    }
    assert!(wanted.len() >= 300, "{}", wanted.len());
    let report = audit::audit(&spec(), &doctored);
    for (file, rule) in wanted {
        let deviates = report.deviations.iter().any(|one| one.rule == rule && one.spot.file == file);
        let varies =
            report.variances.iter().any(|one| one.rule == rule && one.seen.iter().any(|one| one.spot.file == file));
        assert_eq!((deviates, varies), (rule != "law/error-id-form", rule == "law/error-id-form"), "{file}");
    }
}
