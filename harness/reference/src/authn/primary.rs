//! Primary authentication: by username and password, or by an activation token.
//!
//! What wrong passwords lead to is in `lockout`, what right ones lead to in `success`.

use crate::answer::Outcome;
use crate::authn::lockout;
use crate::authn::success;
use crate::authn::transaction::{self, Phase, RecoveryKind};
use crate::call::Members;
use crate::catalogue;
use crate::clock::later;
use crate::defects::Flaw;
use crate::failure::{Failure, Reached};
use crate::org::Org;
use crate::password;
use crate::policies::applied;
use crate::users::ticket::Purpose;
use crate::users::{Status, User};
use serde_json::{Map, Value};

/// A sign-in with username and password.
pub(crate) fn sign_in(org: &mut Org, body: &Map<String, Value>) -> Outcome {
    let username = body.text("username")?.unwrap_or_default();
    let given = body.text("password")?.unwrap_or_default();
    let warn = body
        .part("options")?
        .map(|options| options.flag("warnBeforePasswordExpired"))
        .transpose()?
        .flatten()
        .unwrap_or(false);
    if username.is_empty() || given.is_empty() {
        return Err(incomplete(org));
    }
    count(org, username)?;
    attempt(org, username, given, warn).map_err(|failure| {
        if org.has(Flaw::PasswordEchoed) {
            failure.because(format!("The password '{given}' was not accepted."))
        } else {
            failure
        }
    })
}

fn incomplete(org: &Org) -> Failure {
    if org.has(Flaw::MissingCredentials) {
        return Failure::of(&catalogue::AUTHENTICATION);
    }
    let cause = "The 'username' and 'password' attributes are required in this context.";
    Failure::validation("authRequest", cause)
}

/// Counts the sign-in against the limit of its username.
fn count(org: &mut Org, username: &str) -> Result<(), Failure> {
    let now = org.now();
    match org.limits.sign_in(username, now) {
        Err(reading) if !org.has(Flaw::NoRateLimit) => {
            let failure = Failure::of(&catalogue::RATE_LIMIT).at(Reached::Gate);
            Err(failure.with_reading(reading))
        }
        _ => Ok(()),
    }
}

fn attempt(org: &mut Org, username: &str, given: &str, warn: bool) -> Outcome {
    let Some(index) = org.find_login(username) else {
        return Err(unknown_user(org, username));
    };
    let user = &org.users[index];
    let right = is_right(org, user, given);
    if user.status == Status::LockedOut {
        return lockout::answer(org, index, right);
    }
    if !may_sign_in(org, user) {
        return Err(Failure::of(&catalogue::AUTHENTICATION));
    }
    if !right {
        return lockout::wrong_password(org, index);
    }
    if !applied::sign_on(org, user).allowed {
        return Err(Failure::of(&catalogue::AUTHENTICATION));
    }
    admit(org, index, warn)
}

fn unknown_user(org: &Org, username: &str) -> Failure {
    if org.has(Flaw::UnknownUserNotFound) {
        return Failure::missing(username, "User");
    }
    let mut failure = Failure::of(&catalogue::AUTHENTICATION);
    if org.has(Flaw::UnknownUserText) {
        failure.summary = "Authentication failed: unknown user".to_owned();
    }
    failure
}

fn is_right(org: &Org, user: &User, given: &str) -> bool {
    let Some(password) = user.password.as_deref() else {
        return false;
    };
    password == given
        || org.has(Flaw::AnyPassword)
        || (org.has(Flaw::CaselessPassword) && password.to_lowercase() == given.to_lowercase())
        || (org.has(Flaw::OldPasswordWorks) && user.history.last().is_some_and(|old| old == given))
}

fn may_sign_in(org: &Org, user: &User) -> bool {
    match user.status {
        Status::Active | Status::PasswordExpired => !user.device_blocked,
        Status::Suspended => org.has(Flaw::SuspendedSignsIn),
        Status::Deprovisioned => org.has(Flaw::DeactivatedSignsIn),
        Status::Staged => org.has(Flaw::StagedSignsIn),
        Status::Provisioned | Status::Recovery | Status::LockedOut => false,
    }
}

/// Lets in a user whose password was right, as far as the password's age allows.
pub(crate) fn admit(org: &mut Org, index: usize, warn: bool) -> Outcome {
    if !org.has(Flaw::CounterKept) {
        org.users[index].failures = 0;
    }
    let now = org.now();
    let age = applied::to_user(org, &org.users[index]).age;
    let expiry = password::expiry(&age, &org.users[index]);
    if expiry.is_some_and(|expiry| expiry <= now) && org.users[index].status == Status::Active {
        org.users[index].become_status(Status::PasswordExpired, now);
    }
    let user = org.users[index].id.clone();
    if org.users[index].status == Status::PasswordExpired && !org.has(Flaw::ExpiredSignsIn) {
        return Ok(transaction::start(org, &user, Phase::PasswordExpired, None));
    }
    let soon = expiry.is_some_and(|expiry| expiry <= later(now, age.warn_days * 24 * 60 * 60));
    let asked = warn || org.has(Flaw::AlwaysWarns);
    if soon && asked && !org.has(Flaw::NeverWarns) {
        return Ok(transaction::start(org, &user, Phase::PasswordWarn, None));
    }
    Ok(success::answer(org, index, None))
}

/// A sign-in with the token that an activation issued.
pub(crate) fn activate(org: &mut Org, token: &str) -> Outcome {
    let refused = || Failure::of(&catalogue::AUTHENTICATION);
    let place = org
        .tickets
        .iter()
        .position(|ticket| ticket.token == token && ticket.purpose == Purpose::Activation)
        .ok_or_else(refused)?;
    let index = org.find_user(&org.tickets[place].user).map_err(|_| refused())?;
    let user = org.users[index].id.clone();
    match org.users[index].status {
        Status::Provisioned | Status::Recovery => {
            let kind = Some(RecoveryKind::Activation);
            Ok(transaction::start(org, &user, Phase::PasswordReset, kind))
        }
        Status::Active | Status::PasswordExpired => {
            org.tickets.remove(place);
            admit(org, index, false)
        }
        _ => Err(refused()),
    }
}
