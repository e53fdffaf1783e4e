//! Passwords against a policy: complexity, parts of the username, history and age.
//!
//! Which policy applies to whom is decided in `policies::applied`.

use crate::catalogue;
use crate::clock::later;
use crate::failure::Failure;
use crate::policies::applied::{Age, Complexity};
use crate::users::User;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The shortest part of a username that a password may not contain.
const PART: usize = 4;

/// The shortest name that a password may not contain.
const NAME: usize = 3;

/// Whether a password has what the policy asks for.
pub(crate) fn is_complex(rules: &Complexity, password: &str, profile: &Map<String, Value>) -> bool {
    let count = |test: fn(char) -> bool| password.chars().filter(|&letter| test(letter)).count();
    password.chars().count() >= rules.length
        && password.chars().count() <= 72
        && count(char::is_lowercase) >= rules.lower
        && count(char::is_uppercase) >= rules.upper
        && count(|letter| letter.is_ascii_digit()) >= rules.digits
        && count(|letter| !letter.is_alphanumeric()) >= rules.symbols
        && !(rules.exclude_username && has_part_of_login(password, profile))
        && !rules.exclude_attributes.iter().any(|name| has_attribute(password, profile, name))
}

fn has_part_of_login(password: &str, profile: &Map<String, Value>) -> bool {
    let password = password.to_lowercase();
    text(profile, "login")
        .split([',', '.', '_', '#', '@', '-'])
        .filter(|part| part.chars().count() >= PART)
        .any(|part| password.contains(part))
}

fn has_attribute(password: &str, profile: &Map<String, Value>, name: &str) -> bool {
    let value = text(profile, name);
    value.chars().count() >= NAME && password.to_lowercase().contains(&value)
}

fn text(profile: &Map<String, Value>, name: &str) -> String {
    profile.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

/// The requirements in the API's words.
pub(crate) fn requirements(rules: &Complexity) -> String {
    let mut wants = vec![format!("at least {} characters", rules.length)];
    let kinds = [
        (rules.lower, "a lowercase letter"),
        (rules.upper, "an uppercase letter"),
        (rules.digits, "a number"),
        (rules.symbols, "a symbol"),
    ];
    for (count, name) in kinds {
        if count > 0 {
            wants.push(name.to_owned());
        }
    }
    if rules.exclude_username {
        wants.push("no parts of your username".to_owned());
    }
    format!("Password requirements were not met. Password requirements: {}.", wants.join(", "))
}

/// A password that breaks the policy, as operations on credentials refuse it.
pub(crate) fn violation(cause: String) -> Failure {
    Failure::of(&catalogue::COMPLEXITY).because(cause)
}

/// Whether the password is the present one or one of the remembered ones.
pub(crate) fn was_used(age: &Age, user: &User, password: &str) -> bool {
    age.history > 0
        && (user.password.as_deref() == Some(password)
            || user.history.iter().rev().take(age.history.saturating_sub(1)).any(|former| former == password))
}

/// Whether the present password is too young to be changed.
pub(crate) fn is_too_young(age: &Age, user: &User, now: Timestamp) -> bool {
    user.password_changed.is_some_and(|changed| later(changed, age.minutes_at_least * 60) > now)
}

/// When the password expires, if it does.
pub(crate) fn expiry(age: &Age, user: &User) -> Option<Timestamp> {
    let changed = user.password_changed?;
    (age.days > 0).then(|| later(changed, age.days * 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::{is_complex, requirements};
    use crate::policies::applied::Complexity;
    use serde_json::{Map, json};

    fn rules() -> Complexity {
        Complexity {
            length: 8,
            lower: 1,
            upper: 1,
            digits: 1,
            symbols: 0,
            exclude_username: true,
            exclude_attributes: Vec::new(),
        }
    }

    #[test]
    fn the_default_policy_wants_four_things() {
        let profile = Map::new();
        for weak in ["Aa1", "alllower1", "ALLUPPER1", "NoNumbers"] {
            assert!(!is_complex(&rules(), weak, &profile), "{weak}");
        }
        assert!(is_complex(&rules(), "tlpWENT2m", &profile));
    }

    #[test]
    fn parts_of_the_username_are_refused_from_four_letters_on() {
        let profile = json!({ "login": "isaac.br@example.com" });
        let profile = profile.as_object().expect("an object");
        assert!(!is_complex(&rules(), "xISAACx12", profile));
        assert!(is_complex(&rules(), "xXbrXx1234", profile));
    }

    #[test]
    fn requirements_name_what_is_wanted() {
        assert_eq!(
            requirements(&rules()),
            "Password requirements were not met. Password requirements: at least 8 characters, \
             a lowercase letter, an uppercase letter, a number, no parts of your username."
        );
    }
}
