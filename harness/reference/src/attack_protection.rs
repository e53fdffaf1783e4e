//! Settings of the org that decide how attacks are met.
//!
//! What they change at a sign-in is in `authn::lockout`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::failure::Failure;
use crate::org::Org;
use serde_json::json;

/// Settings of the org.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// Whether answers hide which users exist and which are locked.
    pub(crate) user_enumeration_prevention: bool,
    /// Whether wrong passwords from unknown devices block the device instead of the user.
    pub(crate) block_devices: bool,
}

/// The name of the only member.
const MEMBER: &str = "preventBruteForceLockoutFromUnknownDevices";

/// GET /attack-protection/api/v1/user-lockout-settings
pub(crate) fn read(org: &mut Org, _call: &Call) -> Outcome {
    Ok(Answer::ok(json!({ MEMBER: org.settings.block_devices })))
}

/// PUT /attack-protection/api/v1/user-lockout-settings
pub(crate) fn replace(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    org.settings.block_devices = body.flag(MEMBER)?.ok_or_else(|| Failure::blank(MEMBER))?;
    read(org, call)
}
