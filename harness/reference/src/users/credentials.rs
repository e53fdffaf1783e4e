//! Operations on a user's credentials, as an administrator calls them.
//!
//! The operations inside of a sign-in are in `authn::credentials`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::org::Org;
use crate::password;
use crate::policies::applied;
use crate::users::create::checked_question;
use crate::users::lifecycle::end_sessions_if;
use crate::users::ticket::{self, Purpose};
use crate::users::update::secret;
use crate::users::{Status, User, view};
use serde_json::json;

/// POST .../credentials/change_password
pub(crate) fn change_password(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let body = call.object(&org.setup.flaws)?;
    let (former, new) = (secret(&body, "oldPassword")?, secret(&body, "newPassword")?);
    let revoke = body.flag("revokeSessions")?.unwrap_or(false);
    let strict = call.switch("strict", false)?;
    let user = &org.users[index];
    let from = [Status::Staged, Status::Active, Status::PasswordExpired, Status::Recovery];
    if !from.contains(&user.status) && !org.has(Flaw::AnyTransition) {
        return Err(Failure::of(&catalogue::USER_STATUS));
    }
    check_former(org, user, former, "oldPassword")?;
    check_new(org, user, new, strict)?;
    change(org, index, new);
    end_sessions_if(org, index, revoke);
    Ok(Answer::ok(view::credentials(&org.users[index])))
}

/// Complains about a wrong present password.
pub(crate) fn check_former(org: &Org, user: &User, former: &str, member: &str) -> Result<(), Failure> {
    if user.password.as_deref() == Some(former) || org.has(Flaw::AnyOldPassword) {
        return Ok(());
    }
    let cause = format!("{member}: The credentials provided were incorrect.");
    Err(Failure::of(&catalogue::CREDENTIALS_UPDATE).because(cause))
}

/// Complains about a new password that the policy doesn't allow.
pub(crate) fn check_new(org: &Org, user: &User, new: &str, strict: bool) -> Result<(), Failure> {
    if !applied::to_user(org, user).change {
        return Err(Failure::of(&catalogue::CHANGE_PASSWORD));
    }
    check_quality(org, user, new, strict)
}

/// Complains about a new password that isn't good enough or, if `strict`, not new enough.
pub(crate) fn check_quality(org: &Org, user: &User, new: &str, strict: bool) -> Result<(), Failure> {
    let rules = applied::to_user(org, user);
    if !org.has(Flaw::WeakPassword) && !password::is_complex(&rules.complexity, new, &user.profile) {
        return Err(password::violation(password::requirements(&rules.complexity)));
    }
    if strict && !org.has(Flaw::AnyHistory) && password::was_used(&rules.age, user, new) {
        let cause = "Password has been used too recently";
        return Err(password::violation(cause.to_owned()));
    }
    if strict && password::is_too_young(&rules.age, user, org.now()) {
        let cause = "Password has been changed too recently";
        return Err(password::violation(cause.to_owned()));
    }
    Ok(())
}

/// Gives the user the new password; whoever had to change it may sign in again.
pub(crate) fn change(org: &mut Org, index: usize, new: &str) {
    let now = org.now();
    let unchanged = org.has(Flaw::PasswordUnchanged);
    let user = &mut org.users[index];
    let former = user.password.clone();
    user.set_password(new, now);
    if let (true, Some(former)) = (unchanged, former) {
        user.password = Some(former);
    }
    if matches!(user.status, Status::PasswordExpired | Status::Recovery | Status::Provisioned) {
        user.become_status(Status::Active, now);
    }
}

/// POST .../credentials/change_recovery_question
pub(crate) fn change_question(org: &mut Org, call: &Call) -> Outcome {
    let index = org.find_user(call.capture(0))?;
    let body = call.object(&org.setup.flaws)?;
    let given = secret(&body, "password")?;
    let question = body.part("recovery_question")?.ok_or_else(|| Failure::blank("recovery_question"))?;
    let question = checked_question(question.required("question")?, question.required("answer")?)?;
    let user = &org.users[index];
    let from = [Status::Staged, Status::Active, Status::Recovery];
    let legal = from.contains(&user.status) && user.password.is_some();
    if !legal && !org.has(Flaw::AnyTransition) {
        return Err(Failure::of(&catalogue::CHANGE_QUESTION));
    }
    check_former(org, user, given, "password")?;
    let now = org.now();
    let user = &mut org.users[index];
    user.question = Some(question);
    user.last_updated = now;
    Ok(Answer::ok(view::credentials(user)))
}

/// POST .../credentials/forgot_password
pub(crate) fn forgot_password(org: &mut Org, call: &Call) -> Outcome {
    let send = call.switch("sendEmail", true)?;
    let index = recoverable(org, call)?;
    let user = org.users[index].id.clone();
    let token = ticket::issue(org, &user, Purpose::Password).token;
    if send {
        return Ok(Answer::empty());
    }
    let address = org.address(&format!("/signin/reset-password/{token}"));
    Ok(Answer::ok(json!({ "resetPasswordUrl": address })))
}

/// The user that a call names, if the password may be recovered.
fn recoverable(org: &Org, call: &Call) -> Result<usize, Failure> {
    let index = org.find_user(call.capture(0))?;
    let user = &org.users[index];
    let legal = user.status == Status::Active && applied::to_user(org, user).reset;
    if legal || org.has(Flaw::AnyTransition) { Ok(index) } else { Err(Failure::of(&catalogue::FORGOT_PASSWORD)) }
}

/// POST .../credentials/forgot_password_recovery_question
pub(crate) fn recover_password(org: &mut Org, call: &Call) -> Outcome {
    let index = recoverable(org, call)?;
    let body = call.object(&org.setup.flaws)?;
    let new = secret(&body, "password")?;
    let answer =
        body.part("recovery_question")?.ok_or_else(|| Failure::blank("recovery_question"))?.required("answer")?;
    let user = &org.users[index];
    let question = user
        .question
        .as_ref()
        .ok_or_else(|| Failure::of(&catalogue::FORGOT_PASSWORD).because("Recovery credential not set."))?;
    if !question.is_answered_by(answer) && !org.has(Flaw::AnyAnswer) {
        return Err(Failure::of(&catalogue::RECOVERY_ANSWER));
    }
    check_new(org, user, new, false)?;
    change(org, index, new);
    Ok(Answer::ok(view::credentials(&org.users[index])))
}
