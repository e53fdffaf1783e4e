//! Creating users: the query's switches, the profile, the credentials and the groups.
//!
//! Changing existing users is in `update`.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::groups;
use crate::identifiers;
use crate::org::Org;
use crate::password;
use crate::policies::applied;
use crate::users::{Provider, RecoveryQuestion, Status, User, profile, view};
use serde_json::{Map, Value};

/// The most groups that a creation may name.
const MOST_GROUPS: usize = 20;

/// What the query of a creation asks for.
struct Wishes {
    activate: bool,
    expire: bool,
    provider: bool,
}

/// The credentials in a body.
#[derive(Default)]
pub(crate) struct Credentials {
    /// A new password.
    pub(crate) password: Option<String>,
    /// A new recovery question.
    pub(crate) question: Option<RecoveryQuestion>,
    /// A source of credentials.
    pub(crate) provider: Option<Provider>,
}

/// POST /api/v1/users
pub(crate) fn create(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let wishes = wishes(call)?;
    let credentials = credentials(&body)?;
    let members = body.part("profile")?.cloned().unwrap_or_default();
    check_wishes(org, &wishes, &credentials)?;
    let groups = named_groups(org, &body)?;
    profile::check(&members, &org.setup.flaws)?;
    check_unique(org, &members, None)?;
    if let Some(password) = &credentials.password {
        check_password(org, &members, &groups, password)?;
    }
    let user = build(org, &wishes, members, credentials);
    for group in &groups {
        groups::join(org, group, &user.id);
    }
    let shown = view::user(org, &user);
    org.users.push(user);
    Ok(Answer::created(shown, &org.setup.flaws))
}

fn wishes(call: &Call) -> Result<Wishes, Failure> {
    let expire = match call.parameter("nextLogin") {
        None | Some("") => false,
        Some("changePassword") => true,
        Some(other) => {
            let subject = format!("nextLogin={other}");
            return Err(Failure::of(&catalogue::TYPE_MISMATCH).about(&subject));
        }
    };
    Ok(Wishes { activate: call.switch("activate", true)?, expire, provider: call.switch("provider", false)? })
}

fn check_wishes(org: &Org, wishes: &Wishes, credentials: &Credentials) -> Result<(), Failure> {
    if !wishes.expire || org.has(Flaw::ExpireUnchecked) {
        return Ok(());
    }
    let problem = if !wishes.activate {
        &catalogue::EXPIRE_WITHOUT_ACTIVATION
    } else if credentials.password.is_none() {
        &catalogue::EXPIRE_WITHOUT_PASSWORD
    } else {
        return Ok(());
    };
    Err(Failure::of(problem).because(problem.summary))
}

/// The credentials in a body, as far as they are there.
pub(crate) fn credentials(body: &Map<String, Value>) -> Result<Credentials, Failure> {
    let Some(members) = body.part("credentials")? else {
        return Ok(Credentials::default());
    };
    let question = members.part("recovery_question")?.map(question);
    let provider = members.part("provider")?.map(provider);
    Ok(Credentials {
        password: members.part("password")?.map(new_password).transpose()?.flatten(),
        question: question.transpose()?.flatten(),
        provider: provider.transpose()?,
    })
}

fn new_password(members: &Map<String, Value>) -> Result<Option<String>, Failure> {
    for kind in ["hash", "hook"] {
        if members.contains_key(kind) {
            let cause = format!("password.{kind}: Imported passwords are not supported");
            return Err(Failure::validation("password", cause));
        }
    }
    Ok(members.text("value")?.map(str::to_owned))
}

fn question(members: &Map<String, Value>) -> Result<Option<RecoveryQuestion>, Failure> {
    match (members.text("question")?, members.text("answer")?) {
        (_, None) => Ok(None),
        (Some(question), Some(answer)) => checked_question(question, answer).map(Some),
        (None, Some(_)) => Err(Failure::blank("recovery_question.question")),
    }
}

