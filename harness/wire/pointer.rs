//! A place in a request or an answer: a JSON Pointer with `*` and `[name=value]`. Finds nothing by itself: documents are handed in.

use std::fmt;

use serde_json::Value as Json;

/// One step of a [`Pointer`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A member of a map or, when it is a number, an element of a list.
    Name(String),
    /// `*`: every element of a list or member of a map.
    Every,
    /// `[name=value]`: the elements of a list whose member has the value.
    Where(String, String),
}

/// A JSON Pointer with two additions, see [`Step`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Pointer {
    /// The steps from the root.
    pub steps: Vec<Step>,
}

impl Pointer {
    /// Reads a pointer.
    ///
    /// # Errors
    /// A sentence fragment that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err("a place starts with `/`".to_owned());
        };
        let steps = split(rest)?.into_iter().map(|part| step(&part)).collect::<Result<_, _>>()?;
        Ok(Self { steps })
    }

    /// The first step, where it is a name.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The pointer without its first step.
    #[must_use]
    pub fn below(&self) -> Self {
        Self { steps: self.steps.get(1..).unwrap_or_default().to_vec() }
    }

    /// A pointer one step longer.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(Step::Name(name.to_owned()));
        Self { steps }
    }

    /// Whether this pointer is `other` or lies below it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.steps.starts_with(&other.steps)
    }

    /// Every value at this place.
    #[must_use]
    pub fn all<'a>(&self, document: &'a Json) -> Vec<&'a Json> {
        let mut found = vec![document];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| below(value, step)).collect();
        }
        found
    }

    /// The first value at this place.
    #[must_use]
    pub fn first<'a>(&self, document: &'a Json) -> Option<&'a Json> {
        self.all(document).into_iter().next()
    }

    /// Puts a value at this place, making maps on the way; `None` removes what is there. Says whether the place could be reached.
    pub fn put(&self, document: &mut Json, value: Option<Json>) -> bool {
        put(&self.steps, document, value)
    }
}

fn put(steps: &[Step], document: &mut Json, value: Option<Json>) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        *document = value.unwrap_or(Json::Null);
        return true;
    };
    match (step, document) {
        (Step::Name(name), Json::Array(elements)) => {
            let Some(index) = name.parse::<usize>().ok().filter(|index| *index < elements.len()) else {
                return false;
            };
            if rest.is_empty() && value.is_none() {
                elements.remove(index);
                return true;
            }
            put(rest, &mut elements[index], value)
        }
        (Step::Name(name), document) => {
            if !document.is_object() {
                if value.is_none() {
                    return false;
                }
                *document = Json::Object(serde_json::Map::new());
            }
            let Json::Object(members) = document else {
                return false;
            };
            if rest.is_empty() {
                match value {
                    Some(value) => {
                        members.insert(name.clone(), value);
                        true
                    }
                    None => members.shift_remove(name).is_some(),
                }
            } else {
                put(rest, members.entry(name.clone()).or_insert(Json::Null), value)
            }
        }
        (Step::Every | Step::Where(..), _) => false,
    }
}

fn below<'a>(value: &'a Json, step: &Step) -> Vec<&'a Json> {
    match (step, value) {
        (Step::Name(name), Json::Object(members)) => members.get(name).into_iter().collect(),
        (Step::Name(name), Json::Array(elements)) => {
            name.parse::<usize>().ok().and_then(|index| elements.get(index)).into_iter().collect()
        }
        (Step::Every, Json::Array(elements)) => elements.iter().collect(),
        (Step::Every, Json::Object(members)) => members.values().collect(),
        (Step::Where(name, wanted), Json::Array(elements)) => elements
            .iter()
            .filter(|element| match element.get(name) {
                Some(Json::String(text)) => text == wanted,
                Some(other) => serde_json::from_str::<Json>(wanted).is_ok_and(|wanted| wanted == *other),
                None => false,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Splits at `/`, but not inside brackets.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            '/' if !inside => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    if inside {
        return Err("a `[` is not closed".to_owned());
    }
    Ok(parts)
}

fn step(part: &str) -> Result<Step, String> {
    if part == "*" {
        return Ok(Step::Every);
    }
    if let Some(inner) = part.strip_prefix('[') {
        let Some((name, value)) = inner.strip_suffix(']').and_then(|inner| inner.split_once('=')) else {
            return Err(format!("`{part}` is not of the form `[name=value]`"));
        };
        return Ok(Step::Where(name.to_owned(), value.to_owned()));
    }
    if part.is_empty() {
        return Err("a step of the place is empty".to_owned());
    }
    Ok(Step::Name(part.replace("~1", "/").replace("~0", "~")))
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Name(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))?,
                Step::Every => f.write_str("/*")?,
                Step::Where(name, value) => write!(f, "/[{name}={value}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(pointer: &str, document: &Json) -> Vec<Json> {
        Pointer::parse(pointer).expect("a pointer").all(document).into_iter().cloned().collect()
    }

    #[test]
    fn finds_members_elements_and_selections() {
        let document = json!({"a": [{"name": "sms", "v": 1}, {"name": "call", "v": 2}], "x/y": 3});
        assert_eq!(at("/a/1/v", &document), [json!(2)]);
        assert_eq!(at("/a/*/v", &document), [json!(1), json!(2)]);
        assert_eq!(at("/a/[name=sms]/v", &document), [json!(1)]);
        assert_eq!(at("/x~1y", &document), [json!(3)]);
        assert!(at("/a/7", &document).is_empty());
    }

    #[test]
    fn brackets_may_hold_slashes_and_colons() {
        let document = json!([{"t": "a/b:c", "v": 1}]);
        assert_eq!(at("/[t=a/b:c]/v", &document), [json!(1)]);
    }

    #[test]
    fn refuses_what_is_no_place() {
        for bad in ["body", "/a//b", "/[a", "/[a]"] {
            assert!(Pointer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn puts_and_removes() {
        let mut document = json!({"a": {"b": 1}});
        assert!(Pointer::parse("/a/c/d").expect("a pointer").put(&mut document, Some(json!(2))));
        assert!(Pointer::parse("/a/b").expect("a pointer").put(&mut document, None));
        assert_eq!(document, json!({"a": {"c": {"d": 2}}}));
    }
}
