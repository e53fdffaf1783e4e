//! What is wrong with a specification, with its places, and how it is shown. All problems of all files are collected before
//! anything is shown.

use std::collections::HashSet;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::spec::place::{Files, Place};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The specification cannot be used.
    Error,
    /// The specification can be used, but probably does not say what its author meant.
    Warning,
}

/// One problem of a specification.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable name of the kind of problem, such as `unknown-state`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence without a period.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// The path, for a file without a text to point into.
    pub path: Option<String>,
    /// What stands at the place, or what was expected there.
    pub label: String,
    /// Further places that explain it.
    pub context: Vec<(Place, String)>,
    /// What to do, one hint a line.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A problem that makes the specification unusable.
    #[must_use]
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            path: None,
            label: String::new(),
            context: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A problem that leaves the specification usable.
    #[must_use]
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// A problem with a whole file, which could not be read.
    #[must_use]
    pub fn file(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::error(code, Place::default(), message) }
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn context(mut self, place: Place, label: impl Into<String>) -> Self {
        self.context.push((place, label.into()));
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds the valid choices and the one that was probably meant.
    #[must_use]
    pub fn choices<'a>(self, given: &str, choices: impl IntoIterator<Item = &'a str>) -> Self {
        let mut choices: Vec<&str> = choices.into_iter().collect();
        choices.sort_unstable();
        choices.dedup();
        let with_near = match nearest(given, &choices) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        };
        with_near.help(listed(given, choices))
    }
}

/// More choices than this hide the one that is meant.
const MOST_CHOICES: usize = 30;
/// So many are shown where there are more.
const CHOICES_SHOWN: usize = 8;

fn listed(given: &str, mut choices: Vec<&str>) -> String {
    match choices.as_slice() {
        [] => "there is none to choose from".to_owned(),
        [only] => format!("expected `{only}`"),
        _ if choices.len() <= MOST_CHOICES => format!("expected one of {}", quoted(&choices)),
        _ => {
            let count = choices.len();
            choices.sort_by_key(|choice| strsim::damerau_levenshtein(given, choice));
            choices.truncate(CHOICES_SHOWN);
            format!("expected one of {count}, such as {}", quoted(&choices))
        }
    }
}

/// The choice that is most like what was written, where one is near.
#[must_use]
pub fn nearest<'a>(given: &str, choices: &[&'a str]) -> Option<&'a str> {
    choices
        .iter()
        .map(|choice| (strsim::damerau_levenshtein(given, choice), *choice))
        .filter(|(distance, choice)| *distance <= (choice.len().max(given.len()) / 3).max(1))
        .min()
        .map(|(_, choice)| choice)
}

/// `a`, `b` and `c` in backticks with commas.
#[must_use]
pub fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The problems found so far.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    known: HashSet<(&'static str, Place, String)>,
}

/// So many problems are shown; who has more looks at the first ones first.
const MOST_SHOWN: usize = 200;

impl Diagnostics {
    /// Adds a problem, unless it is known: what is inherited is looked at more than once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.code, diagnostic.place, diagnostic.message.clone());
        if diagnostic.path.is_some() || self.known.insert(key) {
            self.list.push(diagnostic);
        }
    }

    /// Adds the problems found elsewhere.
    pub fn append(&mut self, other: Self) {
        other.list.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// The problems: unreadable files first, then in the order of files and lines.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        sorted.sort_by_key(|problem| (problem.path.is_none(), problem.path.as_deref(), problem.place, problem.code));
        sorted
    }

    /// How many are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All problems as text, each with its file, line, column and the line itself.
    #[must_use]
    pub fn render(&self, files: &Files, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let sorted = self.sorted();
        let shown = sorted.iter().take(MOST_SHOWN).map(|diagnostic| render_one(diagnostic, files, &renderer));
        let more = sorted.len().saturating_sub(MOST_SHOWN);
        let rest = (more > 0).then(|| format!("{more} more problems are not shown"));
        shown.chain(rest).collect::<Vec<_>>().join("\n\n")
    }
}

fn render_one(diagnostic: &Diagnostic, files: &Files, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group: Group<'_> = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code));
    match &diagnostic.path {
        Some(path) => group = group.element(Origin::path(path.as_str())),
        None => {
            for index in shown_files(diagnostic) {
                group = group.element(snippet(diagnostic, files, index));
            }
        }
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn shown_files(diagnostic: &Diagnostic) -> Vec<usize> {
    let mut shown: Vec<usize> = vec![diagnostic.place.file];
    for (place, _) in &diagnostic.context {
        if !shown.contains(&place.file) {
            shown.push(place.file);
        }
    }
    shown
}

fn snippet<'a>(diagnostic: &'a Diagnostic, files: &'a Files, index: usize) -> Snippet<'a, Annotation<'a>> {
    let file = files.file(index);
    let mut snippet = Snippet::source(file.text.as_str()).path(file.path.as_str());
    let primary = (AnnotationKind::Primary, diagnostic.place, diagnostic.label.as_str());
    let context = diagnostic.context.iter().map(|(place, label)| (AnnotationKind::Context, *place, label.as_str()));
    for (kind, place, label) in std::iter::once(primary).chain(context) {
        if place.file == index {
            let span = kind.span(first_line(place, &file.text));
            snippet = snippet.annotation(if label.is_empty() { span } else { span.label(label) });
        }
    }
    snippet
}

/// Marks of more than one line hide what they mean: only the first line is marked.
fn first_line(place: Place, text: &str) -> std::ops::Range<usize> {
    let start = place.start.min(text.len());
    let end = place.end.min(text.len()).max(start);
    let line = text[start..].lines().next().unwrap_or("");
    start..end.min(start + line.len())
}
