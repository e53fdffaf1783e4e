//! Every named defect changes something that a client without hooks can see.
//!
//! What is looked at is in `probes`; here is which probe shows which defect.

use crate::client::Bench;
use crate::{probes, probes_of_sign_ins};
use okta_reference::defects;
use std::collections::{BTreeMap, BTreeSet};

/// Each probe with the defects that it shows.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "api tokens",
        &[
            "any-api-token-accepted",
            "missing-api-token-accepted",
            "invalid-api-token-answers-403",
            "invalid-api-token-without-challenge",
        ],
    ),
    (
        "envelope",
        &[
            "envelope-with-extra-member",
            "envelope-without-error-id",
            "envelope-without-error-causes",
            "error-causes-null",
            "error-id-constant",
            "error-id-wrong-format",
            "error-link-differs",
            "error-as-plain-text",
            "password-echoed-in-error",
            "bad-credentials-answer-403",
            "not-found-answers-400",
            "unknown-user-answers-404",
        ],
    ),
    (
        "refusals",
        &[
            "unknown-path-answers-200",
            "unknown-path-answers-html",
            "wrong-method-answers-404",
            "malformed-json-accepted",
            "wrong-content-type-accepted",
            "wrong-accept-accepted",
        ],
    ),
    (
        "headers",
        &[
            "rate-limit-remaining-grows",
            "rate-limit-reset-moves",
            "rate-limit-headers-missing",
            "request-id-missing",
            "request-id-constant",
            "answers-cacheable",
        ],
    ),
    ("rate", &["sign-in-rate-never-limited", "rate-limit-answers-html", "rate-limit-with-retry-after"]),
    (
        "creation",
        &[
            "create-answers-201",
            "duplicate-login-accepted",
            "duplicate-login-case-sensitive",
            "missing-profile-member-accepted",
            "unknown-profile-property-accepted",
            "password-complexity-not-checked",
            "too-many-groups-accepted",
            "next-login-without-password-accepted",
            "created-without-password-active",
            "password-in-user",
            "user-by-login-not-found",
            "partial-update-replaces",
            "replace-keeps-old-members",
        ],
    ),
    ("lists", &["list-without-next-link", "list-ignores-limit", "list-ignores-filter"]),
    (
        "lifecycle",
        &[
            "any-transition-allowed",
            "activate-leaves-staged",
            "unlock-of-unlocked-allowed",
            "suspend-twice-allowed",
            "unsuspend-leaves-suspended",
            "reactivate-always-allowed",
            "deactivate-does-nothing",
            "delete-leaves-user",
            "delete-removes-at-once",
            "expire-password-does-nothing",
            "temporary-password-not-expired",
            "reset-password-leaves-status",
            "user-links-ignore-status",
        ],
    ),
    (
        "passwords",
        &[
            "wrong-old-password-accepted",
            "changed-password-without-effect",
            "old-password-still-works",
            "sessions-survive-revocation",
            "session-token-reusable",
        ],
    ),
    ("groups", &["group-member-not-added", "group-member-not-removed"]),
    (
        "policies",
        &[
            "policy-without-rule-applied",
            "policy-priority-ignored",
            "inactive-policy-applied",
            "policy-list-ignores-type",
            "default-policy-deletable",
        ],
    ),
    (
        "lockout",
        &[
            "success-keeps-lockout-counter",
            "lockout-off-by-two",
            "lockout-off-by-one",
            "never-locked-out",
            "unknown-device-setting-ignored",
            "unlock-does-nothing",
            "unlock-keeps-counter",
        ],
    ),
    (
        "visibility",
        &[
            "lockout-shown-though-hidden",
            "lockout-hidden-though-shown",
            "hidden-lockout-recognisable",
            "lockout-depends-on-password",
            "locked-out-user-signs-in",
            "lockout-without-unlock-link",
        ],
    ),
    (
        "sign-ins",
        &[
            "unknown-user-recognisable",
            "any-password-accepted",
            "password-case-ignored",
            "suspended-user-signs-in",
            "deactivated-user-signs-in",
            "staged-user-signs-in",
            "expired-password-signs-in",
            "success-without-session-token",
            "success-without-user",
            "expires-at-in-the-past",
            "success-lives-too-long",
            "missing-credentials-answer-401",
        ],
    ),
    (
        "transactions",
        &[
            "get-state-changes-state",
            "get-state-changes-token",
            "unknown-state-token-accepted",
            "cancelled-token-accepted",
            "completed-token-accepted",
            "dead-state-token-answers-403",
            "wrong-state-answers-401",
            "cancel-answers-500",
            "expired-password-skippable",
            "links-on-another-origin",
            "next-link-wrong-name",
            "next-link-wrong-method",
            "next-link-missing",
            "cancel-link-missing",
            "password-policy-not-embedded",
            "password-history-not-checked",
        ],
    ),
    ("warnings", &["password-never-warned", "password-warned-unasked"]),
    ("recovery", &["recovery-discloses-users", "wrong-recovery-answer-accepted", "recovery-token-reusable"]),
];

async fn probe(name: &str, bench: &Bench) -> Vec<String> {
    match name {
        "api tokens" => probes::api_tokens(bench).await,
        "envelope" => probes::envelope(bench).await,
        "refusals" => probes::refusals(bench).await,
        "headers" => probes::headers(bench).await,
        "creation" => probes::creation(bench).await,
        "lists" => probes::lists(bench).await,
        "lifecycle" => probes::lifecycle(bench).await,
        "groups" => probes::groups(bench).await,
        "policies" => probes::policies(bench).await,
        "rate" => probes_of_sign_ins::rate(bench).await,
        "passwords" => probes_of_sign_ins::passwords(bench).await,
        "lockout" => probes_of_sign_ins::lockout(bench).await,
        "visibility" => probes_of_sign_ins::visibility(bench).await,
        "sign-ins" => probes_of_sign_ins::sign_ins(bench).await,
        "transactions" => probes_of_sign_ins::transactions(bench).await,
        "warnings" => probes_of_sign_ins::warnings(bench).await,
        "recovery" => probes_of_sign_ins::recovery(bench).await,
        other => panic!("no probe is called {other}"),
    }
}

#[test]
fn every_defect_has_its_probe() {
    let known: BTreeSet<&str> = defects().iter().map(|defect| defect.name).collect();
    let shown: Vec<&str> = SHOWN.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    assert_eq!(shown.len(), known.len());
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_can_be_seen() {
    let mut invisible = Vec::new();
    for (name, shown) in SHOWN {
        let usual = probe(name, &Bench::closed(&[]).await).await;
        let again = probe(name, &Bench::closed(&[]).await).await;
        assert_eq!(usual, again, "{name}: the probe sees something without a defect");
        for defect in *shown {
            if probe(name, &Bench::closed(&[defect]).await).await == usual {
                invisible.push(*defect);
            }
        }
    }
    assert!(invisible.is_empty(), "{invisible:?}");
}

/// A defect is a small deviation: few of them may be seen at places that aren't their own.
#[tokio::test(flavor = "multi_thread")]
async fn defects_stay_where_they_are() {
    let mut usual = BTreeMap::new();
    for (name, _) in SHOWN {
        usual.insert(*name, probe(name, &Bench::closed(&[]).await).await);
    }
    let elsewhere = ["sign-ins", "groups", "lists"];
    for defect in ["success-keeps-lockout-counter", "cancelled-token-accepted", "recovery-token-reusable"] {
        for name in elsewhere {
            let seen = probe(name, &Bench::closed(&[defect]).await).await;
            assert_eq!(seen, usual[name], "{defect} is seen by {name}");
        }
    }
}
