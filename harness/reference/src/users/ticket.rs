//! Activation and recovery tokens: who may use them for what, and for how long.
//!
//! They are handed in at `authn`.

use crate::clock::later;
use crate::identifiers;
use crate::org::Org;
use jiff::Timestamp;

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

impl Purpose {
    /// How long a token is valid, in seconds: an hour, or a week for activations.
    fn lifetime(self) -> i64 {
        match self {
            Self::Activation => 7 * 24 * 60 * 60,
            Self::Password | Self::Unlock => 60 * 60,
        }
    }
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
    let ticket = Ticket {
        token: identifiers::ticket(),
        user: user.to_owned(),
        purpose,
        expires: later(org.now(), purpose.lifetime()),
    };
    org.tickets.push(ticket.clone());
    ticket
}

/// Voids the tokens of a user for one purpose.
pub(crate) fn void(org: &mut Org, user: &str, purpose: Purpose) {
    org.tickets.retain(|ticket| ticket.user != user || ticket.purpose != purpose);
}
