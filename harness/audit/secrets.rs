//! What a request sent that no answer may repeat. Recordings are made public: what their authors put in place of a secret is none.

use serde_json::Value as Json;

use crate::wire::exchange::{Body, Request};

/// A shorter value occurs in ordinary text.
const SHORTEST: usize = 6;

/// What is written in place of a secret.
const REPLACEMENTS: [&str; 10] =
    ["redacted", "sanitized", "sanitised", "filtered", "masked", "removed", "hidden", "dummy", "placeholder", "xxxx"];

/// The secrets of a request: the token that it shows, and what its body or its query sends under the name of one.
pub(super) fn of(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &request.headers {
        if name == "authorization"
            && let Some((_, credentials)) = value.split_once(' ')
        {
            found.push(credentials.trim().to_owned());
        }
    }
    match &request.body {
        Body::Json(json) => collect(json, &mut found),
        Body::Form(members) => collect_pairs(members.iter().map(|(name, value)| (name.as_str(), value)), &mut found),
        Body::None | Body::Text(_) => {}
    }
    let query = request.document();
    if let Some(Json::Object(members)) = query.get("query") {
        collect_members(members, &mut found);
    }
    found.retain(|value| is_secret(value));
    found.sort_unstable();
    found.dedup();
    found
}

fn collect(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            collect_members(members, found);
            members.values().for_each(|member| collect(member, found));
        }
        Json::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        _ => {}
    }
}

fn collect_members(members: &serde_json::Map<String, Json>, found: &mut Vec<String>) {
    for (name, member) in members {
        // A password is written `{password: {value: …}}` too.
        let member = member.get("value").unwrap_or(member);
        if let Some(text) = member.as_str() {
            collect_pairs(std::iter::once((name.as_str(), &text.to_owned())), found);
        }
    }
}

fn collect_pairs<'p>(pairs: impl Iterator<Item = (&'p str, &'p String)>, found: &mut Vec<String>) {
    found.extend(pairs.filter(|(name, _)| names_a_secret(name)).map(|(_, value)| value.clone()));
}

/// `password`, `oldPassword`, `passCode`, `answer`, `token`, `clientSecret`, `client_assertion`.
fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "answer"
        || ["password", "passcode", "token", "secret", "client_assertion"].iter().any(|end| name.ends_with(end))
}

/// Whether a value is what authors of recordings write in place of one.
pub(super) fn is_replacement(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    REPLACEMENTS.iter().any(|replacement| lower.contains(replacement))
}

fn is_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let first = value.chars().next();
    value.chars().count() >= SHORTEST
        && !is_replacement(value)
        // `invalid_token` says what it stands for.
        && !names_a_secret(&lower)
        && !value.starts_with(['<', '[', '{', '$', '%', '*'])
        && !value.chars().all(|c| Some(c) == first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets(body: Body) -> Vec<String> {
        of(&Request {
            method: "POST".into(),
            url: "https://org.example/api/v1/authn?token=query-value-1&limit=200000".into(),
            headers: vec![("authorization".into(), "SSWS 00header-value".into())],
            body,
        })
    }

    #[test]
    fn members_that_are_named_as_secrets_are_secrets() {
        let body = json!({
            "username": "ada@example.com", "password": "Tr0ub4dor", "context": {"deviceToken": "device-1"},
            "credentials": {"password": {"value": "Nested-1"}, "recovery_question": {"question": "Which?", "answer": "Annie Oakley"}},
        });
        assert_eq!(
            secrets(Body::Json(body)),
            ["00header-value", "Annie Oakley", "Nested-1", "Tr0ub4dor", "device-1", "query-value-1"]
        );
        let form = vec![("client_secret".into(), "s3cr1t".into()), ("scope".into(), "okta.users.read".into())];
        assert_eq!(secrets(Body::Form(form)), ["00header-value", "query-value-1", "s3cr1t"]);
    }

    #[test]
    fn what_stands_in_place_of_a_secret_is_none() {
        for replaced in [
            "REDACTED",
            "SANITIZED_TOKEN",
            "sanitized_dpop_proof_jwt",
            "<password>",
            "xxxxxxxx",
            "********",
            "myAPIToken",
            "short",
        ] {
            let body = Body::Json(json!({"password": replaced}));
            assert_eq!(secrets(body), ["00header-value", "query-value-1"], "{replaced}");
        }
    }
}
