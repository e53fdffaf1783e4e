//! Which things a rule can name: those of the machines, and the further things of the `given`s that apply to it.

use std::collections::BTreeMap;

use crate::spec::model::{Given, Machine, Spec};

/// A thing that can be named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thing<'s> {
    /// Its machine; none where the machine is unknown, which is reported where the thing is declared.
    pub(super) machine: Option<&'s Machine>,
    /// How many there are.
    pub(super) count: usize,
}

/// The things that can be named in one part of the specification.
#[derive(Debug, Clone)]
pub(super) struct Scope<'s> {
    things: BTreeMap<&'s str, Thing<'s>>,
}

impl<'s> Scope<'s> {
    /// The things of the machines.
    pub(super) fn new(spec: &'s Spec) -> Self {
        let things = spec.machines.values();
        Self { things: things.map(|machine| (machine.name.as_str(), Thing::one(machine))).collect() }
    }

    /// With the further things of a `given`.
    pub(super) fn and(&self, spec: &'s Spec, given: &'s Given) -> Self {
        let mut inner = self.clone();
        for (name, thing) in &given.things {
            if let Some(further) = &thing.further {
                let machine = spec.machines.get(&further.machine);
                inner.things.insert(name, Thing { machine, count: further.count });
            }
        }
        inner
    }

    /// The thing of a name.
    pub(super) fn get(&self, name: &str) -> Option<Thing<'s>> {
        self.things.get(name).copied()
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> + '_ {
        self.things.keys().copied()
    }
}

impl<'s> Thing<'s> {
    fn one(machine: &'s Machine) -> Self {
        Self { machine: Some(machine), count: 1 }
    }
}
