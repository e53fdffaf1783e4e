//! Transactions: their states, their tokens and how they are written.
//!
//! Which operation leads from which state to which is in the operations' modules.

use crate::answer::Answer;
use crate::call::Members;
use crate::catalogue;
use crate::clock::{later, written};
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::identifiers;
use crate::links;
use crate::org::Org;
use crate::password;
use crate::policies::applied::{self, PasswordRules};
use crate::users::User;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How long a state token lives after its last use, in seconds.
const LIFETIME: i64 = 5 * 60;

/// The state of a transaction that isn't over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The password has to be changed.
    PasswordExpired,
    /// The password should be changed.
    PasswordWarn,
    /// A new password has to be set.
    PasswordReset,
    /// The recovery question has to be answered.
    Recovery,
    /// A code that was sent has to be entered.
    RecoveryChallenge,
}

impl Phase {
    /// Every state.
    pub(crate) const ALL: [Self; 5] =
        [Self::PasswordExpired, Self::PasswordWarn, Self::PasswordReset, Self::Recovery, Self::RecoveryChallenge];

    fn name(self) -> &'static str {
        match self {
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::PasswordWarn => "PASSWORD_WARN",
            Self::PasswordReset => "PASSWORD_RESET",
            Self::Recovery => "RECOVERY",
            Self::RecoveryChallenge => "RECOVERY_CHALLENGE",
        }
    }
}

/// What a recovery transaction recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecoveryKind {
    /// A forgotten password.
    Password,
    /// A locked account.
    Unlock,
    /// An account that was never used.
    Activation,
}

impl RecoveryKind {
    /// The kind as the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::Unlock => "UNLOCK",
            Self::Activation => "ACCOUNT_ACTIVATION",
        }
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With SUCCESS.
    Completed,
    /// By cancelling.
    Cancelled,
}

/// A transaction.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// The state token.
    pub(crate) token: String,
    /// The user; nobody in the recovery of a username that doesn't exist.
    pub(crate) user: Option<String>,
    /// The state.
    pub(crate) phase: Phase,
    /// What is recovered.
    pub(crate) recovery: Option<RecoveryKind>,
    /// The way by which a code was sent.
    pub(crate) factor: Option<&'static str>,
    /// When the token expires.
    pub(crate) expires: Timestamp,
    /// How it ended.
    pub(crate) ending: Option<Ending>,
}

/// Starts a transaction of a known user.
pub(crate) fn start(org: &mut Org, user: &str, phase: Phase, recovery: Option<RecoveryKind>) -> Answer {
    store(org, Some(user.to_owned()), phase, recovery, None)
}

/// Starts a transaction that waits for a code.
pub(crate) fn start_challenge(
    org: &mut Org,
    user: Option<String>,
    recovery: RecoveryKind,
    factor: &'static str,
) -> Answer {
    store(org, user, Phase::RecoveryChallenge, Some(recovery), Some(factor))
}

fn store(
    org: &mut Org,
    user: Option<String>,
    phase: Phase,
    recovery: Option<RecoveryKind>,
    factor: Option<&'static str>,
) -> Answer {
    org.transactions.push(Transaction {
        token: identifiers::state_token(),
        user,
        phase,
        recovery,
        factor,
        expires: later(org.now(), LIFETIME),
        ending: None,
    });
    view(org, org.transactions.len() - 1)
}

/// The live transaction whose token a body carries, if its state is one of `allowed`.
pub(crate) fn find(org: &mut Org, body: &Map<String, Value>, allowed: &[Phase]) -> Result<usize, Failure> {
    let token = body.required("stateToken")?;
    let index = position(org, token).ok_or_else(|| Failure::of(&catalogue::INVALID_TOKEN))?;
    let expires = later(org.now(), LIFETIME);
    org.transactions[index].expires = expires;
    if allowed.contains(&org.transactions[index].phase) {
        Ok(index)
    } else {
        Err(Failure::of(&catalogue::STATE).because(catalogue::STATE.summary))
    }
}

fn position(org: &Org, token: &str) -> Option<usize> {
    let alive = |transaction: &Transaction| match transaction.ending {
        None => true,
        Some(Ending::Cancelled) => org.has(Flaw::CancelledToken),
        Some(Ending::Completed) => org.has(Flaw::CompletedToken),
    };
    let known = org.transactions.iter().position(|transaction| transaction.token == token);
    match known {
        Some(index) => alive(&org.transactions[index]).then_some(index),
        None if org.has(Flaw::ForeignToken) => org.transactions.iter().rposition(alive),
        None => None,
    }
}

/// The user of a transaction; the token is dead if there is none any more.
pub(crate) fn user(org: &Org, index: usize) -> Result<usize, Failure> {
    org.transactions[index]
        .user
        .as_ref()
        .and_then(|id| org.users.iter().position(|user| user.id == *id))
        .ok_or_else(|| Failure::of(&catalogue::INVALID_TOKEN))
}

/// A transaction as the API writes it.
pub(crate) fn view(org: &Org, index: usize) -> Answer {
    let transaction = &org.transactions[index];
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("stateToken", transaction.token.as_str().into());
    let expires = shown_expiry(org, transaction.expires);
    set("expiresAt", written(expires).into());
    set("status", transaction.phase.name().into());
    if let Some(factor) = transaction.factor {
        set("factorType", factor.into());
    }
    if let Some(recovery) = transaction.recovery {
        set("recoveryType", recovery.name().into());
    }
    if let Some(embedded) = embedded(org, transaction) {
        set("_embedded", embedded);
    }
    set("_links", transaction_links(org, transaction));
    Answer::ok(Value::Object(members))
}

