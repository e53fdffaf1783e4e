//! The program as its callers see it: exit codes, messages, reports, what it leaves on a target, and what never leaves it. Every
//! command has a minute.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oktaspec::cli::End;
use oktaspec::report::log;
use oktaspec::run::event::{Event, RuleFinished};
use oktaspec::verdict::finding::Verdict;
use serde_json::Value as Json;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A rule that the defect breaks, by one case.
const BROKEN: (&str, &str) = ("bad-credentials-answer-403", "authn/sign-in.wrong-password");

#[test]
fn what_conforms_ends_with_0() {
    let done = oktaspec(&["run", "user/get-user.read", "authn/sign-in.wrong-password", "--cases", "2"]).finish();
    done.ended_with(End::Conforms);
    assert_eq!(done.last_line(), "oktaspec: 2 rules conform");
    assert_eq!(done.error, "");
}

#[test]
fn what_deviates_ends_with_1_and_says_all_that_there_is_to_know() {
    let done = oktaspec(&["run", BROKEN.1, "--defect", BROKEN.0, "--cases", "8", "--shrink", "1000"]).finish();
    done.ended_with(End::Deviates);
    assert_eq!(done.last_line(), "oktaspec: 1 rule deviates");
    for part in [
        "\nDEVIATES authn/sign-in.wrong-password\n",
        "  documented, must; specs/authn.yaml:",
        "  at /status expected 401, got 403\n      specs/authn.yaml:",
        "\n  request POST /api/v1/authn\n",
        "\n  answer 403 Forbidden after ",
        "\"errorCode\": \"E0000004\"",
        "\n  shrunk minimal\n",
        "\n  curl curl ",
        "\n  repeat oktaspec replay 'authn/sign-in.wrong-password#0.",
    ] {
        assert!(done.output.contains(part), "{part:?} is missing in\n{}", done.output);
    }
}

#[test]
fn what_cannot_be_understood_ends_with_2_and_says_what_was_expected() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let cases: &[(&[&str], &str)] = &[
        (&["--nonsense"], "unexpected argument '--nonsense'"),
        (&["run", "--cases", "many"], "invalid value 'many' for '--cases <N>'"),
        (&["run", "--cases", "0"], "invalid value '0' for '--cases <N>'"),
        (&["run", "--jobs", "0"], "invalid value '0' for '--jobs <N>'"),
        (&["run", "--report", "xml=a"], "`xml=a` is not a report; expected `json=FILE`, `junit=FILE` or `github`"),
        (&["run", "--report", "json"], "`json` is not a report"),
        (&["run", "--report", "json=no/such/folder/a"], "the report no/such/folder/a cannot be written"),
        (&["run", "--defect", "any-api-tokn"], "did you mean any-api-token-accepted?"),
        (&["run", "--defect", "any-api-token-accepted", "--target", &closed], "`--defect` is about the embedded"),
        (&["run", "--state", "engine", "--target", &closed], "`engine` is not of the form `org.engine=classic`"),
        (&["run", "--state", "org.engine=classic"], "give `--target URL`"),
        (&["run", "--target-file", "tests/vendor/target.yaml"], "asks for the environment variable OKTA_CLIENT_ORGURL"),
        (&["run", "--state", "org.engin=classic", "--target", &closed], "did you mean `org.engine`?"),
        (&["run", "--state", "org.engine=clasic", "--target", &closed], "expected \"classic\" or \"identity\""),
        (&["audit", "no/such/file"], "no/such/file cannot be read"),
        (&["audit", "tests/vendor/target.yaml"], "target.yaml:1:1: expected a cassette of vcrpy"),
        (&["audit", "README.md", "--report", "xml=a"], "`xml=a` is not a report of an audit; expected `json=FILE`"),
        (&["run", "--patience", "soon"], "`soon` is not a span of time; write `30s`, `5m` or `2h`"),
        (&["run", "--target", "localhost"], "`localhost` is no address of a target, expected `https://` or `http://`"),
        (&["run", "--target-file", "no/such/file"], "the target file no/such/file cannot be read"),
        (&["replay", "authn"], "`authn` has no `#`; expected `RULE#PLAN.CASE@SEED`, as a report shows it"),
        (&["replay", "authn/sign-in.succes#0.0@x"], "there is no rule `authn/sign-in.succes`"),
        (&["explain", "authn/sign-in.sucess"], "did you mean `authn/sign-in.success`?"),
        (&["serve", "--defect", "any-api-tokn"], "did you mean any-api-token-accepted?"),
    ];
    for (arguments, expected) in cases {
        let done = oktaspec(arguments).finish();
        done.ended_with(End::Usage);
        assert!(done.error.contains(expected), "{arguments:?}: {expected:?} is missing in\n{}", done.error);
    }
}

