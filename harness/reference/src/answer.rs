//! What an operation answers, and the form of the error envelope.
//!
//! Headers that every answer has are added in `pipeline`.

use crate::defects::{Flaw, Flaws};
use crate::failure::Failure;
use crate::identifiers;
use serde_json::{Map, Value, json};

/// What every operation gives back.
pub(crate) type Outcome = Result<Answer, Failure>;

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// No body and no media type.
    None,
    /// A JSON document.
    Json(Value),
    /// A text of another media type.
    Text(&'static str, String),
}

/// A successful answer, or the wire form of a failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Body,
    /// The lines of the Link header.
    pub(crate) links: Vec<String>,
}

impl Answer {
    /// 200 with a JSON body.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Body::Json(body), links: Vec::new() }
    }

    /// 200 with an empty object.
    pub(crate) fn empty() -> Self {
        Self::ok(json!({}))
    }

    /// 204 without a body.
    pub(crate) fn nothing() -> Self {
        Self { status: 204, body: Body::None, links: Vec::new() }
    }

    /// The answer to the creation of a user or group.
    pub(crate) fn created(body: Value, flaws: &Flaws) -> Self {
        let mut answer = Self::ok(body);
        if flaws.has(Flaw::CreateCreated) {
            answer.status = 201;
        }
        answer
    }

    /// An HTML page, which no conforming answer is.
    pub(crate) fn page(status: u16, title: &str) -> Self {
        let text =
            format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
        Self { status, body: Body::Text("text/html;charset=utf-8", text), links: Vec::new() }
    }

    /// The wire form of a failure.
    pub(crate) fn refused(failure: &Failure, flaws: &Flaws) -> Self {
        if failure.code == "E0000047" && flaws.has(Flaw::RateLimitPage) {
            return Self::page(failure.status, "Too many requests");
        }
        let envelope = Value::Object(envelope(failure, flaws));
        let body = if flaws.has(Flaw::ErrorAsText) {
            Body::Text("text/plain;charset=utf-8", envelope.to_string())
        } else {
            Body::Json(envelope)
        };
        Self { status: status(failure, flaws), body, links: Vec::new() }
    }
}

/// The HTTP status of a failure.
fn status(failure: &Failure, flaws: &Flaws) -> u16 {
    match failure.code {
        "E0000004" if flaws.has(Flaw::CredentialsForbidden) => 403,
        "E0000007" if flaws.has(Flaw::NotFoundBadRequest) => 400,
        "E0000079" if flaws.has(Flaw::StateUnauthorized) => 401,
        "E0000011" if failure.challenge && flaws.has(Flaw::TokenForbidden) => 403,
        "E0000011" if !failure.challenge && flaws.has(Flaw::DeadTokenForbidden) => 403,
        _ => failure.status,
    }
}

/// The five members of the envelope, in their order.
fn envelope(failure: &Failure, flaws: &Flaws) -> Map<String, Value> {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("errorCode", failure.code.into());
    set("errorSummary", failure.summary.as_str().into());
    set("errorLink", error_link(failure.code, flaws).into());
    if !flaws.has(Flaw::NoErrorId) {
        set("errorId", error_id(flaws).into());
    }
    if !flaws.has(Flaw::NoErrorCauses) {
        set("errorCauses", causes(failure, flaws));
    }
    if flaws.has(Flaw::ExtraMember) {
        set("timestamp", "now".into());
    }
    members
}

fn error_link(code: &str, flaws: &Flaws) -> String {
    if flaws.has(Flaw::ErrorLinkDiffers) {
        format!("https://developer.okta.com/docs/reference/error-codes/#{code}")
    } else {
        code.to_owned()
    }
}

fn error_id(flaws: &Flaws) -> String {
    if flaws.has(Flaw::ConstantErrorId) {
        "oaeAAAAAAAAAAAAAAAAAAAAAA".to_owned()
    } else if flaws.has(Flaw::OddErrorId) {
        let digits = identifiers::request();
        let (head, tail) = digits.split_at(8);
        format!("{head}-{}-{}-{}-{}", &tail[..4], &tail[4..8], &tail[8..12], &tail[12..])
    } else {
        identifiers::error()
    }
}

fn causes(failure: &Failure, flaws: &Flaws) -> Value {
    if failure.causes.is_empty() && flaws.has(Flaw::NullErrorCauses) {
        return Value::Null;
    }
    failure.causes.iter().map(|cause| json!({ "errorSummary": cause })).collect()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Body};
    use crate::catalogue;
    use crate::defects::Flaws;
    use crate::failure::Failure;

    #[test]
    fn the_envelope_has_five_members_in_order() {
        let failure = Failure::of(&catalogue::AUTHENTICATION);
        let answer = Answer::refused(&failure, &Flaws::default());
        let Body::Json(body) = answer.body else { panic!("an envelope") };
        let names: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]);
        assert_eq!(answer.status, 401);
    }
}
