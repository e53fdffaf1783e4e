//! The shape of an answer: what is left of it when everything that another run would have otherwise is a typed placeholder. Texts of
//! the protocol stay as they are, and so does the order of members.
//!
//! A shape is memory, not a claim: `tests/shapes.rs` keeps those of the reference server under `snapshots/shapes/`.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

/// Headers that mean something to the protocol, beside those that start with [`LIMITS`].
const HEADERS: [&str; 8] =
    ["cache-control", "content-type", "expires", "link", "location", "pragma", "www-authenticate", "x-okta-request-id"];

/// What the names of rate limit headers start with.
const LIMITS: &str = "x-rate-limit-";

/// What everything that a run makes is named with.
const MADE: &str = "oktaspec-";

/// Shorter values of members for tokens would be found in ordinary texts.
const SHORTEST_TOKEN: usize = 8;

static ID: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"\b(?:00[gopuT]|0oa|0pr|aus|clf|emf|fuf|fwf|opf|osc|ost|oty|sms|ufs)[0-9A-Za-z]{17}\b")
});
static ID_MEMBER: LazyLock<Regex> = LazyLock::new(|| expression(r"^(?:[0-9A-Za-z]{20}|10[0-9][0-9A-Za-z_-]{22})$"));
static LOGIN: LazyLock<Regex> =
    LazyLock::new(|| expression(&format!(r#"(?i){MADE}[^\s/"'&?@%]*(?:@|%40)[a-z0-9.-]*[a-z0-9]"#)));
static NAME: LazyLock<Regex> =
    LazyLock::new(|| expression(&format!(r"(?i){MADE}[a-z0-9]+(?:-[0-9]+(?:(?: |%20|\+)[a-z]{{3,10}}\b)?)?")));
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    expression(concat!(
        r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})",
        r"|\b[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT\b"
    ))
});
static URL_TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?P<before>/(?:reset[_-]password|tokens|welcome)/|[?&][A-Za-z_]*[tT]oken=)[0-9A-Za-z._~%-]+")
});

fn expression(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file is well-formed")
}

/// The shape of an answer document (`status`, `header`, `body`, `location`) of a target with this origin, in a case that drew these
/// texts.
#[must_use]
pub fn shape(answer: &Json, origin: &str, drawn: &[String]) -> Json {
    let answer = without_other_headers(answer);
    let mask = Mask::new(&answer, origin, drawn);
    let mut shape = mask.value("", &answer);
    number_ids(&mut shape, &mask.ids);
    shape
}

fn without_other_headers(answer: &Json) -> Json {
    let mut answer = answer.clone();
    if let Some(Json::Object(headers)) = answer.get_mut("header") {
        headers.retain(|name, _| HEADERS.contains(&name.as_str()) || name.starts_with(LIMITS));
    }
    answer
}

/// What is replaced wherever it stands in one answer.
struct Mask<'d> {
    drawn: &'d [String],
    tokens: Vec<String>,
    ids: Vec<String>,
    origin: Option<Regex>,
}

