//! The way of every request: gate, operation, answer, headers.
//!
//! What an operation does is in its own module; the order of the checks here is part of the
//! protocol: unknown path, wrong method, Accept, rate limit, API token, then the operation.

use crate::answer::{Answer, Body, Outcome};
use crate::call::Call;
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::{Failure, Reached};
use crate::hooks;
use crate::identifiers;
use crate::limits::Reading;
use crate::org::Org;
use crate::routes::{self, Access, Found};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Headers that every answer of the API layer has.
const COMMON: [(&str, &str); 5] = [
    ("p3p", "CP=\"HONK\""),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "0"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=315360000; includeSubDomains"),
];

/// Answers a request.
pub(crate) fn respond(org: &mut Org, mut call: Call) -> Response<axum::body::Body> {
    org.pass_time();
    let found = routes::find(&call, org.setup.hooks);
    let endpoint = match &found {
        Found::Route(route, _) => route.pattern,
        Found::OtherMethod | Found::Nothing => "",
    };
    let now = org.now();
    let (fits, reading) = org.limits.count(endpoint, now, &org.setup.flaws);
    let outcome = match hooks::due(org, &call) {
        Some(failure) => Err(failure),
        None => serve(org, &mut call, found, fits),
    };
    written(org, outcome, reading)
}

fn serve(org: &mut Org, call: &mut Call, found: Found, fits: bool) -> Outcome {
    let (route, captures) = match found {
        Found::Route(route, captures) => (route, captures),
        Found::OtherMethod => return Err(wrong_method(org)),
        Found::Nothing => return unknown_path(org),
    };
    if !call.accepts_json() && !org.has(Flaw::AnyAccept) {
        return Err(Failure::of(&catalogue::NOT_ACCEPTABLE).at(Reached::Nothing));
    }
    if !fits {
        return Err(Failure::of(&catalogue::RATE_LIMIT).at(Reached::Gate));
    }
    call.captures = captures;
    call.trusted = caller(org, call, route.access)?;
    (route.operation)(org, call)
}

fn wrong_method(org: &Org) -> Failure {
    if org.has(Flaw::MethodNotFound) {
        Failure::of(&catalogue::UNKNOWN_PATH)
    } else {
        Failure::of(&catalogue::METHOD).at(Reached::Nothing)
    }
}

fn unknown_path(org: &Org) -> Outcome {
    if org.has(Flaw::UnknownPathFound) {
        Ok(Answer::empty())
    } else if org.has(Flaw::UnknownPathPage) {
        Ok(Answer::page(404, "Page not found"))
    } else {
        Err(Failure::of(&catalogue::UNKNOWN_PATH))
    }
}

/// Whether the caller is trusted; whoever may not call the operation is refused.
fn caller(org: &Org, call: &Call, access: Access) -> Result<bool, Failure> {
    let sent = call.header(header::AUTHORIZATION).unwrap_or_default();
    let required = access == Access::Token;
    if let Some(token) = sent.strip_prefix("SSWS") {
        let known = token.trim() == org.setup.token || org.has(Flaw::AnyApiToken);
        return if known || access == Access::Cookie { Ok(known) } else { Err(bad_token()) };
    }
    match sent.split_once(' ') {
        Some(("Bearer", _)) if required => Err(Failure::of(&catalogue::INVALID_SESSION).at(Reached::Gate)),
        _ if required && !org.has(Flaw::NoApiToken) => Err(bad_token()),
        _ => Ok(required),
    }
}

fn bad_token() -> Failure {
    let mut failure = Failure::of(&catalogue::INVALID_TOKEN).at(Reached::Gate);
    failure.challenge = true;
    failure
}

/// The answer with its headers.
fn written(org: &Org, outcome: Outcome, reading: Reading) -> Response<axum::body::Body> {
    let (answer, failure) = match outcome {
        Ok(answer) => (answer, None),
        Err(failure) => (Answer::refused(&failure, &org.setup.flaws), Some(failure)),
    };
    let mut lines = vec![("date".to_owned(), date(org.now()))];
    let reached = failure.as_ref().map_or(Reached::Operation, |failure| failure.reached);
    if reached != Reached::Nothing {
        lines.extend(COMMON.map(|(name, value)| (name.to_owned(), value.to_owned())));
        lines.extend(identity(org));
        lines.extend(limits(org, failure.as_ref(), reading));
    }
    if reached == Reached::Operation {
        lines.extend(caching(org));
    }
    if failure.is_some_and(|failure| failure.challenge) && !org.has(Flaw::NoChallenge) {
        lines.push(("www-authenticate".to_owned(), "SSWS".to_owned()));
    }
    lines.extend(answer.links.iter().map(|link| ("link".to_owned(), link.clone())));
    response(answer, lines)
}

fn date(now: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap_or_default()
}

fn identity(org: &Org) -> Option<(String, String)> {
    let identifier = if org.has(Flaw::ConstantRequestId) { "0".repeat(32) } else { identifiers::request() };
    (!org.has(Flaw::NoRequestId)).then(|| ("x-okta-request-id".to_owned(), identifier))
}

fn limits(org: &Org, failure: Option<&Failure>, endpoint: Reading) -> Vec<(String, String)> {
    let too_many = failure.is_some_and(|failure| failure.code == catalogue::RATE_LIMIT.code);
    let mut reading = failure.and_then(|failure| failure.reading).unwrap_or(endpoint);
    if too_many {
        reading.remaining = 0;
    }
    let unlimited = failure.is_some_and(|failure| failure.code == catalogue::INVALID_SESSION.code);
    let mut lines = Vec::new();
    if !unlimited && !org.has(Flaw::NoLimitHeaders) {
        lines.push(("x-rate-limit-limit".to_owned(), reading.limit.to_string()));
        lines.push(("x-rate-limit-remaining".to_owned(), reading.remaining.to_string()));
        lines.push(("x-rate-limit-reset".to_owned(), reading.reset.to_string()));
    }
    if too_many && org.has(Flaw::RetryAfter) {
        lines.push(("retry-after".to_owned(), "1".to_owned()));
    }
    lines
}

fn caching(org: &Org) -> Vec<(String, String)> {
    let lines: &[(&str, &str)] = if org.has(Flaw::Cacheable) {
        &[("cache-control", "public, max-age=3600")]
    } else {
        &[("cache-control", "no-cache, no-store"), ("pragma", "no-cache"), ("expires", "0")]
    };
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn response(answer: Answer, lines: Vec<(String, String)>) -> Response<axum::body::Body> {
    let (kind, bytes) = match answer.body {
        Body::None => (None, Vec::new()),
        Body::Json(value) => (Some("application/json"), value.to_string().into_bytes()),
        Body::Text(kind, text) => (Some(kind), text.into_bytes()),
    };
    let mut response = Response::new(axum::body::Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in lines {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
    response
}
