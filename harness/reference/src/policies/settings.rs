//! Settings as JSON: merging them with defaults, reading and checking them.
//!
//! The defaults themselves are in `defaults`.

use crate::failure::Failure;
use serde_json::Value;

/// `given` on top of `base`: objects are merged, everything else is replaced; null keeps the base.
pub(crate) fn merged(base: Value, given: Value) -> Value {
    match (base, given) {
        (Value::Object(mut base), Value::Object(given)) => {
            for (name, value) in given {
                let former = base.get(&name).cloned().unwrap_or_default();
                base.insert(name, merged(former, value));
            }
            Value::Object(base)
        }
        (base, Value::Null) => base,
        (_, given) => given,
    }
}

/// Settings that are whole numbers, with their greatest values.
const NUMBERS: [(&str, u64); 11] = [
    ("/password/complexity/minLength", 72),
    ("/password/complexity/minLowerCase", 1_000),
    ("/password/complexity/minUpperCase", 1_000),
    ("/password/complexity/minNumber", 1_000),
    ("/password/complexity/minSymbol", 1_000),
    ("/password/age/maxAgeDays", 99_999),
    ("/password/age/expireWarnDays", 99_999),
    ("/password/age/minAgeMinutes", 999_999),
    ("/password/age/historyCount", 30),
    ("/password/lockout/maxAttempts", 1_000),
    ("/password/lockout/autoUnlockMinutes", 999_999),
];

/// Settings that are true or false.
const SWITCHES: [&str; 2] = ["/password/complexity/excludeUsername", "/password/lockout/showLockoutFailures"];

/// Complains about settings of a password policy that can't be.
pub(crate) fn check(settings: &Value) -> Result<(), Failure> {
    let number = NUMBERS
        .iter()
        .find(|(path, most)| number_at(settings, path).is_none_or(|number| number > *most))
        .map(|(path, _)| *path);
    let switch = SWITCHES.iter().copied().find(|path| !settings.pointer(path).is_some_and(Value::is_boolean));
    match number.or(switch) {
        None => Ok(()),
        Some(path) => {
            let member = format!("settings{}", path.replace('/', "."));
            let cause = format!("{member}: The field has an invalid value");
            Err(Failure::validation("settings", cause))
        }
    }
}

fn number_at(settings: &Value, path: &str) -> Option<u64> {
    settings.pointer(path)?.as_u64()
}

/// A whole number, 0 if it isn't there.
pub(crate) fn number<Number: TryFrom<u64> + Default>(settings: &Value, path: &str) -> Number {
    number_at(settings, path).and_then(|number| Number::try_from(number).ok()).unwrap_or_default()
}

/// True or false, false if it isn't there.
pub(crate) fn switch(settings: &Value, path: &str) -> bool {
    settings.pointer(path).and_then(Value::as_bool).unwrap_or_default()
}

/// Whether a text has this value.
pub(crate) fn is(settings: &Value, path: &str, value: &str) -> bool {
    settings.pointer(path).and_then(Value::as_str) == Some(value)
}

/// The texts of a list.
pub(crate) fn texts(settings: &Value, path: &str) -> Vec<String> {
    settings
        .pointer(path)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{check, merged};
    use crate::policies::{Kind, defaults};
    use serde_json::json;

    #[test]
    fn what_is_given_wins_and_the_rest_stays() {
        let base = json!({ "a": { "b": 1, "c": 2 }, "d": [1] });
        let given = json!({ "a": { "b": 3, "c": null }, "d": [], "e": 5 });
        assert_eq!(merged(base, given), json!({ "a": { "b": 3, "c": 2 }, "d": [], "e": 5 }));
    }

    #[test]
    fn the_defaults_pass_their_own_check() {
        assert!(check(&defaults::settings(Kind::Password)).is_ok());
        let odd = json!({ "password": { "lockout": { "maxAttempts": -1 } } });
        assert!(check(&merged(defaults::settings(Kind::Password), odd)).is_err());
    }
}
