//! Activation and recovery tokens: who may use them for what, and for how long.
//!
//! They are handed in at `authn`.

use crate::clock::later;
use crate::identifiers;
use crate::org::Org;
use jiff::Timestamp;

/// How long a token is valid: seven days.
const LIFETIME: i64 = 7 * 24 * 60 * 60;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The first sign-in of a user.
    Activation,
    /// A new password.
    Password,
    /// The end of a lockout.
    Unlock,
}

/// A token that was sent to a user.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// The token.
    pub(crate) token: String,
    /// The identifier of the user.
    pub(crate) user: String,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// When it expires.
    pub(crate) expires: Timestamp,
}

/// Issues a token; earlier ones of the same user and purpose are void.
pub(crate) fn issue(org: &mut Org, user: &str, purpose: Purpose) -> Ticket {
    void(org, user, purpose);
    let ticket =
        Ticket { token: identifiers::ticket(), user: user.to_owned(), purpose, expires: later(org.now(), LIFETIME) };
    org.tickets.push(ticket.clone());
    ticket
}

/// Voids the tokens of a user for one purpose.
pub(crate) fn void(org: &mut Org, user: &str, purpose: Purpose) {
    org.tickets.retain(|ticket| ticket.user != user || ticket.purpose != purpose);
}
