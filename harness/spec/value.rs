//! Values as the language writes them: plain, with references, drawn, left out. Filling them in needs a world and is done elsewhere.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::place::Place;
use crate::wire::pointer::Pointer;

/// A span of time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub u64);

impl Duration {
    /// Reads `30s`, `5m`, `2h` or `90d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let number: u64 = text.get(..text.len() - unit.len_utf8())?.parse().ok()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        number.checked_mul(seconds).map(Self)
    }

    /// The same as the standard library's duration.
    #[must_use]
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0s"),
            s if s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            s if s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Left out.
    Absent,
    /// Added to the number that was there.
    Add(i64),
    /// Read from the answer.
    Answer(Pointer),
    /// Drawn anew for each case.
    Any(Box<Draw>),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(IndexMap<String, Value>),
    /// The moment of the answer.
    Now,
    /// One of several.
    OneOf(Vec<Value>),
    /// A value without references.
    Plain(Json),
    /// Text that is sent as it is.
    Raw(String),
    /// Read from the request.
    Sent(Pointer),
    /// The value that the fact started with.
    Start,
    /// A text in capital letters.
    Upper(Box<Value>),
    /// A text with references.
    Text(Vec<TextPart>),
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum TextPart {
    /// As it is.
    Literal(String),
    /// What the world knows.
    Reference(Reference),
}

/// `${thing.fact/pointer}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The thing: a machine's name or the name of a further thing, or `run`.
    pub thing: String,
    /// The fact.
    pub fact: String,
    /// A place inside of the fact.
    pub pointer: Option<Pointer>,
    /// Where it stands.
    pub place: Place,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Its kind.
    pub kind: Kind,
    /// How many characters.
    pub length: Option<usize>,
    /// The smallest number.
    pub from: Option<i64>,
    /// The largest number.
    pub to: Option<i64>,
    /// Values that it must not be.
    pub except: Vec<Value>,
    /// What a password fails, one of these.
    pub breaking: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of drawn values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An answer to a recovery question.
    Answer,
    /// Something in the form of an API token.
    ApiToken,
    /// Decimal digits.
    Digits,
    /// Something in the form of an id.
    Id,
    /// A whole number.
    Integer,
    /// A login in the form of an e-mail address.
    Login,
    /// The name of a group or a policy.
    Name,
    /// A password that every usual policy accepts.
    Password,
    /// A path that no document names.
    Path,
    /// A telephone number.
    Phone,
    /// Something in the form of a state token.
    StateToken,
    /// Any text.
    Text,
    /// Letters and digits.
    Token,
    /// Something in the form of a user id.
    UserId,
}

impl Kind {
    /// The names as written in YAML.
    pub const NAMES: [(&'static str, Self); 14] = [
        ("answer", Self::Answer),
        ("api-token", Self::ApiToken),
        ("digits", Self::Digits),
        ("id", Self::Id),
        ("integer", Self::Integer),
        ("login", Self::Login),
        ("name", Self::Name),
        ("password", Self::Password),
        ("path", Self::Path),
        ("phone", Self::Phone),
        ("state-token", Self::StateToken),
        ("text", Self::Text),
        ("token", Self::Token),
        ("user-id", Self::UserId),
    ];

    /// The kind of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind)
    }

    /// The name as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What a password can fail.
pub const BREAKINGS: [&str; 5] = ["length", "lower-case", "upper-case", "number", "username"];

/// The value as it could be written: the same text for the same value, wherever it stands.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("$absent"),
            Self::Add(number) => write!(f, "{{$add: {number}}}"),
            Self::Answer(pointer) => write!(f, "{{$answer: {pointer}}}"),
            Self::Any(draw) => draw.fmt(f),
            Self::List(values) => write!(f, "[{}]", listed(values)),
            Self::Map(members) => {
                let sorted: BTreeMap<&str, &Self> =
                    members.iter().map(|(name, value)| (name.as_str(), value)).collect();
                let entries: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
            Self::Now => f.write_str("$now"),
            Self::OneOf(values) => write!(f, "{{$in: [{}]}}", listed(values)),
            Self::Plain(json) => f.write_str(&plain_text(json)),
            Self::Raw(text) => write!(f, "{{$raw: {text}}}"),
            Self::Sent(pointer) => write!(f, "{{$sent: {pointer}}}"),
            Self::Start => f.write_str("$start"),
            Self::Text(parts) => parts.iter().try_for_each(|part| part.fmt(f)),
            Self::Upper(inner) => write!(f, "{{$upper: {inner}}}"),
        }
    }
}

impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{$any: {}", self.kind.name())?;
        if let Some(length) = self.length {
            write!(f, ", length: {length}")?;
        }
        if let Some(from) = self.from {
            write!(f, ", from: {from}")?;
        }
        if let Some(to) = self.to {
            write!(f, ", to: {to}")?;
        }
        if !self.except.is_empty() {
            write!(f, ", except: [{}]", listed(&self.except))?;
        }
        if !self.breaking.is_empty() {
            write!(f, ", breaking: [{}]", self.breaking.join(", "))?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for TextPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => f.write_str(text),
            Self::Reference(Reference { thing, fact, pointer, .. }) => {
                write!(f, "${{{thing}.{fact}{}}}", pointer.as_ref().map(ToString::to_string).unwrap_or_default())
            }
        }
    }
}

fn listed(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A plain value as it is written: a text has quotes only where it would be read as something else.
#[must_use]
pub fn plain_text(json: &Json) -> String {
    match json {
        Json::String(text) if serde_json::from_str::<Json>(text).is_err() && !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

impl Value {
    /// The one reference that is the whole value.
    #[must_use]
    pub fn sole_reference(&self) -> Option<&Reference> {
        match self {
            Self::Text(parts) => match parts.as_slice() {
                [TextPart::Reference(reference)] => Some(reference),
                _ => None,
            },
            _ => None,
        }
    }

    /// Calls a function with every reference in the value, those of `except` included.
    pub fn each_reference<'a>(&'a self, visit: &mut dyn FnMut(&'a Reference)) {
        match self {
            Self::Text(parts) => {
                for part in parts {
                    if let TextPart::Reference(reference) = part {
                        visit(reference);
                    }
                }
            }
            Self::List(values) | Self::OneOf(values) => {
                for value in values {
                    value.each_reference(visit);
                }
            }
            Self::Map(members) => {
                for value in members.values() {
                    value.each_reference(visit);
                }
            }
            Self::Upper(inner) => inner.each_reference(visit),
            Self::Any(draw) => {
                for value in &draw.except {
                    value.each_reference(visit);
                }
            }
            _ => {}
        }
    }

    /// Every reference in the value.
    #[must_use]
    pub fn references(&self) -> Vec<&Reference> {
        let mut found = Vec::new();
        self.each_reference(&mut |reference| found.push(reference));
        found
    }

    /// The value without places, where it has no references and draws.
    #[must_use]
    pub fn plain(&self) -> Option<&Json> {
        match self {
            Self::Plain(json) => Some(json),
            _ => None,
        }
    }
}
