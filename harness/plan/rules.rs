//! What is tested: every outcome, refusal, effect and law by its full name, with what it claims and what it stands on. Found from
//! the specification alone; paths are another matter, see [`crate::plan::path`].

use serde::{Deserialize, Serialize};

use crate::plan::effects::{self, Pair};
use crate::plan::model::Model;
use crate::spec::condition::Condition;
use crate::spec::model::{
    Act, Actor, Expectation, From, Law, Level, Refusal, Scope, Selector, Spec, Standing, To, Transition, Wait, WithKey,
};
use crate::spec::place::Place;
use crate::spec::value::Value;

/// What kind of rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// An effect, proven by the outcome that depends on it.
    Effect,
    /// A law.
    Law,
    /// An outcome of a transition.
    Outcome,
    /// A refusal of what a state does not offer.
    Refusal,
}

impl RuleKind {
    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Law => "law",
            Self::Outcome => "outcome",
            Self::Refusal => "refusal",
        }
    }
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its full name, such as `authn/sign-in.locked-out`.
    pub name: String,
    /// What it claims, one sentence.
    pub claim: String,
    /// What it stands on.
    pub standing: Standing,
    /// Where it stands.
    pub place: Place,
    /// What it is about.
    pub subject: Subject,
}

/// What a rule is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A law that holds between or in exchanges: nothing is planned for it.
    Everywhere {
        /// The law.
        law: String,
    },
    /// An effect and the outcome that depends on it.
    Effect(Box<Pair>),
    /// A law for each transition that fits.
    ForEach {
        /// The law.
        law: String,
        /// The transition.
        transition: String,
    },
    /// An outcome.
    Outcome {
        /// The transition.
        transition: String,
        /// The outcome.
        outcome: String,
    },
    /// A refusal.
    Refusal {
        /// The transition.
        transition: String,
        /// The state that does not offer it.
        state: String,
        /// What is answered.
        claim: Box<Expectation>,
    },
    /// A law between outcomes side by side.
    SideBySide {
        /// The law.
        law: String,
    },
}

impl Rule {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match self.subject {
            Subject::Effect(_) => RuleKind::Effect,
            Subject::Everywhere { .. } | Subject::ForEach { .. } | Subject::SideBySide { .. } => RuleKind::Law,
            Subject::Outcome { .. } => RuleKind::Outcome,
            Subject::Refusal { .. } => RuleKind::Refusal,
        }
    }

    /// The transition that it tests, where it is one.
    #[must_use]
    pub fn transition(&self) -> Option<&str> {
        match &self.subject {
            Subject::ForEach { transition, .. }
            | Subject::Outcome { transition, .. }
            | Subject::Refusal { transition, .. } => Some(transition),
            Subject::Effect(pair) => Some(&pair.user_transition),
            Subject::Everywhere { .. } | Subject::SideBySide { .. } => None,
        }
    }
}

/// Every rule of a specification, in its order: outcomes with their refusals, effects, laws.
#[must_use]
pub fn all(model: &Model<'_>) -> Vec<Rule> {
    let spec = model.spec;
    let mut rules = Vec::new();
    for transition in spec.transitions.values() {
        outcomes(transition, &mut rules);
        refusals(model, transition, &mut rules);
    }
    for pair in effects::pairs(model) {
        rules.push(effect(spec, pair));
    }
    for law in spec.laws.values() {
        laws(spec, law, &mut rules);
    }
    rules
}

fn outcomes(transition: &Transition, rules: &mut Vec<Rule>) {
    for outcome in transition.outcomes.values() {
        let claim = match outcome.rows.as_slice() {
            [only] => format!("{} {}", act(transition, &outcome.with), answer(only)),
            rows => format!("{} answers as its table of {} rows says", act(transition, &outcome.with), rows.len()),
        };
        rules.push(Rule {
            name: format!("{}/{}.{}", transition.machine.value, transition.name, outcome.name),
            claim,
            standing: outcome.standing.clone(),
            place: outcome.place,
            subject: Subject::Outcome { transition: transition.name.clone(), outcome: outcome.name.clone() },
        });
    }
}