#[test]
fn invalid_rules_end_with_3_and_show_the_line() {
    let bad = fresh_folder("bad-rules");
    fs::write(bad.join("door.yaml"), "law: door\nwhen: {status: 4xx}\nthen: {status: 404}\nsource: {page: nowhere}\n")
        .expect("a file");
    let folder = bad.to_str().expect("a path in UTF-8");
    for arguments in [&["run", "--specs", folder][..], &["list", "--specs", folder], &["lint", folder]] {
        let done = oktaspec(arguments).finish();
        done.ended_with(End::SpecInvalid);
        let all = format!("{}{}", done.output, done.error);
        assert!(all.contains("door.yaml:4:16"), "{all}");
        assert!(all.contains("source: {page: nowhere}"), "{all}");
    }
    let missing = oktaspec(&["run", "--specs", "no/such/folder"]).finish();
    missing.ended_with(End::SpecInvalid);
    assert!(missing.error.contains("oktaspec: 1 problem in the specification"), "{}", missing.error);
}

#[test]
fn a_target_that_nobody_answers_for_ends_with_4() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let done = oktaspec(&["run", "--target", &closed]).finish();
    done.ended_with(End::Inconclusive);
    assert!(done.error.contains(&format!("{closed} cannot be reached")), "{}", done.error);
}

#[test]
fn a_run_of_nothing_ends_with_5() {
    let unnamed = oktaspec(&["run", "no-such-rule"]).finish();
    unnamed.ended_with(End::NothingRan);
    assert!(unnamed.error.contains("no rule is named by `no-such-rule`"), "{}", unnamed.error);
    let half = oktaspec(&["run", "user/get-user.read", "no-such-rule"]).finish();
    half.ended_with(End::NothingRan);
    assert!(half.error.contains("no rule is named by `no-such-rule`"), "{}", half.error);
    let skipped = oktaspec(&["run", "law/too-many-requests"]).finish();
    skipped.ended_with(End::NothingRan);
    assert_eq!(skipped.last_line(), "oktaspec: nothing ran, 1 rule skipped");
    let silent = fresh_folder("cassettes").join("silent.yaml");
    fs::write(&silent, "interactions: []\nversion: 1\n").expect("a file");
    oktaspec(&["audit", silent.to_str().expect("a path in UTF-8")]).finish().ended_with(End::NothingRan);
}

#[test]
fn the_key_of_a_failure_replays_it() {
    let folder = fresh_folder("replay");
    let log = folder.join("log.json");
    let report = format!("json={}", log.display());
    let arguments = ["run", BROKEN.1, "--defect", BROKEN.0, "--cases", "2", "--report", &report];
    oktaspec(&arguments).finish().ended_with(End::Deviates);
    let finished = finished_rules(&log);
    let example = finished[0].example.as_ref().expect("a counterexample");

    let broken = oktaspec(&["replay", &example.key, "--defect", BROKEN.0]).finish();
    broken.ended_with(End::Deviates);
    assert!(broken.output.contains("at /status expected 401, got 403\n"), "{}", broken.output);
    let drawn = &example.exchanges[example.at].request.body;
    let password = drawn.to_text().split('"').rev().nth(1).expect("a password").to_owned();
    assert!(broken.output.contains(&password), "the same password is sent again: {password}\n{}", broken.output);

    let mended = oktaspec(&["replay", &example.key]).finish();
    mended.ended_with(End::Conforms);
}

