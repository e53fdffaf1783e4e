//! One step of a case: sent, judged by its expectation, the state that the answer names, and every law; then what it changes is
//! changed in the world.

use serde_json::Value as Json;

use crate::cases::slots::{GOOD, STEP};
use crate::exchange::cookies::CookieJar;
use crate::exchange::transport::Sender;
use crate::plan::path::Step;
use crate::run::request::{NotReady, Ready, ready};
use crate::run::session::Session;
use crate::run::world::{Scope, Thing, World, next_number};
use crate::spec::model::{Act, Expectation, FactKind, Level, Machine, NONE, SetKey, To, Transition, Wait};
use crate::spec::value::Value;
use crate::verdict::check::{Context, check};
use crate::verdict::finding::Finding;
use crate::verdict::judge::{Book, Judged, judge_with};
use crate::verdict::law::Circumstances;
use crate::verdict::state;
use crate::wire::exchange::{Body, Exchange, Request, origin};
use crate::wire::pointer::Pointer;

/// What a step ended with.
#[derive(Debug, Clone)]
pub enum StepEnd {
    /// As expected; by an alternative, where one is named, with the differences to what is preferred.
    Came(Option<(String, Vec<Finding>)>),
    /// Not as expected.
    Deviated(Vec<Finding>),
    /// There was no answer, or the request could not be made.
    Nothing(String),
}

/// A case while it runs.
pub struct Running<'c, 's> {
    /// What all cases share.
    pub session: &'c Session<'s>,
    /// Its world.
    pub world: World<'s>,
    /// Its exchanges.
    pub exchanges: Vec<Exchange>,
    /// One line for each step taken.
    pub way: Vec<String>,
    /// Its cookies.
    pub cookies: CookieJar,
    /// What replays it.
    pub key: String,
    /// Facts that nobody can know.
    pub made_up: Vec<String>,
    /// Things that an answer made although it should not have, or not so.
    pub leftovers: Vec<(usize, Thing)>,
}

