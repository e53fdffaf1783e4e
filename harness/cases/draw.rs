//! Drawing: a value tree for all slots of a plan, and its current values. Shrinking takes steps on it; the steps taken are a
//! trail, which is what a replay needs beside the seed.

use std::collections::BTreeMap;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::cases::slots::Slot;
use crate::cases::strategy::strategy;

/// Drawn values by the key of their slot.
pub type Drawn = BTreeMap<String, Json>;

/// What was drawn for one case, and how to make it smaller.
pub struct Draws {
    keys: Vec<String>,
    tree: Box<dyn ValueTree<Value = Vec<Json>>>,
    trail: String,
}

/// The seed of one case: of the run, the rule, the plan and the number of the case alone.
#[must_use]
pub fn seed(run: &str, rule: &str, label: &str, index: usize) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in ["oktaspec/1", run, rule, label, &index.to_string()] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().into()
}

impl Draws {
    /// Draws all slots.
    ///
    /// # Errors
    /// A sentence, where a strategy cannot make a value.
    pub fn new(slots: &[Slot], seed: [u8; 32]) -> Result<Self, String> {
        // Set by hand: the default configuration reads the environment and writes files.
        let config = Config { failure_persistence: None, ..Config::with_cases(1) };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let strategies: Vec<BoxedStrategy<Json>> = slots.iter().map(strategy).collect();
        let tree =
            strategies.new_tree(&mut runner).map_err(|reason| format!("a value could not be drawn: {reason}"))?;
        Ok(Self {
            keys: slots.iter().map(|slot| slot.key.clone()).collect(),
            tree: Box::new(tree),
            trail: String::new(),
        })
    }

    /// The values as they are now.
    #[must_use]
    pub fn current(&self) -> Drawn {
        self.keys.iter().cloned().zip(self.tree.current()).collect()
    }

    /// Makes the case smaller, after it failed; false where it cannot be smaller.
    pub fn simplify(&mut self) -> bool {
        let simpler = self.tree.simplify();
        if simpler {
            self.trail.push('s');
        }
        simpler
    }

    /// Takes the last step back in part, after the smaller case did not fail.
    pub fn complicate(&mut self) -> bool {
        let more = self.tree.complicate();
        if more {
            self.trail.push('c');
        }
        more
    }

    /// The steps taken so far.
    #[must_use]
    pub fn trail(&self) -> &str {
        &self.trail
    }

    /// Takes the steps of a trail.
    ///
    /// # Errors
    /// A sentence, where the trail does not fit: it is of another version of the specification or the program.
    pub fn follow(&mut self, trail: &str) -> Result<(), String> {
        for step in trail.chars() {
            let taken = match step {
                's' => self.simplify(),
                'c' => self.complicate(),
                other => return Err(format!("`{other}` is not a step of a trail")),
            };
            if !taken {
                return Err("the trail of this case does not fit its seed any more".to_owned());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::slots::SlotKind;
    use crate::spec::place::Place;
    use crate::spec::value::{Draw, Kind};

    fn slot(kind: Kind, breaking: &[&str]) -> Slot {
        Slot {
            key: "goal/body/x".into(),
            kind: SlotKind::Any(Draw {
                kind,
                length: None,
                from: None,
                to: None,
                except: Vec::new(),
                breaking: breaking.iter().map(|text| (*text).to_owned()).collect(),
                place: Place::default(),
            }),
            shrinks: true,
        }
    }

    #[test]
    fn every_kind_can_be_drawn() {
        for (name, kind) in Kind::NAMES {
            let draws = Draws::new(&[slot(kind, &[])], seed("a", name, "", 0)).expect("a value");
            assert!(!draws.current()["goal/body/x"].is_null(), "{name}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_another() {
        let draw =
            |index| Draws::new(&[slot(Kind::Password, &[])], seed("a", "r", "", index)).expect("a value").current();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_trail_leads_to_the_same_value_again() {
        let slots = [slot(Kind::Password, &[])];
        let mut draws = Draws::new(&slots, seed("a", "r", "", 7)).expect("a value");
        for _ in 0..5 {
            draws.simplify();
        }
        draws.complicate();
        let mut again = Draws::new(&slots, seed("a", "r", "", 7)).expect("a value");
        again.follow(draws.trail()).expect("the trail fits");
        assert_eq!(draws.current(), again.current());
        assert!(again.follow("x").is_err());
    }

    #[test]
    fn passwords_fail_what_they_are_to_fail() {
        let drawn = |breaking: &str, index| {
            let draws = Draws::new(&[slot(Kind::Password, &[breaking])], seed("a", "r", "", index)).expect("a value");
            draws.current()["goal/body/x"].as_str().expect("a text").to_owned()
        };
        for index in 0..50 {
            assert!(drawn("length", index).len() < 8);
            assert!(!drawn("lower-case", index).contains(|c: char| c.is_ascii_lowercase()));
            assert!(!drawn("upper-case", index).contains(|c: char| c.is_ascii_uppercase()));
            assert!(!drawn("number", index).contains(|c: char| c.is_ascii_digit()));
        }
    }
}
