//! What names one case, and replays it: the rule, the plan, the number of the case, the seed, and the steps of shrinking.

use std::fmt;

/// The key of a case, such as `authn/sign-in.wrong-password#0.3@5f2a` or, made smaller, `…@5f2a~ssc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The rule.
    pub rule: String,
    /// The number of its plan.
    pub plan: usize,
    /// The number of the case.
    pub index: usize,
    /// The seed of the run.
    pub seed: String,
    /// The steps of shrinking.
    pub trail: String,
}

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = "expected `RULE#PLAN.CASE@SEED`, as a report shows it";
        let (rule, rest) = text.rsplit_once('#').ok_or(format!("`{text}` has no `#`; {form}"))?;
        let (numbers, seed) = rest.split_once('@').ok_or(format!("`{text}` has no `@`; {form}"))?;
        let (plan, index) = numbers.split_once('.').ok_or(format!("`{numbers}` has no `.`; {form}"))?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a number; {form}"));
        let (seed, trail) = seed.split_once('~').unwrap_or((seed, ""));
        if trail.chars().any(|step| !matches!(step, 's' | 'c')) {
            return Err(format!("`{trail}` has other letters than `s` and `c`; {form}"));
        }
        Ok(Self {
            rule: rule.to_owned(),
            plan: number(plan)?,
            index: number(index)?,
            seed: seed.to_owned(),
            trail: trail.to_owned(),
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}.{}@{}", self.rule, self.plan, self.index, self.seed)?;
        if !self.trail.is_empty() {
            write!(f, "~{}", self.trail)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_being_written_and_read() {
        for text in ["authn/sign-in.wrong-password#0.3@5f2a", "law/x@get-state#12.0@s~sscs"] {
            assert_eq!(Key::parse(text).expect("a key").to_string(), text);
        }
        for bad in ["", "a#1@s", "a#x.1@s", "a#1.1", "a#1.1@s~q"] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
    }
}
