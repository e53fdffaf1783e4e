//! `oktaspec list`.

use crate::cli::arguments::ListArguments;
use crate::cli::{End, complain, load};
use crate::plan::model::Model;
use crate::plan::{rules, select};

/// Lists rules, one a line.
pub(crate) fn list(arguments: &ListArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let model = Model::new(&spec);
    let selected = select::select(rules::all(&model), &arguments.rules);
    if selected.is_empty() {
        complain(&format!("no rule is named by {}", arguments.rules.join(" ")));
        return End::NothingRan;
    }
    let mut lines = String::new();
    for rule in &selected {
        lines.push_str(&rule.name);
        if arguments.verbose {
            lines.push_str(&format!(
                "\n    {} ({}, {}, {})\n    {}\n",
                rule.claim,
                rule.kind().word(),
                rules::level_words(rule.standing.level),
                rule.standing.basis.name(),
                spec.files.location(rule.place)
            ));
        }
        lines.push('\n');
    }
    anstream::print!("{lines}");
    End::Conforms
}
