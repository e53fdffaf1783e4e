//! The built-in policies, and what a policy or rule says where its author says nothing.
//!
//! The values follow recorded answers to requests that name nothing.

use crate::identifiers;
use crate::org::Org;
use crate::policies::rules::Rule;
use crate::policies::{Kind, Policy};
use serde_json::{Value, json};

/// Adds the policies that apply where no other does.
pub(crate) fn add(org: &mut Org) {
    for kind in [Kind::Password, Kind::SignOn] {
        let policy = built_in(org, kind);
        org.policies.push(policy);
    }
}

fn built_in(org: &Org, kind: Kind) -> Policy {
    let now = org.now();
    let rule = Rule {
        id: identifiers::object("0pr"),
        active: true,
        name: "Default Rule".to_owned(),
        priority: 1,
        system: true,
        conditions: rule_conditions(kind),
        actions: actions(kind),
        created: now,
        updated: now,
    };
    let description = "The default policy applies in all situations if no other policy applies.";
    Policy {
        id: identifiers::object("00p"),
        kind,
        active: true,
        name: "Default Policy".to_owned(),
        description: Some(description.to_owned()),
        priority: 1,
        system: true,
        conditions: conditions(org, kind),
        settings: settings(kind),
        created: now,
        updated: now,
        rules: vec![rule],
    }
}

/// A policy applies to everyone.
pub(crate) fn conditions(org: &Org, kind: Kind) -> Value {
    let everyone: Vec<&str> = org.groups.iter().filter(|group| group.everyone).map(|group| group.id.as_str()).collect();
    let people = json!({ "groups": { "include": everyone } });
    match kind {
        Kind::Password => json!({ "people": people, "authProvider": { "provider": "OKTA" } }),
        Kind::SignOn => json!({ "people": people }),
    }
}

/// The settings of a policy.
pub(crate) fn settings(kind: Kind) -> Value {
    match kind {
        Kind::SignOn => Value::Null,
        Kind::Password => json!({
            "password": {
                "complexity": {
                    "minLength": 8,
                    "minLowerCase": 1,
                    "minUpperCase": 1,
                    "minNumber": 1,
                    "minSymbol": 0,
                    "excludeUsername": true,
                    "dictionary": { "common": { "exclude": false } },
                    "excludeAttributes": [],
                },
                "age": { "maxAgeDays": 0, "expireWarnDays": 0, "minAgeMinutes": 0, "historyCount": 4 },
                "lockout": {
                    "maxAttempts": 10,
                    "autoUnlockMinutes": 0,
                    "userLockoutNotificationChannels": [],
                    "showLockoutFailures": false,
                },
            },
            "recovery": {
                "factors": {
                    "recovery_question": {
                        "status": "ACTIVE",
                        "properties": { "complexity": { "minLength": 4 } },
                    },
                    "okta_email": {
                        "status": "ACTIVE",
                        "properties": { "recoveryToken": { "tokenLifetimeMinutes": 60 } },
                    },
                    "okta_sms": { "status": "INACTIVE" },
                    "okta_call": { "status": "INACTIVE" },
                },
            },
            "delegation": { "options": { "skipUnlock": false } },
        }),
    }
}

/// The conditions of a rule.
pub(crate) fn rule_conditions(kind: Kind) -> Value {
    let people = json!({ "users": { "exclude": [] } });
    let network = json!({ "connection": "ANYWHERE" });
    match kind {
        Kind::Password => json!({ "people": people, "network": network }),
        Kind::SignOn => json!({
            "people": people,
            "network": network,
            "authContext": { "authType": "ANY" },
        }),
    }
}

/// The actions of a rule.
pub(crate) fn actions(kind: Kind) -> Value {
    match kind {
        Kind::Password => json!({
            "passwordChange": { "access": "ALLOW" },
            "selfServicePasswordReset": { "access": "ALLOW" },
            "selfServiceUnlock": { "access": "DENY" },
        }),
        Kind::SignOn => json!({
            "signon": {
                "access": "ALLOW",
                "requireFactor": false,
                "primaryFactor": "PASSWORD_IDP",
                "rememberDeviceByDefault": false,
                "session": {
                    "usePersistentCookie": false,
                    "maxSessionIdleMinutes": 120,
                    "maxSessionLifetimeMinutes": 0,
                },
            },
        }),
    }
}
