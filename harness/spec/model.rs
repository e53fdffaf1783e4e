//! The specification as types: what a machine, a transition, an outcome, an error and a law are. Plain data; reading is in
//! `read/`, checking in `lint/`.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::spec::condition::Condition;
use crate::spec::place::{Files, Place};
use crate::spec::value::{Duration, Value};
use crate::wire::pointer::Pointer;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Where an entry of a map stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryPlace {
    /// The key.
    pub key: Place,
    /// The value.
    pub value: Place,
}

/// Everything that was loaded.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// The files, to turn places into lines.
    pub files: Files,
    /// The kinds of things.
    pub machines: IndexMap<String, Machine>,
    /// What they do, by the name of the transition.
    pub transitions: IndexMap<String, Transition>,
    /// The published errors, by their code.
    pub errors: IndexMap<String, ErrorCode>,
    /// What holds everywhere.
    pub laws: IndexMap<String, Law>,
    /// What rules stand on.
    pub sources: IndexMap<String, SourceEntry>,
    /// What was decided where sources disagree.
    pub decisions: IndexMap<String, Decision>,
    /// Whether a document could not be read, so that what it declares is not here.
    pub incomplete: bool,
}

/// An entry of `sources.yaml`.
#[derive(Debug, Clone)]
pub struct SourceEntry {
    /// `page`, `openapi`, `catalogue`, `seed`, `recorded`, `sdk` or `contract`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Its public address.
    pub address: String,
    /// The revision that was read.
    pub revision: Option<String>,
    /// The day of that revision.
    pub date: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// An entry of `decisions.yaml`.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The question.
    pub title: String,
    /// What is accepted.
    pub stand: String,
    /// The reason.
    pub why: String,
    /// What was read.
    pub sources: Vec<Source>,
    /// Where it stands.
    pub place: Place,
}

/// What a rule stands on.
#[derive(Debug, Clone)]
pub struct Source {
    /// `page`, `openapi`, …, `decision` or `url`.
    pub kind: String,
    /// The entry of `sources.yaml` or `decisions.yaml`, or the address.
    pub id: String,
    /// Lines, operation, schema, note.
    pub details: IndexMap<String, String>,
    /// Further sources.
    pub also: Vec<Source>,
    /// Where it stands.
    pub place: Place,
}

/// What kind of evidence a claim has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A client depends on it.
    Client,
    /// An arrow of a diagram.
    Diagram,
    /// A sentence or a table of the documentation.
    Documented,
    /// An example of the documentation.
    Example,
    /// It follows from something else; nobody says so.
    Inferred,
    /// An answer of a real org.
    Recorded,
}

impl Basis {
    /// The names as written in YAML.
    pub const NAMES: [&'static str; 6] = ["documented", "example", "recorded", "diagram", "client", "inferred"];

    /// The basis of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "client" => Self::Client,
            "diagram" => Self::Diagram,
            "documented" => Self::Documented,
            "example" => Self::Example,
            "inferred" => Self::Inferred,
            "recorded" => Self::Recorded,
            _ => return None,
        })
    }

    /// The name as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Diagram => "diagram",
            Self::Documented => "documented",
            Self::Example => "example",
            Self::Inferred => "inferred",
            Self::Recorded => "recorded",
        }
    }

    /// How strong a claim of this basis is, unless it says otherwise.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Documented | Self::Example | Self::Recorded => Level::Must,
            Self::Client | Self::Diagram | Self::Inferred => Level::Should,
        }
    }
}

/// How strong a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Noted only.
    May,
    /// A difference is a variance.
    Should,
    /// A difference is a deviation.
    Must,
}

impl Level {
    /// The level of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "must" => Self::Must,
            "should" => Self::Should,
            "may" => Self::May,
            _ => return None,
        })
    }

    /// The name as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// What stands behind a claim: its source, its basis, its level.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The source.
    pub source: Option<Source>,
    /// The kind of evidence.
    pub basis: Basis,
    /// How strong it is.
    pub level: Level,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// With the API token of the target.
    ApiToken,
    /// Without credentials.
    #[default]
    Public,
}