#[test]
fn reports_are_what_other_programs_read() {
    let folder = fresh_folder("reports");
    let (log, junit) = (folder.join("log.json"), folder.join("junit.xml"));
    let (json_report, junit_report) = (format!("json={}", log.display()), format!("junit={}", junit.display()));
    let wanted = ["--report", &json_report, "--report", &junit_report, "--report", "github"];
    let mut arguments = vec!["run", BROKEN.1, "group/get-group.read", "--defect", BROKEN.0, "--cases", "1"];
    arguments.extend(wanted);
    let done = oktaspec(&arguments).finish();
    done.ended_with(End::Deviates);
    assert!(done.output.lines().any(|line| line.starts_with("::error file=specs/authn.yaml,line=")), "{}", done.output);

    let finished = finished_rules(&log);
    let verdicts: Vec<(&str, Verdict)> = finished.iter().map(|rule| (rule.rule.as_str(), rule.verdict)).collect();
    assert!(verdicts.contains(&(BROKEN.1, Verdict::Deviates)), "{verdicts:?}");
    assert!(verdicts.contains(&("group/get-group.read", Verdict::Conforms)), "{verdicts:?}");

    let text = fs::read_to_string(&junit).expect("a JUnit report");
    let document = quick_junit::Report::deserialize_from_str(&text).expect("JUnit that is XML");
    let names: Vec<&str> =
        document.test_suites.iter().flat_map(|suite| &suite.test_cases).map(|case| case.name.as_str()).collect();
    assert!(names.contains(&BROKEN.1) && names.contains(&"group/get-group.read"), "{names:?}");
}

#[test]
fn the_token_is_never_shown() {
    let token = "00SeSaMeOpEnToTheTesterOnly-0123456789abcd";
    let server = Serving::start(&["--defect", "create-answers-201", "--defect", "not-found-answers-400"], Some(token));
    assert_eq!(server.token, token);
    let folder = fresh_folder("token");
    let (log, junit) = (folder.join("log.json"), folder.join("junit.xml"));
    let (json_report, junit_report) = (format!("json={}", log.display()), format!("junit={}", junit.display()));
    let arguments = ["run", "user/create-user", "user/get-user", "law/", "--target", &server.url, "--disposable"];
    let reports = ["--verbose", "--report", &json_report, "--report", &junit_report, "--report", "github"];
    let done = oktaspec(&[&arguments[..], &reports[..]].concat()).environment("OKTA_CLIENT_TOKEN", token).finish();
    done.ended_with(End::Deviates);
    assert!(done.output.contains("authorization: SSWS [secret]"), "{}", done.output);
    assert!(done.output.contains("$OKTA_CLIENT_TOKEN"), "{}", done.output);
    let written = [&log, &junit].map(|path| fs::read_to_string(path).expect("a report"));
    for text in [&done.output, &done.error, &written[0], &written[1]] {
        assert!(!text.contains(token), "the token is in\n{text}");
    }
}

#[test]
fn a_target_that_is_not_disposable_stays_as_it_was() {
    let server = Serving::start(&[], None);
    let before = server.inventory();
    let done = server.run(&["--state", "org.engine=classic", "--state", "org.enumeration-prevention=false"]).finish();
    assert!(matches!(done.code, Some(0 | 5)), "{}{}", done.output, done.error);
    assert!(done.output.contains("it creates, changes, locks or deletes: needs `--disposable`"), "{}", done.output);
    assert_eq!(server.inventory(), before);
}

#[test]
fn what_was_made_is_unmade() {
    let server = Serving::start(&[], None);
    let before = server.inventory();
    let done = server.run(&["--disposable", "user/", "group/", "password-policy/"]).finish();
    assert!(done.output.contains("oktaspec: "), "{}{}", done.output, done.error);
    assert!(!done.output.contains("LEFT BEHIND"), "{}", done.output);
    assert_eq!(server.inventory(), before);
}

