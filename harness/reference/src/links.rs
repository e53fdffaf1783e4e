//! Links inside of bodies: the address, the relation's name and the methods it allows.
//!
//! Which links an object has is decided where the object is written.

use crate::defects::Flaw;
use crate::org::Org;
use serde_json::{Map, Value, json};

/// A link with the methods it allows.
pub(crate) fn hinted(org: &Org, path: &str, methods: &[&str]) -> Value {
    json!({ "href": address(org, path), "hints": { "allow": methods } })
}

/// A link that has a name, as `next` and `skip` of transactions do.
pub(crate) fn named(org: &Org, name: &str, path: &str) -> Value {
    let mut link = Map::new();
    link.insert("name".to_owned(), name.into());
    link.insert("href".to_owned(), address(org, path).into());
    link.insert("hints".to_owned(), json!({ "allow": ["POST"] }));
    Value::Object(link)
}

/// A link without a hint.
pub(crate) fn plain(org: &Org, path: &str) -> Value {
    json!({ "href": address(org, path) })
}

/// A link with one method, as user objects have them.
pub(crate) fn operation(org: &Org, path: &str) -> Value {
    json!({ "href": address(org, path), "method": "POST" })
}

fn address(org: &Org, path: &str) -> String {
    if org.has(Flaw::OtherOrigin) { format!("https://elsewhere.example.com{path}") } else { org.address(path) }
}