/// A kind of thing.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// The kinds of things that it belongs to.
    pub of: Vec<Located<String>>,
    /// Whether there is exactly one, which is never made.
    pub one: bool,
    /// What every transition of the machine presumes.
    pub given: Given,
    /// The state that is meant where a `given` names none.
    pub ready: Option<Located<String>>,
    /// Who asks.
    pub actor: Actor,
    /// Where an answer names the state, tried in order.
    pub state: Vec<StateWay>,
    /// The transition that asks for the state.
    pub observe: Option<Located<String>>,
    /// The facts.
    pub facts: IndexMap<String, Fact>,
    /// How it refuses what a state does not offer.
    pub refuses: Option<Refusal>,
    /// The states that say something about themselves.
    pub states: IndexMap<String, State>,
    /// What it stands on.
    pub source: Option<Source>,
    /// Where its name stands.
    pub place: Place,
}

/// One way to read the state from an answer.
#[derive(Debug, Clone)]
pub enum StateWay {
    /// The value at the place is the state.
    At(Pointer),
    /// When the place is there, it is the state.
    Has(Pointer, String),
    /// The values at the place are all states that the thing is in.
    Names(Pointer),
    /// Otherwise it is the state.
    Is(String),
}

/// What a state says about itself.
#[derive(Debug, Clone)]
pub struct State {
    /// Must hold in every answer that names the state.
    pub body: Option<Condition>,
    /// Whether another thing may take the place of one in this state.
    pub is_final: bool,
    /// Whether nothing is left to unmake.
    pub gone: bool,
    /// How it refuses everything it does not offer.
    pub refuses: Option<Refusal>,
    /// What the claims stand on.
    pub standing: Standing,
    /// Where its name stands.
    pub place: Place,
}

/// What a machine knows about its things.
#[derive(Debug, Clone)]
pub struct Fact {
    /// How it comes to be.
    pub kind: FactKind,
    /// Where its name stands.
    pub place: Place,
}

/// How a fact comes to be.
#[derive(Debug, Clone)]
pub enum FactKind {
    /// Unknown until an outcome sets it.
    Absent,
    /// Read from each answer that has it.
    Answer(Pointer),
    /// One of these; the first unless a `given` wants another.
    Choice(Vec<Json>),
    /// Made up at birth, or computed when asked for.
    Made(Value),
    /// A start value, which outcomes may change.
    Start(Value),
}

/// How a request outside of `from` is refused.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The answer is not known, so nothing is asked.
    Unknown,
    /// The answer.
    Claim(Box<Expectation>, Standing),
}

/// What a machine can do.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Its name, unique in the specification.
    pub name: String,
    /// The machine it belongs to.
    pub machine: Located<String>,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// The states it is offered in.
    pub from: From,
    /// What every outcome presumes.
    pub given: Given,
    /// How it acts.
    pub act: Act,
    /// How it is refused elsewhere.
    pub refuses: Option<Refusal>,
    /// What may come of it.
    pub outcomes: IndexMap<String, Outcome>,
    /// What it stands on.
    pub standing: Standing,
    /// Where its name stands.
    pub place: Place,
}

/// Where a transition starts.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// Where there is none, or a final one.
    None,
    /// In any state in which there is one.
    Any,
    /// In one of these states.
    States(Vec<Located<String>>),
}

impl From {
    /// Whether the state is one it starts in.
    #[must_use]
    pub fn offers(&self, state: &str) -> bool {
        match self {
            Self::None => state == NONE,
            Self::Any => state != NONE,
            Self::States(states) => states.iter().any(|offered| offered.value == state),
        }
    }
}

/// The state of what does not exist.
pub const NONE: &str = "none";

/// The state of what always exists.
pub const FOUND: &str = "found";

/// How a transition acts.
#[derive(Debug, Clone)]
pub enum Act {
    /// By a message to the target's hooks.
    Hook(Value),
    /// By a request.
    Request(Box<Request>),
    /// By letting time pass.
    Wait(Wait),
}

