//! Random identifiers and tokens in the formats that real answers show.
//!
//! Only shapes live here; who owns a token and how long it lives is decided by its resource.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::distr::{Alphanumeric, SampleString};

/// An object identifier: a prefix that names the kind, then letters and digits, 20 in all.
pub(crate) fn object(prefix: &str) -> String {
    let rest = 20_usize.saturating_sub(prefix.len());
    format!("{prefix}{}", Alphanumeric.sample_string(&mut rand::rng(), rest))
}

/// An error identifier: `oae` and 16 random bytes in base64url without padding.
pub(crate) fn error() -> String {
    format!("oae{}", bytes::<16>())
}

/// A request identifier: 32 lower-case hexadecimal digits.
pub(crate) fn request() -> String {
    rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The state token of an authentication or recovery transaction.
pub(crate) fn state_token() -> String {
    format!("00{}", bytes::<30>())
}

/// A one-time session token.
pub(crate) fn session_token() -> String {
    format!("20111{}", bytes::<37>())
}

/// A session identifier, which is the value of the session cookie as well.
pub(crate) fn session() -> String {
    format!("102{}", bytes::<16>())
}

/// An activation or recovery token.
pub(crate) fn ticket() -> String {
    bytes::<15>()
}

/// An API token.
pub(crate) fn api_token() -> String {
    format!("00{}", bytes::<30>())
}

/// A temporary password that satisfies every complexity requirement but the length of odd ones.
pub(crate) fn temporary_password() -> String {
    format!("{}aA1", Alphanumeric.sample_string(&mut rand::rng(), 9))
}

fn bytes<const COUNT: usize>() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; COUNT]>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn error_identifiers_have_the_recorded_shape() {
        let identifier = super::error();
        assert_eq!(identifier.len(), 25);
        assert!(identifier.starts_with("oae"));
        assert!(identifier.ends_with(['A', 'Q', 'g', 'w']));
        assert_ne!(identifier, super::error());
    }

    #[test]
    fn object_identifiers_are_twenty_characters_long() {
        assert_eq!(super::object("00u").len(), 20);
        assert_eq!(super::request().len(), 32);
        assert_eq!(super::state_token().len(), 42);
    }
}
