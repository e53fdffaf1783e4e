//! A strategy for each kind of drawn value. Valid by construction: nothing is filtered away.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use proptest::string::string_regex;
use serde_json::Value as Json;

use crate::cases::slots::{Slot, SlotKind};
use crate::spec::value::{Draw, Kind};

/// Stands in a drawn password for the name of the user, which is known when the request is filled in.
pub const USER_NAME: &str = "\u{1}user\u{1}";
/// Stands in a drawn value for the mark of the run and a number, so that nothing collides with what others made.
pub const MARK: &str = "\u{1}mark\u{1}";

/// The strategy of a slot.
pub fn strategy(slot: &Slot) -> BoxedStrategy<Json> {
    let strategy = match &slot.kind {
        SlotKind::Any(draw) => any_of(draw),
        SlotKind::Choice(count) => (0..(*count).max(1)).prop_map(Json::from).boxed(),
    };
    if slot.shrinks { strategy } else { strategy.no_shrink().boxed() }
}

fn text(pattern: &str) -> BoxedStrategy<Json> {
    match string_regex(pattern) {
        Ok(strategy) => strategy.prop_map(Json::from).boxed(),
        Err(_) => Just(Json::Null).boxed(),
    }
}

fn any_of(draw: &Draw) -> BoxedStrategy<Json> {
    let length = draw.length;
    match draw.kind {
        Kind::Answer => text("[a-z]{4,8} [a-z]{4,12}"),
        Kind::ApiToken => text("SSWS 00[A-Za-z0-9_-]{40}"),
        Kind::Digits => text(&format!("[0-9]{{{}}}", length.unwrap_or(6))),
        Kind::Id => text("[a-z0-9]{3}[A-Za-z0-9]{17}"),
        Kind::Integer => (draw.from.unwrap_or(0)..=draw.to.unwrap_or(1_000)).prop_map(Json::from).boxed(),
        // No short part of a login, nor a number, may come to stand in a password by chance.
        Kind::Login => text(&format!("{MARK}-[a-z]{{6,10}}@example\\.com")),
        Kind::Name => text(&format!("{MARK} [a-z]{{3,10}}")),
        Kind::Password => password(draw),
        Kind::Path => text("/api/v1/[a-z]{10,14}"),
        Kind::Phone => text("\\+1415555[0-9]{4}"),
        Kind::StateToken => text("00[A-Za-z0-9_-]{40}"),
        Kind::Text => match length {
            Some(length) => text(&format!("[A-Za-z][A-Za-z ]{{{}}}[a-z]", length.saturating_sub(2))),
            None => text("[A-Za-z][A-Za-z ]{0,30}[a-z]"),
        },
        Kind::Token => text(&format!("[A-Za-z0-9]{{{}}}", length.unwrap_or(20))),
        Kind::UserId => text("00u[A-Za-z0-9]{17}"),
    }
}

/// Characters of passwords that careless servers trip over.
const SYMBOLS: [char; 10] = ['!', '"', '%', '&', '\'', '+', '/', '<', '\\', '{'];

fn password(draw: &Draw) -> BoxedStrategy<Json> {
    if draw.breaking.is_empty() {
        return valid_password(4, 8);
    }
    select(draw.breaking.clone())
        .prop_flat_map(|breaking| match breaking.as_str() {
            "length" => text("[A-Z][a-z]{1,4}[0-9]{2}"),
            "lower-case" => text("[A-Z]{6,10}[0-9]{2,4}"),
            "upper-case" => text("[a-z]{6,10}[0-9]{2,4}"),
            "number" => text("[A-Z][a-z]{8,12}"),
            _ => text(&format!("Z[0-9]{{2}}{USER_NAME}")),
        })
        .boxed()
}

fn valid_password(least: usize, most: usize) -> BoxedStrategy<Json> {
    let pattern = |class: &str, least: usize, most: usize| {
        string_regex(&format!("{class}{{{least},{most}}}"))
            .map_or_else(|_| Just(String::new()).boxed(), Strategy::boxed)
    };
    (pattern("[A-Z]", 1, 3), pattern("[a-z]", least, most), pattern("[0-9]", 3, 3), vec(select(SYMBOLS.to_vec()), 0..3))
        .prop_map(|(upper, lower, digits, symbols)| {
            let symbols: String = symbols.into_iter().collect();
            Json::from(format!("{upper}{lower}{symbols}{digits}"))
        })
        .boxed()
}
