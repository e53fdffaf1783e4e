//! What must not depend on what: the table of this file, held against the sources. A module that is not in the table, and a crate
//! or a neighbour that its row does not name, fail here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file with more lines of code, without comments and blank lines, is two files.
const LINES_OF_CODE: usize = 700;

/// What one folder of `harness/` may use.
struct Module {
    name: &'static str,
    /// Beginnings of the paths after `crate::` that it may name, besides its own.
    neighbours: &'static [&'static str],
    /// Dependencies of `Cargo.toml` that it may name.
    crates: &'static [&'static str],
    /// Parts of the standard library that reach outside.
    outside: &'static [Outside],
    why: &'static str,
}

/// What the standard library offers to reach the world outside of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Clock,
    Files,
    Network,
    Process,
}

const OUTSIDE: [(Outside, &[&str]); 4] = [
    (Outside::Clock, &["Instant", "SystemTime", "UNIX_EPOCH", "Timestamp::now", "Zoned::now"]),
    (Outside::Files, &["std::fs", "fs::read", "fs::write", "File::open", "File::create"]),
    (Outside::Network, &["std::net", "TcpStream", "TcpListener"]),
    (Outside::Process, &["std::env", "std::process", "env::var", "process::exit"]),
];

const MODULES: [Module; 10] = [
    Module {
        name: "wire",
        neighbours: &[],
        crates: &["indexmap", "serde", "serde_json"],
        outside: &[],
        why: "vocabulary has no behaviour",
    },
    Module {
        name: "spec",
        neighbours: &["wire::pointer"],
        crates: &[
            "annotate_snippets",
            "granit_parser",
            "include_dir",
            "indexmap",
            "regex",
            "serde",
            "serde_json",
            "strsim",
        ],
        outside: &[Outside::Files],
        why: "loading is pure and reports all problems with their places",
    },
    Module {
        name: "plan",
        neighbours: &["spec", "wire::pointer"],
        crates: &["indexmap", "rustc_hash", "serde", "serde_json"],
        outside: &[],
        why: "rules are listed and planned without a target",
    },
    Module {
        name: "cases",
        neighbours: &["spec", "plan", "wire::pointer"],
        crates: &["proptest", "serde_json", "sha2"],
        outside: &[],
        why: "the same seed gives the same bytes on every machine",
    },
    Module {
        name: "exchange",
        neighbours: &["wire"],
        crates: &["jiff", "reqwest", "serde_json", "thiserror", "tokio", "url"],
        outside: &[Outside::Clock, Outside::Network],
        why: "it speaks HTTP and has no opinion about what is said",
    },
    Module {
        name: "verdict",
        neighbours: &["spec", "wire"],
        crates: &["indexmap", "jiff", "regex", "serde", "serde_json", "url"],
        outside: &[],
        why: "judged again from a log it gives the same answer",
    },
    Module {
        name: "run",
        neighbours: &["spec", "plan", "cases", "wire", "exchange", "verdict"],
        crates: &["futures_util", "indexmap", "serde", "serde_json", "tokio"],
        outside: &[Outside::Clock],
        why: "it emits events and does not know who listens",
    },
    Module {
        name: "report",
        neighbours: &["run::event", "verdict::finding", "wire", "spec::model", "spec::place"],
        crates: &["anstyle", "indicatif", "quick_junit", "serde_json", "thiserror"],
        outside: &[Outside::Clock],
        why: "a live run, a replay and a log that is read again look alike",
    },
    Module {
        name: "audit",
        neighbours: &["spec", "wire", "verdict", "report::text"],
        crates: &["base64", "flate2", "indexmap", "jiff", "regex", "serde", "serde_json", "thiserror"],
        outside: &[],
        why: "a recording is judged without a target",
    },
    Module {
        name: "cli",
        neighbours: &["audit", "cases", "exchange", "plan", "report", "run", "spec", "verdict", "wire"],
        crates: &["anstream", "clap", "jiff", "okta_reference", "serde_json", "tokio"],
        outside: &[Outside::Clock, Outside::Files, Outside::Process],
        why: "arguments, environment and files are read in one place",
    },
];

/// Crates that one place knows.
const ONE_PLACE: [(&str, &str); 3] =
    [("granit_parser", "harness/spec/yaml.rs"), ("reqwest", "harness/exchange/"), ("proptest", "harness/cases/")];

/// A source file: its path from the root of the package, its text, and its text without comments and literals.
struct Source {
    path: String,
    text: String,
    code: String,
}

