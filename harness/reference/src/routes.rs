//! The table of operations: method, path, who may call, and the function that serves it.
//!
//! Literal segments stand before placeholders, since the first match wins.

use crate::answer::Outcome;
use crate::authn::{self, credentials as authn_credentials, recovery, states};
use crate::call::Call;
use crate::org::Org;
use crate::policies::rules;
use crate::users::{create, credentials, lifecycle, read, update};
use crate::{attack_protection, groups, hooks, policies, sessions};

/// Serves one operation.
type Operation = fn(&mut Org, &Call) -> Outcome;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Callers with an API token.
    Token,
    /// Everyone; a wrong API token is refused all the same.
    Public,
    /// Browsers with a session cookie, which the operation looks at.
    Cookie,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Route {
    /// The method.
    pub(crate) method: &'static str,
    /// The path; a segment in braces stands for any one segment.
    pub(crate) pattern: &'static str,
    /// Who may call it.
    pub(crate) access: Access,
    /// The function.
    pub(crate) operation: Operation,
}

/// What the table says about a request.
#[derive(Debug)]
pub(crate) enum Found {
    /// This operation, with the segments of its placeholders.
    Route(&'static Route, Vec<String>),
    /// The path exists, but not with this method.
    OtherMethod,
    /// There is no such path.
    Nothing,
}

const fn token(method: &'static str, pattern: &'static str, operation: Operation) -> Route {
    Route { method, pattern, access: Access::Token, operation }
}

const fn public(pattern: &'static str, operation: Operation) -> Route {
    Route { method: "POST", pattern, access: Access::Public, operation }
}

const fn cookie(method: &'static str, pattern: &'static str, operation: Operation) -> Route {
    Route { method, pattern, access: Access::Cookie, operation }
}

const ROUTES: &[Route] = &[
    public("/api/v1/authn", authn::authn),
    public("/api/v1/authn/previous", states::out_of_reach),
    public("/api/v1/authn/skip", states::skip),
    public("/api/v1/authn/cancel", states::cancel),
    public("/api/v1/authn/credentials/change_password", authn_credentials::change_password),
    public("/api/v1/authn/credentials/reset_password", authn_credentials::reset_password),
    public("/api/v1/authn/recovery/password", recovery::forgot_password),
    public("/api/v1/authn/recovery/unlock", recovery::unlock),
    public("/api/v1/authn/recovery/token", recovery::token),
    public("/api/v1/authn/recovery/answer", recovery::answer),
    public("/api/v1/authn/recovery/factors/{factor}/verify", recovery::verify),
    public("/api/v1/authn/recovery/factors/{factor}/resend", recovery::resend),
    public("/api/v1/authn/factors", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/verify", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/verify/resend", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/lifecycle/activate", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/lifecycle/activate/{step}", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/lifecycle/resend", states::out_of_reach),
    public("/api/v1/authn/factors/{factor}/lifecycle/duoCallback", states::out_of_reach),
    token("GET", "/api/v1/users", read::list),
    token("POST", "/api/v1/users", create::create),
    token("GET", "/api/v1/users/{user}", read::one),
    token("POST", "/api/v1/users/{user}", update::partially),
    token("PUT", "/api/v1/users/{user}", update::fully),
    token("DELETE", "/api/v1/users/{user}", lifecycle::delete),
    token("GET", "/api/v1/users/{user}/groups", read::groups),
    token("GET", "/api/v1/users/{user}/blocks", read::blocks),
    token("DELETE", "/api/v1/users/{user}/sessions", lifecycle::end_sessions),
    token("POST", "/api/v1/users/{user}/lifecycle/activate", lifecycle::activate),
    token("POST", "/api/v1/users/{user}/lifecycle/reactivate", lifecycle::reactivate),
    token("POST", "/api/v1/users/{user}/lifecycle/deactivate", lifecycle::deactivate),
    token("POST", "/api/v1/users/{user}/lifecycle/suspend", lifecycle::suspend),
    token("POST", "/api/v1/users/{user}/lifecycle/unsuspend", lifecycle::unsuspend),
    token("POST", "/api/v1/users/{user}/lifecycle/unlock", lifecycle::unlock),
    token("POST", "/api/v1/users/{user}/lifecycle/expire_password", lifecycle::expire_password),
    token("POST", "/api/v1/users/{user}/lifecycle/expire_password_with_temp_password", lifecycle::temporary_password),
    token("POST", "/api/v1/users/{user}/lifecycle/reset_password", lifecycle::reset_password),
    token("POST", "/api/v1/users/{user}/lifecycle/reset_factors", lifecycle::reset_factors),
    token("POST", "/api/v1/users/{user}/credentials/change_password", credentials::change_password),
    token("POST", "/api/v1/users/{user}/credentials/change_recovery_question", credentials::change_question),
    token("POST", "/api/v1/users/{user}/credentials/forgot_password", credentials::forgot_password),
    token("POST", "/api/v1/users/{user}/credentials/forgot_password_recovery_question", credentials::recover_password),
    token("GET", "/api/v1/groups", groups::list),
    token("POST", "/api/v1/groups", groups::create),
    token("GET", "/api/v1/groups/{group}", groups::one),
    token("PUT", "/api/v1/groups/{group}", groups::replace),
    token("DELETE", "/api/v1/groups/{group}", groups::delete),
    token("GET", "/api/v1/groups/{group}/users", groups::members),
    token("GET", "/api/v1/groups/{group}/apps", groups::apps),
    token("PUT", "/api/v1/groups/{group}/users/{user}", groups::add_member),
    token("DELETE", "/api/v1/groups/{group}/users/{user}", groups::remove_member),
    token("GET", "/api/v1/policies", policies::list),
    token("POST", "/api/v1/policies", policies::create),
    token("GET", "/api/v1/policies/{policy}", policies::one),
    token("PUT", "/api/v1/policies/{policy}", policies::replace),
    token("DELETE", "/api/v1/policies/{policy}", policies::delete),
    token("POST", "/api/v1/policies/{policy}/lifecycle/activate", policies::activate),
    token("POST", "/api/v1/policies/{policy}/lifecycle/deactivate", policies::deactivate),
    token("GET", "/api/v1/policies/{policy}/rules", rules::list),
    token("POST", "/api/v1/policies/{policy}/rules", rules::create),
    token("GET", "/api/v1/policies/{policy}/rules/{rule}", rules::one),
    token("PUT", "/api/v1/policies/{policy}/rules/{rule}", rules::replace),
    token("DELETE", "/api/v1/policies/{policy}/rules/{rule}", rules::delete),
    token("POST", "/api/v1/policies/{policy}/rules/{rule}/lifecycle/activate", rules::activate),
    token("POST", "/api/v1/policies/{policy}/rules/{rule}/lifecycle/deactivate", rules::deactivate),
    token("POST", "/api/v1/sessions", sessions::create),
    cookie("GET", "/api/v1/sessions/me", sessions::own),
    cookie("DELETE", "/api/v1/sessions/me", sessions::delete_own),
    cookie("POST", "/api/v1/sessions/me/lifecycle/refresh", sessions::refresh_own),
    token("GET", "/api/v1/sessions/{session}", sessions::one),
    token("DELETE", "/api/v1/sessions/{session}", sessions::delete),
    token("POST", "/api/v1/sessions/{session}/lifecycle/refresh", sessions::refresh),
    token("GET", "/attack-protection/api/v1/user-lockout-settings", attack_protection::read),
    token("PUT", "/attack-protection/api/v1/user-lockout-settings", attack_protection::replace),
];

const HOOKS: &[Route] = &[
    token("GET", "/oktaspec-hooks/clock", hooks::read_clock),
    token("POST", "/oktaspec-hooks/clock", hooks::advance_clock),
    token("POST", "/oktaspec-hooks/faults", hooks::add_fault),
    token("DELETE", "/oktaspec-hooks/faults", hooks::clear_faults),
    token("GET", "/oktaspec-hooks/settings", hooks::read_settings),
    token("PATCH", "/oktaspec-hooks/settings", hooks::change_settings),
    token("POST", "/oktaspec-hooks/reset", hooks::reset),
];

/// Looks a request up.
pub(crate) fn find(call: &Call, with_hooks: bool) -> Found {
    let hooks: &[Route] = if with_hooks { HOOKS } else { &[] };
    let mut known = false;
    for route in ROUTES.iter().chain(hooks) {
        let Some(captures) = captures(route.pattern, &call.segments) else {
            continue;
        };
        if route.method == call.method.as_str() {
            return Found::Route(route, captures);
        }
        known = true;
    }
    if known { Found::OtherMethod } else { Found::Nothing }
}

/// The segments that the placeholders of a pattern stand for, if the path fits.
fn captures(pattern: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut captures = Vec::new();
    let mut parts = pattern.split('/').skip(1);
    for segment in segments {
        let part = parts.next()?;
        if part.starts_with('{') {
            captures.push(segment.clone());
        } else if part != segment {
            return None;
        }
    }
    parts.next().is_none().then_some(captures)
}

#[cfg(test)]
mod tests {
    use super::{HOOKS, ROUTES, captures};
    use crate::hooks::HOOKS_PREFIX;
    use std::collections::BTreeSet;

    #[test]
    fn no_operation_is_listed_twice() {
        let all: BTreeSet<_> = ROUTES.iter().chain(HOOKS).map(|route| (route.method, route.pattern)).collect();
        assert_eq!(all.len(), ROUTES.len() + HOOKS.len());
    }

    #[test]
    fn hooks_stand_under_their_prefix() {
        assert!(HOOKS.iter().all(|route| route.pattern.starts_with(HOOKS_PREFIX)));
    }

    #[test]
    fn placeholders_stand_for_one_segment() {
        let path = |text: &str| -> Vec<String> { text.split('/').map(str::to_owned).collect() };
        assert_eq!(captures("/a/{b}/c", &path("a/x/c")), Some(path("x")));
        assert_eq!(captures("/a/{b}/c", &path("a/x")), None);
        assert_eq!(captures("/a", &path("a/x")), None);
    }
}
