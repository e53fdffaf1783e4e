//! Lockouts: when wrong passwords lock a user, and what a locked user is told.
//!
//! How an administrator ends a lockout is in `users::lifecycle`.

use crate::answer::{Answer, Outcome};
use crate::authn::primary;
use crate::catalogue;
use crate::clock::later;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::links;
use crate::org::Org;
use crate::policies::applied;
use crate::users::Status;
use crate::users::lifecycle;
use jiff::Timestamp;
use serde_json::json;

/// Counts a wrong password; the one that reaches the limit locks.
pub(crate) fn wrong_password(org: &mut Org, index: usize) -> Outcome {
    let now = org.now();
    let limit = limit(org, index);
    let block_devices = org.settings.block_devices && !org.has(Flaw::DeviceBlockIgnored);
    let user = &mut org.users[index];
    user.failures = user.failures.saturating_add(1);
    if limit.is_none_or(|limit| user.failures < limit) {
        return Err(Failure::of(&catalogue::AUTHENTICATION));
    }
    if block_devices {
        user.device_blocked = true;
        return Err(Failure::of(&catalogue::AUTHENTICATION));
    }
    user.become_status(Status::LockedOut, now);
    user.locked = Some(now);
    answer(org, index, false)
}

/// The number of wrong passwords in a row that locks the user.
fn limit(org: &Org, index: usize) -> Option<u32> {
    let attempts = applied::to_user(org, &org.users[index]).lockout.attempts;
    if attempts == 0 || org.has(Flaw::NeverLocked) {
        None
    } else if org.has(Flaw::LockLate) {
        Some(attempts + 2)
    } else if org.has(Flaw::LockEarly) {
        Some(attempts.saturating_sub(1).max(1))
    } else {
        Some(attempts)
    }
}

/// What a locked user is told.
pub(crate) fn answer(org: &mut Org, index: usize, right: bool) -> Outcome {
    if right && org.has(Flaw::LockedSignsIn) {
        return primary::admit(org, index, false);
    }
    if is_shown(org, index, right) {
        return Ok(locked_out(org));
    }
    let mut failure = Failure::of(&catalogue::AUTHENTICATION);
    if org.has(Flaw::LockoutDiffers) {
        failure.summary = "Authentication failed: the account is locked".to_owned();
    }
    Err(failure)
}

/// Whether all of the five conditions for a visible lockout hold.
fn is_shown(org: &Org, index: usize, right: bool) -> bool {
    let user = &org.users[index];
    let rules = applied::to_user(org, user);
    let shown = rules.lockout.show
        && rules.unlock
        && rules.question
        && user.question.is_some()
        && !org.settings.user_enumeration_prevention;
    let told = right || !org.has(Flaw::LockoutByPassword);
    (shown && told || org.has(Flaw::LockoutShown)) && !org.has(Flaw::LockoutHidden)
}

fn locked_out(org: &Org) -> Answer {
    let mut body = json!({ "status": "LOCKED_OUT" });
    if !org.has(Flaw::NoUnlockLink) {
        let unlock = links::named(org, "unlock", "/api/v1/authn/recovery/unlock");
        body["_links"] = json!({ "next": unlock });
    }
    Answer::ok(body)
}

/// Ends a lockout whose time is over.
pub(crate) fn end_by_itself(org: &mut Org, index: usize, now: Timestamp) {
    let minutes = applied::to_user(org, &org.users[index]).lockout.minutes;
    let over = org.users[index].locked.is_some_and(|locked| later(locked, minutes * 60) <= now);
    if minutes > 0 && over {
        lifecycle::release(org, index);
    }
}
