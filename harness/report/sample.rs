//! Hand-made events for the tests of the reports.

use std::collections::BTreeMap;

use serde_json::json;

use crate::run::event::{
    Counterexample, Coverage, Covered, Event, LOG_VERSION, LeftBehind, RuleFinished, RuleKind, RunFinished, RunStarted,
};
use crate::spec::model::{Basis, Level};
use crate::spec::place::Location;
use crate::verdict::finding::{Finding, Verdict};
use crate::wire::exchange::{Body, Exchange, Request, Response};

/// The beginning of a run against a foreign target.
pub(crate) fn run() -> RunStarted {
    RunStarted {
        version: LOG_VERSION,
        program: "0.1.0".into(),
        target: "https://org.example".into(),
        embedded: false,
        seed: "42".into(),
        mark: "oktaspec-4f2a".into(),
        rules: 3,
        cases: 12,
        at: "2026-11-20T03:00:00Z".into(),
        strict: false,
        again: vec!["--target".into(), "https://org.example".into()],
    }
}

/// A rule with a verdict and nothing to show.
pub(crate) fn rule(name: &str, verdict: Verdict) -> RuleFinished {
    RuleFinished {
        rule: name.into(),
        kind: RuleKind::Outcome,
        claim: "A wrong password is refused.".into(),
        stands: location(40, 3, "wrong-password:"),
        source: "Authentication API, lines 53-261 <https://docs.example/authn>".into(),
        basis: Basis::Documented,
        level: Level::Must,
        verdict,
        reason: String::new(),
        look_at: None,
        cases: 4,
        exchanges: 9,
        took: 1_250,
        variances: BTreeMap::new(),
        example: None,
    }
}

/// A rule that deviates, with its counterexample.
pub(crate) fn deviating(name: &str) -> RuleFinished {
    RuleFinished { example: Some(example(name)), ..rule(name, Verdict::Deviates) }
}

/// A rule that waits for another.
pub(crate) fn waiting(name: &str, look_at: &str) -> RuleFinished {
    RuleFinished {
        reason: "a step of the way failed".into(),
        look_at: Some(look_at.into()),
        example: Some(example(name)),
        ..rule(name, Verdict::Inconclusive)
    }
}

/// A rule with a reason.
pub(crate) fn because(name: &str, verdict: Verdict, reason: &str) -> RuleFinished {
    RuleFinished { reason: reason.into(), ..rule(name, verdict) }
}

/// The event of a rule.
pub(crate) fn event(rule: RuleFinished) -> Event {
    Event::RuleFinished(Box::new(rule))
}

/// Something left behind.
pub(crate) fn left_behind() -> Event {
    Event::LeftBehind(LeftBehind {
        machine: "user".into(),
        what: "oktaspec-4f2a-ada@example.com (00u1)".into(),
        reason: "DELETE answered 500".into(),
    })
}

/// The end of a run.
pub(crate) fn finished() -> RunFinished {
    let states = Covered {
        seen: BTreeMap::from([("authn.SUCCESS".into(), 3)]),
        unseen: BTreeMap::from([
            ("authn.expired".into(), "the target has no clock hook".into()),
            ("user.EXPIRED".into(), "the target has no clock hook".into()),
        ]),
    };
    RunFinished {
        verdicts: BTreeMap::new(),
        cases: 12,
        exchanges: 2_310,
        took: 12_400,
        coverage: Coverage { states, ..Coverage::default() },
        stopped: None,
    }
}

/// The answer in question of a counterexample.
pub(crate) fn answer(example: &mut Counterexample) -> &mut Response {
    example.exchanges[0].answer.as_mut().unwrap()
}

fn location(line: usize, column: usize, text: &str) -> Location {
    Location { path: "specs/authn.yaml".into(), line, column, text: text.into() }
}

fn example(rule: &str) -> Counterexample {
    Counterexample {
        key: format!("seed:{rule}:0"),
        findings: vec![Finding {
            pointer: "/body/errorCode".into(),
            expected: "\"E0000004\"".into(),
            actual: "\"E0000007\"".into(),
            level: Level::Must,
            demanded_by: location(41, 9, "then: {status: 401, error: E0000004}"),
        }],
        way: vec!["user/create-user.active".into()],
        exchanges: vec![exchange()],
        at: 0,
        drawn: BTreeMap::from([("/body/password".into(), json!("x"))]),
        shrunk: "minimal".into(),
    }
}

fn exchange() -> Exchange {
    Exchange {
        request: Request {
            method: "POST".into(),
            url: "https://org.example/api/v1/authn?x=1".into(),
            headers: vec![
                ("authorization".into(), "SSWS [secret]".into()),
                ("content-type".into(), "application/json".into()),
                ("user-agent".into(), "oktaspec/0.1.0".into()),
            ],
            body: Body::Json(json!({"username": "ada"})),
        },
        answer: Ok(Response {
            status: 401,
            headers: vec![("content-type".into(), "application/json".into()), ("server".into(), "x".into())],
            body: json!({"errorCode": "E0000007"}).to_string(),
        }),
        sent_at: 1_763_600_000_000,
        took: 12,
    }
}
