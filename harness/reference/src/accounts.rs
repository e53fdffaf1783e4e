//! The accounts that every fresh org has.
//!
//! They are for tests that can't create users of their own.

use crate::groups;
use crate::identifiers;
use crate::org::Org;
use crate::policies::rules::Rule;
use crate::policies::{Kind, Policy, defaults, settings};
use crate::users::{RecoveryQuestion, Status, User};
use serde_json::json;

/// A ready-made account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name by which it signs in.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Its status, as the API writes it.
    pub status: String,
    /// What else there is to know.
    pub note: String,
}

/// How a ready-made account is made.
struct Plan {
    name: &'static str,
    status: Status,
    question: bool,
    shown: bool,
    note: &'static str,
}

const PASSWORD: &str = "Sunny-Harbour-17";
const QUESTION: &str = "What is the name of the harbour?";
const ANSWER: &str = "fairweather";

const PLANS: [Plan; 8] = [
    Plan { name: "active", status: Status::Active, question: false, shown: false, note: "no recovery question" },
    Plan {
        name: "recoverable",
        status: Status::Active,
        question: true,
        shown: false,
        note: "the answer to the recovery question is fairweather",
    },
    Plan {
        name: "expired",
        status: Status::PasswordExpired,
        question: false,
        shown: false,
        note: "the password has to be changed",
    },
    Plan {
        name: "locked",
        status: Status::LockedOut,
        question: false,
        shown: false,
        note: "locked by wrong passwords; the policy hides it",
    },
    Plan {
        name: "locked-shown",
        status: Status::LockedOut,
        question: true,
        shown: true,
        note: "locked by wrong passwords; the policy shows it",
    },
    Plan {
        name: "suspended",
        status: Status::Suspended,
        question: false,
        shown: false,
        note: "suspended by an administrator",
    },
    Plan {
        name: "deactivated",
        status: Status::Deprovisioned,
        question: false,
        shown: false,
        note: "deactivated by an administrator",
    },
    Plan { name: "staged", status: Status::Staged, question: false, shown: false, note: "created but never activated" },
];

fn login(plan: &Plan) -> String {
    format!("{}@oktaspec.example", plan.name)
}

/// The ready-made accounts.
pub(crate) fn all() -> Vec<Account> {
    PLANS
        .iter()
        .map(|plan| Account {
            login: login(plan),
            password: PASSWORD.to_owned(),
            status: plan.status.name().to_owned(),
            note: plan.note.to_owned(),
        })
        .collect()
}

/// Adds the accounts to a fresh org.
pub(crate) fn populate(org: &mut Org) {
    let group = groups::add(org, "Lockouts shown");
    add_policy(org, &group);
    for plan in &PLANS {
        let user = user(org, plan);
        if plan.shown {
            groups::seat(org, &group, &user.id);
        }
        org.users.push(user);
    }
}

fn user(org: &mut Org, plan: &Plan) -> User {
    let now = org.now();
    let sequence = org.next_sequence();
    let mut user = User::new(identifiers::object("00u"), sequence, now);
    for (name, value) in
        [("firstName", plan.name), ("lastName", "Ready"), ("login", &login(plan)), ("email", &login(plan))]
    {
        user.profile.insert(name.to_owned(), value.into());
    }
    user.question =
        plan.question.then(|| RecoveryQuestion { question: QUESTION.to_owned(), answer: ANSWER.to_owned() });
    user.set_password(PASSWORD, now);
    if plan.status != Status::Staged {
        user.become_status(Status::Active, now);
    }
    user.become_status(plan.status, now);
    user.locked = (plan.status == Status::LockedOut).then_some(now);
    user
}

/// A password policy that shows lockouts to the members of one group.
fn add_policy(org: &mut Org, group: &str) {
    let now = org.now();
    let shown = json!({ "password": { "lockout": { "showLockoutFailures": true } } });
    let allowed = json!({ "selfServiceUnlock": { "access": "ALLOW" } });
    let rule = Rule {
        id: identifiers::object("0pr"),
        active: true,
        name: "Lockouts shown".to_owned(),
        priority: 1,
        system: false,
        conditions: defaults::rule_conditions(Kind::Password),
        actions: settings::merged(defaults::actions(Kind::Password), allowed),
        created: now,
        updated: now,
    };
    let people = json!({ "people": { "groups": { "include": [group] } } });
    let policy = Policy {
        id: identifiers::object("00p"),
        kind: Kind::Password,
        active: true,
        name: "Lockouts shown".to_owned(),
        description: None,
        priority: 1,
        system: false,
        conditions: settings::merged(defaults::conditions(org, Kind::Password), people),
        settings: settings::merged(defaults::settings(Kind::Password), shown),
        created: now,
        updated: now,
        rules: vec![rule],
    };
    for other in &mut org.policies {
        if other.kind == Kind::Password {
            other.priority += 1;
        }
    }
    org.policies.push(policy);
}
