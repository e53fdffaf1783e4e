//! The named defects: the list, and which of them a server was started with.
//!
//! Each defect is one small deviation. What it changes is written where the protocol is served:
//! search for the variant's name.

use std::collections::BTreeSet;

/// A deviation that a server can be asked to show.
#[derive(Debug)]
pub struct Defect {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What the server does wrong, in one sentence.
    pub sentence: &'static str,
}

/// A name that isn't a defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDefect {
    /// The name that was given.
    pub name: String,
    /// The known names that look like it, the closest first.
    pub near: Vec<&'static str>,
}

macro_rules! defects {
    ($($flaw:ident, $name:literal, $sentence:literal;)*) => {
        /// A defect as the server's code asks for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Flaw { $(#[doc = $sentence] $flaw,)* }

        /// The code's view of the list, in the order of `LIST`.
        const FLAWS: &[Flaw] = &[$(Flaw::$flaw),*];

        /// Every defect.
        static LIST: &[Defect] = &[$(Defect { name: $name, sentence: $sentence }),*];
    };
}

defects! {
    AnyApiToken, "any-api-token-accepted", "Any value is accepted as an API token.";
    NoApiToken, "missing-api-token-accepted", "Management operations work without an API token.";
    TokenForbidden, "invalid-api-token-answers-403", "A wrong API token is answered with 403 instead of 401.";
    NoChallenge, "invalid-api-token-without-challenge", "The answer to a wrong API token lacks WWW-Authenticate.";

    ExtraMember, "envelope-with-extra-member", "Error bodies carry a sixth member.";
    NoErrorId, "envelope-without-error-id", "Error bodies lack errorId.";
    NoErrorCauses, "envelope-without-error-causes", "Error bodies lack errorCauses.";
    NullErrorCauses, "error-causes-null", "errorCauses is null where there are no causes.";
    ConstantErrorId, "error-id-constant", "Every error has the same errorId.";
    OddErrorId, "error-id-wrong-format", "errorId is a UUID.";
    ErrorLinkDiffers, "error-link-differs", "errorLink is an address instead of the code.";
    ErrorAsText, "error-as-plain-text", "Errors are sent as text/plain.";
    PasswordEchoed, "password-echoed-in-error", "A failed sign-in repeats the password in a cause.";

    CredentialsForbidden, "bad-credentials-answer-403", "E0000004 comes with 403 instead of 401.";
    NotFoundBadRequest, "not-found-answers-400", "E0000007 comes with 400 instead of 404.";
    StateUnauthorized, "wrong-state-answers-401", "E0000079 comes with 401 instead of 403.";
    CreateCreated, "create-answers-201", "Creating a user or group answers 201 instead of 200.";
    UnknownPathFound, "unknown-path-answers-200", "A path that doesn't exist is answered with 200.";
    UnknownPathPage, "unknown-path-answers-html", "A path that doesn't exist is answered with an HTML page.";
    MethodNotFound, "wrong-method-answers-404", "A wrong method is answered with 404 instead of 405.";
    MalformedAccepted, "malformed-json-accepted", "A body that isn't JSON is taken for an empty object.";
    AnyMediaType, "wrong-content-type-accepted", "The Content-Type of a body is ignored.";
    AnyAccept, "wrong-accept-accepted", "The Accept header is ignored.";

    NoRateLimit, "sign-in-rate-never-limited", "Any number of sign-ins per second and username is accepted.";
    RateLimitPage, "rate-limit-answers-html", "429 comes with an HTML page.";
    RetryAfter, "rate-limit-with-retry-after", "429 carries Retry-After.";
    RemainingGrows, "rate-limit-remaining-grows", "X-Rate-Limit-Remaining grows inside a window.";
    ResetMoves, "rate-limit-reset-moves", "X-Rate-Limit-Reset moves with every request of a window.";
    NoLimitHeaders, "rate-limit-headers-missing", "The X-Rate-Limit headers are missing.";
    NoRequestId, "request-id-missing", "X-Okta-Request-Id is missing.";
    ConstantRequestId, "request-id-constant", "Every answer has the same X-Okta-Request-Id.";
    Cacheable, "answers-cacheable", "Cache-Control allows caches to keep the answers.";

    DuplicateLogin, "duplicate-login-accepted", "A second user may have a login that is taken.";
    CaseSensitiveLogin, "duplicate-login-case-sensitive", "Logins that differ in case only count as different when a user is created.";
    MissingMember, "missing-profile-member-accepted", "A user may be created without a last name.";
    UnknownProperty, "unknown-profile-property-accepted", "A profile may have properties that no schema defines.";
    WeakPassword, "password-complexity-not-checked", "Any password is accepted whatever the policy says.";
    AnyHistory, "password-history-not-checked", "An expired password may be changed to itself.";
    ManyGroups, "too-many-groups-accepted", "A user may be created in more than 20 groups.";
    ExpireUnchecked, "next-login-without-password-accepted", "nextLogin=changePassword works without a password.";
    ActiveWithoutPassword, "created-without-password-active", "A user without a password is ACTIVE instead of PROVISIONED.";
    PasswordShown, "password-in-user", "The user object shows the password.";
    LoginNotFound, "user-by-login-not-found", "A user can be read by id only.";
    PartialReplaces, "partial-update-replaces", "A partial update drops the members that it doesn't name.";
    ReplaceKeeps, "replace-keeps-old-members", "A full replacement keeps the members that it doesn't name.";
    LinksOfActive, "user-links-ignore-status", "The links of a user don't depend on the status.";
    NoNextPage, "list-without-next-link", "The Link header of a full page has no next.";
    LimitIgnored, "list-ignores-limit", "The page size of a list is ignored.";
    FilterIgnored, "list-ignores-filter", "The filter of a list is ignored.";

    AnyTransition, "any-transition-allowed", "Every lifecycle operation works in every status.";
    ActivateStays, "activate-leaves-staged", "Activation answers 200 but leaves the user STAGED.";
    UnlockUnlocked, "unlock-of-unlocked-allowed", "A user who isn't locked out can be unlocked.";
    UnlockNothing, "unlock-does-nothing", "Unlock answers 200 but the user stays LOCKED_OUT.";
    UnlockKeepsCounter, "unlock-keeps-counter", "After an unlock the next wrong password locks the user again.";
    SuspendTwice, "suspend-twice-allowed", "A suspended user can be suspended again.";
    UnsuspendStays, "unsuspend-leaves-suspended", "Unsuspend answers 200 but the user stays SUSPENDED.";
    ReactivateAny, "reactivate-always-allowed", "Reactivation works in every status.";
    DeactivateNothing, "deactivate-does-nothing", "Deactivation answers 200 but the user stays as they were.";
    DeleteStays, "delete-leaves-user", "A deleted user can still be read.";
    DeleteAtOnce, "delete-removes-at-once", "The first DELETE removes the user instead of deactivating.";
    ExpireNothing, "expire-password-does-nothing", "expire_password answers 200 but the password stays valid.";
    TemporaryUnexpired, "temporary-password-not-expired", "A temporary password doesn't have to be changed.";
    ResetStays, "reset-password-leaves-status", "reset_password doesn't move the user to RECOVERY.";
    AnyOldPassword, "wrong-old-password-accepted", "change_password accepts a wrong old password.";
    PasswordUnchanged, "changed-password-without-effect", "After a change only the old password works.";
    OldPasswordWorks, "old-password-still-works", "After a change the old password works as well.";
    SessionsSurvive, "sessions-survive-revocation", "Revoking a user's sessions leaves them alive.";

    MemberNotAdded, "group-member-not-added", "Adding a user to a group has no effect.";
    MemberStays, "group-member-not-removed", "A removed member stays in the group.";
    RulelessPolicy, "policy-without-rule-applied", "A policy without a rule is applied.";
    LastPolicyFirst, "policy-priority-ignored", "The policy with the lowest priority is applied first.";
    InactivePolicy, "inactive-policy-applied", "Inactive policies and rules are applied.";
    AllPolicyTypes, "policy-list-ignores-type", "The list of policies contains every type.";
    DefaultDeleted, "default-policy-deletable", "The default policy can be deleted.";

    CounterKept, "success-keeps-lockout-counter", "A successful sign-in doesn't reset the lockout counter.";
    LockLate, "lockout-off-by-two", "Users are locked two attempts too late.";
    LockEarly, "lockout-off-by-one", "Users are locked one attempt too early.";
    NeverLocked, "never-locked-out", "No number of wrong passwords locks a user.";
    DeviceBlockIgnored, "unknown-device-setting-ignored", "Wrong passwords from unknown devices lock users though the setting prevents it.";
    LockoutShown, "lockout-shown-though-hidden", "LOCKED_OUT is shown whatever the policy says.";
    LockoutHidden, "lockout-hidden-though-shown", "LOCKED_OUT is never shown.";
    LockoutDiffers, "hidden-lockout-recognisable", "The hidden answer to a locked user has another text than that to a wrong password.";
    LockoutByPassword, "lockout-depends-on-password", "A locked user sees LOCKED_OUT only with the right password.";
    LockedSignsIn, "locked-out-user-signs-in", "A locked user can sign in with the right password.";
    NoUnlockLink, "lockout-without-unlock-link", "LOCKED_OUT has no link to the self-service unlock.";

    UnknownUserNotFound, "unknown-user-answers-404", "Signing in with an unknown username is answered with E0000007.";
    UnknownUserText, "unknown-user-recognisable", "The answer to an unknown username has another text than that to a wrong password.";
    AnyPassword, "any-password-accepted", "Every password is right.";
    CaselessPassword, "password-case-ignored", "Passwords are compared without regard to case.";
    SuspendedSignsIn, "suspended-user-signs-in", "A suspended user can sign in.";
    DeactivatedSignsIn, "deactivated-user-signs-in", "A deactivated user can sign in.";
    StagedSignsIn, "staged-user-signs-in", "A staged user can sign in.";
    ExpiredSignsIn, "expired-password-signs-in", "An expired password signs in with SUCCESS.";
    NeverWarns, "password-never-warned", "PASSWORD_WARN is never given.";
    AlwaysWarns, "password-warned-unasked", "PASSWORD_WARN is given without being asked for.";
    NoSessionToken, "success-without-session-token", "SUCCESS has no sessionToken.";
    NoEmbeddedUser, "success-without-user", "SUCCESS has no embedded user.";
    ExpiresInPast, "expires-at-in-the-past", "expiresAt lies in the past.";
    ExpiresLate, "success-lives-too-long", "A sessionToken is said to live for an hour.";
    SessionTokenTwice, "session-token-reusable", "A sessionToken can be exchanged more than once.";
    MissingCredentials, "missing-credentials-answer-401", "A sign-in without a password is answered as a wrong password.";

    GetStateChanges, "get-state-changes-state", "Reading the state of a transaction changes it.";
    GetStateToken, "get-state-changes-token", "Reading the state of a transaction gives it a new token.";
    ForeignToken, "unknown-state-token-accepted", "A state token that was never given out stands for the latest transaction.";
    CancelledToken, "cancelled-token-accepted", "The state token of a cancelled transaction still works.";
    CompletedToken, "completed-token-accepted", "The state token of a completed transaction still works.";
    DeadTokenForbidden, "dead-state-token-answers-403", "A dead state token is answered with 403 instead of 401.";
    CancelFails, "cancel-answers-500", "Cancelling a transaction is answered with 500.";
    SkipExpired, "expired-password-skippable", "The change of an expired password can be skipped.";
    OtherOrigin, "links-on-another-origin", "Links point to another origin.";
    NextName, "next-link-wrong-name", "The next link has another name.";
    NextVerb, "next-link-wrong-method", "The next link allows GET instead of POST.";
    NoNextLink, "next-link-missing", "Transactions have no next link.";
    NoCancelLink, "cancel-link-missing", "Transactions have no cancel link.";
    NoPolicy, "password-policy-not-embedded", "PASSWORD_EXPIRED and PASSWORD_WARN don't embed the password policy.";
    RecoveryDiscloses, "recovery-discloses-users", "Public recovery of an unknown user is refused.";
    AnyAnswer, "wrong-recovery-answer-accepted", "Every answer to the recovery question is right.";
    RecoveryTwice, "recovery-token-reusable", "A recovery token can be used more than once.";
}