/// The end of a token's life as it is told.
pub(crate) fn shown_expiry(org: &Org, expires: Timestamp) -> Timestamp {
    if org.has(Flaw::ExpiresInPast) { later(expires, -2 * 60 * 60) } else { expires }
}

fn embedded(org: &Org, transaction: &Transaction) -> Option<Value> {
    if transaction.phase == Phase::RecoveryChallenge {
        return None;
    }
    let id = transaction.user.as_ref()?;
    let user = org.users.iter().find(|user| user.id == *id)?;
    let question = transaction.phase == Phase::Recovery;
    let mut embedded = json!({ "user": embedded_user(user, question) });
    if !question && !org.has(Flaw::NoPolicy) {
        embedded["policy"] = policy(org, user, transaction.phase);
    }
    Some(embedded)
}

/// The user inside of a transaction.
pub(crate) fn embedded_user(user: &User, with_question: bool) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), user.id.as_str().into());
    if let Some(changed) = user.password_changed {
        members.insert("passwordChanged".to_owned(), written(changed).into());
    }
    let or = |name: &str, default: &str| match user.attribute(name) {
        "" => default.to_owned(),
        value => value.to_owned(),
    };
    let profile = json!({
        "login": user.login(),
        "firstName": user.attribute("firstName"),
        "lastName": user.attribute("lastName"),
        "locale": or("locale", "en_US"),
        "timeZone": or("timezone", "America/Los_Angeles"),
    });
    members.insert("profile".to_owned(), profile);
    if let (true, Some(question)) = (with_question, &user.question) {
        let question = json!({ "question": question.question });
        members.insert("recovery_question".to_owned(), question);
    }
    Value::Object(members)
}

fn policy(org: &Org, user: &User, phase: Phase) -> Value {
    let rules = applied::to_user(org, user);
    let mut policy = Map::new();
    if phase != Phase::PasswordExpired {
        let days = days_left(org, &rules, user);
        let expiration = json!({ "passwordExpireDays": days });
        policy.insert("expiration".to_owned(), expiration);
    }
    policy.insert("complexity".to_owned(), complexity(&rules));
    if phase == Phase::PasswordReset {
        let age = json!({
            "minAgeMinutes": rules.age.minutes_at_least,
            "historyCount": rules.age.history,
        });
        policy.insert("age".to_owned(), age);
    }
    Value::Object(policy)
}

fn complexity(rules: &PasswordRules) -> Value {
    let complexity = &rules.complexity;
    json!({
        "minLength": complexity.length,
        "minLowerCase": complexity.lower,
        "minUpperCase": complexity.upper,
        "minNumber": complexity.digits,
        "minSymbol": complexity.symbols,
        "excludeUsername": complexity.exclude_username,
    })
}

/// Days until the password expires, begun ones counted; 0 if it doesn't or did.
fn days_left(org: &Org, rules: &PasswordRules, user: &User) -> i64 {
    const DAY: i64 = 24 * 60 * 60;
    password::expiry(&rules.age, user).map_or(0, |expiry| {
        let seconds = expiry.as_second() - org.now().as_second();
        (seconds.max(0) + DAY - 1) / DAY
    })
}

fn transaction_links(org: &Org, transaction: &Transaction) -> Value {
    let mut members = Map::new();
    if !org.has(Flaw::NoNextLink) {
        members.insert("next".to_owned(), next(org, transaction));
    }
    if transaction.phase == Phase::PasswordWarn {
        let skip = links::named(org, "skip", "/api/v1/authn/skip");
        members.insert("skip".to_owned(), skip);
    }
    if !org.has(Flaw::NoCancelLink) {
        let cancel = links::hinted(org, "/api/v1/authn/cancel", &["POST"]);
        members.insert("cancel".to_owned(), cancel);
    }
    if let (Phase::RecoveryChallenge, Some(factor)) = (transaction.phase, transaction.factor) {
        let path = format!("/api/v1/authn/recovery/factors/{factor}/resend");
        let resend = links::named(org, &factor.to_lowercase(), &path);
        members.insert("resend".to_owned(), resend);
    }
    Value::Object(members)
}

fn next(org: &Org, transaction: &Transaction) -> Value {
    let factor = transaction.factor.unwrap_or_default();
    let (name, path) = match transaction.phase {
        Phase::PasswordExpired | Phase::PasswordWarn => ("changePassword", "credentials/change_password".to_owned()),
        Phase::PasswordReset if transaction.recovery == Some(RecoveryKind::Activation) => {
            ("resetPassword", "credentials/reset_password".to_owned())
        }
        Phase::PasswordReset => ("password", "credentials/reset_password".to_owned()),
        Phase::Recovery => ("answer", "recovery/answer".to_owned()),
        Phase::RecoveryChallenge => ("verify", format!("recovery/factors/{factor}/verify")),
    };
    let name = if org.has(Flaw::NextName) { "continue" } else { name };
    let mut link = links::named(org, name, &format!("/api/v1/authn/{path}"));
    if org.has(Flaw::NextVerb) {
        link["hints"] = json!({ "allow": ["GET"] });
    }
    link
}
