//! Laws that hold everywhere: which exchanges fit, what must hold in each, and between them.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::model::{Compare, Law, Per, Scope, Spec, When};
use crate::verdict::check::{self, Context, holds};
use crate::verdict::finding::Finding;
use crate::verdict::judge::{Book, Judged, judge};
use crate::wire::pointer::Pointer;

/// What a law may ask about an exchange beside its documents.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// The machine whose transition it was; empty where nobody knows.
    pub machine: String,
    /// The transition; empty where nobody knows.
    pub transition: String,
    /// What tells the things of this case from those of others, by machine.
    pub things: BTreeMap<String, String>,
    /// When the request was sent, in milliseconds since 1970.
    pub sent_at: u64,
    /// When the answer was there, in milliseconds since 1970.
    pub answered_at: u64,
}

/// What one exchange means for one law.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The law.
    pub law: String,
    /// What was found.
    pub judged: Judged,
}

/// Whether a law speaks of an exchange.
#[must_use]
pub fn fits(when: &When, circumstances: &Circumstances, context: &Context<'_>) -> bool {
    let asks = |condition: &Option<Condition>, value: Option<&Json>, name: &str| {
        condition.as_ref().is_none_or(|condition| holds(condition, value, &Pointer::default().join(name), context))
    };
    let text = |text: &str| Json::String(text.to_owned());
    asks(&when.status, context.answer.get("status"), "status")
        && asks(&when.method, context.request.get("method"), "method")
        && asks(&when.path, context.request.get("path"), "path")
        && asks(&when.machine, Some(&text(&circumstances.machine)), "machine")
        && asks(&when.transition, Some(&text(&circumstances.transition)), "transition")
        && asks(&when.header, context.answer.get("header"), "header")
        && asks(&when.body, context.answer.get("body"), "body")
        && asks(&when.request, Some(context.request), "request")
}

/// Judges one exchange by every law that holds in each.
#[must_use]
pub fn each(spec: &Spec, circumstances: &Circumstances, context: &Context<'_>) -> Vec<Ruling> {
    let book = Book { errors: &spec.errors, files: &spec.files };
    spec.laws
        .values()
        .filter_map(|law| match &law.scope {
            Scope::Each { when, then } if fits(when, circumstances, context) => {
                Some(Ruling { law: law.name.clone(), judged: judge(then, law.standing.level, book, context) })
            }
            _ => None,
        })
        .collect()
}

/// The laws between answers, and what they have seen.
#[derive(Debug, Default)]
pub struct Between {
    series: HashMap<(String, String), Vec<Seen>>,
}

#[derive(Debug, Clone)]
struct Seen {
    value: Json,
    sent_at: u64,
    answered_at: u64,
}

/// Milliseconds that two moments must be apart to have an order: both are cut to whole milliseconds.
const APART: u64 = 2;

/// How many earlier answers of one series are kept for laws about numbers.
const KEPT: usize = 64;

impl Between {
    /// Judges one exchange by every law between answers, and remembers it.
    pub fn rule(&mut self, spec: &Spec, circumstances: &Circumstances, context: &Context<'_>) -> Vec<Ruling> {
        spec.laws
            .values()
            .filter_map(|law| match &law.scope {
                Scope::Between { when, per, compare } if fits(when, circumstances, context) => {
                    let findings = self.compare(spec, law, per, &compare.value, circumstances, context);
                    Some(Ruling { law: law.name.clone(), judged: Judged { findings, ..Judged::default() } })
                }
                _ => None,
            })
            .collect()
    }

    fn compare(
        &mut self,
        spec: &Spec,
        law: &Law,
        per: &[Per],
        compare: &Compare,
        circumstances: &Circumstances,
        context: &Context<'_>,
    ) -> Vec<Finding> {
        let pointer = match compare {
            Compare::Distinct(pointer) | Compare::NeverFalls(pointer) | Compare::NeverGrows(pointer) => pointer,
            Compare::Same { .. } => return Vec::new(),
        };
        let series: Vec<String> = per
            .iter()
            .map(|per| match per {
                Per::At(pointer) => pointer.first(context.answer).map_or_else(String::new, ToString::to_string),
                Per::Machine(machine) => circumstances.things.get(machine).cloned().unwrap_or_default(),
                Per::Transition => circumstances.transition.clone(),
            })
            .collect();
        let seen = self.series.entry((law.name.clone(), series.join("|"))).or_default();
        let mut wrong = Vec::new();
        for value in pointer.all(context.answer) {
            let now =
                Seen { value: value.clone(), sent_at: circumstances.sent_at, answered_at: circumstances.answered_at };
            let earlier = match compare {
                Compare::Distinct(_) => seen.iter().find(|other| other.value == now.value),
                // Answers to requests that were under way together may overtake each other.
                Compare::NeverGrows(_) => seen
                    .iter()
                    .find(|other| other.answered_at + APART < now.sent_at && rank(&other.value) < rank(&now.value)),
                _ => seen
                    .iter()
                    .find(|other| other.answered_at + APART < now.sent_at && rank(&other.value) > rank(&now.value)),
            };
            if let Some(earlier) = earlier {
                wrong.push(Finding {
                    pointer: pointer.to_string(),
                    expected: match compare {
                        Compare::Distinct(_) => "a value that no earlier answer had".to_owned(),
                        Compare::NeverGrows(_) => format!("no more than {}, as an earlier answer had", earlier.value),
                        _ => format!("no less than {}, as an earlier answer had", earlier.value),
                    },
                    actual: check::shown(&now.value),
                    level: law.standing.level,
                    demanded_by: spec.files.location(match &law.scope {
                        Scope::Between { compare, .. } => compare.place,
                        _ => law.place,
                    }),
                });
            }
            seen.push(now);
            if !matches!(compare, Compare::Distinct(_)) && seen.len() > KEPT {
                seen.remove(0);
            }
        }
        wrong
    }
}

/// A number of a value that can be compared: a number, a text of digits, or a time.
fn rank(value: &Json) -> i64 {
    match value {
        Json::Number(number) => number.as_i64().unwrap_or_default(),
        Json::String(text) => text.parse().ok().or_else(|| check::milliseconds(text)).unwrap_or_default(),
        _ => 0,
    }
}

/// The differences between answers that must be the same.
#[must_use]
pub fn differences(
    places: &[Pointer],
    except: &[Pointer],
    answers: &[(String, Json)],
) -> Vec<(String, String, String)> {
    let Some(((first_name, first), others)) = answers.split_first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, other) in others {
        let left = without(first, except);
        let right = without(other, except);
        for place in places {
            collect_differences(
                place,
                place.first(&left).unwrap_or(&Json::Null),
                place.first(&right).unwrap_or(&Json::Null),
                &mut |at, a, b| {
                    found.push((
                        at.to_string(),
                        format!("{} as in {first_name}", check::shown(a)),
                        format!("{} in {name}", check::shown(b)),
                    ))
                },
            );
        }
    }
    found
}

fn without(document: &Json, except: &[Pointer]) -> Json {
    let mut copy = document.clone();
    for pointer in except {
        pointer.put(&mut copy, None);
    }
    copy
}

fn collect_differences(at: &Pointer, a: &Json, b: &Json, visit: &mut dyn FnMut(&Pointer, &Json, &Json)) {
    match (a, b) {
        (Json::Object(left), Json::Object(right)) => {
            let names: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                collect_differences(
                    &at.join(name),
                    left.get(name).unwrap_or(&Json::Null),
                    right.get(name).unwrap_or(&Json::Null),
                    visit,
                );
            }
        }
        _ if a == b => {}
        _ => visit(at, a, b),
    }
}
