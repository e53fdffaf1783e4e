//! Which rules are meant by the words of a command line.

use crate::plan::rules::Rule;

/// The rules that one of the words names: a full name, which then means this rule alone, or a part of names; `*` stands for
/// anything. All, where there is no word.
#[must_use]
pub fn select(rules: Vec<Rule>, words: &[String]) -> Vec<Rule> {
    if words.is_empty() {
        return rules;
    }
    let (full, parts): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| rules.iter().any(|rule| rule.name == **word));
    rules
        .into_iter()
        .filter(|rule| full.contains(&&rule.name) || parts.iter().any(|word| names(word, &rule.name)))
        .collect()
}

/// Whether a word, as a part or a pattern, names a rule.
#[must_use]
pub fn names(word: &str, rule: &str) -> bool {
    if !word.contains('*') {
        return rule.contains(word);
    }
    let mut rest = rule;
    let parts: Vec<&str> = word.split('*').collect();
    for (index, part) in parts.iter().enumerate() {
        let at = if index == 0 {
            rest.strip_prefix(part).map(|_| 0)
        } else if index + 1 == parts.len() {
            rest.ends_with(part).then(|| rest.len() - part.len())
        } else {
            rest.find(part)
        };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn words_name_rules() {
        assert!(names("sign-in", "authn/sign-in.success"));
        assert!(names("authn/*success", "authn/sign-in.success"));
        assert!(names("law/*@get-*", "law/x@get-user"));
        assert!(!names("user/*", "authn/sign-in.success"));
        assert!(!names("authn/*failure", "authn/sign-in.success"));
    }
}
