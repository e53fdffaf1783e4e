//! `oktaspec lint`.

use crate::cli::arguments::LintArguments;
use crate::cli::{End, colour};
use crate::plan::reach;
use crate::report::text::count;
use crate::spec::load;

/// Reports every problem of the specification and of the paths given.
pub(crate) fn lint(arguments: &LintArguments) -> End {
    let mut files = if arguments.alone { Vec::new() } else { load::embedded() };
    let mut unreadable = 0;
    for path in &arguments.paths {
        let (own, problems) = load::read_folder(path);
        unreadable += problems.errors();
        if !problems.is_empty() {
            anstream::eprintln!("{}\n", problems.render(&crate::spec::place::Files::default(), colour()));
        }
        files.extend(own);
    }
    let (spec, mut diagnostics) = load::load(&files);
    // Paths through a specification with errors would report what follows from them.
    if diagnostics.errors() == 0 {
        reach::check(&spec, &mut diagnostics);
    }
    if !diagnostics.is_empty() {
        anstream::println!("{}\n", diagnostics.render(&spec.files, colour()));
    }
    let errors = diagnostics.errors() + unreadable;
    let warnings = diagnostics.len() - diagnostics.errors();
    anstream::println!(
        "{} files, {} machines, {} transitions, {} errors of the catalogue, {} laws: {}, {}",
        files.len(),
        spec.machines.len(),
        spec.transitions.len(),
        spec.errors.len(),
        spec.laws.len(),
        count(errors, "problem", "problems"),
        count(warnings, "warning", "warnings"),
    );
    if errors > 0 { End::SpecInvalid } else { End::Conforms }
}
