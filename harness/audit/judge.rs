//! Recorded exchanges against the specification: the laws of each exchange and between those of one file, and the states that
//! answers name. There is no world: what a rule asks of one holds.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use crate::audit::recorded::Recorded;
use crate::audit::report::{AuditReport, Spot};
use crate::audit::route::{Found, Routes};
use crate::audit::states::States;
use crate::audit::tally::{Ruled, Tally};
use crate::audit::{limits, message, secrets};
use crate::spec::model::{Level, Spec};
use crate::spec::value::Value;
use crate::verdict::check::Context;
use crate::verdict::finding::Finding;
use crate::verdict::law::{Between, Circumstances, Ruling, each};
use crate::wire::exchange::{Response, encode, origin};
use crate::wire::redact::Secrets;

/// Judges the exchanges of files, each list those of one file in its order.
#[must_use]
pub fn audit(spec: &Spec, files: &[Vec<Recorded>]) -> AuditReport {
    let mut audit = Audit { spec, routes: Routes::new(spec), states: States::new(spec), tally: Tally::new(spec) };
    for file in files {
        let mut series = HashMap::new();
        for recorded in file {
            audit.exchange(recorded, &mut series);
        }
    }
    audit.tally.finish(files)
}

struct Audit<'s> {
    spec: &'s Spec,
    routes: Routes<'s>,
    states: States<'s>,
    tally: Tally<'s>,
}

/// The exchange that is being judged.
struct Subject<'r> {
    response: &'r Response,
    spot: Spot,
    hidden: Secrets,
}

impl Audit<'_> {
    /// Judges an exchange. Laws between answers hold for one file and one host.
    fn exchange(&mut self, recorded: &Recorded, series: &mut HashMap<String, Between>) {
        let secrets = secrets::of(&recorded.exchange.request);
        let mut hidden = Secrets::default();
        for secret in &secrets {
            hidden.add(secret);
            hidden.add(&encode(secret));
        }
        let spot = spot(recorded, &hidden);
        let response = match &recorded.exchange.answer {
            Ok(response) => response,
            Err(reason) => return self.tally.limit(reason.clone(), &spot),
        };
        let (request, answer) = (request_document(recorded), response.document());
        let found = self.routes.find(&request);
        for limit in limits::of(recorded, response, &request, found) {
            self.tally.limit(limit, &spot);
        }
        let circumstances = circumstances(recorded, &request, found);
        let host = origin(&recorded.exchange.request.url).unwrap_or_default();
        let context = Context {
            answer: &answer,
            request: &request,
            origin: &host,
            secrets: &secrets,
            now: now(recorded, response),
            fill: &|value| filled(value, &request, &answer),
        };
        let mut rulings = each(self.spec, &circumstances, &context);
        rulings.extend(series.entry(host.clone()).or_default().rule(self.spec, &circumstances, &context));
        let subject = Subject { response, spot, hidden };
        let wrong = self.laws(rulings, &subject);
        self.named(found, &wrong, &context, &subject);
        if let Some(code) = answer.pointer("/body/errorCode").and_then(Json::as_str) {
            self.tally.error(&subject.hidden.scrub(code));
        }
    }

    /// Takes what the laws found, and says where something must not be as it is.
    fn laws(&mut self, rulings: Vec<Ruling>, subject: &Subject<'_>) -> BTreeSet<String> {
        let mut wrong = BTreeSet::new();
        for Ruling { law, judged } in rulings {
            let law = &self.spec.laws[&law];
            let source = law.standing.source.as_ref();
            let ruled = Ruled { rule: format!("law/{}", law.name), place: law.place, source, judged };
            let ruled = self.judgeable(ruled, subject);
            let deviating = ruled.judged.findings.iter().filter(|finding| finding.level == Level::Must);
            wrong.extend(deviating.map(|finding| finding.pointer.clone()));
            self.tally.ruled(ruled, &subject.spot, &subject.hidden);
        }
        wrong
    }

    /// Takes what the states that an answer names claim. What a law found already is not found again.
    fn named(&mut self, found: Found<'_>, wrong: &BTreeSet<String>, context: &Context<'_>, subject: &Subject<'_>) {
        let Some(machine) = found.machine else {
            return;
        };
        for named in self.states.named(machine, found.many, context) {
            if named.unclaimed {
                let reason = format!("the specification claims nothing of the state {}", named.name);
                self.tally.limit(reason, &subject.spot);
            }
            let mut ruled = self.judgeable(named.ruled, subject);
            ruled.judged.findings.retain(|finding| !wrong.contains(&finding.pointer));
            self.tally.state(named.name);
            self.tally.ruled(ruled, &subject.spot, &subject.hidden);
        }
    }

    /// Without what says nothing about the server: headers that were not recorded, values that the author replaced.
    fn judgeable<'r>(&mut self, mut ruled: Ruled<'r>, subject: &Subject<'_>) -> Ruled<'r> {
        let headers = !subject.response.headers.is_empty();
        ruled.judged.findings.retain(|finding| headers || !finding.pointer.starts_with("/header"));
        let before = ruled.judged.findings.len();
        ruled.judged.findings.retain(|finding| !is_replaced(finding));
        if ruled.judged.findings.len() < before {
            self.tally.limit("a value that the author of the recording replaced".to_owned(), &subject.spot);
        }
        ruled
    }
}

