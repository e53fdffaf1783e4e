//! The cookies of one case. Only the target's origin gives and gets them, so a jar knows paths and no hosts; when a cookie is too old
//! is the target's to judge, whose clock may be moved.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::exchange::bucket::date_of;
use crate::wire::exchange::Response;

/// The cookies of one case.
#[derive(Debug, Default)]
pub struct CookieJar {
    cookies: Mutex<Vec<Cookie>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl CookieJar {
    /// The `cookie` header for a path, where there is one. `Secure` is not asked for: what the target's origin gave goes back to it.
    #[must_use]
    pub fn header(&self, path: &str) -> Option<String> {
        let mut fitting: Vec<Cookie> =
            self.cookies().iter().filter(|cookie| covers(&cookie.path, path)).cloned().collect();
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            fitting.into_iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Takes the cookies of an answer to a request for the path.
    pub fn store(&self, path: &str, response: &Response) {
        let now = response.header("date").and_then(date_of).unwrap_or_else(Timestamp::now);
        for (_, value) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((cookie, is_kept)) = parse(value, path, now) {
                let mut cookies = self.cookies();
                let place = cookies.iter().position(|known| known.name == cookie.name && known.path == cookie.path);
                match (place, is_kept) {
                    (Some(index), true) => cookies[index] = cookie,
                    (Some(index), false) => {
                        cookies.remove(index);
                    }
                    (None, true) => cookies.push(cookie),
                    (None, false) => {}
                }
            }
        }
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cookie as RFC 6265 reads it, and whether it is kept: an empty or expired one is taken away.
fn parse(header: &str, request_path: &str, now: Timestamp) -> Option<(Cookie, bool)> {
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return None;
    }
    let mut path = default_path(request_path).to_owned();
    let (mut by_date, mut by_age) = (None, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "path" if value.starts_with('/') => value.clone_into(&mut path),
            "max-age" => by_age = value.parse::<i64>().ok().map(|age| age > 0).or(by_age),
            "expires" => by_date = date_of(value).map(|date| date > now).or(by_date),
            _ => {}
        }
    }
    let is_empty = value.is_empty() || value == "\"\"";
    let is_kept = !is_empty && by_age.or(by_date).unwrap_or(true);
    Some((Cookie { name: name.to_owned(), value: value.to_owned(), path }, is_kept))
}

/// The folder of the path that was asked for.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(end) if end > 0 && path.starts_with('/') => &path[..end],
        _ => "/",
    }
}

fn covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookies: &[&str]) -> Response {
        let date = [("date".to_owned(), "Fri, 20 Nov 2026 03:00:00 GMT".to_owned())];
        let cookies = cookies.iter().map(|cookie| ("set-cookie".to_owned(), (*cookie).to_owned()));
        Response { status: 200, headers: date.into_iter().chain(cookies).collect(), body: String::new() }
    }

    fn jar(cookies: &[&str]) -> CookieJar {
        let jar = CookieJar::default();
        jar.store("/login/step", &answer(cookies));
        jar
    }

    #[test]
    fn cookies_go_back_where_they_belong() {
        let jar = jar(&["sid=abc; Path=/; Secure; HttpOnly", "step=1", "idx=x=y; path=/idp", "nonsense", "=x"]);
        assert_eq!(jar.header("/login/other").as_deref(), Some("step=1; sid=abc"));
        assert_eq!(jar.header("/idp/idx").as_deref(), Some("idx=x=y; sid=abc"));
        assert_eq!(jar.header("/idpx").as_deref(), Some("sid=abc"));
        assert_eq!(CookieJar::default().header("/"), None);
    }

    #[test]
    fn a_newer_cookie_replaces_an_older_one() {
        let jar = jar(&["sid=old; Path=/"]);
        jar.store("/", &answer(&["sid=new; Path=/"]));
        assert_eq!(jar.header("/").as_deref(), Some("sid=new"));
    }

    #[test]
    fn empty_and_expired_cookies_are_taken_away() {
        for removal in [
            "sid=\"\"; Path=/",
            "sid=; Path=/",
            "sid=x; Path=/; Max-Age=0",
            "sid=x; Path=/; Expires=Thu, 01-Jan-1970 00:00:10 GMT",
            "sid=x; Path=/; Max-Age=-1; Expires=Fri, 20 Nov 2037 03:00:00 GMT",
        ] {
            let jar = jar(&["sid=abc; Path=/", "other=1; Path=/"]);
            jar.store("/", &answer(&[removal]));
            assert_eq!(jar.header("/").as_deref(), Some("other=1"), "{removal}");
        }
        let jar = jar(&["sid=abc; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:10 GMT"]);
        assert_eq!(jar.header("/").as_deref(), Some("sid=abc"));
    }
}
