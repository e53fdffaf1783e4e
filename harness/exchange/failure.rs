//! Why there is no answer, in a few words that a reader understands without knowing the HTTP client.

use std::error::Error;
use std::io;
use std::time::Duration;

/// The reason as a sentence fragment.
pub(crate) fn reason(error: &reqwest::Error, timeout: Duration, authority: &str) -> String {
    if error.is_dns() {
        return format!("the name of `{authority}` is not known to the name service");
    }
    if error.is_timeout() {
        let what = if error.is_connect() { "no connection to" } else { "nothing came from" };
        return format!("{what} `{authority}` within {} s", timeout.as_secs_f64());
    }
    match kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => return format!("`{authority}` refused the connection"),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            return format!("`{authority}` cannot be reached");
        }
        Some(io::ErrorKind::InvalidData) if error.is_connect() => {
            return format!("no TLS connection to `{authority}`: {}", innermost(error));
        }
        _ => {}
    }
    if error.is_connect() {
        format!("no connection to `{authority}`: {}", innermost(error))
    } else if error.is_body() || error.is_decode() {
        "the connection closed before the end of the body".into()
    } else if is_closed(error) {
        "the connection closed before an answer".into()
    } else {
        innermost(error)
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error| (*error).source())
}

fn kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(kind_inside).last()
}

/// Errors of TLS come wrapped in an error of another kind, which is no source of it.
fn kind_inside(error: &io::Error) -> io::ErrorKind {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => kind_inside(inner),
        None => error.kind(),
    }
}

fn is_closed(error: &reqwest::Error) -> bool {
    let is_reset = matches!(
        kind(error),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof)
    );
    is_reset || chain(error).any(|cause| cause.to_string().contains("connection closed before message completed"))
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