#[cfg(unix)]
#[test]
fn what_was_made_is_unmade_after_an_interrupt() {
    let server = Serving::start(&[], None);
    let before = server.inventory();
    // Sign-ins are paced, so that there is a middle to be interrupted in.
    let running = server.run(&["--disposable", "--state", "org.engine=classic"]).start();
    let started = Instant::now();
    while server.inventory() == before {
        assert!(started.elapsed() < PATIENCE, "nothing was made");
        thread::sleep(Duration::from_millis(5));
    }
    let interrupted = Command::new("kill").args(["-INT", &running.child.id().to_string()]).status();
    assert!(interrupted.expect("a `kill`").success());
    let done = running.finish();
    assert!(
        done.error.contains("interrupted: finishing the running cases and unmaking what was made"),
        "{}",
        done.error
    );
    assert!(done.output.contains("the run was stopped early: interrupted"), "{}", done.output);
    assert!(matches!(done.code, Some(1 | 4)), "{:?}", done.code);
    assert_eq!(server.inventory(), before);
}

#[test]
fn without_colours_nothing_is_escaped() {
    let commands: [&[&str]; 3] =
        [&["run", BROKEN.1, "--defect", BROKEN.0, "--cases", "1"], &["--help"], &["--nonsense"]];
    for arguments in commands {
        let done = oktaspec(arguments).environment("NO_COLOR", "1").environment("CLICOLOR_FORCE", "1").finish();
        assert!(!format!("{}{}", done.output, done.error).contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn rules_are_listed_without_a_target() {
    let closed = format!("http://127.0.0.1:{}", closed_port());
    let done = oktaspec(&["list"]).environment("OKTA_CLIENT_ORGURL", &closed).finish();
    done.ended_with(End::Conforms);
    assert!(done.output.lines().any(|line| line == BROKEN.1), "{}", done.output);
}

#[test]
fn rules_of_a_vendor_run_beside_ours() {
    let vendor = "tests/vendor/rules";
    oktaspec(&["lint", vendor]).finish().ended_with(End::Conforms);

    let listed = oktaspec(&["list", "--specs", vendor, "acme"]).finish();
    listed.ended_with(End::Conforms);
    for rule in ["user/acme-find-user.found", "user/acme-find-user.gone", "law/acme-request-id"] {
        assert!(listed.output.lines().any(|line| line == rule), "{rule} is missing in\n{}", listed.output);
    }

    let explained = oktaspec(&["explain", "--specs", vendor, "user/acme-find-user.found"]).finish();
    explained.ended_with(End::Conforms);
    assert!(explained.output.contains("source   https://acme.example/manual#finding-a-user\n"), "{}", explained.output);

    let own = ["run", "--specs", vendor, "user/acme-*", "law/acme-*"];
    let conforming = oktaspec(&own).finish();
    conforming.ended_with(End::Conforms);
    assert_eq!(conforming.last_line(), "oktaspec: 3 rules conform");

    for (defect, rule) in
        [("list-ignores-filter", "user/acme-find-user.found"), ("request-id-missing", "law/acme-request-id")]
    {
        let broken = oktaspec(&[&own[..], &["--defect", defect]].concat()).finish();
        broken.ended_with(End::Deviates);
        assert!(broken.output.contains(&format!("\nDEVIATES {rule}\n")), "{}", broken.output);
    }
}

#[test]
fn a_target_file_says_what_is_known_of_a_target() {
    let server = Serving::start(&["--defect", "list-ignores-filter"], None);
    let before = server.inventory();
    let arguments = ["run", "--specs", "tests/vendor/rules", "--target-file", "tests/vendor/target.yaml"];
    let done = oktaspec(&[&arguments[..], &["user/acme-*", "authn/sign-in.wrong-password"]].concat())
        .environment("OKTA_CLIENT_ORGURL", &server.url)
        .environment("OKTA_CLIENT_TOKEN", &server.token)
        .finish();
    done.ended_with(End::Conforms);
    assert!(done.output.contains("\nwaived\n    2  ticket 42\n"), "{}", done.output);
    assert_eq!(done.last_line(), "oktaspec: 1 rule conforms, 2 waived");
    assert_eq!(server.inventory(), before);

    let incomplete = oktaspec(&arguments).environment("OKTA_CLIENT_ORGURL", &server.url).finish();
    incomplete.ended_with(End::Usage);
    assert!(incomplete.error.contains("OKTA_CLIENT_TOKEN, which is not set"), "{}", incomplete.error);
}

#[test]
fn the_line_that_repeats_a_failure_repeats_it() {
    let arguments = ["run", "--specs", "tests/vendor/rules", "--defect", "list-ignores-filter"];
    let broken = oktaspec(&[&arguments[..], &["user/acme-find-user.found"]].concat()).finish();
    broken.ended_with(End::Deviates);
    let line =
        broken.output.lines().find_map(|line| line.strip_prefix("  repeat oktaspec ")).expect("a line to repeat");
    let words: Vec<&str> = line.split(' ').map(|word| word.trim_matches('\'')).collect();
    let again = oktaspec(&words).finish();
    again.ended_with(End::Deviates);
    assert!(again.output.contains("\n  at /body expected 1 elements, got "), "{}", again.output);
    assert!(again.output.contains(&format!("  repeat oktaspec {line}\n")), "{}", again.output);
}

#[test]
fn the_defects_and_the_hooks_are_told_without_a_server() {
    let listed = oktaspec(&["serve", "--list-defects"]).finish();
    listed.ended_with(End::Conforms);
    assert!(listed.output.lines().count() >= 25);
    assert!(listed.output.lines().all(|line| line.split_once(": ").is_some()), "{}", listed.output);
    let contract = oktaspec(&["serve", "--hooks-contract"]).finish();
    contract.ended_with(End::Conforms);
    assert!(contract.output.starts_with("openapi: "), "{}", contract.output);
}

#[test]
fn the_readme_shows_what_there_is() {
    let readme = read("README.md");
    let ends = [
        (End::Conforms, "conforms"),
        (End::Deviates, "deviates"),
        (End::Usage, "command line"),
        (End::SpecInvalid, "invalid"),
        (End::Inconclusive, "inconclusive"),
        (End::NothingRan, "nothing ran"),
    ];
    for (end, words) in ends {
        let row = readme.lines().find(|line| line.starts_with(&format!("| {} |", end.code())));
        assert!(row.is_some_and(|row| row.contains(words)), "{end:?}: {row:?}");
    }
    for example in ["tests/vendor/rules/acme.yaml", "tests/vendor/target.yaml"] {
        assert!(readme.contains(&format!("```yaml\n{}```\n", read(example))), "the README has another {example}");
    }
    let flags = readme.split(|character: char| !(character.is_alphanumeric() || character == '-'));
    let helps: String = ["run", "replay", "lint", "list", "explain", "serve", "audit"].map(help).concat();
    let others =
        ["--release", "--test", "--partition", "--doc", "--path", "--host", "--base-url", "--path-as-is", "--data-raw"];
    for flag in
        flags.filter(|word| word.starts_with("--") && word.contains(char::is_alphabetic) && !others.contains(word))
    {
        assert!(helps.contains(flag), "no command has {flag}");
    }
}

fn help(command: &str) -> String {
    let done = oktaspec(&[command, "--help"]).finish();
    done.ended_with(End::Conforms);
    done.output
}

/// A command that is about to start, with nothing of the environment of this test that it would read.
struct Prepared {
    command: Command,
}

fn oktaspec(arguments: &[&str]) -> Prepared {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oktaspec"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["CI", "NO_COLOR", "CLICOLOR_FORCE", "OKTA_CLIENT_ORGURL", "OKTA_CLIENT_TOKEN"] {
        command.env_remove(name);
    }
    Prepared { command }
}

impl Prepared {
    fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn start(mut self) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program that starts");
        let output = reading(child.stdout.take().expect("an output"));
        let error = reading(child.stderr.take().expect("an error output"));
        Running { name: format!("{:?}", self.command), child, output, error }
    }

    fn finish(self) -> Done {
        self.start().finish()
    }
}

fn reading(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).expect("an output in UTF-8");
        text
    })
}