/// How long to wait.
#[derive(Debug, Clone)]
pub enum Wait {
    /// This long.
    For(Duration),
    /// Until the time that a value names.
    Until(Value),
}

/// A request as the language writes it.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: String,
    /// The path, a text with references.
    pub path: Value,
    /// The place of a published link in the newest answer; a text with references.
    pub follow: Option<Value>,
    /// Who asks, where it is not the machine's way.
    pub actor: Option<Actor>,
    /// Query parameters.
    pub query: IndexMap<String, Value>,
    /// Headers, in lower case.
    pub header: IndexMap<String, Value>,
    /// The JSON body.
    pub body: Option<Value>,
    /// The members of a form body.
    pub form: IndexMap<String, Value>,
    /// Where the request stands.
    pub place: Place,
}

/// In which world: a demand on each thing that it names.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// By the name of the thing: a machine's name, or the name of a further thing.
    pub things: IndexMap<String, GivenThing>,
}

/// What a `given` demands of a thing.
#[derive(Debug, Clone, Default)]
pub struct GivenThing {
    /// For a further thing: its machine, whose it is, and how many.
    pub further: Option<Further>,
    /// The state.
    pub state: Option<Condition>,
    /// The facts.
    pub facts: IndexMap<String, Condition>,
    /// Where each of its keys stands; a state that is said without a map counts as the key `state`.
    pub entries: IndexMap<String, EntryPlace>,
    /// Where it stands.
    pub place: Place,
}

/// A thing beside the one of the machine's name.
#[derive(Debug, Clone)]
pub struct Further {
    /// Its machine.
    pub machine: String,
    /// The further thing it belongs to.
    pub of: Option<String>,
    /// How many.
    pub count: usize,
}

/// What is replaced in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum WithKey {
    /// A fact, wherever the request sends it.
    Fact(String, String),
    /// A place of the request.
    At(Pointer),
}

/// One possible result of a transition.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name, unique in the transition.
    pub name: String,
    /// In which world it comes.
    pub given: Given,
    /// What differs in the request.
    pub with: IndexMap<WithKey, Value>,
    /// Where each of these differences stands.
    pub with_places: IndexMap<WithKey, EntryPlace>,
    /// What is answered: one row, or a decision table.
    pub rows: Vec<Expectation>,
    /// Whether the rows are a decision table.
    pub table: bool,
    /// What it stands on.
    pub standing: Standing,
    /// Where its name stands.
    pub place: Place,
}

/// What is answered and true afterwards.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// For a row of a table: in which world.
    pub given: Option<Given>,
    /// For a row of a table: everything that fits no other row.
    pub otherwise: bool,
    /// The HTTP status.
    pub status: Option<Located<Status>>,
    /// The error code.
    pub error: Option<Located<String>>,
    /// What the body is like.
    pub body: Option<Located<Condition>>,
    /// What the headers are like.
    pub header: Option<Located<Condition>>,
    /// What the query of the redirect is like.
    pub location: Option<Located<Condition>>,
    /// Whether status or summary are compared with the catalogue.
    pub catalogue: Option<Located<CatalogueCheck>>,
    /// The next state.
    pub to: Option<Located<To>>,
    /// What else is true.
    pub sets: IndexMap<SetKey, SetValue>,
    /// Sent again until it holds.
    pub eventually: Option<Duration>,
    /// Where sources disagree.
    pub or: Vec<Alternative>,
    /// Where it stands.
    pub place: Place,
}

/// What of an error is compared with the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogueCheck {
    /// The code is published and the status is its status.
    Status,
    /// The text fits its template.
    Summary,
}

/// An expectation on the HTTP status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// `4xx`: the first digit.
    Class(u16),
    /// The number.
    Exactly(u16),
    /// One of several.
    OneOf(Vec<Status>),
}

