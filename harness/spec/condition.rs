//! Conditions as the language writes them, alike in `given`, `when` and `then`. Whether one holds is decided in `verdict/` and `plan/`.

use indexmap::IndexMap;

use crate::spec::value::{Duration, Value};
use crate::wire::pointer::Pointer;

/// What a value must be like.
#[derive(Debug, Clone)]
pub enum Condition {
    /// It is not there.
    Absent,
    /// A time in the future.
    AfterNow,
    /// All of these hold.
    All(Vec<Condition>),
    /// A number, no smaller.
    AtLeast(i64),
    /// A number, no larger.
    AtMost(i64),
    /// A list or map of so many.
    Count(usize),
    /// For every element or member.
    Each(Box<Condition>),
    /// The same value.
    Equals(Value),
    /// One of these holds.
    In(Vec<Condition>),
    /// The value occurs nowhere inside.
    Lacks(Value),
    /// No secret of the request occurs inside.
    LacksSecrets,
    /// Each named member.
    Members(IndexMap<String, Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Set longer ago, or never.
    Older(Duration),
    /// A map without other members.
    Only(Vec<String>),
    /// An address on the origin of the target.
    Origin,
    /// The whole text fits.
    Pattern(Pattern),
    /// A text that starts so.
    Prefix {
        /// The start.
        prefix: String,
        /// But none that starts so.
        except: Vec<String>,
    },
    /// It is there, and not null.
    Present,
    /// The same value as at another place of the answer.
    SameAs(Pointer),
    /// For at least one element or member.
    Some(Box<Condition>),
    /// A value of this type.
    Type(JsonType),
    /// Set no longer ago.
    Within(Duration),
}

/// A regular expression for a whole text.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    /// Compiled, with anchors.
    pub regex: regex::Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The sentence of the regex crate, on one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains(r"\d") || text.contains(r"\w") {
            return Err(r"`\d` and `\w` mean all scripts; write `[0-9]` or `[A-Za-z0-9_]`".to_owned());
        }
        match regex::Regex::new(&format!("^(?:{text})$")) {
            Ok(regex) => Ok(Self { text: text.to_owned(), regex }),
            Err(error) => Err(error
                .to_string()
                .lines()
                .last()
                .unwrap_or("it does not compile")
                .trim_start_matches("error: ")
                .to_owned()),
        }
    }
}

/// The types of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// A list.
    Array,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// Null.
    Null,
    /// A number.
    Number,
    /// A map.
    Object,
    /// A text.
    String,
    /// A text with a time, RFC 3339.
    Time,
    /// A text with an absolute address.
    Url,
}

impl JsonType {
    /// The names as written in YAML.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("array", Self::Array),
        ("boolean", Self::Boolean),
        ("integer", Self::Integer),
        ("null", Self::Null),
        ("number", Self::Number),
        ("object", Self::Object),
        ("string", Self::String),
        ("time", Self::Time),
        ("url", Self::Url),
    ];

    /// The type of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, found)| *found)
    }

    /// The name as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, found)| *found == self).map_or("", |(name, _)| name)
    }
}

impl Condition {
    /// Calls a function with every value that the condition compares with.
    pub fn each_value<'a>(&'a self, visit: &mut dyn FnMut(&'a Value)) {
        match self {
            Self::Equals(value) | Self::Lacks(value) => visit(value),
            Self::All(list) | Self::In(list) => {
                for condition in list {
                    condition.each_value(visit);
                }
            }
            Self::Members(members) => {
                for condition in members.values() {
                    condition.each_value(visit);
                }
            }
            Self::Each(inner) | Self::Not(inner) | Self::Some(inner) => inner.each_value(visit),
            _ => {}
        }
    }

    /// The places of an answer that must be there for the condition to hold, below a prefix.
    #[must_use]
    pub fn demanded(&self, prefix: &Pointer) -> Vec<Pointer> {
        match self {
            Self::Absent | Self::Not(_) => Vec::new(),
            Self::All(list) => list.iter().flat_map(|inner| inner.demanded(prefix)).collect(),
            Self::Members(members) => std::iter::once(prefix.clone())
                .chain(members.iter().flat_map(|(name, inner)| inner.demanded(&prefix.join(name))))
                .collect(),
            _ => vec![prefix.clone()],
        }
    }
}
