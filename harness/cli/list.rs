//! `oktaspec list`.

use crate::cli::arguments::ListArguments;
use crate::cli::selected::selected;
use crate::cli::{End, load};
use crate::plan::rules;

/// Lists rules, one a line.
pub(crate) fn list(arguments: &ListArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let selected = match selected(&spec, &arguments.rules) {
        Ok(selected) => selected,
        Err(end) => return end,
    };
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