impl Status {
    /// Whether a status fits.
    #[must_use]
    pub fn holds(&self, status: u16) -> bool {
        match self {
            Self::Class(digit) => status / 100 == *digit,
            Self::Exactly(number) => status == *number,
            Self::OneOf(choices) => choices.iter().any(|choice| choice.holds(status)),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class(digit) => write!(f, "{digit}xx"),
            Self::Exactly(number) => write!(f, "{number}"),
            Self::OneOf(choices) => {
                let texts: Vec<String> = choices.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(" or "))
            }
        }
    }
}

/// The next state of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// All of these.
    States(Vec<String>),
    /// The same as before.
    Unchanged,
}

/// What an outcome sets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SetKey {
    /// A fact of a thing.
    Fact(String, String),
    /// The state of a thing.
    State(String),
}

/// What it sets it to.
#[derive(Debug, Clone)]
pub struct SetValue {
    /// The value.
    pub value: Value,
    /// How sure that is, where it is not as sure as the outcome.
    pub basis: Option<Basis>,
    /// Where the value stands.
    pub value_place: Place,
    /// Where it stands.
    pub place: Place,
}

/// An expectation that is accepted as well.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// The decision or the sentence that says why.
    pub because: Located<String>,
    /// The keys that it replaces.
    pub replaces: Expectation,
}

impl Expectation {
    /// This expectation with the keys of an alternative in place of its own.
    #[must_use]
    pub fn with(&self, alternative: &Alternative) -> Self {
        let other = alternative.replaces.clone();
        // An alternative error brings the status of its own catalogue entry.
        let status = if other.error.is_some() && other.status.is_none() {
            None
        } else {
            other.status.or_else(|| self.status.clone())
        };
        // Where only the status differs to a success, no error is expected.
        let error = match (&other.error, &status) {
            (Some(error), _) => Some(error.clone()),
            (None, Some(status)) if alternative.replaces.status.is_some() && !status.value.could_be_error() => None,
            (None, _) => self.error.clone(),
        };
        Self {
            given: self.given.clone(),
            otherwise: self.otherwise,
            status,
            error,
            body: other.body.or_else(|| self.body.clone()),
            header: other.header.or_else(|| self.header.clone()),
            location: other.location.or_else(|| self.location.clone()),
            catalogue: other.catalogue.or_else(|| self.catalogue.clone()),
            to: other.to.or_else(|| self.to.clone()),
            sets: if other.sets.is_empty() { self.sets.clone() } else { other.sets },
            eventually: other.eventually.or(self.eventually),
            or: Vec::new(),
            place: other.place,
        }
    }
}

impl Status {
    /// Whether one of the accepted statuses is of the error classes.
    #[must_use]
    pub fn could_be_error(&self) -> bool {
        match self {
            Self::Class(digit) => *digit >= 4,
            Self::Exactly(number) => *number >= 400,
            Self::OneOf(choices) => choices.iter().any(Self::could_be_error),
        }
    }
}

/// A published error.
#[derive(Debug, Clone)]
pub struct ErrorCode {
    /// The code.
    pub code: String,
    /// The file's name for the group it is in.
    pub group: String,
    /// Its title.
    pub title: String,
    /// The HTTP status; none for errors that come by redirect.
    pub status: Option<u16>,
    /// The template of the text.
    pub summary: Option<String>,
    /// Why no request can provoke it.
    pub reach: Option<Reach>,
    /// The release that it was first seen in.
    pub since: Option<String>,
    /// Whether it comes in a redirect.
    pub redirect: bool,
    /// What is accepted as well.
    pub or: Vec<ErrorVariant>,
    /// What it stands on.
    pub source: Option<Source>,
    /// Where the code stands.
    pub place: Place,
}

/// What is accepted of an error as well.
#[derive(Debug, Clone)]
pub struct ErrorVariant {
    /// Another status.
    pub status: Option<u16>,
    /// Another title.
    pub title: Option<String>,
    /// Another text.
    pub summary: Option<String>,
    /// The decision or the sentence that says why.
    pub because: Located<String>,
}

/// Why no request can provoke an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It belongs to administration that the rules do not cover.
    AdminDomain,
    /// It needs a configuration that the API cannot make.
    Configuration,
    /// The server has to fail.
    ServerFault,
    /// It needs many requests or much time.
    Volume,
}

