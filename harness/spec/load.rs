//! Files in, specification out: the embedded files, and folders of the user's own.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::spec::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::model::Spec;
use crate::spec::place::Place;
use crate::spec::read::{Reader, read_document};
use crate::spec::{lint, yaml};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/specs");

/// A larger file was not written by a person.
const LARGEST_FILE: u64 = 1 << 20;
/// A folder with more files is not a folder of specifications.
const MOST_FILES: usize = 1_000;
/// So deep are folders looked into.
const DEEPEST_FOLDER: usize = 16;

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

/// Reads every `*.yaml` of a folder and of the folders in it, in the order of the paths, or a single file. What could not be
/// read is reported beside what could.
#[must_use]
pub fn read_folder(path: &Path) -> (Vec<File>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let mut paths = Vec::new();
    if path.is_dir() {
        list(path, 0, &mut paths, &mut diagnostics);
        paths.sort();
        if paths.is_empty() && diagnostics.is_empty() {
            let help = "a specification is a file whose name ends in `.yaml`";
            diagnostics.push(Diagnostic::file("no-files", shown(path), "no specification in this folder").help(help));
        }
    } else {
        paths.push(path.to_owned());
    }
    if paths.len() > MOST_FILES {
        let message = format!("{} files are too many, {MOST_FILES} are read", paths.len());
        diagnostics.push(Diagnostic::file("too-many-files", shown(path), message));
        paths.truncate(MOST_FILES);
    }
    let files = paths.iter().filter_map(|path| read_file(path, &mut diagnostics)).collect();
    (files, diagnostics)
}

fn list(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>, diagnostics: &mut Diagnostics) {
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => {
            diagnostics.push(unreadable(folder, &error));
            return;
        }
    };
    for entry in entries {
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            // A link to a folder may lead back to where it stands.
            if depth < DEEPEST_FOLDER && !path.is_symlink() {
                list(&path, depth + 1, paths, diagnostics);
            }
        } else if extension == Some("yaml") {
            paths.push(path);
        } else if extension == Some("yml") {
            let problem = Diagnostic::file("file-name", shown(&path), "a file that ends in `.yml` is not read");
            diagnostics.push(problem.help("rename it, so that it ends in `.yaml`"));
        }
    }
}

fn read_file(path: &Path, diagnostics: &mut Diagnostics) -> Option<File> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        diagnostics.push(unreadable(path, &error));
        return None;
    }
    if bytes.len() as u64 > LARGEST_FILE {
        let message = "the file is larger than 1 MiB and was not read";
        diagnostics.push(Diagnostic::file("file-too-large", shown(path), message).help("split it into several files"));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(File { path: shown(path), text: text.trim_start_matches('\u{feff}').to_owned() }),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("line {line} is not UTF-8, so the file was not read");
            diagnostics
                .push(Diagnostic::file("not-utf8", shown(path), message).help("save it with the encoding UTF-8"));
            None
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::file("unreadable-file", shown(path), format!("it cannot be read: {error}"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(".").ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path).display().to_string()
}

/// Reads and checks files: the specification as far as it could be read, and every problem found.
#[must_use]
pub fn load(files: &[File]) -> (Spec, Diagnostics) {
    let mut spec = Spec::default();
    let mut diagnostics = Diagnostics::default();
    for file in files {
        let index = spec.files.add(file.path.clone(), file.text.clone());
        let documents = yaml::documents(&spec.files, index, &mut diagnostics);
        spec.incomplete |= documents.lost;
        if documents.read.is_empty() && !documents.lost {
            let place = Place { file: index, ..Place::default() };
            diagnostics.push(Diagnostic::warning("empty-file", place, "there is no document in this file"));
        }
        for document in &documents.read {
            let mut reader = Reader { diagnostics: &mut diagnostics };
            read_document(&mut reader, document, &mut spec);
        }
    }
    lint::check(&spec, &mut diagnostics);
    (spec, diagnostics)
}
