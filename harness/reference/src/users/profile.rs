//! The user schema: which properties a profile has and what they may contain.
//!
//! That logins are unique is checked against the whole org and so by `create` and `update`.

use crate::catalogue;
use crate::defects::{Flaw, Flaws};
use crate::failure::Failure;
use serde_json::{Map, Value};

/// The properties of the default schema.
const PROPERTIES: [&str; 31] = [
    "login",
    "email",
    "secondEmail",
    "firstName",
    "lastName",
    "middleName",
    "honorificPrefix",
    "honorificSuffix",
    "title",
    "displayName",
    "nickName",
    "profileUrl",
    "primaryPhone",
    "mobilePhone",
    "streetAddress",
    "city",
    "state",
    "zipCode",
    "countryCode",
    "postalAddress",
    "preferredLanguage",
    "locale",
    "timezone",
    "userType",
    "employeeNumber",
    "costCenter",
    "organization",
    "division",
    "department",
    "managerId",
    "manager",
];

/// The properties that every profile has, with their greatest lengths.
const REQUIRED: [(&str, usize); 4] = [("login", 100), ("email", 100), ("firstName", 50), ("lastName", 50)];

/// Complains about a profile that the schema doesn't allow.
pub(crate) fn check(profile: &Map<String, Value>, flaws: &Flaws) -> Result<(), Failure> {
    check_properties(profile, flaws)?;
    let complaints: Vec<(&str, String)> = REQUIRED
        .iter()
        .filter(|(name, _)| *name != "lastName" || !flaws.has(Flaw::MissingMember))
        .filter_map(|(name, longest)| complaint(profile, name, *longest).map(|text| (*name, text)))
        .collect();
    let Some((subject, _)) = complaints.first() else {
        return Ok(());
    };
    let failure = Failure::of(&catalogue::VALIDATION).about(subject);
    Err(complaints.iter().fold(failure, |failure, (_, text)| failure.because(text)))
}

fn check_properties(profile: &Map<String, Value>, flaws: &Flaws) -> Result<(), Failure> {
    for (name, value) in profile {
        if !PROPERTIES.contains(&name.as_str()) && !flaws.has(Flaw::UnknownProperty) {
            let cause = format!("Property name '{name}' is not defined in profile");
            return Err(Failure::validation("newUser", cause));
        }
        if !value.is_string() && !value.is_null() {
            let cause = format!("{name}: The field has an invalid value");
            return Err(Failure::validation(name, cause));
        }
    }
    Ok(())
}

fn complaint(profile: &Map<String, Value>, name: &str, longest: usize) -> Option<String> {
    let value = profile.get(name).and_then(Value::as_str).unwrap_or_default();
    let length = value.chars().count();
    let address = matches!(name, "login" | "email");
    if value.trim().is_empty() {
        Some(format!("{name}: The field cannot be left blank"))
    } else if length > longest {
        Some(format!("{name}: The field is too long"))
    } else if address && (length < 5 || !is_address(value)) {
        Some(match name {
            "login" => "login: Username must be in the form of an email address".to_owned(),
            _ => format!("{name}: Does not match required pattern"),
        })
    } else {
        None
    }
}

/// Whether a text looks like an e-mail address.
fn is_address(value: &str) -> bool {
    value.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !value.chars().any(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::defects::Flaws;
    use serde_json::{Map, Value, json};

    fn profile(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn every_missing_member_is_a_cause() {
        let failure = check(&Map::new(), &Flaws::default()).expect_err("nothing is there");
        assert_eq!(failure.code, "E0000001");
        assert_eq!(failure.causes.len(), 4);
    }

    #[test]
    fn an_unknown_property_is_refused_as_recorded() {
        let body = profile(json!({ "notValid": "x" }));
        let failure = check(&body, &Flaws::default()).expect_err("unknown");
        assert_eq!(failure.summary, "Api validation failed: newUser");
        assert_eq!(failure.causes, ["Property name 'notValid' is not defined in profile"]);
    }

    #[test]
    fn a_login_is_an_address() {
        let body = profile(json!({ "login": "ann", "email": "ann@example.com", "firstName": "A", "lastName": "B" }));
        let failure = check(&body, &Flaws::default()).expect_err("no address");
        assert_eq!(failure.summary, "Api validation failed: login");
    }
}