fn is_replaced(finding: &Finding) -> bool {
    let actual = &finding.actual;
    actual.starts_with('"') && !actual.contains(char::is_whitespace) && secrets::is_replacement(actual)
}

fn spot(recorded: &Recorded, hidden: &Secrets) -> Spot {
    let request = &recorded.exchange.request;
    Spot {
        file: recorded.file.clone(),
        number: recorded.number,
        line: recorded.line,
        request: hidden.scrub(&format!("{} {}", request.method, request.url)),
        status: recorded.exchange.answer.as_ref().ok().map(|answer| answer.status),
    }
}

/// The request as a document, its path without doubled slashes: servers answer as if they were single.
fn request_document(recorded: &Recorded) -> Json {
    let mut document = recorded.exchange.request.document();
    let mut path = recorded.exchange.request.path().to_owned();
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    document["path"] = path.into();
    document
}

/// What is known of an exchange. Where it was no transition, its method and its path keep its series from those of others.
fn circumstances(recorded: &Recorded, request: &Json, found: Found<'_>) -> Circumstances {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let exchange = &recorded.exchange;
    // An answer without a time is never before another one.
    let answered_at = if exchange.sent_at == 0 { u64::MAX } else { exchange.sent_at + exchange.took };
    Circumstances {
        machine: found.machine.filter(|_| !found.many).unwrap_or_default().to_owned(),
        transition: found.transition.map_or_else(|| format!("{} {}", text("method"), text("path")), ToOwned::to_owned),
        sent_at: exchange.sent_at,
        answered_at,
        ..Circumstances::default()
    }
}

/// What time it was at the server. Where nobody knows, every time is in the future.
fn now(recorded: &Recorded, response: &Response) -> i64 {
    let sent_at = Some(recorded.exchange.sent_at).filter(|sent_at| *sent_at > 0);
    let now = message::date(&response.headers).or(sent_at);
    now.and_then(|now| i64::try_from(now).ok()).unwrap_or(i64::MIN)
}

/// A value that needs no world.
fn filled(value: &Value, request: &Json, answer: &Json) -> Option<Json> {
    match value {
        Value::Plain(json) => Some(json.clone()),
        Value::Answer(pointer) => pointer.first(answer).cloned(),
        Value::Sent(pointer) => pointer.first(request).cloned(),
        Value::List(values) => values.iter().map(|value| filled(value, request, answer)).collect(),
        Value::Map(members) => members
            .iter()
            .map(|(name, value)| Some((name.clone(), filled(value, request, answer)?)))
            .collect::<Option<serde_json::Map<_, _>>>()
            .map(Json::Object),
        _ => None,
    }
}