#[test]
fn modules_name_only_what_their_row_allows() {
    let dependencies = dependencies(&read("Cargo.toml"));
    let mut problems = Vec::new();
    for source in sources("harness").iter().filter(|source| !is_of_the_reference(source)) {
        let Some(name) = module_of(&source.path) else { continue };
        let Some(module) = MODULES.iter().find(|module| module.name == name) else {
            problems.push(format!("{}: `{name}` has no row in the table", source.path));
            continue;
        };
        let because = module.why;
        for path in paths_after(&source.code, "crate::") {
            let is_own = is_below(&path, module.name);
            if !is_own && !module.neighbours.iter().any(|neighbour| is_below(&path, neighbour)) {
                problems.push(format!("{}: `{name}` must not name `crate::{path}`: {because}", source.path));
            }
        }
        for dependency in &dependencies {
            if names_crate(&source.code, dependency) && !module.crates.contains(&dependency.as_str()) {
                problems.push(format!("{}: `{name}` must not name `{dependency}`: {because}", source.path));
            }
        }
        for (outside, words) in OUTSIDE {
            for word in words.iter().filter(|word| !module.outside.contains(&outside) && has(&source.code, word)) {
                problems.push(format!("{}: `{name}` must not name `{word}`: {because}", source.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn rows_have_folders() {
    let folders: BTreeSet<String> =
        sources("harness").iter().filter_map(|source| module_of(&source.path).map(str::to_owned)).collect();
    let rows: BTreeSet<String> = MODULES.iter().map(|module| module.name.to_owned()).collect();
    assert!(rows.is_subset(&folders), "rows without a folder: {:?}", rows.difference(&folders));
}

#[test]
fn some_crates_are_known_in_one_place() {
    let mut problems = Vec::new();
    for source in sources("harness").iter().filter(|source| !is_of_the_reference(source)) {
        for (name, place) in ONE_PLACE {
            if names_crate(&source.code, name) && !source.path.starts_with(place) {
                problems.push(format!("{}: only {place} knows `{name}`", source.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn each_import_names_one_module() {
    let grouped = ["crate::{", "super::super", "crate as"];
    let mut problems = Vec::new();
    for source in sources("harness").iter().filter(|source| !is_of_the_reference(source)) {
        for words in grouped.iter().filter(|words| source.code.contains(*words)) {
            problems.push(format!("{}: `{words}` hides from this test what is named", source.path));
        }
    }
    assert_none(&problems);
}

#[test]
fn the_reference_server_reads_nothing_of_the_harness() {
    let manifest = read("harness/reference/Cargo.toml");
    for word in ["oktaspec", "path ="] {
        assert!(!manifest.contains(word), "harness/reference/Cargo.toml names `{word}`: two readings must agree");
    }
    let mut problems = Vec::new();
    for source in sources("harness/reference/src") {
        if has(&source.code, "oktaspec") || has(&source.code, "include_dir") || source.code.contains("std::fs") {
            problems.push(format!("{}: it has its own reading of the documents", source.path));
        }
        for included in included(&source.text) {
            if included.contains("specs/") || included.contains("snapshots/") {
                problems.push(format!("{}: `{included}` is not its own", source.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn files_open_with_what_they_are() {
    let problems: Vec<String> = all_sources()
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| format!("{}: the first line is no `//!`", source.path))
        .collect();
    assert_none(&problems);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let problems: Vec<String> = all_sources()
        .iter()
        .map(|source| (&source.path, source.code.lines().filter(|line| !line.trim().is_empty()).count()))
        .filter(|(_, lines)| *lines > LINES_OF_CODE)
        .map(|(path, lines)| format!("{path}: {lines} lines of code, at most {LINES_OF_CODE}"))
        .collect();
    assert_none(&problems);
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let problems: Vec<String> = all_sources()
        .iter()
        .filter(|source| source.code.contains("#[allow(") || source.code.contains("#![allow("))
        .map(|source| format!("{}: write `#[expect(…, reason = \"…\")]`", source.path))
        .collect();
    assert_none(&problems);
}

#[test]
fn modules_open_with_a_table_of_contents() {
    let mut problems = Vec::new();
    for source in sources("harness") {
        let is_first_level = module_of(&source.path)
            .is_some_and(|name| name != "cli" && source.path == format!("harness/{name}/mod.rs"));
        if source.path != "harness/lib.rs" && !is_first_level {
            continue;
        }
        for line in source.code.lines().filter(|line| !line.starts_with([' ', '}']) && !line.trim().is_empty()) {
            let words: Vec<&str> = line.split([' ', '(']).filter(|word| !word.ends_with(')')).collect();
            let item = words.iter().find(|word| !matches!(**word, "pub" | "")).copied().unwrap_or_default();
            if !matches!(item, "mod" | "use" | "trait") && !line.starts_with('#') {
                problems.push(format!("{}: `{line}` belongs into a file of its own", source.path));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let code = code_of("use tokio::time; // reqwest\nlet a = \"reqwest::get\"; let b = 'x'; fn f<'a>(x: &'a str) {}\n");
    assert!(names_crate(&code, "tokio") && !names_crate(&code, "reqwest"), "{code}");
    assert!(code.contains("fn f<'a>(x: &'a str)"), "{code}");
    assert!(!has(&code_of("let a = r#\"std::env \" std::env\"#; /* std::env /* std::env */ */"), "std::env"));
    assert!(!has(&code_of("let quote = '\"'; let end = b'\\''; // std::env \""), "std::env"));
    assert!(has(&code_of("let quote = '\"'; std::env::var(\"HOME\")"), "std::env"));
    assert_eq!(paths_after("use crate::spec::model::Spec; crate::wire::x()", "crate::"), ["spec::model", "wire::x"]);
    assert!(is_below("spec::model", "spec") && is_below("spec::model", "spec::model") && !is_below("specs", "spec"));
    let dependencies =
        dependencies("[dependencies]\nquick-junit = \"0.8\"\nserde = { version = \"1\" }\n\n[lints]\nx = 1\n");
    assert_eq!(dependencies, ["quick_junit", "serde"]);
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn all_sources() -> Vec<Source> {
    let mut all = sources("harness");
    all.extend(sources("tests"));
    all
}

/// Every `.rs` file below a folder of the package.
fn sources(folder: &str) -> Vec<Source> {
    let mut folders = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path: PathBuf = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source in UTF-8");
                let path =
                    path.strip_prefix(root()).expect("a path below the root").to_string_lossy().replace('\\', "/");
                found.push(Source { path, code: code_of(&text), text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

fn is_of_the_reference(source: &Source) -> bool {
    source.path.starts_with("harness/reference/")
}

/// The folder of `harness/` that a file is in; none for `lib.rs`, `main.rs` and the reference server.
fn module_of(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_prefix("harness/")?.split_once('/')?;
    (folder != "reference").then_some(folder)
}

/// The names of `[dependencies]`, as code writes them.
fn dependencies(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.replace('-', "_"))
        .collect()
}

/// What is included at compile time, as far as it is named by a literal.
fn included(text: &str) -> Vec<String> {
    ["include_str!(\"", "include_bytes!(\"", "include!(\""]
        .iter()
        .flat_map(|macro_call| text.split(macro_call).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether a word, or a path, occurs as a whole.
fn has(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(is_name) && !code[at + word.len()..].starts_with(is_name))
}

/// Whether the code names an external crate: by a path, or by importing it.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        // `crate::…::url::` and `value.url` are of the program itself.
        let is_first = !before.ends_with(|last| is_name(last) || matches!(last, ':' | '.'));
        is_first && (after.starts_with("::") || before.ends_with("use ") && after.starts_with([';', ' ']))
    })
}

/// Up to two segments of each path that begins with a prefix.
fn paths_after(code: &str, prefix: &str) -> Vec<String> {
    let mut found = BTreeMap::new();
    for (at, _) in code.match_indices(prefix).filter(|(at, _)| !code[..*at].ends_with(is_name)) {
        let rest = &code[at + prefix.len()..];
        let end = rest.find(|next| !is_name(next) && next != ':').unwrap_or(rest.len());
        let segments: Vec<&str> = rest[..end].split("::").take(2).filter(|segment| !segment.is_empty()).collect();
        found.insert(segments.join("::"), ());
    }
    found.into_keys().collect()
}

/// Whether a path is another one or leads further.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The text with comments and the insides of literals replaced by spaces; lines stay where they are.
fn code_of(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = end_of_comment(&characters, at).or_else(|| end_of_literal(&characters, at));
        match end {
            Some(end) => {
                code.extend(characters[at..end].iter().map(|character| if *character == '\n' { '\n' } else { ' ' }));
                at = end;
            }
            None => {
                code.push(characters[at]);
                at += 1;
            }
        }
    }
    code
}

fn end_of_comment(characters: &[char], start: usize) -> Option<usize> {
    match characters[start..] {
        ['/', '/', ..] => Some(position(characters, start, |rest| rest[0] == '\n')),
        ['/', '*', ..] => {
            let mut depth = 0;
            let mut at = start;
            while at < characters.len() {
                match characters[at..] {
                    ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
                    ['*', '/', ..] if depth == 1 => return Some(at + 2),
                    ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
            }
            Some(characters.len())
        }
        _ => None,
    }
}

fn end_of_literal(characters: &[char], start: usize) -> Option<usize> {
    match characters[start..] {
        ['"', ..] => Some(end_of_quoted(characters, start + 1, '"')),
        ['\'', '\\', ..] => Some(end_of_quoted(characters, start + 1, '\'')),
        ['\'', _, '\'', ..] => Some(start + 3),
        ['r', '"' | '#', ..] if start == 0 || !is_name(characters[start - 1]) || characters[start - 1] == 'b' => {
            let hashes = characters[start + 1..].iter().take_while(|character| **character == '#').count();
            let opened = start + 1 + hashes;
            if characters.get(opened) != Some(&'"') {
                return None;
            }
            let mut closing = vec!['"'];
            closing.resize(hashes + 1, '#');
            Some(position(characters, opened + 1, |rest| rest.starts_with(&closing)) + closing.len())
        }
        _ => None,
    }
}

fn end_of_quoted(characters: &[char], start: usize, quote: char) -> usize {
    let mut at = start;
    while at < characters.len() && characters[at] != quote {
        at += if characters[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(characters.len())
}

fn position(characters: &[char], start: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (start..characters.len()).find(|at| is_end(&characters[*at..])).unwrap_or(characters.len())
}
