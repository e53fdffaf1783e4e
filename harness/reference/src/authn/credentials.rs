//! New passwords inside of a transaction: the change of an old one and the reset of a lost one.
//!
//! The checks are shared with the administrator's operations in `users::credentials`.

use crate::answer::Outcome;
use crate::authn::success;
use crate::authn::transaction::{self, Ending, Phase};
use crate::call::{Call, Members};
use crate::org::Org;
use crate::users::credentials;
use crate::users::lifecycle::end_sessions_if;
use crate::users::ticket::{self, Purpose};

/// POST /api/v1/authn/credentials/change_password
pub(crate) fn change_password(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let allowed = [Phase::PasswordExpired, Phase::PasswordWarn];
    let index = transaction::find(org, &body, &allowed)?;
    let former = body.required("oldPassword")?;
    let new = body.required("newPassword")?;
    let revoke = body.flag("revokeSessions")?.unwrap_or(false);
    let user = transaction::user(org, index)?;
    credentials::check_former(org, &org.users[user], former, "oldPassword")?;
    credentials::check_new(org, &org.users[user], new, true)?;
    finish(org, index, user, new, revoke)
}

/// POST /api/v1/authn/credentials/reset_password
pub(crate) fn reset_password(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let index = transaction::find(org, &body, &[Phase::PasswordReset])?;
    let new = body.required("newPassword")?;
    let revoke = body.flag("revokeSessions")?.unwrap_or(false);
    let user = transaction::user(org, index)?;
    credentials::check_quality(org, &org.users[user], new, true)?;
    let id = org.users[user].id.clone();
    ticket::void(org, &id, Purpose::Activation);
    finish(org, index, user, new, revoke)
}

fn finish(org: &mut Org, index: usize, user: usize, new: &str, revoke: bool) -> Outcome {
    credentials::change(org, user, new);
    end_sessions_if(org, user, revoke);
    org.transactions[index].ending = Some(Ending::Completed);
    Ok(success::answer(org, user, None))
}
