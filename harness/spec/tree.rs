//! The located tree: YAML as data, each node with its place. Read by hand in `read/`; nothing here knows the language.

use serde_json::Value as Json;

use crate::spec::place::Place;

/// A node of a YAML document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: NodeKind,
    /// Where it stands.
    pub(crate) place: Place,
    /// Its tag, such as `tag:yaml.org,2002:binary`; the language has none.
    pub(crate) tag: Option<String>,
}

/// The content of a [`Node`].
#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    /// `true`, `false`, a number, a text or nothing.
    Scalar(Json),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// The key of a map entry; keys are texts.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The text.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) place: Place,
}

impl Node {
    /// The text of a text node.
    #[must_use]
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The scalar of a scalar node.
    #[must_use]
    pub(crate) fn scalar(&self) -> Option<&Json> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub(crate) fn entries(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub(crate) fn elements(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The value of a key, where this is a map that has it.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|(name, _)| name.text == key).map(|(_, node)| node)
    }

    /// How many nodes it is made of, itself included.
    #[must_use]
    pub(crate) fn size(&self) -> usize {
        match &self.kind {
            NodeKind::Scalar(_) => 1,
            NodeKind::List(elements) => 1 + elements.iter().map(Self::size).sum::<usize>(),
            NodeKind::Map(entries) => 1 + entries.iter().map(|(_, node)| node.size()).sum::<usize>(),
        }
    }

    /// What kind of node this is, for messages.
    #[must_use]
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(Json::Null) => "nothing",
            NodeKind::Scalar(Json::Bool(_)) => "true or false",
            NodeKind::Scalar(Json::Number(_)) => "a number",
            NodeKind::Scalar(_) => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
        }
    }

    /// The node as plain JSON, without places.
    #[must_use]
    pub(crate) fn to_json(&self) -> Json {
        match &self.kind {
            NodeKind::Scalar(scalar) => scalar.clone(),
            NodeKind::List(elements) => elements.iter().map(Self::to_json).collect(),
            NodeKind::Map(entries) => {
                Json::Object(entries.iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect())
            }
        }
    }
}