/// Every defect that a server can be started with.
pub fn defects() -> &'static [Defect] {
    LIST
}

/// The defects of one server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flaws(BTreeSet<Flaw>);

impl Flaws {
    /// Looks the names up; the error lists the unknown ones.
    pub(crate) fn named(names: &[String]) -> Result<Self, Vec<UnknownDefect>> {
        let mut flaws = BTreeSet::new();
        let mut unknown = Vec::new();
        for name in names {
            match LIST.iter().position(|defect| defect.name == name) {
                Some(position) => {
                    flaws.insert(FLAWS[position]);
                }
                None => unknown.push(UnknownDefect { name: name.clone(), near: near(name) }),
            }
        }
        if unknown.is_empty() { Ok(Self(flaws)) } else { Err(unknown) }
    }

    /// Whether the server shows this defect.
    pub(crate) fn has(&self, flaw: Flaw) -> bool {
        self.0.contains(&flaw)
    }
}

/// The three known names that are most like `name`, if they are like it at all.
fn near(name: &str) -> Vec<&'static str> {
    let mut likely: Vec<(f64, &'static str)> = LIST
        .iter()
        .map(|defect| (strsim::jaro_winkler(name, defect.name), defect.name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    likely.sort_by(|left, right| right.0.total_cmp(&left.0));
    likely.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::{Flaw, Flaws, defects};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: BTreeSet<&str> = defects().iter().map(|defect| defect.name).collect();
        assert_eq!(names.len(), defects().len());
        for name in names {
            assert!(
                name.chars()
                    .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'),
                "{name}"
            );
        }
    }

    #[test]
    fn sentences_are_sentences() {
        for defect in defects() {
            assert!(defect.sentence.ends_with('.'), "{}", defect.name);
            assert_eq!(defect.sentence.matches(". ").count(), 0, "{}", defect.name);
        }
    }

    #[test]
    fn a_name_stands_for_its_flaw() {
        let flaws = Flaws::named(&["cancelled-token-accepted".to_owned()]).expect("known");
        assert!(flaws.has(Flaw::CancelledToken));
        assert!(!flaws.has(Flaw::CompletedToken));
    }

    #[test]
    fn an_unknown_name_is_answered_with_its_neighbours() {
        let unknown = Flaws::named(&["canceled-token-accepted".to_owned()]).expect_err("unknown");
        assert_eq!(unknown[0].near[0], "cancelled-token-accepted");
    }
}