/// A command that runs.
struct Running {
    name: String,
    child: Child,
    output: JoinHandle<String>,
    error: JoinHandle<String>,
}

impl Running {
    fn finish(mut self) -> Done {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the state of a child") {
                break Some(status);
            }
            if started.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break None;
            }
            thread::sleep(Duration::from_millis(5));
        };
        let output = self.output.join().expect("an output");
        let error = self.error.join().expect("an error output");
        let status = status.unwrap_or_else(|| panic!("{} did not end:\n{output}\n{error}", self.name));
        Done { name: self.name, code: status.code(), output, error }
    }
}

/// A command that has ended.
struct Done {
    name: String,
    code: Option<i32>,
    output: String,
    error: String,
}

impl Done {
    #[track_caller]
    fn ended_with(&self, end: End) {
        let expected = Some(i32::from(end.code()));
        assert_eq!(self.code, expected, "{}\n{}\n{}", self.name, self.output, self.error);
    }

    fn last_line(&self) -> &str {
        self.output.lines().last().unwrap_or_default()
    }
}

/// `oktaspec serve` with a port of its own; it stops when this is dropped.
struct Serving {
    child: Child,
    url: String,
    token: String,
}

impl Serving {
    fn start(arguments: &[&str], token: Option<&str>) -> Self {
        let mut prepared = oktaspec(&[&["serve"], arguments].concat());
        if let Some(token) = token {
            prepared = prepared.environment("OKTA_CLIENT_TOKEN", token);
        }
        let mut child = prepared
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server that starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let mut line = |title: &str| {
            let line = lines.next().expect("a line of the server").expect("a line in UTF-8");
            line.strip_prefix(title).unwrap_or_else(|| panic!("{title} is expected, not {line}")).to_owned()
        };
        let (url, token) = (line("url: "), line("token: "));
        // What else it says must go somewhere.
        thread::spawn(move || lines.for_each(drop));
        Self { child, url, token }
    }

