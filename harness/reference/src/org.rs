//! Everything that one server remembers, and what happens to it as time passes.
//!
//! Each resource keeps its own records; here they stand side by side.

use crate::accounts;
use crate::attack_protection::Settings;
use crate::authn::transaction::Transaction;
use crate::clock::Clock;
use crate::defects::{Flaw, Flaws};
use crate::failure::Failure;
use crate::groups::{self, Group};
use crate::hooks::Fault;
use crate::identifiers;
use crate::limits::Limits;
use crate::policies::{self, Policy};
use crate::sessions::{Session, SessionToken};
use crate::users::ticket::Ticket;
use crate::users::{Status, User};
use jiff::Timestamp;

/// What a server is set up with and a reset doesn't change.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Scheme, host and port that the server is reached at.
    pub(crate) origin: String,
    /// The API token.
    pub(crate) token: String,
    /// Whether the test hooks are served.
    pub(crate) hooks: bool,
    /// The defects that the server shows.
    pub(crate) flaws: Flaws,
}

/// The state of one server.
#[derive(Debug)]
pub(crate) struct Org {
    /// What a reset doesn't change.
    pub(crate) setup: Setup,
    /// The virtual clock.
    pub(crate) clock: Clock,
    /// What was used of the rate limits.
    pub(crate) limits: Limits,
    /// Faults that tests asked for.
    pub(crate) faults: Vec<Fault>,
    /// Settings of the org.
    pub(crate) settings: Settings,
    /// Users in the order of their creation.
    pub(crate) users: Vec<User>,
    /// Groups in the order of their creation.
    pub(crate) groups: Vec<Group>,
    /// Policies of all types.
    pub(crate) policies: Vec<Policy>,
    /// Sessions.
    pub(crate) sessions: Vec<Session>,
    /// Session tokens that weren't exchanged yet.
    pub(crate) session_tokens: Vec<SessionToken>,
    /// Authentication and recovery transactions.
    pub(crate) transactions: Vec<Transaction>,
    /// Activation and recovery tokens.
    pub(crate) tickets: Vec<Ticket>,
    /// The identifier of the one user type.
    pub(crate) user_type: String,
    /// The identifier of the one user schema.
    pub(crate) user_schema: String,
    /// The identifier of the one identity provider, the org itself.
    pub(crate) provider: String,
    sequence: u64,
}

impl Org {
    /// A fresh org with its built-in group, default policies and ready-made accounts.
    pub(crate) fn new(setup: Setup) -> Self {
        let mut org = Self {
            setup,
            clock: Clock::default(),
            limits: Limits::default(),
            faults: Vec::new(),
            settings: Settings::default(),
            users: Vec::new(),
            groups: Vec::new(),
            policies: Vec::new(),
            sessions: Vec::new(),
            session_tokens: Vec::new(),
            transactions: Vec::new(),
            tickets: Vec::new(),
            user_type: identifiers::object("oty"),
            user_schema: identifiers::object("osc"),
            provider: identifiers::object("00o"),
            sequence: 0,
        };
        groups::add_everyone(&mut org);
        policies::defaults::add(&mut org);
        accounts::populate(&mut org);
        org
    }

    /// Whether the server shows this defect.
    pub(crate) fn has(&self, flaw: Flaw) -> bool {
        self.setup.flaws.has(flaw)
    }

    /// The virtual time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An address on this server.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.setup.origin)
    }

    /// The next position in the order of creation.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Forgets what has expired and ends lockouts that end by themselves.
    pub(crate) fn pass_time(&mut self) {
        let now = self.now();
        self.sessions.retain(|session| session.expires > now);
        self.session_tokens.retain(|token| token.expires > now);
        self.transactions.retain(|transaction| transaction.expires > now);
        self.tickets.retain(|ticket| ticket.expires > now);
        let locked: Vec<usize> =
            (0..self.users.len()).filter(|&index| self.users[index].status == Status::LockedOut).collect();
        for index in locked {
            crate::authn::lockout::end_by_itself(self, index, now);
        }
    }

    /// The position of the user with this id, login or unambiguous short login.
    pub(crate) fn find_user(&self, name: &str) -> Result<usize, Failure> {
        let missing = || Failure::missing(name, "User");
        if let Some(index) = self.users.iter().position(|user| user.id == name) {
            return Ok(index);
        }
        if self.has(Flaw::LoginNotFound) {
            return Err(missing());
        }
        self.find_login(name).or_else(|| self.find_short_login(name)).ok_or_else(missing)
    }

    /// The position of the user who signs in with this name.
    pub(crate) fn find_login(&self, login: &str) -> Option<usize> {
        let login = login.to_lowercase();
        self.users.iter().position(|user| user.login().to_lowercase() == login)
    }

    fn find_short_login(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        let mut matching = self.users.iter().enumerate().filter(|(_, user)| {
            let login = user.login().to_lowercase();
            login.split_once('@').is_some_and(|(short, _)| short == name)
        });
        let (index, _) = matching.next()?;
        matching.next().is_none().then_some(index)
    }

    /// Ends every session of a user.
    pub(crate) fn end_sessions(&mut self, user: &str) {
        if !self.has(Flaw::SessionsSurvive) {
            self.sessions.retain(|session| session.user != user);
        }
    }
}
