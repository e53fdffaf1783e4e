//! The world as the model knows it: a node of the search. States, what outcomes change, and for each setting the values that
//! are still allowed.

/// Index of a machine in the model.
pub type MachineId = usize;
/// Index of a fact in the model.
pub type FactId = usize;
/// Index of an interned state name.
pub type StateId = u16;

/// What is known of a fact that outcomes change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Nothing.
    Absent,
    /// A number.
    Number(i64),
    /// One of the texts or other plain values of the model.
    Plain(u16),
    /// A value that only a run knows.
    Present,
}

/// A node of the search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// The state of each machine's thing.
    pub states: Vec<StateId>,
    /// What is known of each fact; meaningless for settings.
    pub known: Vec<Known>,
    /// For each setting a bit for each choice that is still allowed; 0 for other facts.
    pub allowed: Vec<u32>,
    /// Facts that were set longer ago than any `$within` asks for.
    pub old: Vec<FactId>,
}

impl World {
    /// Forgets that a fact was set long ago.
    pub fn renew(&mut self, fact: FactId) {
        self.old.retain(|other| *other != fact);
    }

    /// Remembers that a fact was set long ago.
    pub fn age(&mut self, fact: FactId) {
        if !self.old.contains(&fact) {
            self.old.push(fact);
            self.old.sort_unstable();
        }
    }
}
