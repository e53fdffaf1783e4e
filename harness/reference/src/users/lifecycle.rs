//! The lifecycle of users: which operation leads from which status to which.
//!
//! Operations that change credentials alone are in `credentials`.

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::groups;
use crate::identifiers;
use crate::org::Org;
use crate::users::ticket::{self, Purpose};
use crate::users::{Status, view};
use serde_json::json;

/// The user that a call names, if the operation is legal in their status.
fn legal(org: &Org, call: &Call, from: &[Status], refusal: impl FnOnce() -> Failure) -> Result<usize, Failure> {
    let index = org.find_user(call.capture(0))?;
    if from.contains(&org.users[index].status) || org.has(Flaw::AnyTransition) { Ok(index) } else { Err(refusal()) }
}

fn wrong_status() -> Failure {
    Failure::of(&catalogue::USER_STATUS)
}

/// POST .../lifecycle/activate
pub(crate) fn activate(org: &mut Org, call: &Call) -> Outcome {
    let send = call.switch("sendEmail", true)?;
    let from = [Status::Staged, Status::Deprovisioned];
    let index = legal(org, call, &from, || Failure::of(&catalogue::ACTIVATION))?;
    let now = org.now();
    let stays = org.has(Flaw::ActivateStays);
    let user = &mut org.users[index];
    if user.status == Status::Deprovisioned {
        user.password = None;
    }
    if !stays {
        let status = if user.password.is_some() { Status::Active } else { Status::Provisioned };
        user.become_status(status, now);
    }
    Ok(activation(org, index, send))
}

/// POST .../lifecycle/reactivate
pub(crate) fn reactivate(org: &mut Org, call: &Call) -> Outcome {
    let send = call.switch("sendEmail", false)?;
    let from = [Status::Provisioned, Status::Recovery];
    let index = if org.has(Flaw::ReactivateAny) {
        org.find_user(call.capture(0))?
    } else {
        legal(org, call, &from, wrong_status)?
    };
    Ok(activation(org, index, send))
}

/// Issues an activation token and shows it unless it was sent.
fn activation(org: &mut Org, index: usize, send: bool) -> Answer {
    let user = org.users[index].id.clone();
    let token = ticket::issue(org, &user, Purpose::Activation).token;
    if send {
        return Answer::empty();
    }
    Answer::ok(json!({
        "activationUrl": org.address(&format!("/tokens/{token}/verify")),
        "activationToken": token,
    }))
}

/// POST .../lifecycle/deactivate
pub(crate) fn deactivate(org: &mut Org, call: &Call) -> Outcome {
    call.switch("sendEmail", false)?;
    let index = org.find_user(call.capture(0))?;
    let user = &org.users[index];
    if user.status == Status::Deprovisioned && !org.has(Flaw::AnyTransition) {
        return Err(Failure::missing(call.capture(0), "User"));
    }
    if !org.has(Flaw::DeactivateNothing) {
        retire(org, index);
    }
    Ok(Answer::empty())
}

/// Deactivates a user and ends what the user had started.
fn retire(org: &mut Org, index: usize) {
    let now = org.now();
    org.users[index].become_status(Status::Deprovisioned, now);
    org.users[index].failures = 0;
    let user = org.users[index].id.clone();
    org.sessions.retain(|session| session.user != user);
    org.tickets.retain(|ticket| ticket.user != user);
    org.transactions.retain(|transaction| transaction.user.as_deref() != Some(&user));
}

/// POST .../lifecycle/suspend
pub(crate) fn suspend(org: &mut Org, call: &Call) -> Outcome {
    let mut from = vec![Status::Active];
    if org.has(Flaw::SuspendTwice) {
        from.push(Status::Suspended);
    }
    let index =
        legal(org, call, &from, || Failure::validation("suspendUser", "Cannot suspend a user that is not active"))?;
    let now = org.now();
    org.users[index].become_status(Status::Suspended, now);
    let user = org.users[index].id.clone();
    org.sessions.retain(|session| session.user != user);
    Ok(Answer::empty())
}

/// POST .../lifecycle/unsuspend
pub(crate) fn unsuspend(org: &mut Org, call: &Call) -> Outcome {
    let index = legal(org, call, &[Status::Suspended], || {
        Failure::validation("unsuspendUser", "Cannot unsuspend a user that is not suspended")
    })?;
    let now = org.now();
    if !org.has(Flaw::UnsuspendStays) {
        org.users[index].become_status(Status::Active, now);
    }
    Ok(Answer::empty())
}

