//! The authentication API: what POST /api/v1/authn stands for, and the modules behind it.
//!
//! One address serves a sign-in, an activation and a look at a transaction's state.

pub(crate) mod credentials;
pub(crate) mod lockout;
pub(crate) mod primary;
pub(crate) mod recovery;
pub(crate) mod states;
pub(crate) mod success;
pub(crate) mod transaction;

use crate::answer::Outcome;
use crate::call::{Call, Members};
use crate::org::Org;

/// POST /api/v1/authn
pub(crate) fn authn(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if has("stateToken") {
        return states::read(org, &body, has("username") || has("password"));
    }
    match body.text("token")? {
        Some(token) => primary::activate(org, token),
        None => primary::sign_in(org, &body),
    }
}
