//! Which addresses belong to the target. Addresses are read by the parser that the HTTP client uses: where two parsers disagree about
//! the host, a token goes to a stranger.

use url::{Host, Origin, Url};

/// The origin of the target.
#[derive(Debug, Clone)]
pub(crate) struct TargetOrigin {
    origin: Origin,
    is_loopback: bool,
    allows_others: bool,
}

impl TargetOrigin {
    /// The origin of an address, where that is one of HTTP.
    pub(crate) fn parse(address: &str, allows_others: bool) -> Option<Self> {
        let url = Url::parse(address).ok().filter(is_http)?;
        Some(Self { origin: url.origin(), is_loopback: is_loopback(&url), allows_others })
    }

    /// Whether the target is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whether an address is the target's own.
    ///
    /// # Errors
    /// A sentence fragment where nothing may be sent to the address.
    pub(crate) fn owns(&self, address: &str) -> Result<bool, String> {
        let url = Url::parse(address).map_err(|error| format!("`{address}` is no address: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{address}` carries credentials"));
        }
        let is_own = url.origin() == self.origin;
        if is_own || self.allows_others && is_http(&url) {
            return Ok(is_own);
        }
        Err(format!("`{address}` is not on the target's origin `{}`", self.origin.ascii_serialization()))
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_scheme_host_and_port_are_own() {
        let target = TargetOrigin::parse("https://org.example/ignored", false).unwrap();
        for own in ["https://org.example", "https://ORG.example:443/x?y#z", "https://org.example\\@evil.example/"] {
            assert_eq!(target.owns(own), Ok(true), "{own}");
        }
        for other in [
            "http://org.example/",
            "https://org.example:8443/",
            "https://org.example.evil.example/",
            "https://evil.example/?https://org.example",
            "https://org.example@evil.example/",
            "https://user:word@org.example/",
            "file:///etc/passwd",
            "/api/v1/users",
        ] {
            assert!(target.owns(other).is_err(), "{other}");
        }
        assert_eq!(
            target.owns("https://evil.example/x").unwrap_err(),
            "`https://evil.example/x` is not on the target's origin `https://org.example`"
        );
    }

    #[test]
    fn others_are_others_where_they_are_allowed() {
        let target = TargetOrigin::parse("https://org.example", true).unwrap();
        assert_eq!(target.owns("https://other.example/"), Ok(false));
        assert!(target.owns("https://user@other.example/").is_err());
        assert!(target.owns("file:///etc/passwd").is_err());
    }

    #[test]
    fn targets_are_addresses_of_http() {
        for bad in ["", "org.example", "ftp://org.example", "https://"] {
            assert!(TargetOrigin::parse(bad, false).is_none(), "{bad}");
        }
        for (address, expected) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost:1", true),
            ("https://org.example", false),
            ("https://localhost.example", false),
        ] {
            assert_eq!(TargetOrigin::parse(address, false).unwrap().is_loopback(), expected, "{address}");
        }
    }
}