/// POST .../lifecycle/unlock
pub(crate) fn unlock(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let user = &org.users[index];
    let unlockable = user.status == Status::LockedOut
        || user.device_blocked
        || org.has(Flaw::UnlockUnlocked)
        || org.has(Flaw::AnyTransition);
    if !unlockable {
        return Err(Failure::of(&catalogue::UNLOCK).because("The user is not locked out."));
    }
    if !org.has(Flaw::UnlockNothing) {
        release(org, index);
    }
    Ok(Answer::empty())
}

/// Ends a lockout.
pub(crate) fn release(org: &mut Org, index: usize) {
    let now = org.now();
    let keep = org.has(Flaw::UnlockKeepsCounter);
    let user = &mut org.users[index];
    if user.status == Status::LockedOut {
        user.become_status(Status::Active, now);
    }
    user.locked = None;
    user.device_blocked = false;
    if !keep {
        user.failures = 0;
    }
}

/// POST .../lifecycle/expire_password
pub(crate) fn expire_password(org: &mut Org, call: &Call) -> Outcome {
    let from = [Status::Active, Status::PasswordExpired];
    let index = legal(org, call, &from, wrong_status)?;
    let now = org.now();
    if !org.has(Flaw::ExpireNothing) {
        org.users[index].become_status(Status::PasswordExpired, now);
    }
    Ok(Answer::ok(view::user(org, &org.users[index])))
}

/// POST .../lifecycle/expire_password_with_temp_password
pub(crate) fn temporary_password(org: &mut Org, call: &Call) -> Outcome {
    let revoke = call.switch("revokeSessions", false)?;
    let from = [Status::Active, Status::PasswordExpired];
    let index = legal(org, call, &from, wrong_status)?;
    let now = org.now();
    let expires = !org.has(Flaw::TemporaryUnexpired);
    let password = identifiers::temporary_password();
    let user = &mut org.users[index];
    user.set_password(&password, now);
    if expires {
        user.become_status(Status::PasswordExpired, now);
    }
    end_sessions_if(org, index, revoke);
    Ok(Answer::ok(json!({ "tempPassword": password })))
}

/// POST .../lifecycle/reset_password
pub(crate) fn reset_password(org: &mut Org, call: &Call) -> Outcome {
    let send = call.switch("sendEmail", true)?;
    let revoke = call.switch("revokeSessions", false)?;
    let from = [Status::Active, Status::PasswordExpired, Status::Provisioned, Status::Recovery, Status::LockedOut];
    let index = legal(org, call, &from, wrong_status)?;
    let now = org.now();
    if !org.has(Flaw::ResetStays) {
        org.users[index].become_status(Status::Recovery, now);
        org.users[index].failures = 0;
    }
    end_sessions_if(org, index, revoke);
    let user = org.users[index].id.clone();
    let token = ticket::issue(org, &user, Purpose::Password).token;
    if send {
        return Ok(Answer::empty());
    }
    let address = org.address(&format!("/reset_password/{token}"));
    Ok(Answer::ok(json!({ "resetPasswordUrl": address })))
}

/// POST .../lifecycle/reset_factors; nobody has a factor here.
pub(crate) fn reset_factors(org: &mut Org, call: &Call) -> Outcome {
    org.find_user(call.capture(0))?;
    Ok(Answer::empty())
}

/// DELETE /api/v1/users/{user}
pub(crate) fn delete(org: &mut Org, call: &Call) -> Outcome {
    call.switch("sendEmail", false)?;
    let index = org.find_user(call.capture(0))?;
    let deactivated = org.users[index].status == Status::Deprovisioned;
    retire(org, index);
    if (deactivated || org.has(Flaw::DeleteAtOnce)) && !org.has(Flaw::DeleteStays) {
        let user = org.users.remove(index);
        groups::forget(org, &user.id);
    }
    Ok(Answer::nothing())
}

/// DELETE /api/v1/users/{user}/sessions
pub(crate) fn end_sessions(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    end_sessions_if(org, index, true);
    Ok(Answer::nothing())
}

/// Ends a user's sessions if the caller wants so.
pub(crate) fn end_sessions_if(org: &mut Org, index: usize, wanted: bool) {
    if wanted {
        let user = org.users[index].id.clone();
        org.end_sessions(&user);
    }
}
