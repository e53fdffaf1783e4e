//! Sessions: session tokens, and the sessions they are exchanged for.
//!
//! Session tokens are issued by `authn::success`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::clock::{later, written};
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::identifiers;
use crate::links;
use crate::org::Org;
use crate::policies::applied;
use crate::users::Status;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A one-time token that stands for a session to come.
#[derive(Clone, Debug)]
pub(crate) struct SessionToken {
    /// The token.
    pub(crate) token: String,
    /// The identifier of the user.
    pub(crate) user: String,
    /// When it expires.
    pub(crate) expires: Timestamp,
}

/// A session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The identifier, which is the value of the cookie as well.
    pub(crate) id: String,
    /// The identifier of the user.
    pub(crate) user: String,
    /// When it was created.
    pub(crate) created: Timestamp,
    /// When it expires.
    pub(crate) expires: Timestamp,
}

/// Issues a session token.
pub(crate) fn issue_token(org: &mut Org, user: &str, expires: Timestamp) -> String {
    let token = identifiers::session_token();
    org.session_tokens.push(SessionToken { token: token.clone(), user: user.to_owned(), expires });
    token
}

/// How long a session of this user may be idle, in seconds.
fn lifetime(org: &Org, user: usize) -> i64 {
    applied::sign_on(org, &org.users[user]).idle_minutes * 60
}

/// POST /api/v1/sessions
pub(crate) fn create(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let token = body.required("sessionToken")?;
    let refused = || Failure::of(&catalogue::AUTHENTICATION);
    let place = org.session_tokens.iter().position(|known| known.token == token).ok_or_else(refused)?;
    let user = org.session_tokens[place].user.clone();
    if !org.has(Flaw::SessionTokenTwice) {
        org.session_tokens.remove(place);
    }
    let index = org.find_user(&user).map_err(|_| refused())?;
    if matches!(org.users[index].status, Status::Suspended | Status::Deprovisioned | Status::LockedOut) {
        return Err(refused());
    }
    let now = org.now();
    org.sessions.push(Session {
        id: identifiers::session(),
        user,
        created: now,
        expires: later(now, lifetime(org, index)),
    });
    Ok(Answer::ok(view(org, org.sessions.len() - 1, "me")))
}

/// A session as the API writes it; `name` is how its links address it.
fn view(org: &Org, index: usize, name: &str) -> Value {
    let session = &org.sessions[index];
    let user = org.users.iter().find(|user| user.id == session.user);
    let attribute = |name: &str| user.map_or("", |user| user.attribute(name));
    let own = format!("/api/v1/sessions/{name}");
    let owner = if name == "me" { "me" } else { &session.user };
    let mut user_link = links::hinted(org, &format!("/api/v1/users/{owner}"), &["GET"]);
    let full_name = format!("{} {}", attribute("firstName"), attribute("lastName"));
    user_link["name"] = full_name.into();
    json!({
        "id": session.id,
        "userId": session.user,
        "login": attribute("login"),
        "createdAt": written(session.created),
        "expiresAt": written(session.expires),
        "status": "ACTIVE",
        "lastPasswordVerification": written(session.created),
        "lastFactorVerification": null,
        "amr": ["pwd"],
        "idp": { "id": org.provider, "type": "OKTA" },
        "mfaActive": false,
        "_links": {
            "self": links::hinted(org, &own, &["GET", "DELETE"]),
            "refresh": links::hinted(org, &format!("{own}/lifecycle/refresh"), &["POST"]),
            "user": user_link,
        },
    })
}

/// A session that a call addresses: by its identifier, or as one's own.
struct Target {
    index: usize,
    name: String,
}

fn by_id(org: &Org, call: &Call) -> Result<Target, Failure> {
    let id = call.capture(0);
    org.sessions
        .iter()
        .position(|session| session.id == id)
        .map(|index| Target { index, name: id.to_owned() })
        .ok_or_else(|| Failure::missing(id, "AppSession"))
}

fn by_cookie(org: &Org, call: &Call) -> Result<Target, Failure> {
    let id = call.cookie("sid").unwrap_or_default();
    org.sessions
        .iter()
        .position(|session| session.id == id)
        .map(|index| Target { index, name: "me".to_owned() })
        .ok_or_else(|| Failure::missing("me", "Session"))
}

fn read(org: &Org, target: &Target) -> Outcome {
    Ok(Answer::ok(view(org, target.index, &target.name)))
}

fn extend(org: &mut Org, target: &Target) -> Outcome {
    let user = org.find_user(&org.sessions[target.index].user)?;
    org.sessions[target.index].expires = later(org.now(), lifetime(org, user));
    read(org, target)
}

fn end(org: &mut Org, target: &Target) -> Outcome {
    if !org.has(Flaw::SessionsSurvive) {
        org.sessions.remove(target.index);
    }
    Ok(Answer::nothing())
}

/// GET /api/v1/sessions/{session}
pub(crate) fn one(org: &mut Org, call: &Call) -> Outcome {
    let target = by_id(org, call)?;
    read(org, &target)
}

/// POST /api/v1/sessions/{session}/lifecycle/refresh
pub(crate) fn refresh(org: &mut Org, call: &Call) -> Outcome {
    let target = by_id(org, call)?;
    extend(org, &target)
}

/// DELETE /api/v1/sessions/{session}
pub(crate) fn delete(org: &mut Org, call: &Call) -> Outcome {
    let target = by_id(org, call)?;
    end(org, &target)
}

/// GET /api/v1/sessions/me
pub(crate) fn own(org: &mut Org, call: &Call) -> Outcome {
    let target = by_cookie(org, call)?;
    read(org, &target)
}

/// POST /api/v1/sessions/me/lifecycle/refresh
pub(crate) fn refresh_own(org: &mut Org, call: &Call) -> Outcome {
    let target = by_cookie(org, call)?;
    extend(org, &target)
}

/// DELETE /api/v1/sessions/me
pub(crate) fn delete_own(org: &mut Org, call: &Call) -> Outcome {
    let target = by_cookie(org, call)?;
    end(org, &target)
}
