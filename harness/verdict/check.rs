//! Whether a value is as a condition says, and where not: the place, what was expected, what is there.

use serde_json::Value as Json;

use crate::spec::condition::{Condition, JsonType};
use crate::spec::value::Value;
use crate::wire::exchange::origin;
use crate::wire::pointer::Pointer;

/// What a check may ask beside the value itself.
pub struct Context<'a> {
    /// The answer document.
    pub answer: &'a Json,
    /// The request document.
    pub request: &'a Json,
    /// The origin of the target.
    pub origin: &'a str,
    /// What the request sent that nobody may see again.
    pub secrets: &'a [String],
    /// Milliseconds since 1970 at the server, as near as is known.
    pub now: i64,
    /// Fills in what a value refers to; nothing where the world does not know it.
    pub fill: &'a dyn Fn(&Value) -> Option<Json>,
}

/// A difference at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The place in the answer.
    pub pointer: String,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// Every difference between a value and a condition.
#[must_use]
pub fn check(condition: &Condition, value: Option<&Json>, at: &Pointer, context: &Context<'_>) -> Vec<Mismatch> {
    let wrong = |expected: String| {
        vec![Mismatch { pointer: at.to_string(), expected, actual: value.map_or_else(|| "nothing".to_owned(), shown) }]
    };
    match condition {
        Condition::All(list) => list.iter().flat_map(|inner| check(inner, value, at, context)).collect(),
        Condition::Members(members) => check_members(members, value, at, context),
        Condition::Each(inner) => match value {
            Some(Json::Array(elements)) => elements
                .iter()
                .enumerate()
                .flat_map(|(index, element)| check(inner, Some(element), &at.join(&index.to_string()), context))
                .collect(),
            Some(Json::Object(members)) => {
                members.iter().flat_map(|(name, member)| check(inner, Some(member), &at.join(name), context)).collect()
            }
            _ => wrong("a list or a map".to_owned()),
        },
        Condition::Lacks(wanted) => lacks(wanted, value, at, context),
        Condition::LacksSecrets => context
            .secrets
            .iter()
            .filter(|secret| value.is_some_and(|value| contains(value, secret)))
            .map(|_| Mismatch {
                pointer: at.to_string(),
                expected: "none of the secrets that the request sent".to_owned(),
                actual: "a secret of the request, word for word".to_owned(),
            })
            .collect(),
        other if holds(other, value, at, context) => Vec::new(),
        other => wrong(describe(other, context)),
    }
}

fn check_members(
    members: &indexmap::IndexMap<String, Condition>,
    value: Option<&Json>,
    at: &Pointer,
    context: &Context<'_>,
) -> Vec<Mismatch> {
    if !matches!(value, Some(Json::Object(_) | Json::Array(_))) && members.values().any(demands_presence) {
        return vec![Mismatch {
            pointer: at.to_string(),
            expected: format!("a map with {}", members.keys().cloned().collect::<Vec<_>>().join(", ")),
            actual: value.map_or_else(|| "nothing".to_owned(), shown),
        }];
    }
    members
        .iter()
        .flat_map(|(name, condition)| match (name.as_str(), value) {
            ("*", Some(found)) => check(&Condition::Each(Box::new(condition.clone())), Some(found), at, context),
            (name, Some(found)) if name.starts_with('[') => {
                let selected = Pointer::parse(&format!("/{name}")).ok();
                let inner = selected.as_ref().and_then(|pointer| pointer.first(found));
                check(condition, inner, &at.join(name), context)
            }
            (name, found) => check(condition, found.and_then(|found| found.get(name)), &at.join(name), context),
        })
        .collect()
}

fn demands_presence(condition: &Condition) -> bool {
    !matches!(condition, Condition::Absent | Condition::Not(_) | Condition::Lacks(_) | Condition::LacksSecrets)
}

fn lacks(wanted: &Value, value: Option<&Json>, at: &Pointer, context: &Context<'_>) -> Vec<Mismatch> {
    let Some(needle) = (context.fill)(wanted) else {
        return Vec::new();
    };
    let needle = needle.as_str().map_or_else(|| needle.to_string(), ToOwned::to_owned);
    if needle.is_empty() || !value.is_some_and(|value| contains(value, &needle)) {
        return Vec::new();
    }
    vec![Mismatch {
        pointer: at.to_string(),
        expected: "that it does not occur".to_owned(),
        actual: "it occurs".to_owned(),
    }]
}

fn contains(value: &Json, needle: &str) -> bool {
    match value {
        Json::String(text) => text.contains(needle),
        Json::Array(elements) => elements.iter().any(|element| contains(element, needle)),
        Json::Object(members) => members.iter().any(|(name, member)| name.contains(needle) || contains(member, needle)),
        _ => false,
    }
}

