//! Users: what is remembered of each.
//!
//! The operations are in the modules below; signing in is in `authn`.

pub(crate) mod create;
pub(crate) mod credentials;
pub(crate) mod lifecycle;
pub(crate) mod profile;
pub(crate) mod read;
pub(crate) mod ticket;
pub(crate) mod update;
pub(crate) mod view;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The status of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Created but not activated.
    Staged,
    /// Activated, without a password.
    Provisioned,
    /// Able to sign in.
    Active,
    /// Waiting for a new password after a reset.
    Recovery,
    /// Locked by wrong passwords.
    LockedOut,
    /// Able to sign in only to change the password.
    PasswordExpired,
    /// Suspended by an administrator.
    Suspended,
    /// Deactivated.
    Deprovisioned,
}

impl Status {
    /// The status as the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staged => "STAGED",
            Self::Provisioned => "PROVISIONED",
            Self::Active => "ACTIVE",
            Self::Recovery => "RECOVERY",
            Self::LockedOut => "LOCKED_OUT",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::Suspended => "SUSPENDED",
            Self::Deprovisioned => "DEPROVISIONED",
        }
    }
}

/// A recovery question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecoveryQuestion {
    /// The question.
    pub(crate) question: String,
    /// The answer.
    pub(crate) answer: String,
}

impl RecoveryQuestion {
    /// Whether this is the answer.
    pub(crate) fn is_answered_by(&self, answer: &str) -> bool {
        self.answer.trim().to_lowercase() == answer.trim().to_lowercase()
    }
}

/// The source of a user's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Provider {
    /// The type, such as `OKTA`.
    pub(crate) kind: String,
    /// The name.
    pub(crate) name: String,
}

impl Default for Provider {
    fn default() -> Self {
        Self { kind: "OKTA".to_owned(), name: "OKTA".to_owned() }
    }
}

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// The identifier.
    pub(crate) id: String,
    /// The position in the order of creation.
    pub(crate) sequence: u64,
    /// The status.
    pub(crate) status: Status,
    /// When the user was created.
    pub(crate) created: Timestamp,
    /// When the user was activated.
    pub(crate) activated: Option<Timestamp>,
    /// When the status changed last.
    pub(crate) status_changed: Timestamp,
    /// When the user signed in last.
    pub(crate) last_login: Option<Timestamp>,
    /// When anything changed last.
    pub(crate) last_updated: Timestamp,
    /// When the password changed last.
    pub(crate) password_changed: Option<Timestamp>,
    /// The profile.
    pub(crate) profile: Map<String, Value>,
    /// The password.
    pub(crate) password: Option<String>,
    /// Former passwords, the latest last.
    pub(crate) history: Vec<String>,
    /// The recovery question.
    pub(crate) question: Option<RecoveryQuestion>,
    /// The source of the credentials.
    pub(crate) provider: Provider,
    /// Wrong passwords in a row.
    pub(crate) failures: u32,
    /// When the user was locked.
    pub(crate) locked: Option<Timestamp>,
    /// Whether sign-ins from unknown devices are blocked.
    pub(crate) device_blocked: bool,
}

impl User {
    /// A new user without credentials.
    pub(crate) fn new(id: String, sequence: u64, now: Timestamp) -> Self {
        Self {
            id,
            sequence,
            status: Status::Staged,
            created: now,
            activated: None,
            status_changed: now,
            last_login: None,
            last_updated: now,
            password_changed: None,
            profile: Map::new(),
            password: None,
            history: Vec::new(),
            question: None,
            provider: Provider::default(),
            failures: 0,
            locked: None,
            device_blocked: false,
        }
    }

    /// A member of the profile, empty if it isn't a text.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.profile.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The name by which the user signs in.
    pub(crate) fn login(&self) -> &str {
        self.attribute("login")
    }

    /// Moves the user to a status.
    pub(crate) fn become_status(&mut self, status: Status, now: Timestamp) {
        if self.status != status {
            self.status = status;
            self.status_changed = now;
        }
        if status == Status::Active && self.activated.is_none() {
            self.activated = Some(now);
        }
        self.last_updated = now;
    }

    /// Gives the user another password.
    pub(crate) fn set_password(&mut self, password: &str, now: Timestamp) {
        if let Some(former) = self.password.replace(password.to_owned()) {
            self.history.push(former);
        }
        self.password_changed = Some(now);
        self.last_updated = now;
        self.failures = 0;
    }
}