fn refusals(model: &Model<'_>, transition: &Transition, rules: &mut Vec<Rule>) {
    let Some(id) = model.machine_id(&transition.machine.value) else {
        return;
    };
    let machine = model.machines[id];
    if !matches!(transition.from, From::States(_)) || !matches!(transition.act, Act::Request(_)) || machine.one {
        return;
    }
    for state in model.states_of(id) {
        let state = model.state_name(state);
        if transition.from.offers(state) {
            continue;
        }
        let of_state = machine.states.get(state).and_then(|state| state.refuses.as_ref());
        let refusal = of_state.or(transition.refuses.as_ref()).or(machine.refuses.as_ref());
        let Some(Refusal::Claim(claim, standing)) = refusal else {
            continue;
        };
        let place = claim.place;
        rules.push(Rule {
            name: format!("{}/{}@{state}", machine.name, transition.name),
            claim: format!(
                "{} where {} is {state} {}",
                act(transition, &indexmap::IndexMap::new()),
                machine.name,
                answer(claim)
            ),
            standing: standing.clone(),
            place,
            subject: Subject::Refusal {
                transition: transition.name.clone(),
                state: state.to_owned(),
                claim: claim.clone(),
            },
        });
    }
}

fn effect(spec: &Spec, pair: Pair) -> Rule {
    let setter = &spec.transitions[&pair.setter_transition].outcomes[&pair.setter_outcome];
    let user = &spec.transitions[&pair.user_transition].outcomes[&pair.user_outcome];
    let machine = &spec.transitions[&pair.setter_transition].machine.value;
    // An effect is no surer than what says that it is one, nor than what shows it.
    let mut standing = setter.standing.clone();
    let claimed = setter
        .rows
        .iter()
        .flat_map(|row| row.sets.values())
        .filter_map(|set| set.basis)
        .max_by_key(|basis| std::cmp::Reverse(basis.level()));
    if let Some(basis) = claimed {
        standing.basis = basis;
        standing.level = standing.level.min(basis.level());
    }
    standing.level = standing.level.min(user.standing.level);
    Rule {
        name: format!(
            "{machine}/{}.{}+{}.{}",
            pair.setter_transition, pair.setter_outcome, pair.user_transition, pair.user_outcome
        ),
        claim: format!(
            "after {}.{} changed {}, {}.{} comes as it says",
            pair.setter_transition, pair.setter_outcome, pair.fact, pair.user_transition, pair.user_outcome
        ),
        standing,
        place: setter.place,
        subject: Subject::Effect(Box::new(pair)),
    }
}

fn laws(spec: &Spec, law: &Law, rules: &mut Vec<Rule>) {
    let rule = |name: String, claim: String, subject: Subject| Rule {
        name,
        claim,
        standing: law.standing.clone(),
        place: law.place,
        subject,
    };
    let title = law.title.clone().unwrap_or_else(|| law.name.replace('-', " "));
    match &law.scope {
        Scope::Each { .. } | Scope::Between { .. } => {
            rules.push(rule(format!("law/{}", law.name), title, Subject::Everywhere { law: law.name.clone() }))
        }
        Scope::Of { .. } => {
            rules.push(rule(format!("law/{}", law.name), title, Subject::SideBySide { law: law.name.clone() }))
        }
        Scope::ForEach { selector, with, then, .. } => {
            for transition in spec.transitions.values() {
                if selects(spec, selector, transition) {
                    rules.push(rule(
                        format!("law/{}@{}", law.name, transition.name),
                        format!("{title}: {} {}", act(transition, with), answer(then)),
                        Subject::ForEach { law: law.name.clone(), transition: transition.name.clone() },
                    ));
                }
            }
        }
    }
}

/// Whether a law speaks of a transition.
#[must_use]
pub fn selects(spec: &Spec, selector: &Selector, transition: &Transition) -> bool {
    let Act::Request(request) = &transition.act else {
        return false;
    };
    let actor = actor_of(spec, transition);
    let excepted = selector.except.iter().any(|name| name.value == transition.name);
    let sends = |thing: &str, fact: &str| {
        let mut found = false;
        each_request_value(transition, &mut |value| {
            for reference in value.references() {
                found |= reference.thing == thing && reference.fact == fact;
            }
        });
        found
    };
    let path_text = path_as_written(&request.path);
    !excepted
        && (selector.method.is_empty() || selector.method.contains(&request.method))
        && selector.actor.is_none_or(|wanted| wanted == actor)
        && (selector.machine.is_empty() || selector.machine.iter().any(|name| name.value == transition.machine.value))
        && selector.sends.iter().all(|(thing, fact)| sends(thing, fact))
        && selector.has.iter().all(|part| match part.as_str() {
            "body" => request.body.is_some(),
            "form" => !request.form.is_empty(),
            "query" => !request.query.is_empty(),
            _ => false,
        })
        && selector.path.as_ref().is_none_or(|condition| match condition {
            Condition::Prefix { prefix, except } => {
                path_text.starts_with(prefix.as_str())
                    && !except.iter().any(|other| path_text.starts_with(other.as_str()))
            }
            Condition::Equals(value) => value.plain().and_then(serde_json::Value::as_str) == Some(&path_text),
            Condition::Pattern(pattern) => pattern.regex.is_match(&path_text),
            _ => true,
        })
}

