//! Outcomes that no path reaches: a check of the specification that needs the search.

use crate::plan::model::Model;
use crate::plan::path;
use crate::plan::rules::{self, Subject};
use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::model::Spec;

/// Reports every outcome and refusal that no path reaches, with the nearest that was found.
pub fn check(spec: &Spec, diagnostics: &mut Diagnostics) {
    let mut model = Model::new(spec);
    for rule in rules::all(&model) {
        let planned = path::plan(&mut model, &rule);
        let anything = !planned.plans.is_empty();
        for (label, nearest) in planned.unreached {
            let place = match &rule.subject {
                Subject::Outcome { transition, outcome } => spec.transitions[transition].outcomes[outcome].place,
                _ => rule.place,
            };
            let of = if label.is_empty() { String::new() } else { format!(" ({label})") };
            let diagnostic = match &rule.subject {
                Subject::Outcome { .. } | Subject::SideBySide { .. } if !anything => {
                    Diagnostic::error("unreachable", place, format!("no path reaches `{}`{of}", rule.name))
                }
                Subject::Outcome { .. } => Diagnostic::warning(
                    "unreachable-variant",
                    place,
                    format!("no path reaches one case of `{}`{of}", rule.name),
                ),
                _ => Diagnostic::warning("unreachable-variant", place, format!("no path reaches `{}`{of}", rule.name)),
            };
            diagnostics.push(
                diagnostic
                    .label("never tested")
                    .help(format!("the nearest world that a path reaches still lacks: {nearest}")),
            );
        }
    }
}
