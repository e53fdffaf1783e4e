//! Filter and search expressions: reading them and trying them on an object's JSON form.
//!
//! Which parameters carry expressions is decided by the lists that take them.

use crate::catalogue;
use crate::failure::Failure;
use jiff::Timestamp;
use serde_json::Value;
use std::cmp::Ordering;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// Both hold.
    Both(Box<Expression>, Box<Expression>),
    /// One holds.
    Either(Box<Expression>, Box<Expression>),
    /// It doesn't hold.
    Not(Box<Expression>),
    /// The attribute has a value.
    Present(String),
    /// The attribute compares to a text.
    Compare(String, Operator, String),
}

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    Differs,
    /// Starts with.
    Starts,
    /// Contains.
    Contains,
    /// Ends with.
    Ends,
    /// Greater.
    Greater,
    /// Greater or equal.
    AtLeast,
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expression, Failure> {
    let invalid = || Failure::of(&catalogue::SEARCH);
    let tokens = tokens(text).ok_or_else(invalid)?;
    let mut reader = Reader { tokens, next: 0 };
    let expression = reader.either(0).ok_or_else(invalid)?;
    if reader.next == reader.tokens.len() { Ok(expression) } else { Err(invalid()) }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(&letter) = letters.peek() {
        match letter {
            ' ' => {
                letters.next();
            }
            '(' | ')' => {
                letters.next();
                tokens.push(if letter == '(' { Token::Open } else { Token::Close });
            }
            '"' => {
                letters.next();
                tokens.push(Token::Text(quoted(&mut letters)?));
            }
            _ => {
                let mut word = String::new();
                while let Some(letter) = letters.next_if(|&letter| !matches!(letter, ' ' | '(' | ')' | '"')) {
                    word.push(letter);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

fn quoted(letters: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

/// The deepest nesting that is read.
const DEEPEST: usize = 40;

struct Reader {
    tokens: Vec<Token>,
    next: usize,
}

impl Reader {
    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(
            self.tokens.get(self.next),
            Some(Token::Word(other)) if other.eq_ignore_ascii_case(word)
        );
        self.next += usize::from(found);
        found
    }

    fn either(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.both(depth)?;
        while self.take_word("or") {
            left = Expression::Either(Box::new(left), Box::new(self.both(depth)?));
        }
        Some(left)
    }

    fn both(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.single(depth)?;
        while self.take_word("and") {
            left = Expression::Both(Box::new(left), Box::new(self.single(depth)?));
        }
        Some(left)
    }

    fn single(&mut self, depth: usize) -> Option<Expression> {
        if depth > DEEPEST {
            return None;
        }
        if self.take_word("not") {
            return Some(Expression::Not(Box::new(self.single(depth + 1)?)));
        }
        match self.take()? {
            Token::Open => {
                let inner = self.either(depth + 1)?;
                (self.take()? == Token::Close).then_some(inner)
            }
            Token::Word(attribute) => self.comparison(attribute),
            Token::Text(_) | Token::Close => None,
        }
    }

    fn comparison(&mut self, attribute: String) -> Option<Expression> {
        if self.take_word("pr") {
            return Some(Expression::Present(attribute));
        }
        let Token::Word(operator) = self.take()? else {
            return None;
        };
        let operator = operator_named(&operator)?;
        match self.take()? {
            Token::Word(value) | Token::Text(value) => Some(Expression::Compare(attribute, operator, value)),
            Token::Open | Token::Close => None,
        }
    }
}

fn operator_named(name: &str) -> Option<Operator> {
    Some(match name.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equal,
        "ne" => Operator::Differs,
        "sw" => Operator::Starts,
        "co" => Operator::Contains,
        "ew" => Operator::Ends,
        "gt" => Operator::Greater,
        "ge" => Operator::AtLeast,
        "lt" => Operator::Less,
        "le" => Operator::AtMost,
        _ => return None,
    })
}

impl Expression {
    /// Whether the expression holds for an object.
    pub(crate) fn fits(&self, object: &Value) -> bool {
        match self {
            Self::Both(left, right) => left.fits(object) && right.fits(object),
            Self::Either(left, right) => left.fits(object) || right.fits(object),
            Self::Not(inner) => !inner.fits(object),
            Self::Present(attribute) => text(object, attribute).is_some(),
            Self::Compare(attribute, operator, value) => compares(text(object, attribute), *operator, value),
        }
    }
}

/// The attribute at a dotted path, as a text.
fn text(object: &Value, attribute: &str) -> Option<String> {
    let found = attribute.split('.').try_fold(object, |part, name| part.get(name))?;
    match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn compares(found: Option<String>, operator: Operator, wanted: &str) -> bool {
    let Some(found) = found else {
        return operator == Operator::Differs;
    };
    let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
    let order = order(&found, &wanted);
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::Differs => order != Ordering::Equal,
        Operator::Starts => found.starts_with(&wanted),
        Operator::Contains => found.contains(&wanted),
        Operator::Ends => found.ends_with(&wanted),
        Operator::Greater => order == Ordering::Greater,
        Operator::AtLeast => order != Ordering::Less,
        Operator::Less => order == Ordering::Less,
        Operator::AtMost => order != Ordering::Greater,
    }
}

/// Points in time in the order of time, everything else in the order of letters.
fn order(left: &str, right: &str) -> Ordering {
    match (left.parse::<Timestamp>(), right.parse::<Timestamp>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn expressions_select_objects() {
        let user = json!({
            "status": "ACTIVE",
            "created": "2020-01-01T00:00:00.000Z",
            "profile": { "login": "Ann@example.com", "nickName": null },
        });
        for (expression, expected) in [
            (r#"status eq "ACTIVE""#, true),
            (r#"status eq "STAGED" or profile.login sw "ann""#, true),
            (r#"status eq "ACTIVE" and not (profile.login pr)"#, false),
            (r#"profile.nickName pr"#, false),
            (r#"created gt "2019-12-31T23:59:59.999Z""#, true),
            (r#"(created lt "2019-01-01T00:00:00.000Z")"#, false),
            (r#"profile.login co "@EXAMPLE""#, true),
        ] {
            assert_eq!(parse(expression).expect("readable").fits(&user), expected, "{expression}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for expression in ["", "status", "status eq", "status is \"A\"", "(status pr", "a pr b", "\"open"] {
            assert_eq!(parse(expression).expect_err(expression).code, "E0000031");
        }
        let deep = format!("{}a pr{}", "(".repeat(9_000), ")".repeat(9_000));
        assert!(parse(&deep).is_err());
    }
}