/// Who asks with a transition.
#[must_use]
pub fn actor_of(spec: &Spec, transition: &Transition) -> Actor {
    let own = match &transition.act {
        Act::Request(request) => request.actor,
        _ => None,
    };
    own.or_else(|| spec.machines.get(&transition.machine.value).map(|machine| machine.actor)).unwrap_or_default()
}

/// Calls a function with every value that a request is made of, the link it follows included.
pub fn each_request_value<'s>(transition: &'s Transition, visit: &mut dyn FnMut(&'s Value)) {
    match &transition.act {
        Act::Request(request) => {
            visit(&request.path);
            for value in
                request.query.values().chain(request.header.values()).chain(request.form.values()).chain(&request.body)
            {
                visit(value);
            }
        }
        Act::Hook(value) | Act::Wait(Wait::Until(value)) => visit(value),
        Act::Wait(Wait::For(_)) => {}
    }
}

fn path_as_written(path: &Value) -> String {
    match path {
        Value::Plain(json) => json.as_str().unwrap_or("").to_owned(),
        other => written(other),
    }
}

/// What a transition does, in words.
#[must_use]
pub fn act(transition: &Transition, with: &indexmap::IndexMap<WithKey, Value>) -> String {
    let done = match &transition.act {
        Act::Request(request) => format!("{} {}", request.method, written(&request.path)),
        Act::Hook(value) => format!("the hook {}", written(value)),
        Act::Wait(Wait::For(duration)) => format!("waiting {duration}"),
        Act::Wait(Wait::Until(value)) => format!("waiting until {}", written(value)),
    };
    if with.is_empty() {
        return done;
    }
    let differences: Vec<String> = with
        .iter()
        .map(|(key, value)| {
            let place = match key {
                WithKey::At(pointer) => pointer.to_string(),
                WithKey::Fact(thing, fact) => format!("{thing}.{fact}"),
            };
            match value {
                Value::Absent => format!("without {place}"),
                other => format!("with {place} = {}", written(other)),
            }
        })
        .collect();
    format!("{done} {}", differences.join(" and "))
}

/// What an expectation claims, in words.
#[must_use]
pub fn answer(expectation: &Expectation) -> String {
    let mut parts = Vec::new();
    let status = expectation.status.as_ref().map(|status| status.value.to_string());
    let error = expectation.error.as_ref().map(|error| error.value.clone());
    match (status, error) {
        (Some(status), Some(error)) => parts.push(format!("answers {status} {error}")),
        (Some(one), None) | (None, Some(one)) => parts.push(format!("answers {one}")),
        (None, None) => {}
    }
    match expectation.to.as_ref().map(|to| &to.value) {
        Some(To::States(states)) => parts.push(format!("leads to {}", states.join(" and "))),
        Some(To::Unchanged) => parts.push("changes no state".to_owned()),
        None => {}
    }
    if parts.is_empty() {
        return "holds".to_owned();
    }
    parts.join(" and ")
}

/// A value as it is written.
#[must_use]
pub fn written(value: &Value) -> String {
    use crate::spec::value::TextPart;
    match value {
        Value::Plain(json) => match json.as_str() {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => json.to_string(),
        },
        Value::Text(parts) => parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text) => text.clone(),
                TextPart::Reference(reference) => match &reference.pointer {
                    Some(pointer) => format!("{{{}.{}{pointer}}}", reference.thing, reference.fact),
                    None => format!("{{{}.{}}}", reference.thing, reference.fact),
                },
            })
            .collect(),
        Value::Any(draw) => {
            let breaking = if draw.breaking.is_empty() {
                String::new()
            } else {
                format!(" that fails {}", draw.breaking.join(" or "))
            };
            format!("any {}{breaking}", draw.kind.name())
        }
        Value::OneOf(choices) => choices.iter().map(written).collect::<Vec<_>>().join(" or "),
        Value::List(elements) => format!("[{}]", elements.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Map(members) => format!(
            "{{{}}}",
            members.iter().map(|(name, member)| format!("{name}: {}", written(member))).collect::<Vec<_>>().join(", ")
        ),
        Value::Upper(inner) => format!("{} in capitals", written(inner)),
        Value::Raw(text) => format!("the text `{text}`"),
        Value::Absent => "nothing".to_owned(),
        Value::Add(number) => format!("{number:+}"),
        Value::Answer(pointer) => format!("the answer's {pointer}"),
        Value::Sent(pointer) => format!("the request's {pointer}"),
        Value::Now => "now".to_owned(),
        Value::Start => "its start value".to_owned(),
    }
}

/// The level of a rule as a sentence fragment.
#[must_use]
pub fn level_words(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}
