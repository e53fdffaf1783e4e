//! What rules stand on: sources and decisions that there are, of the kind that is said.

use crate::spec::diagnostic::Diagnostic;
use crate::spec::lint::Lint;
use crate::spec::model::{Located, Source, Standing};

/// The kinds of entries of `sources.yaml`.
const KINDS: [&str; 7] = ["page", "openapi", "catalogue", "seed", "recorded", "sdk", "contract"];

impl Lint<'_, '_> {
    /// Checks sources, decisions and errors.
    pub(super) fn catalogue(&mut self) {
        let spec = self.spec;
        for (name, entry) in &spec.sources {
            if !KINDS.contains(&entry.kind.as_str()) {
                let message = format!("the source `{name}` is of the kind `{}`, which there is not", entry.kind);
                let problem = Diagnostic::error("unknown-choice", entry.place, message).label("this source");
                self.report(problem.choices(&entry.kind, KINDS));
            }
        }
        for source in spec.decisions.values().flat_map(|decision| &decision.sources) {
            self.source(source);
        }
        for error in spec.errors.values() {
            error.source.iter().for_each(|source| self.source(source));
            error.or.iter().for_each(|variant| self.because(&variant.because));
        }
    }

    /// Checks what a claim stands on.
    pub(super) fn standing(&mut self, standing: &Standing) {
        if let Some(source) = &standing.source {
            self.source(source);
        }
    }

    /// Checks a source and those that stand beside it.
    pub(super) fn source(&mut self, source: &Source) {
        match source.kind.as_str() {
            "decision" => self.decision(&source.id, source),
            "url" if !source.id.starts_with("https://") && !source.id.starts_with("http://") => {
                let problem =
                    Diagnostic::error("unknown-source", source.place, format!("`{}` is not an address", source.id));
                self.report(problem.label("expected `https://…`"));
            }
            "url" => {}
            kind => self.entry(kind, source),
        }
        for further in &source.also {
            self.source(further);
        }
    }

    fn entry(&mut self, kind: &str, source: &Source) {
        match self.spec.sources.get(&source.id) {
            None => {
                let of_kind = self.spec.sources.iter().filter(|(_, entry)| entry.kind == kind);
                let choices: Vec<&str> = of_kind.map(|(name, _)| name.as_str()).collect();
                let message = format!("`sources.yaml` has no {kind} `{}`", source.id);
                let problem = Diagnostic::error("unknown-source", source.place, message).label("unknown source");
                self.unknown(problem, &source.id, choices);
            }
            Some(entry) if entry.kind != kind && KINDS.contains(&entry.kind.as_str()) => {
                let message = format!("`{}` is a source of the kind `{}`, not `{kind}`", source.id, entry.kind);
                let problem = Diagnostic::error("wrong-source-kind", source.place, message);
                let help = format!("write `{}: {}`", entry.kind, source.id);
                self.report(problem.label(format!("cited as `{kind}`")).context(entry.place, "the source").help(help));
            }
            Some(_) => {}
        }
    }

    fn decision(&mut self, id: &str, source: &Source) {
        let at = Located { value: id.to_owned(), place: source.place };
        self.decision_named(&at, &[]);
    }

    /// Checks a `because`: one word is a decision, several are the reason itself.
    pub(super) fn because(&mut self, because: &Located<String>) {
        if !because.value.contains(char::is_whitespace) {
            self.decision_named(because, &["a `because` may also be a sentence with the reason"]);
        }
    }

    fn decision_named(&mut self, id: &Located<String>, help: &[&str]) {
        if !self.spec.decisions.contains_key(&id.value) {
            let message = format!("`decisions.yaml` has no `{}`", id.value);
            let problem = Diagnostic::error("unknown-decision", id.place, message).label("unknown decision");
            let choices = self.spec.decisions.keys().map(String::as_str);
            let problem = help.iter().fold(problem, |problem, help| problem.help(*help));
            self.unknown(problem, &id.value, choices);
        }
    }
}