    fn run(&self, arguments: &[&str]) -> Prepared {
        oktaspec(&[&["run", "--target", &self.url], arguments].concat()).environment("OKTA_CLIENT_TOKEN", &self.token)
    }

    /// The ids of everything that a run could have made.
    fn inventory(&self) -> Vec<String> {
        let lists = [
            "/api/v1/users?limit=200",
            "/api/v1/users?limit=200&filter=status%20eq%20%22DEPROVISIONED%22",
            "/api/v1/groups?limit=200",
            "/api/v1/policies?type=PASSWORD",
        ];
        let mut found: Vec<String> = lists
            .iter()
            .flat_map(|list| {
                let answer = self.get(list);
                let things: Vec<Json> = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{list}: {answer}"));
                things.into_iter().filter_map(|thing| thing["id"].as_str().map(str::to_owned))
            })
            .collect();
        found.sort();
        found
    }

    /// The body of an answer.
    fn get(&self, path: &str) -> String {
        let host = self.url.strip_prefix("http://").expect("an address without encryption");
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: SSWS {}\r\nconnection: close\r\n\r\n",
            self.token
        )
        .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer of HTTP");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        body.to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// An empty folder below the build folder.
fn fresh_folder(name: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rules of an event log.
fn finished_rules(log: &Path) -> Vec<RuleFinished> {
    let text = fs::read_to_string(log).expect("an event log");
    log::read(&text)
        .expect("an event log that can be read")
        .into_iter()
        .filter_map(|event| match event {
            Event::RuleFinished(rule) => Some(*rule),
            _ => None,
        })
        .collect()
}
