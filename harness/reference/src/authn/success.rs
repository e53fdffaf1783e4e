//! The end of a transaction: the SUCCESS answer and its session token.
//!
//! The token is exchanged for a session in `sessions`.

use crate::answer::Answer;
use crate::authn::transaction::{self, RecoveryKind};
use crate::clock::{later, written};
use crate::defects::Flaw;
use crate::links;
use crate::org::Org;
use crate::sessions;
use serde_json::{Map, Value, json};

/// How long a session token can be exchanged, in seconds.
const LIFETIME: i64 = 5 * 60;

/// Signs the user in.
pub(crate) fn answer(org: &mut Org, index: usize, recovery: Option<RecoveryKind>) -> Answer {
    let now = org.now();
    org.users[index].last_login = Some(now);
    let user = org.users[index].id.clone();
    let expires = later(now, LIFETIME);
    let token = sessions::issue_token(org, &user, expires);
    let shown = if org.has(Flaw::ExpiresLate) { later(now, 60 * 60) } else { transaction::shown_expiry(org, expires) };
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("expiresAt", written(shown).into());
    set("status", "SUCCESS".into());
    if let Some(recovery) = recovery {
        set("recoveryType", recovery.name().into());
    }
    if !org.has(Flaw::NoSessionToken) {
        set("sessionToken", token.into());
    }
    if !org.has(Flaw::NoEmbeddedUser) {
        let user = transaction::embedded_user(&org.users[index], false);
        set("_embedded", json!({ "user": user }));
    }
    let cancel = links::hinted(org, "/api/v1/authn/cancel", &["POST"]);
    set("_links", json!({ "cancel": cancel }));
    Answer::ok(Value::Object(members))
}
