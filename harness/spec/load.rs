//! Files in, specification out: the embedded files, and folders of the user's own.

use include_dir::{Dir, include_dir};

use crate::spec::diagnostic::Diagnostics;
use crate::spec::model::Spec;
use crate::spec::read::{Reader, read_document};
use crate::spec::{lint, yaml};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/specs");

/// A file to be read: the path that is shown, and the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path that is shown.
    pub path: String,
    /// The text.
    pub text: String,
}

/// The specification that the program carries, in the order of the paths.
#[must_use]
pub fn embedded() -> Vec<File> {
    let mut files = Vec::new();
    collect(&EMBEDDED, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(folder: &Dir<'_>, files: &mut Vec<File>) {
    for file in folder.files() {
        let path = file.path();
        if path.extension().is_some_and(|extension| extension == "yaml")
            && let Some(text) = file.contents_utf8()
        {
            files.push(File { path: format!("specs/{}", path.display()), text: text.to_owned() });
        }
    }
    for inner in folder.dirs() {
        collect(inner, files);
    }
}

/// Reads and checks files: the specification as far as it could be read, and every problem found.
#[must_use]
pub fn load(files: &[File]) -> (Spec, Diagnostics) {
    let mut spec = Spec::default();
    let mut diagnostics = Diagnostics::default();
    for file in files {
        let index = spec.files.add(file.path.clone(), file.text.clone());
        let documents = yaml::documents(&spec.files, index, &mut diagnostics);
        for document in &documents {
            let mut reader = Reader { diagnostics: &mut diagnostics };
            read_document(&mut reader, document, &mut spec);
        }
    }
    lint::check(&spec, &mut diagnostics);
    (spec, diagnostics)
}