impl Reach {
    /// The names as written in YAML.
    pub const NAMES: [&'static str; 4] = ["server-fault", "admin-domain", "volume", "configuration"];

    /// The reach of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "admin-domain" => Self::AdminDomain,
            "configuration" => Self::Configuration,
            "server-fault" => Self::ServerFault,
            "volume" => Self::Volume,
            _ => return None,
        })
    }

    /// The name as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AdminDomain => "admin-domain",
            Self::Configuration => "configuration",
            Self::ServerFault => "server-fault",
            Self::Volume => "volume",
        }
    }
}

/// What holds in many exchanges.
#[derive(Debug, Clone)]
pub struct Law {
    /// Its name.
    pub name: String,
    /// What it says, in a few words.
    pub title: Option<String>,
    /// Where it holds.
    pub scope: Scope,
    /// Where each difference of a `with` stands.
    pub with_places: IndexMap<WithKey, EntryPlace>,
    /// What it stands on.
    pub standing: Standing,
    /// Where the whole document stands.
    pub whole: Place,
    /// Where its name stands.
    pub place: Place,
}

/// Where a law holds.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Between answers that fit.
    Between {
        /// Which exchanges fit.
        when: When,
        /// What keeps series apart: `transition`, a machine's name, or a place of the answer.
        per: Vec<Per>,
        /// What is compared.
        compare: Located<Compare>,
    },
    /// In each exchange that fits.
    Each {
        /// Which exchanges fit.
        when: When,
        /// What holds.
        then: Box<Expectation>,
    },
    /// In a case for each transition that fits.
    ForEach {
        /// Which transitions fit.
        selector: Selector,
        /// In which world.
        given: Given,
        /// What differs in the request.
        with: IndexMap<WithKey, Value>,
        /// What is answered.
        then: Box<Expectation>,
    },
    /// Between outcomes in one world.
    Of {
        /// The outcomes, as `transition.outcome`.
        outcomes: Vec<Located<String>>,
        /// In which world.
        given: Given,
        /// What is compared.
        compare: Located<Compare>,
    },
}

/// What keeps the series of a law apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Per {
    /// A value in the answer.
    At(Pointer),
    /// The thing of a machine.
    Machine(String),
    /// The transition.
    Transition,
}

/// Which exchanges a law speaks of.
#[derive(Debug, Clone, Default)]
pub struct When {
    /// The status of the answer.
    pub status: Option<Condition>,
    /// The method of the request.
    pub method: Option<Condition>,
    /// The path of the request.
    pub path: Option<Condition>,
    /// The machine whose transition it was.
    pub machine: Option<Condition>,
    /// The transition.
    pub transition: Option<Condition>,
    /// The headers of the answer.
    pub header: Option<Condition>,
    /// The body of the answer.
    pub body: Option<Condition>,
    /// The request document.
    pub request: Option<Condition>,
    /// Where it stands.
    pub place: Place,
}

/// Which transitions a law speaks of.
#[derive(Debug, Clone, Default)]
pub struct Selector {
    /// Facts that the request sends, all of them.
    pub sends: Vec<(String, String)>,
    /// The methods.
    pub method: Vec<String>,
    /// Who asks.
    pub actor: Option<Actor>,
    /// The machines.
    pub machine: Vec<Located<String>>,
    /// The parts that the request has: `body`, `query`, `form`.
    pub has: Vec<String>,
    /// A condition on the path as written.
    pub path: Option<Condition>,
    /// Transitions that are left out.
    pub except: Vec<Located<String>>,
    /// Where it stands.
    pub place: Place,
}

/// What is compared between answers.
#[derive(Debug, Clone)]
pub enum Compare {
    /// No value at the place comes twice.
    Distinct(Pointer),
    /// The value never falls.
    NeverFalls(Pointer),
    /// The value never grows.
    NeverGrows(Pointer),
    /// The places are the same in all answers, but for some.
    Same {
        /// What is the same.
        places: Vec<Pointer>,
        /// What may differ.
        except: Vec<Pointer>,
    },
}
