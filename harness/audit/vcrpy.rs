//! Cassettes of vcrpy: `interactions`, each a `request` with a `uri` and a `response`. What its stubs for requests, aiohttp and
//! httpx write differs; all of it is read.

use serde_json::Value as Json;

use crate::audit::message;
use crate::audit::page::Page;
use crate::audit::recorded::{Part, Recorded, Unread};
use crate::spec::tree::{Node, NodeKind};
use crate::wire::exchange::{Body, Exchange, Request, Response, origin};

/// Milliseconds that an exchange is taken to last. A date has no fractions and says when the answer came, not when it was asked for:
/// only answers more than a second apart are certain to be one before the other.
const TOOK: u64 = 1_000;

/// Whether a file is a cassette of vcrpy: what other recorders write has no `uri`.
pub(super) fn fits(root: &Node) -> bool {
    root.get("interactions").and_then(Node::elements).is_some_and(|interactions| {
        interactions.iter().all(|one| one.get("request").is_none_or(|request| request.get("url").is_none()))
    })
}

/// The exchanges of a cassette.
pub(super) fn read(root: &Node, page: &mut Page<'_>) -> Vec<Recorded> {
    let interactions = root.get("interactions").and_then(Node::elements).unwrap_or_default();
    interactions.iter().enumerate().filter_map(|(index, node)| interaction(node, index + 1, page)).collect()
}

fn interaction(node: &Node, number: usize, page: &mut Page<'_>) -> Option<Recorded> {
    let mut unread = Vec::new();
    let request = page.member(node, "request");
    let response = page.member(node, "response");
    let request = request.and_then(|request| self::request(request, &mut unread, page));
    let answer = match response? {
        Node { kind: NodeKind::Scalar(Json::Null), .. } => Err("no answer was recorded".to_owned()),
        response => Ok(self::response(response, &mut unread, page)?),
    };
    let date = answer.as_ref().ok().and_then(|answer| message::date(&answer.headers));
    let sent_at = date.map_or(0, |date| date.saturating_sub(TOOK));
    let exchange = Exchange { request: request?, answer, sent_at, took: if date.is_some() { TOOK } else { 0 } };
    Some(Recorded { file: page.path().to_owned(), number, line: page.line(node), exchange, unread })
}

fn request(node: &Node, unread: &mut Vec<Unread>, page: &mut Page<'_>) -> Option<Request> {
    let method = page.member(node, "method").and_then(|method| page.text(method, "a method"));
    let url = page.member(node, "uri").and_then(|uri| address(uri, page));
    let headers = page.headers(node.get("headers"));
    let body = match node.get("body") {
        None => Body::None,
        Some(data @ Node { kind: NodeKind::Map(_) | NodeKind::List(_), .. }) => {
            message::of_data(data.to_json(), &headers)
        }
        Some(node) => {
            let bytes = page.bytes(node, "a body")?;
            message::of_request(text(bytes, &headers, Part::Request, unread), &headers)
        }
    };
    Some(Request { method: method?.to_ascii_uppercase(), url: url?, headers, body })
}

fn address(node: &Node, page: &mut Page<'_>) -> Option<String> {
    let url = page.text(node, "an address")?;
    if origin(&url).is_none() {
        page.problem(node, &format!("expected an address with a host, but this is `{url}`"));
        return None;
    }
    Some(url)
}

fn response(node: &Node, unread: &mut Vec<Unread>, page: &mut Page<'_>) -> Option<Response> {
    let status = status(node, page);
    let headers = page.headers(node.get("headers"));
    let bytes = match node.get("body").or_else(|| node.get("content")) {
        None => Vec::new(),
        Some(body @ Node { kind: NodeKind::Map(_), .. }) => wrapped(body, page)?,
        Some(body) => page.bytes(body, "a body")?,
    };
    let body = text(bytes, &headers, Part::Answer, unread);
    Some(Response { status: status?, headers, body })
}

fn status(node: &Node, page: &mut Page<'_>) -> Option<u16> {
    let code = match (node.get("status"), node.get("status_code")) {
        (Some(status), _) => page.member(status, "code")?,
        (None, Some(code)) => code,
        (None, None) => page.member(node, "status")?,
    };
    let text = page.text(code, "the number of a status")?;
    let status = text.parse().ok().filter(|status| (100..=599).contains(status));
    if status.is_none() {
        page.problem(code, &format!("expected a status from 100 to 599, but this is `{text}`"));
    }
    status
}

fn wrapped(node: &Node, page: &mut Page<'_>) -> Option<Vec<u8>> {
    if let Some(packed) = node.get("base64_string") {
        let text = page.text(packed, "a body in base64")?;
        return page.decode(packed, &text);
    }
    match node.get("string") {
        Some(text) => page.bytes(text, "a body"),
        None if node.entries().is_some_and(<[_]>::is_empty) => Some(Vec::new()),
        None => {
            page.problem(node, "expected a body: a map with `string` or `base64_string`");
            None
        }
    }
}

fn text(bytes: Vec<u8>, headers: &[(String, String)], part: Part, unread: &mut Vec<Unread>) -> String {
    match message::text(&bytes, headers) {
        Ok(text) => text,
        Err(reason) => {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            unread.push(Unread { part, bytes, reason });
            shown
        }
    }
}
