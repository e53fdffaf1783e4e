//! The checks of a specification that need more than one document: names, sources, worlds that two outcomes share. Every problem
//! of every document is reported; nothing is changed. Whether an outcome can be reached at all is asked of the planner, not here.

mod claim;
mod errors;
mod given;
mod index;
mod law;
mod machine;
mod names;
mod overlap;
mod request;
mod scope;
mod selection;
mod sources;
mod states;
mod table;
mod transition;
mod values;
mod world;

use crate::spec::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::spec::lint::index::Index;
use crate::spec::model::Spec;

/// Reports everything that is wrong between the documents of a specification.
pub fn check(spec: &Spec, diagnostics: &mut Diagnostics) {
    let mut lint = Lint { spec, index: Index::new(spec), diagnostics };
    lint.catalogue();
    for machine in spec.machines.values() {
        lint.machine(machine);
    }
    for transition in spec.transitions.values() {
        lint.transition(transition);
    }
    for law in spec.laws.values() {
        lint.law(law);
    }
}

/// What all checks share.
struct Lint<'s, 'd> {
    spec: &'s Spec,
    index: Index<'s>,
    diagnostics: &'d mut Diagnostics,
}

impl Lint<'_, '_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports a name that nothing declares, with the names that there are. Where a document could not be read it may have
    /// declared the name, so that only a likely slip of the pen is reported.
    fn unknown<'c>(&mut self, diagnostic: Diagnostic, name: &str, choices: impl IntoIterator<Item = &'c str>) {
        let choices: Vec<&str> = choices.into_iter().collect();
        if !self.spec.incomplete || nearest(name, &choices).is_some() {
            self.report(diagnostic.choices(name, choices));
        }
    }
}
