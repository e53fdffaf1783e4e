//! What the policies say about one user: the first policy that applies, through its first rule.
//!
//! A policy without a rule that fits is passed over; the built-in one fits everyone.

use crate::defects::Flaw;
use crate::groups;
use crate::org::Org;
use crate::policies::rules::{self, Rule};
use crate::policies::{self, Kind, Policy, settings};
use crate::users::User;
use serde_json::Value;

/// What a password must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complexity {
    /// The least number of characters.
    pub(crate) length: usize,
    /// The least number of lower-case letters.
    pub(crate) lower: usize,
    /// The least number of upper-case letters.
    pub(crate) upper: usize,
    /// The least number of digits.
    pub(crate) digits: usize,
    /// The least number of symbols.
    pub(crate) symbols: usize,
    /// Whether parts of the username are forbidden.
    pub(crate) exclude_username: bool,
    /// Profile members that are forbidden.
    pub(crate) exclude_attributes: Vec<String>,
}

/// How long a password lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    /// Days until it expires; 0 for never.
    pub(crate) days: i64,
    /// Days before that when users are warned.
    pub(crate) warn_days: i64,
    /// Minutes before it may be changed again.
    pub(crate) minutes_at_least: i64,
    /// How many passwords must differ.
    pub(crate) history: usize,
}

/// When a user is locked and what is said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lockout {
    /// The number of wrong passwords that locks; 0 for never.
    pub(crate) attempts: u32,
    /// Minutes until a lockout ends by itself; 0 for never.
    pub(crate) minutes: i64,
    /// Whether answers may say that a user is locked.
    pub(crate) show: bool,
}

/// What the password policy says about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PasswordRules {
    /// What a password must contain.
    pub(crate) complexity: Complexity,
    /// How long it lives.
    pub(crate) age: Age,
    /// When the user is locked.
    pub(crate) lockout: Lockout,
    /// Whether the recovery question may be used.
    pub(crate) question: bool,
    /// Whether users may change their password.
    pub(crate) change: bool,
    /// Whether users may reset their password.
    pub(crate) reset: bool,
    /// Whether users may unlock themselves.
    pub(crate) unlock: bool,
}

/// The password policy that applies to a user.
pub(crate) fn to_user(org: &Org, user: &User) -> PasswordRules {
    password_rules(org, &groups::of(org, &user.id), &user.id)
}

/// The password policy that will apply to a user who is created in these groups.
pub(crate) fn to_newcomer(org: &Org, named: &[String]) -> PasswordRules {
    let mut groups = named.to_vec();
    groups.extend(org.groups.iter().filter(|group| group.everyone).map(|group| group.id.clone()));
    password_rules(org, &groups, "")
}

fn password_rules(org: &Org, groups: &[String], user: &str) -> PasswordRules {
    let found = fitting(org, Kind::Password, groups, user);
    let (settings, actions) = match found {
        Some((policy, rule)) => (policy.settings.clone(), rule.map_or(Value::Null, |rule| rule.actions.clone())),
        None => (Value::Null, Value::Null),
    };
    read(&settings, &actions)
}

fn read(says: &Value, actions: &Value) -> PasswordRules {
    let complexity = |name: &str| settings::number(says, &format!("/password/complexity/{name}"));
    PasswordRules {
        complexity: Complexity {
            length: complexity("minLength"),
            lower: complexity("minLowerCase"),
            upper: complexity("minUpperCase"),
            digits: complexity("minNumber"),
            symbols: complexity("minSymbol"),
            exclude_username: settings::switch(says, "/password/complexity/excludeUsername"),
            exclude_attributes: settings::texts(says, "/password/complexity/excludeAttributes"),
        },
        age: Age {
            days: settings::number(says, "/password/age/maxAgeDays"),
            warn_days: settings::number(says, "/password/age/expireWarnDays"),
            minutes_at_least: settings::number(says, "/password/age/minAgeMinutes"),
            history: settings::number(says, "/password/age/historyCount"),
        },
        lockout: Lockout {
            attempts: settings::number(says, "/password/lockout/maxAttempts"),
            minutes: settings::number(says, "/password/lockout/autoUnlockMinutes"),
            show: settings::switch(says, "/password/lockout/showLockoutFailures"),
        },
        question: settings::is(says, "/recovery/factors/recovery_question/status", "ACTIVE"),
        change: settings::is(actions, "/passwordChange/access", "ALLOW"),
        reset: settings::is(actions, "/selfServicePasswordReset/access", "ALLOW"),
        unlock: settings::is(actions, "/selfServiceUnlock/access", "ALLOW"),
    }
}

/// What the sign-on policy says about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignOn {
    /// Whether the user may sign in.
    pub(crate) allowed: bool,
    /// Minutes that a session may be idle.
    pub(crate) idle_minutes: i64,
}

/// The sign-on policy that applies to a user.
pub(crate) fn sign_on(org: &Org, user: &User) -> SignOn {
    let groups = groups::of(org, &user.id);
    let rule = fitting(org, Kind::SignOn, &groups, &user.id).and_then(|(_, rule)| rule);
    let actions = rule.map_or(&Value::Null, |rule| &rule.actions);
    SignOn {
        allowed: !settings::is(actions, "/signon/access", "DENY"),
        idle_minutes: settings::number::<i64>(actions, "/signon/session/maxSessionIdleMinutes").max(1),
    }
}

/// The first policy and rule that fit; the rule is missing only where a defect wants it.
fn fitting<'a>(org: &'a Org, kind: Kind, groups: &[String], user: &str) -> Option<(&'a Policy, Option<&'a Rule>)> {
    let mut order = policies::in_order(org, kind);
    if org.has(Flaw::LastPolicyFirst) {
        order.reverse();
    }
    let inactive = org.has(Flaw::InactivePolicy);
    order.into_iter().filter(|policy| policy.active || inactive).filter(|policy| fits_policy(policy, groups)).find_map(
        |policy| {
            let rule = rules::in_order(policy)
                .into_iter()
                .find(|rule| (rule.active || inactive) && fits_rule(rule, groups, user));
            let applies = rule.is_some() || org.has(Flaw::RulelessPolicy);
            applies.then_some((policy, rule))
        },
    )
}

fn fits_policy(policy: &Policy, groups: &[String]) -> bool {
    let member = |path: &str| settings::texts(&policy.conditions, path).iter().any(|id| groups.contains(id));
    member("/people/groups/include") && !member("/people/groups/exclude")
}

fn fits_rule(rule: &Rule, groups: &[String], user: &str) -> bool {
    let texts = |path: &str| settings::texts(&rule.conditions, path);
    let excluded = texts("/people/users/exclude").iter().any(|id| id == user)
        || texts("/people/groups/exclude").iter().any(|id| groups.contains(id));
    let users = texts("/people/users/include");
    let named = texts("/people/groups/include");
    let included = (users.is_empty() && named.is_empty())
        || users.iter().any(|id| id == user)
        || named.iter().any(|id| groups.contains(id));
    // No network zones exist here, so a rule for one of them never fits.
    let anywhere = settings::is(&rule.conditions, "/network/connection", "ANYWHERE");
    included && !excluded && anywhere
}
