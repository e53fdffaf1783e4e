//! Every kind of problem of a specification, each in a file of `bad-specs/` whose first line names it: what is found, and the
//! exact text that a person reads. `cargo insta review` shows what a change does to these texts.

use std::collections::BTreeSet;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use oktaspec::plan::reach;
use oktaspec::spec::load::{self, File};

/// Accepted texts of whole folders.
const NOT_OF_ONE_FILE: [&str; 2] = ["other-line-ends", "reading-a-folder"];

#[test]
fn every_problem_is_found_and_told_as_accepted() {
    let common = common();
    let mut failures = Vec::new();
    for path in bad_specs() {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
        let text = fs::read_to_string(&path).expect("a bad specification");
        let expected = expected(&text);
        let mut files = common.clone();
        files.push(File { path: format!("{name}.yaml"), text });
        let (spec, mut diagnostics) = load::load(&files);
        // What paths there are cannot be said of a specification with errors.
        if diagnostics.errors() == 0 {
            reach::check(&spec, &mut diagnostics);
        }
        let found: BTreeSet<String> = diagnostics.sorted().iter().map(|problem| problem.code.to_owned()).collect();
        if found != expected {
            failures.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
        let rendered = diagnostics.render(&spec.files, false);
        if panic::catch_unwind(|| accepted(&name, &rendered)).is_err() {
            failures.push(format!("{name}: the text differs from the accepted one"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_accepted_text_has_its_specification() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/bad-specs");
    let stale: Vec<PathBuf> = files_of(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "snap"))
        .filter(|path| !path.file_stem().is_some_and(|name| NOT_OF_ONE_FILE.iter().any(|other| name == *other)))
        .filter(|path| !bad_specs_folder().join(path.with_extension("yaml").file_name().expect("a name")).exists())
        .collect();
    assert!(stale.is_empty(), "{stale:?}");
}

#[test]
fn what_bad_specs_share_is_good() {
    let (spec, diagnostics) = load::load(&common());
    assert!(diagnostics.is_empty(), "\n{}", diagnostics.render(&spec.files, false));
}

#[test]
fn the_embedded_specification_is_good() {
    let (spec, mut diagnostics) = load::load(&load::embedded());
    reach::check(&spec, &mut diagnostics);
    assert!(diagnostics.is_empty(), "\n{}", diagnostics.render(&spec.files, false));
}

#[test]
fn problems_of_all_files_are_told_at_once() {
    let folder = fresh_folder("unreadable");
    fs::write(folder.join("b.yaml"), "machine: door\n").expect("a file");
    fs::write(folder.join("inner/a.yaml"), "machine: wall\ncolor: red\n").expect("a file");
    fs::write(folder.join("bytes.yaml"), b"machine: caf\xe9\n").expect("a file");
    fs::write(folder.join("large.yaml"), "# nothing\n".repeat(200_000)).expect("a file");
    fs::write(folder.join("named.yml"), "machine: door\n").expect("a file");
    fs::write(folder.join("notes.txt"), "not read\n").expect("a file");
    let (files, mut diagnostics) = load::read_folder(&folder);
    let (spec, found) = load::load(&files);
    diagnostics.append(found);
    accepted("reading-a-folder", &without(&folder, &diagnostics.render(&spec.files, false)));
}

#[test]
fn a_folder_or_file_that_is_not_there_is_a_problem() {
    let folder = fresh_folder("missing");
    let (files, mut diagnostics) = load::read_folder(&folder);
    let (more, found) = load::read_folder(&folder.join("nowhere.yaml"));
    diagnostics.append(found);
    assert!(files.is_empty() && more.is_empty());
    let codes: Vec<&str> = diagnostics.sorted().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["no-files", "unreadable-file"]);
}

#[test]
fn blanks_before_the_first_line_and_its_end_do_not_move_places() {
    let text = "\u{feff}machine: door\r\ntitle: A d\u{f6}or\tof \u{5929}\r\ncolor: red\r\n";
    let folder = fresh_folder("bytes");
    fs::write(folder.join("door.yaml"), text).expect("a file");
    let (files, _) = load::read_folder(&folder);
    let (spec, diagnostics) = load::load(&files);
    accepted("other-line-ends", &without(&folder, &diagnostics.render(&spec.files, false)));
}

fn accepted(name: &str, rendered: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/bad-specs"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, rendered));
}

/// The kinds of problems that the first line names.
fn expected(text: &str) -> BTreeSet<String> {
    let first =
        text.lines().next().and_then(|line| line.strip_prefix("# expect: ")).expect("a first line `# expect: CODE`");
    first.split(", ").map(ToOwned::to_owned).collect()
}

fn common() -> Vec<File> {
    let (files, diagnostics) = load::read_folder(&bad_specs_folder().join("common"));
    assert!(diagnostics.is_empty());
    let short = |path: &str| Path::new(path).file_name().expect("a name").display().to_string();
    files.into_iter().map(|file| File { path: format!("common/{}", short(&file.path)), text: file.text }).collect()
}

fn bad_specs() -> Vec<PathBuf> {
    files_of(&bad_specs_folder())
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
}

fn bad_specs_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad-specs")
}

/// A folder of the test's own, with an inner folder.
fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-specs").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the folder of an earlier run");
    }
    fs::create_dir_all(folder.join("inner")).expect("a folder");
    folder
}

fn without(folder: &Path, rendered: &str) -> String {
    rendered.replace(&format!("{}/", folder.display()), "")
}