/// Whether a value is as a condition says.
#[must_use]
pub fn holds(condition: &Condition, value: Option<&Json>, at: &Pointer, context: &Context<'_>) -> bool {
    let present = value.is_some_and(|value| !value.is_null());
    let text = value.and_then(Json::as_str);
    match condition {
        Condition::Absent => !present,
        Condition::Present => present,
        Condition::Equals(wanted) => match (context.fill)(wanted) {
            Some(wanted) => equal(value.unwrap_or(&Json::Null), &wanted),
            None => true,
        },
        Condition::In(list) => list.iter().any(|inner| holds(inner, value, at, context)),
        Condition::Not(inner) => !holds(inner, value, at, context),
        Condition::AtLeast(number) => number_of(value).is_some_and(|found| found >= *number),
        Condition::AtMost(number) => number_of(value).is_some_and(|found| found <= *number),
        Condition::Pattern(pattern) => text.is_some_and(|text| pattern.regex.is_match(text)),
        Condition::Prefix { prefix, except } => text.is_some_and(|text| {
            text.starts_with(prefix.as_str()) && !except.iter().any(|other| text.starts_with(other.as_str()))
        }),
        Condition::Type(wanted) => value.is_some_and(|value| is_type(value, *wanted)),
        Condition::SameAs(pointer) => match (pointer.first(context.answer), value) {
            (Some(other), Some(value)) => other == value,
            (other, value) => other.is_none() && value.is_none(),
        },
        Condition::Count(wanted) => match value {
            Some(Json::Array(elements)) => elements.len() == *wanted,
            Some(Json::Object(members)) => members.len() == *wanted,
            _ => false,
        },
        Condition::Some(inner) => match value {
            Some(Json::Array(elements)) => elements.iter().any(|element| holds(inner, Some(element), at, context)),
            Some(Json::Object(members)) => members.values().any(|member| holds(inner, Some(member), at, context)),
            _ => false,
        },
        Condition::AfterNow => text.and_then(milliseconds).is_some_and(|moment| moment > context.now),
        Condition::Only(names) => match value {
            Some(Json::Object(members)) => members.keys().all(|name| names.contains(name)),
            _ => false,
        },
        Condition::Origin => text.and_then(origin).is_some_and(|found| found == context.origin),
        // Times since a fact was set are a matter of the world, not of an answer.
        Condition::Within(_) | Condition::Older(_) => true,
        Condition::All(_)
        | Condition::Members(_)
        | Condition::Each(_)
        | Condition::Lacks(_)
        | Condition::LacksSecrets => check(condition, value, at, context).is_empty(),
    }
}

/// Equal, where numbers and texts of headers and queries are the same when they read the same.
fn equal(found: &Json, wanted: &Json) -> bool {
    match (found, wanted) {
        (Json::String(text), Json::Number(number)) => *text == number.to_string(),
        (Json::String(text), Json::Bool(flag)) => *text == flag.to_string(),
        _ => found == wanted,
    }
}

fn number_of(value: Option<&Json>) -> Option<i64> {
    match value? {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Milliseconds since 1970 of a time as the API writes it.
#[must_use]
pub fn milliseconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn is_type(value: &Json, wanted: JsonType) -> bool {
    match wanted {
        JsonType::Array => value.is_array(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Integer => value.is_i64() || value.is_u64(),
        JsonType::Null => value.is_null(),
        JsonType::Number => value.is_number(),
        JsonType::Object => value.is_object(),
        JsonType::String => value.is_string(),
        JsonType::Time => value.as_str().and_then(milliseconds).is_some(),
        JsonType::Url => value.as_str().is_some_and(|text| url::Url::parse(text).is_ok_and(|url| url.has_host())),
    }
}

/// A condition in words.
#[must_use]
pub fn describe(condition: &Condition, context: &Context<'_>) -> String {
    match condition {
        Condition::Absent => "nothing".to_owned(),
        Condition::AfterNow => "a time in the future".to_owned(),
        Condition::All(list) => joined(list, " and ", context),
        Condition::AtLeast(number) => format!("at least {number}"),
        Condition::AtMost(number) => format!("at most {number}"),
        Condition::Count(number) => format!("{number} elements"),
        Condition::Each(inner) => format!("for each: {}", describe(inner, context)),
        Condition::Equals(value) => (context.fill)(value).map_or_else(|| "a value".to_owned(), |value| shown(&value)),
        Condition::In(list) => joined(list, " or ", context),
        Condition::Lacks(_) | Condition::LacksSecrets => "that a secret does not occur".to_owned(),
        Condition::Members(members) => format!(
            "a map with {}",
            members
                .iter()
                .map(|(name, inner)| format!("{name}: {}", describe(inner, context)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Condition::Not(inner) => format!("anything but {}", describe(inner, context)),
        Condition::Older(duration) => format!("set more than {duration} ago"),
        Condition::Only(names) => format!("no other members than {}", names.join(", ")),
        Condition::Origin => format!("an address on {}", context.origin),
        Condition::Pattern(pattern) => format!("a text that fits {}", pattern.text),
        Condition::Prefix { prefix, except } if except.is_empty() => format!("a text that starts with {prefix}"),
        Condition::Prefix { prefix, except } => {
            format!("a text that starts with {prefix}, but not with {}", except.join(" or "))
        }
        Condition::Present => "something".to_owned(),
        Condition::SameAs(pointer) => match pointer.first(context.answer) {
            Some(value) => format!("the same as at {pointer}, which is {}", shown(value)),
            None => format!("the same as at {pointer}, which is nothing"),
        },
        Condition::Some(inner) => format!("at least one: {}", describe(inner, context)),
        Condition::Type(wanted) => match wanted {
            JsonType::Time => "a time (RFC 3339)".to_owned(),
            JsonType::Url => "an absolute address".to_owned(),
            other => format!("of type {}", other.name()),
        },
        Condition::Within(duration) => format!("set less than {duration} ago"),
    }
}

fn joined(list: &[Condition], between: &str, context: &Context<'_>) -> String {
    list.iter().map(|inner| describe(inner, context)).collect::<Vec<_>>().join(between)
}

/// A value for people, cut where it is long.
#[must_use]
pub fn shown(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= 200 {
        return text;
    }
    let start: String = text.chars().take(200).collect();
    format!("{start}… ({} characters)", text.chars().count())
}
