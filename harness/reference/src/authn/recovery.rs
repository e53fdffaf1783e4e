//! Recovery: forgotten passwords and self-service unlocks.
//!
//! No mail and no message is ever sent; only trusted applications get a recovery token.

use crate::answer::{Answer, Outcome};
use crate::authn::success;
use crate::authn::transaction::{self, Ending, Phase, RecoveryKind};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::clock::written;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::links;
use crate::org::Org;
use crate::policies::applied;
use crate::users::ticket::{self, Purpose};
use crate::users::{Status, User, lifecycle};
use serde_json::{Map, Value, json};

/// POST /api/v1/authn/recovery/password
pub(crate) fn forgot_password(org: &mut Org, call: &Call) -> Outcome {
    start(org, call, RecoveryKind::Password)
}

/// POST /api/v1/authn/recovery/unlock
pub(crate) fn unlock(org: &mut Org, call: &Call) -> Outcome {
    start(org, call, RecoveryKind::Unlock)
}

fn start(org: &mut Org, call: &Call, kind: RecoveryKind) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let username = body.required("username")?;
    let user = org.find_login(username);
    let factor = factor(&body, kind)?;
    match (factor, user) {
        (None, _) if !call.trusted => Err(Failure::blank("factorType")),
        (None, None) => Err(Failure::of(&catalogue::RECOVERY_UNKNOWN_USER)),
        (None, Some(user)) => trusted(org, user, kind),
        (Some(_), None) if org.has(Flaw::RecoveryDiscloses) => Err(Failure::of(&catalogue::RECOVERY_UNKNOWN_USER)),
        (Some("EMAIL"), _) => Ok(Answer::ok(json!({
            "status": "RECOVERY_CHALLENGE",
            "factorResult": "WAITING",
            "factorType": "EMAIL",
            "recoveryType": kind.name(),
        }))),
        (Some(factor), user) => {
            let user = user.map(|index| org.users[index].id.clone());
            Ok(transaction::start_challenge(org, user, kind, factor))
        }
    }
}

/// The way by which a code is to be sent.
fn factor(body: &Map<String, Value>, kind: RecoveryKind) -> Result<Option<&'static str>, Failure> {
    let Some(name) = body.text("factorType")? else {
        return Ok(None);
    };
    let known: &[&'static str] = match kind {
        RecoveryKind::Unlock => &["EMAIL", "SMS"],
        _ => &["EMAIL", "SMS", "CALL"],
    };
    known
        .iter()
        .copied()
        .find(|factor| factor.eq_ignore_ascii_case(name))
        .map(Some)
        .ok_or_else(|| Failure::validation("factorType", "factorType: The field has an invalid value"))
}

/// Gives a trusted application the recovery token.
fn trusted(org: &mut Org, index: usize, kind: RecoveryKind) -> Outcome {
    let purpose = match kind {
        RecoveryKind::Unlock => {
            check_unlock(org, &org.users[index])?;
            Purpose::Unlock
        }
        _ => {
            check_password(org, &org.users[index])?;
            Purpose::Password
        }
    };
    let user = org.users[index].id.clone();
    let ticket = ticket::issue(org, &user, purpose);
    let user = transaction::embedded_user(&org.users[index], false);
    Ok(Answer::ok(json!({
        "expiresAt": written(transaction::shown_expiry(org, ticket.expires)),
        "status": "RECOVERY",
        "recoveryToken": ticket.token,
        "recoveryType": kind.name(),
        "_embedded": { "user": user },
        "_links": {
            "next": links::named(org, "recovery", "/api/v1/authn/recovery/token"),
            "cancel": links::hinted(org, "/api/v1/authn/cancel", &["POST"]),
        },
    })))
}

fn check_password(org: &Org, user: &User) -> Result<(), Failure> {
    let refused = || Failure::of(&catalogue::FORGOT_PASSWORD);
    match user.status {
        Status::Active | Status::PasswordExpired | Status::Recovery => {}
        Status::LockedOut => return Err(Failure::of(&catalogue::RECOVERY_LOCKED)),
        _ => return Err(refused()),
    }
    let rules = applied::to_user(org, user);
    if !rules.reset {
        return Err(refused());
    }
    if user.question.is_none() || !rules.question {
        return Err(refused().because("Recovery credential not set."));
    }
    Ok(())
}

fn check_unlock(org: &Org, user: &User) -> Result<(), Failure> {
    let refused = || Failure::of(&catalogue::UNLOCK);
    if user.status != Status::LockedOut {
        return Err(refused().because("The user is not locked out."));
    }
    let rules = applied::to_user(org, user);
    if !rules.unlock {
        return Err(Failure::of(&catalogue::RECOVERY_LOCKED));
    }
    if user.question.is_none() || !rules.question {
        return Err(refused().because("Recovery credential not set."));
    }
    Ok(())
}

/// POST /api/v1/authn/recovery/token
pub(crate) fn token(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let token = body.required("recoveryToken")?;
    let dead = || Failure::of(&catalogue::INVALID_TOKEN);
    let place = org
        .tickets
        .iter()
        .position(|ticket| ticket.token == token && ticket.purpose != Purpose::Activation)
        .ok_or_else(dead)?;
    let ticket = if org.has(Flaw::RecoveryTwice) { org.tickets[place].clone() } else { org.tickets.remove(place) };
    let index = org.find_user(&ticket.user).map_err(|_| dead())?;
    let (kind, phase) = match ticket.purpose {
        Purpose::Unlock => (RecoveryKind::Unlock, Phase::Recovery),
        _ if org.users[index].question.is_some() => (RecoveryKind::Password, Phase::Recovery),
        _ => (RecoveryKind::Password, Phase::PasswordReset),
    };
    Ok(transaction::start(org, &ticket.user, phase, Some(kind)))
}

/// POST /api/v1/authn/recovery/answer
pub(crate) fn answer(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let index = transaction::find(org, &body, &[Phase::Recovery])?;
    let answer = body.required("answer")?;
    let user = transaction::user(org, index)?;
    let right = org.users[user].question.as_ref().is_some_and(|question| question.is_answered_by(answer));
    if !right && !org.has(Flaw::AnyAnswer) {
        return Err(Failure::of(&catalogue::RECOVERY_ANSWER));
    }
    if org.transactions[index].recovery == Some(RecoveryKind::Unlock) {
        lifecycle::release(org, user);
        org.transactions[index].ending = Some(Ending::Completed);
        return Ok(success::answer(org, user, Some(RecoveryKind::Unlock)));
    }
    org.transactions[index].phase = Phase::PasswordReset;
    Ok(transaction::view(org, index))
}

/// The transaction that waits for a code by the way that the path names.
fn challenge(org: &mut Org, call: &Call, body: &Map<String, Value>) -> Result<usize, Failure> {
    let index = transaction::find(org, body, &[Phase::RecoveryChallenge])?;
    let factor = org.transactions[index].factor.unwrap_or_default();
    if factor.eq_ignore_ascii_case(call.capture(0)) {
        Ok(index)
    } else {
        Err(Failure::of(&catalogue::STATE).because(catalogue::STATE.summary))
    }
}

/// POST /api/v1/authn/recovery/factors/{factor}/verify; no code was sent, so none is right.
pub(crate) fn verify(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    challenge(org, call, &body)?;
    body.required("passCode")?;
    let cause = "Your token doesn't match our records. Please try again.";
    Err(Failure::of(&catalogue::PASSCODE).because(cause))
}

/// POST /api/v1/authn/recovery/factors/{factor}/resend
pub(crate) fn resend(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let index = challenge(org, call, &body)?;
    Ok(transaction::view(org, index))
}