/// A recovery question whose texts have a length that the API takes.
pub(crate) fn checked_question(question: &str, answer: &str) -> Result<RecoveryQuestion, Failure> {
    let fits = |text: &str, least: usize| (least..=100).contains(&text.chars().count());
    if !fits(question, 1) {
        return Err(Failure::blank("recovery_question.question"));
    }
    if !fits(answer, 4) {
        let cause = "The security question answer must be at least 4 characters in length";
        return Err(Failure::validation("recovery_question", cause));
    }
    Ok(RecoveryQuestion { question: question.to_owned(), answer: answer.to_owned() })
}

fn provider(members: &Map<String, Value>) -> Result<Provider, Failure> {
    let kind = members.text("type")?.unwrap_or("OKTA").to_owned();
    let name = members.text("name")?.unwrap_or(&kind).to_owned();
    Ok(Provider { kind, name })
}

fn named_groups(org: &Org, body: &Map<String, Value>) -> Result<Vec<String>, Failure> {
    let named = match body.get("groupIds") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(named)) => named,
        Some(_) => return Err(Failure::of(&catalogue::NOT_WELL_FORMED)),
    };
    if named.len() > MOST_GROUPS && !org.has(Flaw::ManyGroups) {
        let cause = "The number of group targets is too large";
        return Err(Failure::of(&catalogue::TOO_MANY_TARGETS).because(cause));
    }
    let mut groups = Vec::new();
    for name in named {
        let name = name.as_str().unwrap_or_default();
        match groups::find(org, name) {
            Ok(_) => groups.push(name.to_owned()),
            Err(_) if org.has(Flaw::ManyGroups) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(groups)
}

/// Complains about a login that another user has.
pub(crate) fn check_unique(org: &Org, members: &Map<String, Value>, own: Option<&str>) -> Result<(), Failure> {
    let login = members.get("login").and_then(Value::as_str).unwrap_or_default();
    let same = |other: &str| {
        if org.has(Flaw::CaseSensitiveLogin) { other == login } else { other.to_lowercase() == login.to_lowercase() }
    };
    let taken = org.users.iter().any(|user| own != Some(user.id.as_str()) && same(user.login()));
    if taken && !org.has(Flaw::DuplicateLogin) {
        let cause = "login: An object with this field already exists in the current organization";
        return Err(Failure::validation("login", cause));
    }
    Ok(())
}

/// Complains about a password that an administrator may not give.
pub(crate) fn check_password(
    org: &Org,
    members: &Map<String, Value>,
    groups: &[String],
    password: &str,
) -> Result<(), Failure> {
    let rules = applied::to_newcomer(org, groups);
    if org.has(Flaw::WeakPassword) || password::is_complex(&rules.complexity, password, members) {
        return Ok(());
    }
    let cause = format!("password: {}", password::requirements(&rules.complexity));
    Err(Failure::validation("password", cause))
}

fn build(org: &mut Org, wishes: &Wishes, members: Map<String, Value>, credentials: Credentials) -> User {
    let now = org.now();
    let sequence = org.next_sequence();
    let mut user = User::new(identifiers::object("00u"), sequence, now);
    user.profile = members;
    user.profile.retain(|_, value| !value.is_null());
    user.question = credentials.question;
    if let Some(password) = &credentials.password {
        user.set_password(password, now);
    }
    if let (true, Some(provider)) = (wishes.provider, credentials.provider) {
        user.provider = provider;
    }
    let status = first_status(org, wishes, &user);
    user.become_status(status, now);
    if status == Status::PasswordExpired {
        user.activated = Some(now);
    }
    user
}

fn first_status(org: &Org, wishes: &Wishes, user: &User) -> Status {
    let external = matches!(user.provider.kind.as_str(), "FEDERATION" | "SOCIAL");
    if !wishes.activate {
        Status::Staged
    } else if user.password.is_none() && !external && !org.has(Flaw::ActiveWithoutPassword) {
        Status::Provisioned
    } else if wishes.expire {
        Status::PasswordExpired
    } else {
        Status::Active
    }
}
