//! A request as a step of a plan sends it: the transition's own, with the one fault put in its place. Still with references and
//! draws.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::model::{Act, Transition, WithKey};
use crate::spec::value::Value;
use crate::wire::pointer::{Pointer, Step};

/// A request before it is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The method.
    pub method: Value,
    /// Whether the method is replaced by the `with`.
    pub method_replaced: bool,
    /// The path.
    pub path: Value,
    /// Whether the path is replaced by the `with`, so that no link is followed.
    pub path_replaced: bool,
    /// The place of the link to follow.
    pub follow: Option<Value>,
    /// Query parameters.
    pub query: IndexMap<String, Value>,
    /// Headers.
    pub header: IndexMap<String, Value>,
    /// The JSON body.
    pub body: Option<Value>,
    /// The members of a form.
    pub form: IndexMap<String, Value>,
    /// The message to the hooks.
    pub hook: Option<Value>,
    /// Facts that are replaced wherever they are sent.
    pub replaced: Vec<((String, String), Value)>,
}

/// The request of a transition with what differs.
#[must_use]
pub fn template(transition: &Transition, with: &IndexMap<WithKey, Value>) -> Template {
    let mut template = match &transition.act {
        Act::Request(request) => Template {
            method: Value::Plain(Json::String(request.method.clone())),
            method_replaced: false,
            path: request.path.clone(),
            path_replaced: false,
            follow: request.follow.clone(),
            query: request.query.clone(),
            header: request.header.clone(),
            body: request.body.clone(),
            form: request.form.clone(),
            hook: None,
            replaced: Vec::new(),
        },
        Act::Hook(value) => Template { hook: Some(value.clone()), ..empty() },
        Act::Wait(_) => empty(),
    };
    for (key, value) in with {
        match key {
            WithKey::Fact(thing, fact) => {
                template.replaced.push(((thing.clone(), fact.clone()), value.clone()));
            }
            WithKey::At(pointer) => replace(&mut template, pointer, value),
        }
    }
    template
}

fn empty() -> Template {
    Template {
        method: Value::Absent,
        method_replaced: false,
        path: Value::Absent,
        path_replaced: false,
        follow: None,
        query: IndexMap::new(),
        header: IndexMap::new(),
        body: None,
        form: IndexMap::new(),
        hook: None,
        replaced: Vec::new(),
    }
}

fn replace(template: &mut Template, pointer: &Pointer, value: &Value) {
    let below = pointer.below();
    match pointer.root() {
        Some("method") => {
            template.method = value.clone();
            template.method_replaced = true;
        }
        Some("path") => {
            template.path = value.clone();
            template.path_replaced = true;
        }
        Some("query") => put_named(&mut template.query, &below, value),
        Some("header") => put_named(&mut template.header, &below, value),
        Some("form") => put_named(&mut template.form, &below, value),
        Some("body") => {
            if below.steps.is_empty() {
                template.body = match value {
                    Value::Absent => None,
                    other => Some(other.clone()),
                };
                return;
            }
            let body = template.body.get_or_insert_with(|| Value::Map(IndexMap::new()));
            put(body, &below.steps, value);
        }
        Some("hook") => {
            if let Some(hook) = &mut template.hook {
                put(hook, &below.steps, value);
            }
        }
        _ => {}
    }
}

fn put_named(members: &mut IndexMap<String, Value>, below: &Pointer, value: &Value) {
    if let Some(name) = below.root() {
        // A header that is taken away stays known as absent, so that no default takes its place.
        members.insert(name.to_owned(), value.clone());
    }
}

fn put(target: &mut Value, steps: &[Step], value: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        *target = value.clone();
        return;
    };
    open(target);
    match (step, &mut *target) {
        (Step::Name(name), Value::List(elements)) => {
            if let Some(element) = name.parse::<usize>().ok().and_then(|index| elements.get_mut(index)) {
                put(element, rest, value);
            }
        }
        (Step::Name(name), Value::Map(members)) => {
            if rest.is_empty() && *value == Value::Absent {
                members.shift_remove(name);
                return;
            }
            let member = members.entry(name.clone()).or_insert_with(|| Value::Map(IndexMap::new()));
            put(member, rest, value);
        }
        (Step::Every, Value::List(elements)) => {
            for element in elements {
                put(element, rest, value);
            }
        }
        _ => {}
    }
}

/// Opens a plain map or list, so that something can be put into it.
fn open(value: &mut Value) {
    match value {
        Value::Plain(Json::Object(members)) => {
            *value =
                Value::Map(members.iter().map(|(name, member)| (name.clone(), Value::Plain(member.clone()))).collect());
        }
        Value::Plain(Json::Array(elements)) => {
            *value = Value::List(elements.iter().map(|element| Value::Plain(element.clone())).collect());
        }
        Value::Map(_) | Value::List(_) => {}
        other => *other = Value::Map(IndexMap::new()),
    }
}

impl Template {
    /// Calls a function with each part and its place; nested values are walked by whoever fills them in.
    pub fn each_part<'t>(&'t self, visit: &mut dyn FnMut(&Pointer, &'t Value)) {
        let root = |name: &str| Pointer::default().join(name);
        visit(&root("method"), &self.method);
        visit(&root("path"), &self.path);
        for (part, members) in [("query", &self.query), ("header", &self.header), ("form", &self.form)] {
            for (name, value) in members {
                visit(&root(part).join(name), value);
            }
        }
        if let Some(body) = &self.body {
            visit(&root("body"), body);
        }
        if let Some(hook) = &self.hook {
            visit(&root("hook"), hook);
        }
        for ((thing, fact), value) in &self.replaced {
            visit(&root("fact").join(&format!("{thing}.{fact}")), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_put_into_plain_values() {
        let mut value = Value::Plain(json!({"a": {"b": 1}, "l": [1, 2]}));
        let at = |text: &str| Pointer::parse(text).expect("a pointer").steps;
        put(&mut value, &at("/a/b"), &Value::Plain(json!(2)));
        put(&mut value, &at("/l/1"), &Value::Plain(json!(3)));
        put(&mut value, &at("/n/m"), &Value::Plain(json!(4)));
        put(&mut value, &at("/a/b"), &Value::Absent);
        let Value::Map(members) = &value else { panic!("a map") };
        assert_eq!(members["a"], Value::Map(IndexMap::new()));
        assert_eq!(members["l"], Value::List(vec![Value::Plain(json!(1)), Value::Plain(json!(3))]));
        assert!(members.contains_key("n"));
    }
}
