//! A step of a plan to a request on the wire: links followed, references and draws filled in.

use serde_json::Value as Json;

use crate::plan::path::Step;
use crate::plan::rules::actor_of;
use crate::plan::template::{Template, template};
use crate::run::world::{Scope, World};
use crate::spec::model::{Actor, Transition};
use crate::spec::value::Value;
use crate::wire::exchange::{Body, Request, encode};
use crate::wire::pointer::Pointer;

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The request.
    pub request: Request,
    /// Whether the API token goes along.
    pub authenticated: bool,
    /// Headers that are not added although they usually are.
    pub without: Vec<String>,
    /// Whether it goes to the endpoint of its transition, and not to another path or by another method.
    pub own_endpoint: bool,
}

/// Why a request could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// The newest answer publishes no link at the place.
    NoLink {
        /// The place.
        pointer: String,
        /// What is there.
        found: String,
    },
    /// The world does not know what the request needs.
    Unknown(String),
}

/// Fills in the request of a step.
///
/// # Errors
/// The link or the fact that is missing.
pub fn ready(
    world: &World<'_>,
    base: &str,
    transition: &Transition,
    step: &Step,
    name: &str,
    made_up: &[String],
) -> Result<Ready, NotReady> {
    let template = template(transition, &step.with);
    let scope = Scope { family: step.family, step: name, replaced: &template.replaced };
    let root = |part: &str| Pointer::default().join(part);
    let _ = world.take_unknown();
    let method = text(world, &template.method, &root("method"), &scope)?;
    let address = address(world, base, transition, step, &template, &scope, made_up)?;
    let mut query = Vec::new();
    for (key, value) in &template.query {
        if let Some(filled) = world.fill(value, &root("query").join(key), &scope) {
            query.push(format!("{}={}", encode(key), encode(&plain(&filled))));
        }
    }
    let mut headers = Vec::new();
    let mut without = Vec::new();
    for (key, value) in &template.header {
        match world.fill(value, &root("header").join(key), &scope) {
            Some(filled) => headers.push((key.clone(), plain(&filled))),
            None => without.push(key.clone()),
        }
    }
    let body = body(world, &template, &scope)?;
    // Text in place of a document is still announced as one.
    if matches!(body, Body::Text(_)) && !template.header.contains_key("content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let mut url = address;
    if !query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&query.join("&"));
    }
    if let Some(unknown) = world.take_unknown().filter(|_| made_up.is_empty()) {
        return Err(NotReady::Unknown(unknown));
    }
    let replaces_token = template.header.contains_key("authorization");
    Ok(Ready {
        request: Request { method, url, headers, body },
        authenticated: actor_of(world.spec, transition) == Actor::ApiToken && !replaces_token,
        without,
        own_endpoint: !template.path_replaced && !template.method_replaced,
    })
}

fn address(
    world: &World<'_>,
    base: &str,
    transition: &Transition,
    step: &Step,
    template: &Template,
    scope: &Scope<'_>,
    made_up: &[String],
) -> Result<String, NotReady> {
    if let Some(follow) = template.follow.as_ref().filter(|_| step.follows && !template.path_replaced) {
        return follow_link(world, transition, step, follow, scope);
    }
    let at = Pointer::default().join("path");
    let path = match text(world, &template.path, &at, scope) {
        Ok(path) => path,
        Err(unknown) if made_up.is_empty() => return Err(unknown),
        Err(_) => made_up_path(world, &template.path, scope),
    };
    Ok(format!("{base}{path}"))
}

/// A path whose unknown facts are made up.
fn made_up_path(world: &World<'_>, path: &Value, scope: &Scope<'_>) -> String {
    use crate::spec::value::TextPart;
    let Value::Text(parts) = path else {
        return "/".to_owned();
    };
    parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(literal) => literal.clone(),
            TextPart::Reference(reference) => world
                .fill(&Value::Text(vec![TextPart::Reference(reference.clone())]), &Pointer::default(), scope)
                .map_or_else(|| "00umadeup0000000x0g4".to_owned(), |known| plain(&known)),
        })
        .collect()
}

fn follow_link(
    world: &World<'_>,
    transition: &Transition,
    step: &Step,
    follow: &Value,
    scope: &Scope<'_>,
) -> Result<String, NotReady> {
    let place = text(world, follow, &Pointer::default().join("follow"), scope)?;
    let no_link =
        |found: &Json| NotReady::NoLink { pointer: place.clone(), found: crate::verdict::check::shown(found) };
    let pointer = Pointer::parse(&place).map_err(NotReady::Unknown)?;
    let newest = world.thing(step.family, &transition.machine.value).map_or(Json::Null, |thing| thing.newest.clone());
    let link = pointer.first(&newest).cloned().unwrap_or(Json::Null);
    let href = match &link {
        Json::String(href) => Some(href.clone()),
        Json::Object(members) => members.get("href").and_then(Json::as_str).map(ToOwned::to_owned),
        _ => None,
    };
    href.ok_or_else(|| no_link(&link))
}

fn body(world: &World<'_>, template: &Template, scope: &Scope<'_>) -> Result<Body, NotReady> {
    let root = |part: &str| Pointer::default().join(part);
    if !template.form.is_empty() {
        let members = template
            .form
            .iter()
            .filter_map(|(key, value)| {
                world.fill(value, &root("form").join(key), scope).map(|filled| (key.clone(), plain(&filled)))
            })
            .collect();
        return Ok(Body::Form(members));
    }
    match &template.body {
        None => Ok(Body::None),
        Some(Value::Raw(text)) => Ok(Body::Text(text.clone())),
        Some(value) => {
            let filled =
                world.fill(value, &root("body"), scope).ok_or_else(|| NotReady::Unknown("the body".to_owned()))?;
            Ok(Body::Json(filled))
        }
    }
}

fn text(world: &World<'_>, value: &Value, at: &Pointer, scope: &Scope<'_>) -> Result<String, NotReady> {
    match world.fill(value, at, scope) {
        Some(filled) => Ok(plain(&filled)),
        None => Err(NotReady::Unknown(crate::plan::rules::written(value))),
    }
}

/// A value as it stands in a path, a query or a header.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