impl<'s> Running<'_, 's> {
    /// Takes a step.
    pub async fn step(&mut self, step: &Step, name: &str) -> StepEnd {
        let spec = self.world.spec;
        let Some(transition) = spec.transitions.get(&step.transition) else {
            return self.wait_for(step.wait.map_or(0, |wait| wait.0)).await;
        };
        let machine = &spec.machines[&transition.machine.value];
        self.session.ledger.borrow_mut().transition(&machine.name, &transition.name);
        match &transition.act {
            Act::Wait(wait) => self.wait(wait, step, machine, name).await,
            Act::Hook(_) => self.hook(transition, step, name).await,
            Act::Request(_) => self.request(transition, machine, step, name).await,
        }
    }

    async fn wait(&mut self, wait: &Wait, step: &Step, machine: &Machine, name: &str) -> StepEnd {
        let seconds = match wait {
            Wait::For(duration) => duration.0,
            Wait::Until(value) => {
                let scope = Scope { family: step.family, step: name, replaced: &[] };
                let moment = self
                    .world
                    .fill(value, &Pointer::default(), &scope)
                    .and_then(|value| value.as_str().and_then(crate::verdict::check::milliseconds));
                let Some(moment) = moment else {
                    return StepEnd::Nothing("the moment to wait for is not known".to_owned());
                };
                u64::try_from((moment - self.session.clock.now()) / 1_000 + 2).unwrap_or(0)
            }
        };
        let end = self.wait_for(seconds).await;
        if matches!(end, StepEnd::Came(_)) {
            let expectation = step.expectation.clone();
            self.apply(step, machine, &expectation, &Json::Null, &Json::Null);
            self.session.ledger.borrow_mut().outcome(&step.rule);
        }
        end
    }

    async fn wait_for(&mut self, seconds: u64) -> StepEnd {
        self.way.push(format!("wait {}", crate::spec::value::Duration(seconds)));
        let duration = std::time::Duration::from_secs(seconds);
        if self.session.target.hooks.is_some() {
            let until = self.session.clock.now() + i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2);
            self.session.clock.wait_until(until).await;
            return StepEnd::Came(None);
        }
        match self.session.target.patience {
            Some(patience) if duration <= patience => {
                tokio::time::sleep(duration).await;
                StepEnd::Came(None)
            }
            _ => StepEnd::Nothing(format!(
                "it would wait {}: the target has no clock hook, and `--patience` is shorter",
                crate::spec::value::Duration(seconds)
            )),
        }
    }

    async fn hook(&mut self, transition: &Transition, step: &Step, name: &str) -> StepEnd {
        let template = crate::plan::template::template(transition, &step.with);
        let scope = Scope { family: step.family, step: name, replaced: &template.replaced };
        let message =
            template.hook.as_ref().and_then(|hook| self.world.fill(hook, &Pointer::default().join("hook"), &scope));
        let Some(Json::Object(members)) = message else {
            return StepEnd::Nothing("the message to the hook is not known".to_owned());
        };
        for (hook, body) in members {
            self.way.push(format!("hook {hook} {body}"));
            let method = if hook == "settings" { "PATCH" } else { "POST" };
            match self.session.hook(method, &hook, body).await {
                Ok(exchange) => self.exchanges.push(exchange),
                Err(reason) => return StepEnd::Nothing(reason),
            }
        }
        let machine = &self.world.spec.machines[&transition.machine.value];
        let expectation = step.expectation.clone();
        self.apply(step, machine, &expectation, &Json::Null, &Json::Null);
        self.session.ledger.borrow_mut().outcome(&step.rule);
        StepEnd::Came(None)
    }

    async fn request(&mut self, transition: &Transition, machine: &'s Machine, step: &Step, name: &str) -> StepEnd {
        let base = self.session.target.url.clone();
        let ready = match ready(&self.world, &base, transition, step, name, &self.made_up) {
            Ok(ready) => ready,
            Err(NotReady::NoLink { pointer, found }) => {
                self.way.push(format!("{} follows {pointer}", transition.name));
                let demanded_by = self.world.spec.files.location(match &transition.act {
                    Act::Request(request) => request.place,
                    _ => transition.place,
                });
                return StepEnd::Deviated(vec![Finding {
                    pointer,
                    expected: "a published link to follow".to_owned(),
                    actual: found,
                    level: step.standing.level,
                    demanded_by,
                }]);
            }
            Err(NotReady::Unknown(what)) => {
                return StepEnd::Nothing(format!("`{what}` is not known when {} is to be sent", transition.name));
            }
        };
        if step.births {
            *self.world.families[step.family].begun.entry(machine.name.clone()).or_default() += 1;
        }
        let (exchange, answer, request) = self.send(&ready, transition, machine, step.family).await;
        self.way.push(format!(
            "{} {} → {}{}",
            ready.request.method,
            ready.request.path(),
            answer.get("status").map_or_else(|| "no answer".to_owned(), ToString::to_string),
            answer
                .pointer("/body/errorCode")
                .and_then(Json::as_str)
                .map_or_else(String::new, |code| format!(" {code}"))
        ));
        if let Err(reason) = &exchange.answer {
            return StepEnd::Nothing(reason.clone());
        }
        let judged = self.judge(step, machine, &answer, &request);
        if !judged.findings.is_empty() {
            if self.harmless(step, name, machine, &answer) {
                let expectation = step.expectation.clone();
                self.apply(step, machine, &expectation, &answer, &request);
                return StepEnd::Came(None);
            }
            self.keep_leftover(transition, step, machine, &answer);
            return StepEnd::Deviated(judged.findings);
        }
        let taken = match judged.alternative {
            Some(index) => step.expectation.with(&step.expectation.or[index]),
            None => step.expectation.clone(),
        };
        self.apply(step, machine, &taken, &answer, &request);
        if step.births && self.world.thing(step.family, &machine.name).is_none() {
            self.keep_leftover(transition, step, machine, &answer);
        }
        if !step.outcome.is_empty() {
            self.session.ledger.borrow_mut().outcome(&step.rule);
        }
        let preferred = judged.preferred;
        StepEnd::Came(judged.variance.map(|because| (because, preferred)))
    }

    /// Whether a step of the way that deviates still leads where it should: another success than expected, in the expected state.
    fn harmless(&self, step: &Step, name: &str, machine: &Machine, answer: &Json) -> bool {
        let succeeded = answer.get("status").and_then(Json::as_u64).is_some_and(|status| status < 300);
        let expected = step.expectation.error.is_none()
            && step.expectation.status.as_ref().is_none_or(|status| !status.value.could_be_error());
        let as_named = match (&step.expectation.to, state::named(machine, answer)) {
            (Some(to), Some(named)) => match &to.value {
                To::States(states) => states.iter().all(|state| named.contains(state)),
                To::Unchanged => named.iter().any(|state| state == self.world.state(step.family, &machine.name)),
            },
            _ => true,
        };
        let on_the_way = name.starts_with(STEP) || name == GOOD;
        let learns = !step.births
            || machine.facts.values().all(|fact| match &fact.kind {
                FactKind::Answer(pointer) if pointer.to_string() == "/body/id" => pointer.first(answer).is_some(),
                _ => true,
            });
        on_the_way && succeeded && expected && as_named && learns
    }

    /// Remembers a thing that an answer made although the model has none, so that it is unmade.
    fn keep_leftover(&mut self, transition: &Transition, step: &Step, machine: &Machine, answer: &Json) {
        let made = answer.get("status").and_then(Json::as_u64).is_some_and(|status| status < 300);
        if !step.births || !made {
            return;
        }
        let mut facts = self.birth_facts(step.family, machine, answer);
        let sets = transition.outcomes.values().flat_map(|outcome| &outcome.rows).flat_map(|row| &row.sets);
        for (key, set) in sets {
            if let (SetKey::Fact(of, fact), Value::Answer(pointer)) = (key, &set.value)
                && *of == machine.name
                && let Some(value) = pointer.first(answer)
            {
                facts.insert(fact.clone(), value.clone());
            }
        }
        let named = state::named(machine, answer).and_then(|states| states.into_iter().next());
        let state = named.or_else(|| machine.ready.as_ref().map(|ready| ready.value.clone())).unwrap_or_default();
        let thing = Thing {
            machine: machine.name.clone(),
            state,
            starts: facts.clone(),
            facts,
            newest: answer.clone(),
            number: next_number(),
            ..Thing::default()
        };
        self.leftovers.push((step.family, thing));
    }

    /// Sends a request, keeps the exchange, and asks every law.
    pub async fn send(
        &mut self,
        ready: &Ready,
        transition: &Transition,
        machine: &Machine,
        family: usize,
    ) -> (Exchange, Json, Json) {
        let sender = Sender {
            authenticated: ready.authenticated,
            cookies: (!ready.authenticated).then_some(&self.cookies),
            without: &ready.without,
        };
        let exchange = self.session.transport.send(ready.request.clone(), sender).await;
        let answer = exchange.answer_document();
        let request = exchange.request.document();
        let secrets = secrets(&exchange.request);
        let things = self.world.families[family]
            .things
            .values()
            .map(|thing| (thing.machine.clone(), thing.number.to_string()))
            .collect();
        let circumstances = Circumstances {
            machine: machine.name.clone(),
            transition: if ready.own_endpoint {
                transition.name.clone()
            } else {
                format!("{} {}", ready.request.method, ready.request.path())
            },
            things,
            sent_at: exchange.sent_at,
            answered_at: exchange.sent_at + exchange.took,
        };
        let target = origin(&self.session.target.url).unwrap_or_default();
        let context = Context {
            answer: &answer,
            request: &request,
            origin: &target,
            secrets: &secrets,
            now: self.session.clock.now(),
            fill: &|value| self.fill_claim(value, family),
        };
        self.session.ledger.borrow_mut().exchange(self.world.spec, &exchange, &circumstances, &context, &self.key);
        self.exchanges.push(exchange.clone());
        (exchange, answer, request)
    }

    /// A value of a claim, filled in.
    fn fill_claim(&self, value: &Value, family: usize) -> Option<Json> {
        let scope = Scope { family, step: "claim", replaced: &[] };
        self.world.fill(value, &Pointer::default(), &scope)
    }

    fn judge(&self, step: &Step, machine: &Machine, answer: &Json, request: &Json) -> Judged {
        let spec = self.world.spec;
        let target = origin(&self.session.target.url).unwrap_or_default();
        let building = self.under_construction(step, machine, answer);
        let context = Context {
            answer,
            request,
            origin: &target,
            secrets: &[],
            now: self.session.clock.now(),
            fill: &|value| self.fill_expected(value, step, machine, &building),
        };
        let book = Book { errors: &spec.errors, files: &spec.files };
        let also = |expectation: &Expectation| self.state_findings(step, machine, expectation, answer, &context);
        judge_with(&step.expectation, step.standing.level, book, &context, &also)
    }

    /// A thing that is just being made already has its made-up facts; what it is expected to be like may speak of them.
    fn under_construction(
        &self,
        step: &Step,
        machine: &Machine,
        answer: &Json,
    ) -> std::collections::BTreeMap<String, Json> {
        if !step.births {
            return std::collections::BTreeMap::new();
        }
        self.birth_facts(step.family, machine, answer)
    }

    fn fill_expected(
        &self,
        value: &Value,
        step: &Step,
        machine: &Machine,
        building: &std::collections::BTreeMap<String, Json>,
    ) -> Option<Json> {
        if let Some(reference) = value.sole_reference()
            && reference.thing == machine.name
            && reference.pointer.is_none()
            && let Some(found) = building.get(&reference.fact)
        {
            return Some(found.clone());
        }
        self.fill_claim(value, step.family)
    }

    fn state_findings(
        &self,
        step: &Step,
        machine: &Machine,
        expectation: &Expectation,
        answer: &Json,
        context: &Context<'_>,
    ) -> Vec<Finding> {
        let spec = self.world.spec;
        let Some(named) = state::named(machine, answer) else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        let before = self.world.state(step.family, &machine.name).to_owned();
        let expected: Option<Vec<String>> = match expectation.to.as_ref().map(|to| &to.value) {
            Some(To::States(states)) => Some(states.clone()),
            Some(To::Unchanged) if before != NONE => Some(vec![before]),
            _ => None,
        };
        let at = machine
            .state
            .iter()
            .find_map(|way| match way {
                crate::spec::model::StateWay::At(pointer) => Some(pointer.to_string()),
                _ => None,
            })
            .unwrap_or_else(|| "/body".to_owned());
        if let Some(expected) = expected
            && !(expected.iter().all(|state| named.contains(state)))
        {
            findings.push(Finding {
                pointer: at,
                expected: format!("{:?}", expected.join(" and ")),
                actual: format!("{:?}", named.join(" and ")),
                level: step.standing.level,
                demanded_by: spec.files.location(expectation.to.as_ref().map_or(expectation.place, |to| to.place)),
            });
        }
        for name in &named {
            let Some(state) = machine.states.get(name) else {
                continue;
            };
            if let Some(body) = &state.body {
                let at = Pointer::default().join("body");
                let wrong = check(body, answer.get("body"), &at, context);
                findings.extend(wrong.into_iter().map(|wrong| Finding {
                    pointer: wrong.pointer,
                    expected: wrong.expected,
                    actual: wrong.actual,
                    level: state.standing.level,
                    demanded_by: spec.files.location(state.place),
                }));
            }
        }
        findings
    }

    /// The made-up facts of a thing that the newest birth begins.
    fn birth_facts(&self, family: usize, machine: &Machine, answer: &Json) -> std::collections::BTreeMap<String, Json> {
        let begun = self.world.families[family].begun.get(&machine.name).map_or(0, |begun| begun.saturating_sub(1));
        let mut facts = std::collections::BTreeMap::new();
        for (name, fact) in &machine.facts {
            let value = match &fact.kind {
                FactKind::Made(_) => self.world.made_up(family, &machine.name, name, begun),
                FactKind::Start(value) => self.fill_claim(value, family),
                FactKind::Answer(pointer) => pointer.first(answer).cloned(),
                FactKind::Absent | FactKind::Choice(_) => None,
            };
            if let Some(value) = value {
                facts.insert(name.clone(), value);
            }
        }
        facts
    }

    /// Changes in the world what an outcome changes.
    fn apply(&mut self, step: &Step, machine: &Machine, taken: &Expectation, answer: &Json, request: &Json) {
        let now = self.session.clock.now();
        let next = match taken.to.as_ref().map(|to| &to.value) {
            Some(To::States(states)) => states.first().cloned(),
            _ => None,
        };
        let dies = next.as_deref() == Some(NONE);
        if step.births && !dies && next.is_some() {
            let facts = self.birth_facts(step.family, machine, answer);
            let thing = Thing {
                machine: machine.name.clone(),
                state: next.clone().unwrap_or_default(),
                starts: facts.clone(),
                facts,
                number: next_number(),
                ..Thing::default()
            };
            self.world.families[step.family].things.insert(machine.name.clone(), thing);
        } else if let Some(next) = &next
            && !step.births
        {
            if dies {
                self.world.families[step.family].things.remove(&machine.name);
            } else if let Some(thing) = self.world.families[step.family].things.get_mut(&machine.name) {
                thing.state.clone_from(next);
            }
        }
        let succeeded = answer.get("status").and_then(Json::as_u64).is_some_and(|status| status < 400);
        if succeeded && !dies {
            self.learn(step.family, machine, answer, now);
        }
        for (key, set) in &taken.sets {
            self.set(step, key, &set.value, answer, request, now);
        }
        if let Some(state) = &next {
            self.session.ledger.borrow_mut().state(&machine.name, state);
        }
    }

    /// Takes the facts from an answer that has them.
    fn learn(&mut self, family: usize, machine: &Machine, answer: &Json, now: i64) {
        let names_state = machine.state.is_empty() || state::named(machine, answer).is_some();
        let Some(thing) = self.world.families[family].things.get_mut(&machine.name) else {
            return;
        };
        if names_state {
            thing.newest = answer.clone();
        }
        for (name, fact) in &machine.facts {
            if let FactKind::Answer(pointer) = &fact.kind
                && let Some(value) = pointer.first(answer)
                && (names_state || !thing.facts.contains_key(name))
            {
                thing.facts.insert(name.clone(), value.clone());
                thing.set_at.insert(name.clone(), now);
            }
        }
    }

    fn set(&mut self, step: &Step, key: &SetKey, value: &Value, answer: &Json, request: &Json, now: i64) {
        match key {
            SetKey::State(machine) => {
                let Some(state) = value.plain().and_then(Json::as_str) else {
                    return;
                };
                self.session.ledger.borrow_mut().state(machine, state);
                if let Some(thing) = self.world.families[step.family].things.get_mut(machine) {
                    state.clone_into(&mut thing.state);
                }
            }
            SetKey::Fact(machine, fact) => {
                let known = self.world.fact(step.family, machine, fact);
                let new = match value {
                    Value::Absent => None,
                    Value::Answer(pointer) => pointer.first(answer).cloned(),
                    Value::Sent(pointer) => pointer.first(request).cloned(),
                    Value::Now => Some(Json::from(now)),
                    Value::Start => {
                        self.world.thing(step.family, machine).and_then(|thing| thing.starts.get(fact).cloned())
                    }
                    Value::Add(number) => known.as_ref().and_then(Json::as_i64).map(|known| Json::from(known + number)),
                    other => self.fill_claim(other, step.family),
                };
                if self.world.spec.machines.get(machine).is_some_and(|machine| machine.one) {
                    if let Some(new) = new {
                        self.world.singles.insert(format!("{machine}.{fact}"), new);
                    }
                    return;
                }
                let Some(thing) = self.world.families[step.family].things.get_mut(machine) else {
                    return;
                };
                match new {
                    Some(new) => {
                        thing.facts.insert(fact.clone(), new);
                        thing.set_at.insert(fact.clone(), now);
                    }
                    None => {
                        thing.facts.remove(fact);
                    }
                }
            }
        }
    }
}

/// What a request sends that nobody may see again.
#[must_use]
pub fn secrets(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    if let Body::Json(json) = &request.body {
        secret_members(json, false, &mut found);
    }
    for (name, value) in &request.headers {
        if name == "authorization" {
            found.push(value.rsplit(' ').next().unwrap_or(value).to_owned());
        }
    }
    found.retain(|secret| secret.len() >= 6);
    found
}

fn secret_members(value: &Json, inside: bool, found: &mut Vec<String>) {
    match value {
        Json::String(text) if inside => found.push(text.clone()),
        Json::Array(elements) => {
            for element in elements {
                secret_members(element, inside, found);
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                let lower = name.to_ascii_lowercase();
                let secret = ["password", "passcode", "answer", "secret"].iter().any(|word| lower.contains(word))
                    || lower.ends_with("token");
                secret_members(member, inside || secret, found);
            }
        }
        _ => {}
    }
}

/// The strongest level among findings.
#[must_use]
pub fn strongest(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::May)
}
