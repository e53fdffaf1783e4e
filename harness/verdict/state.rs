//! What an answer says about the state of a thing.

use serde_json::Value as Json;

use crate::spec::model::{Machine, StateWay};

/// The states that an answer names; nothing where it names none.
#[must_use]
pub fn named(machine: &Machine, answer: &Json) -> Option<Vec<String>> {
    let successful = answer.get("status").and_then(Json::as_u64).is_some_and(|status| status < 400);
    if !successful {
        return None;
    }
    for way in &machine.state {
        match way {
            StateWay::At(pointer) => {
                if let Some(state) = pointer.first(answer).and_then(Json::as_str) {
                    return Some(vec![state.to_owned()]);
                }
            }
            StateWay::Has(pointer, state) => {
                if pointer.first(answer).is_some() {
                    return Some(vec![state.clone()]);
                }
            }
            StateWay::Names(pointer) => {
                let names: Vec<String> =
                    pointer.all(answer).into_iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect();
                if !names.is_empty() {
                    return Some(names);
                }
            }
            StateWay::Is(state) => return Some(vec![state.clone()]),
        }
    }
    None
}