impl<'d> Mask<'d> {
    fn new(answer: &Json, origin: &str, drawn: &'d [String]) -> Self {
        let at_its_end = |origin: &str| expression(&format!(r#"{}(?P<after>[/?#\s"']|$)"#, regex::escape(origin)));
        let mut mask = Self {
            drawn,
            tokens: Vec::new(),
            ids: Vec::new(),
            origin: (!origin.is_empty()).then(|| at_its_end(origin)),
        };
        mask.learn("", answer);
        mask
    }

    /// Notes the tokens and ids that members name, so that they are known in texts and addresses too.
    fn learn(&mut self, name: &str, value: &Json) {
        match value {
            Json::Array(elements) => elements.iter().for_each(|element| self.learn(name, element)),
            Json::Object(members) => members.iter().for_each(|(name, member)| self.learn(name, member)),
            Json::String(text) if is_token(name) && text.len() >= SHORTEST_TOKEN => note(&mut self.tokens, text),
            Json::String(text) if is_id(name) && ID_MEMBER.is_match(text) => note(&mut self.ids, text),
            Json::String(text) => ID.find_iter(text).for_each(|id| note(&mut self.ids, id.as_str())),
            Json::Bool(_) | Json::Null | Json::Number(_) => {}
        }
    }

    fn value(&self, name: &str, value: &Json) -> Json {
        match value {
            Json::Array(elements) => elements.iter().map(|element| self.value(name, element)).collect(),
            Json::Object(members) => Json::Object(self.members(members)),
            Json::Number(_) | Json::String(_) if name.starts_with(LIMITS) => Json::from("[number]"),
            // A policy or rule comes after those that others made meanwhile.
            Json::Number(_) if name == "priority" => Json::from("[number]"),
            Json::String(text) => Json::from(self.text(name, text)),
            Json::Bool(_) | Json::Null | Json::Number(_) => value.clone(),
        }
    }

    fn members(&self, members: &Map<String, Json>) -> Map<String, Json> {
        members.iter().map(|(name, member)| (name.clone(), self.value(name, member))).collect()
    }

    fn text(&self, name: &str, text: &str) -> String {
        match name {
            "errorId" => return "[error id]".to_owned(),
            "tempPassword" => return "[password]".to_owned(),
            "x-okta-request-id" => return "[request id]".to_owned(),
            name if is_token(name) => return "[token]".to_owned(),
            // A drawn text may be as short as a word of a message, so only whole values are compared.
            _ if self.drawn.iter().any(|drawn| drawn == text) => return "[drawn]".to_owned(),
            _ => {}
        }
        let mut text = text.to_owned();
        for token in &self.tokens {
            text = text.replace(token, "[token]");
        }
        text = URL_TOKEN.replace_all(&text, "${before}[token]").into_owned();
        if let Some(origin) = &self.origin {
            text = origin.replace_all(&text, "[target]${after}").into_owned();
        }
        text = TIME.replace_all(&text, "[time]").into_owned();
        text = LOGIN.replace_all(&text, "[made login]").into_owned();
        NAME.replace_all(&text, "[made name]").into_owned()
    }
}

/// Whether a member holds a token: `stateToken`, `access_token`.
fn is_token(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("token")
}

/// Whether a member holds an id: `id`, `userId`.
fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("Id") && name != "errorId"
}

fn note(known: &mut Vec<String>, found: &str) {
    if !found.is_empty() && !known.iter().any(|other| other == found) {
        known.push(found.to_owned());
    }
}

/// Replaces ids; one that stands at several places has a number there, counted for each prefix in the order of the answer.
fn number_ids(shape: &mut Json, ids: &[String]) {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for id in ids {
        let prefix = &id[..3];
        let placeholder = if occurrences(shape, id) > 1 {
            let number = numbers.entry(prefix).or_default();
            *number += 1;
            format!("[id {prefix} #{number}]")
        } else {
            format!("[id {prefix}]")
        };
        replace(shape, id, &placeholder);
    }
}

fn occurrences(value: &Json, text: &str) -> usize {
    match value {
        Json::Array(elements) => elements.iter().map(|element| occurrences(element, text)).sum(),
        Json::Object(members) => members.values().map(|member| occurrences(member, text)).sum(),
        Json::String(found) => found.matches(text).count(),
        Json::Bool(_) | Json::Null | Json::Number(_) => 0,
    }
}

fn replace(value: &mut Json, text: &str, by: &str) {
    match value {
        Json::Array(elements) => elements.iter_mut().for_each(|element| replace(element, text, by)),
        Json::Object(members) => members.values_mut().for_each(|member| replace(member, text, by)),
        Json::String(found) => *found = found.replace(text, by),
        Json::Bool(_) | Json::Null | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shape;

    const ORIGIN: &str = "http://127.0.0.1:4711";
    const ANNA: &str = "00uAbCdEfGhIjKlMnOp1";
    const BERT: &str = "00uZyXwVuTsRqPoNmLk2";

    fn body(body: serde_json::Value) -> serde_json::Value {
        shape(&json!({"status": 200, "body": body}), ORIGIN, &["Bq eOk".to_owned()])["body"].clone()
    }

    #[test]
    fn headers_without_meaning_are_left_out_and_the_order_stays() {
        let answer = json!({"status": 401, "header": {
            "x-rate-limit-remaining": "17",
            "date": "Sat, 21 Nov 2026 22:08:57 GMT",
            "p3p": "CP=\"HONK\"",
            "www-authenticate": "SSWS",
            "x-okta-request-id": "1bc8c3bb9ea868f5cff7ed9584b9a8d6",
            "expires": "Sat, 21 Nov 2026 22:08:57 GMT",
            "content-type": "application/json",
        }});
        let expected = concat!(
            r#"{"status":401,"header":{"x-rate-limit-remaining":"[number]","www-authenticate":"SSWS","#,
            r#""x-okta-request-id":"[request id]","expires":"[time]","content-type":"application/json"}}"#
        );
        assert_eq!(shape(&answer, ORIGIN, &[]).to_string(), expected);
    }

    #[test]
    fn an_id_at_several_places_has_the_same_number() {
        let found = body(json!({
            "users": [{"id": ANNA}, {"id": BERT}],
            "manager": {"id": "00uOnceOnceOnceOnce3"},
            "_links": {
                "self": {"href": format!("{ORIGIN}/api/v1/users/{BERT}")},
                "next": {"href": format!("{ORIGIN}/api/v1/users?after={ANNA}&limit=2")},
            },
        }));
        let expected = json!({
            "users": [{"id": "[id 00u #1]"}, {"id": "[id 00u #2]"}],
            "manager": {"id": "[id 00u]"},
            "_links": {
                "self": {"href": "[target]/api/v1/users/[id 00u #2]"},
                "next": {"href": "[target]/api/v1/users?after=[id 00u #1]&limit=2"},
            },
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn ids_of_unknown_kinds_are_known_by_their_members() {
        let found =
            body(json!({"id": "xyzAbCdEfGhIjKlMnOp1", "providerId": "OKTA", "sessionId": "102AAAAAAAAAA-AAAAAAAAA_B"}));
        assert_eq!(found, json!({"id": "[id xyz]", "providerId": "OKTA", "sessionId": "[id 102]"}));
    }

    #[test]
    fn ids_inside_of_texts_are_replaced_and_the_text_stays() {
        let found = body(json!({
            "errorCode": "E0000007",
            "errorSummary": format!("Not found: Resource not found: {ANNA} (User)"),
            "errorId": "oae-eQtMv8GkNWz_wRh5imH9g",
            "errorCauses": [],
        }));
        let expected = json!({
            "errorCode": "E0000007",
            "errorSummary": "Not found: Resource not found: [id 00u] (User)",
            "errorId": "[error id]",
            "errorCauses": [],
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn tokens_are_replaced_also_in_addresses() {
        let found = body(json!({
            "activationUrl": format!("{ORIGIN}/tokens/_bAmOM3GPlp0pFLNf1P1/verify"),
            "activationToken": "_bAmOM3GPlp0pFLNf1P1",
            "resetPasswordUrl": format!("{ORIGIN}/reset_password/00uAmOM3GPlp0pFLNf1P"),
            "resume": format!("{ORIGIN}/login/step-up/redirect?stateToken=00F_orSOAeHJqI0ZAuxE&x=1"),
            "recoveryToken": {"tokenLifetimeMinutes": 60},
            "href": format!("{ORIGIN}/api/v1/users/me/lifecycle/reset_password"),
        }));
        let expected = json!({
            "activationUrl": "[target]/tokens/[token]/verify",
            "activationToken": "[token]",
            "resetPasswordUrl": "[target]/reset_password/[token]",
            "resume": "[target]/login/step-up/redirect?stateToken=[token]&x=1",
            "recoveryToken": {"tokenLifetimeMinutes": 60},
            "href": "[target]/api/v1/users/me/lifecycle/reset_password",
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn an_address_of_another_host_stays() {
        let other = format!("{ORIGIN}.example.com/api");
        assert_eq!(
            body(json!([other, "http://elsewhere.example.com/", ORIGIN])),
            json!([other, "http://elsewhere.example.com/", "[target]"])
        );
    }

    #[test]
    fn times_and_what_was_drawn_or_made_are_replaced() {
        let found = body(json!({
            "created": "2026-11-21T22:08:57.000Z",
            "activated": null,
            "changed": "2026-11-21T22:08:57+01:00",
            "priority": 8,
            "minLength": 8,
            "login": "oktaspec-a1-3-umgtar18@example.com",
            "lastName": "oktaspec-a1",
            "nickName": "Bq eOk",
            "title": "Bq eOk, PhD",
            "name": "oktaspec-a1-6 jnzsjdr",
            "search": format!("{ORIGIN}/x?q=oktaspec-a1-6%20jnzsjdr&login=oktaspec-a1-3-ab18%40example.com"),
            "text": "The user oktaspec-a1-3-ab18@example.com. oktaspec-a1 is in oktaspec-a1-6 jnz already",
        }));
        let expected = json!({
            "created": "[time]",
            "activated": null,
            "changed": "[time]",
            "priority": "[number]",
            "minLength": 8,
            "login": "[made login]",
            "lastName": "[made name]",
            "nickName": "[drawn]",
            "title": "Bq eOk, PhD",
            "name": "[made name]",
            "search": "[target]/x?q=[made name]&login=[made login]",
            "text": "The user [made login]. [made name] is in [made name] already",
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn an_answer_that_never_came_and_a_text_have_shapes_too() {
        assert_eq!(shape(&json!(null), ORIGIN, &[]), json!(null));
        assert_eq!(body(json!(format!("<a href=\"{ORIGIN}\">"))), json!("<a href=\"[target]\">"));
    }
}
