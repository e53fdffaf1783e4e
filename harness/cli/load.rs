//! The embedded specification with the user's own folders, checked; problems are shown, all at once.

use std::path::PathBuf;

use crate::cli::{End, colour, complain};
use crate::report::text::count;
use crate::spec::load;
use crate::spec::model::Spec;

/// The specification, or how the command ends because there is none.
pub(crate) fn load(folders: &[PathBuf]) -> Result<Spec, End> {
    let mut files = load::embedded();
    let mut unreadable = 0;
    for folder in folders {
        let (own, problems) = load::read_folder(folder);
        if !problems.is_empty() {
            unreadable += problems.errors();
            anstream::eprintln!("{}\n", problems.render(&crate::spec::place::Files::default(), colour()));
        }
        files.extend(own);
    }
    let (spec, diagnostics) = load::load(&files);
    let problems = diagnostics.errors() + unreadable;
    if problems > 0 {
        if !diagnostics.is_empty() {
            anstream::eprintln!("{}\n", diagnostics.render(&spec.files, colour()));
        }
        complain(&format!("{} in the specification", count(problems, "problem", "problems")));
        return Err(End::SpecInvalid);
    }
    Ok(spec)
}
