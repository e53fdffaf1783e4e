//! The rules that the words of a command line name.

use crate::cli::{End, complain};
use crate::plan::model::Model;
use crate::plan::rules::Rule;
use crate::plan::{rules, select};
use crate::spec::diagnostic::nearest;
use crate::spec::model::Spec;

/// The rules that are named, all where there is no word. A word that names nothing is a mistake: a run without what it meant
/// would look complete.
pub(crate) fn selected(spec: &Spec, words: &[String]) -> Result<Vec<Rule>, End> {
    let all = rules::all(&Model::new(spec));
    let names: Vec<&str> = all.iter().map(|rule| rule.name.as_str()).collect();
    let mut unknown = false;
    for word in words.iter().filter(|word| !names.iter().any(|name| select::names(word, name))) {
        unknown = true;
        let hint = match nearest(word, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`oktaspec list` shows them all".to_owned(),
        };
        complain(&format!("no rule is named by `{word}`; {hint}"));
    }
    if unknown { Err(End::NothingRan) } else { Ok(select::select(all, words)) }
}
