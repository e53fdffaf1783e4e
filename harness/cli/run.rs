//! `oktaspec run` and `oktaspec replay`.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _};
use std::rc::Rc;
use std::time::Duration;

use okta_reference::{Config, Server};

use crate::cli::arguments::{ReplayArguments, RunArguments, SpecArguments, TargetArguments};
use crate::cli::embedded::{base36, fresh_mark};
use crate::cli::selected::selected;
use crate::cli::{End, colour, complain, load, target};
use crate::exchange::transport::{Sender, Transport, TransportOptions};
use crate::plan::model::Model;
use crate::plan::rules::{self, Rule};
use crate::report::Report;
use crate::report::github::GitHub;
use crate::report::junit::Junit;
use crate::report::log::Log;
use crate::report::terminal::{Terminal, TerminalOptions};
use crate::run::event::{Event, RunFinished};
use crate::run::key::Key;
use crate::run::orchestrate::{self, Order};
use crate::run::target::{Options, Target};
use crate::spec::model::Spec;
use crate::verdict::finding::Verdict;
use crate::wire::exchange::{Body, Request};

/// Runs rules.
pub(crate) fn run(arguments: &RunArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let reports = match reports(&arguments.report, arguments.verbose) {
        Ok(reports) => reports,
        Err(end) => return end,
    };
    let selected = match selected(&spec, &arguments.rules) {
        Ok(selected) => selected,
        Err(end) => return end,
    };
    perform(&spec, selected, None, &arguments.target, &Wishes::of(arguments), reports)
}

/// Runs one case again.
pub(crate) fn replay(arguments: &ReplayArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let key = match Key::parse(&arguments.key) {
        Ok(key) => key,
        Err(problem) => {
            complain(&problem);
            return End::Usage;
        }
    };
    let model = Model::new(&spec);
    let selected: Vec<Rule> = rules::all(&model).into_iter().filter(|rule| rule.name == key.rule).collect();
    drop(model);
    if selected.is_empty() {
        complain(&format!("there is no rule `{}`; `oktaspec list` shows them", key.rule));
        return End::Usage;
    }
    let reports = match reports(&[], true) {
        Ok(reports) => reports,
        Err(end) => return end,
    };
    let wishes = Wishes {
        seed: Some(key.seed.clone()),
        cases: None,
        jobs: Some(1),
        shrink: 0,
        strict: arguments.strict,
        trail: key.trail.clone(),
        again: again(&arguments.specs, &arguments.target, arguments.strict),
    };
    perform(&spec, selected, Some(key), &arguments.target, &wishes, reports)
}

/// What was said about how to run.
struct Wishes {
    seed: Option<String>,
    cases: Option<usize>,
    jobs: Option<usize>,
    shrink: usize,
    strict: bool,
    trail: String,
    again: Vec<String>,
}

impl Wishes {
    fn of(arguments: &RunArguments) -> Self {
        Self {
            seed: arguments.seed.clone(),
            cases: arguments.cases,
            jobs: arguments.jobs,
            shrink: arguments.shrink,
            strict: arguments.strict,
            trail: String::new(),
            again: again(&arguments.specs, &arguments.target, arguments.strict),
        }
    }
}

fn reports(wanted: &[String], verbose: bool) -> Result<Vec<Box<dyn Report>>, End> {
    let live = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    let terminal = Terminal::new(anstream::stdout(), TerminalOptions { colour: colour(), live, verbose });
    let mut reports: Vec<Box<dyn Report>> = vec![Box::new(terminal)];
    for text in wanted {
        let (kind, path) = text.split_once('=').unwrap_or((text, ""));
        let file = |path: &str| {
            File::create(path).map(BufWriter::new).map_err(|error| {
                complain(&format!("the report {path} cannot be written: {error}"));
                End::Usage
            })
        };
        match kind {
            "json" if !path.is_empty() => reports.push(Box::new(Log::new(file(path)?))),
            "junit" if !path.is_empty() => reports.push(Box::new(Junit::new(file(path)?))),
            "github" => reports.push(Box::new(GitHub::new(anstream::stdout()))),
            _ => {
                complain(&format!("`{text}` is not a report; expected `json=FILE`, `junit=FILE` or `github`"));
                return Err(End::Usage);
            }
        }
    }
    Ok(reports)
}

fn perform(
    spec: &Spec,
    rules: Vec<Rule>,
    only: Option<Key>,
    wanted: &TargetArguments,
    wishes: &Wishes,
    mut reports: Vec<Box<dyn Report>>,
) -> End {
    let named = match target::target(wanted) {
        Ok(named) => named,
        Err(end) => return end,
    };
    if let Some(target) = &named
        && let Err(end) = target::check(spec, target, &rules::all(&Model::new(spec)))
    {
        return end;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("no runtime: {error}"));
            return End::Inconclusive;
        }
    };
    runtime.block_on(async {
        let (target, server) = match named {
            Some(target) => (target, None),
            None => match embedded(&wanted.defect).await {
                Ok((target, server)) => (target, Some(server)),
                Err(end) => return end,
            },
        };
        let transport = match transport(&target, wanted.timeout) {
            Ok(transport) => transport,
            Err(end) => return end,
        };
        if let Err(end) = reachable(&target, &transport).await {
            return end;
        }
        let options = options(wishes, &target);
        let mut interrupts = interrupts();
        let stopping = Rc::new(Cell::new(false));
        let mut finished: Option<RunFinished> = None;
        let mut broken = false;
        {
            let mut emit = |event: Event| {
                if let Event::RunFinished(end) = &event {
                    finished = Some(end.as_ref().clone());
                }
                for report in &mut reports {
                    broken |= report.event(&event).is_err();
                }
            };
            let order = Order { spec, rules, only };
            let run = orchestrate::run(order, target, options, transport, Rc::clone(&stopping), &mut emit);
            tokio::pin!(run);
            loop {
                tokio::select! {
                    _ = &mut run => break,
                    Some(()) = interrupts.recv() => {
                        if stopping.replace(true) {
                            complain("interrupted twice: what was made is left behind");
                            return End::Inconclusive;
                        }
                        complain("interrupted: finishing the running cases and unmaking what was made (again to leave at once)");
                    }
                }
            }
        }
        for report in &mut reports {
            broken |= report.finish().is_err();
        }
        if broken {
            complain("a report could not be written to its end");
        }
        if let Some(server) = server {
            server.stop().await;
        }
        finished.map_or(End::NothingRan, |finished| end_of(&finished))
    })
}

/// Interrupts from the keyboard, listened to from the moment of this call.
fn interrupts() -> tokio::sync::mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {} });
    receiver
}

async fn embedded(defects: &[String]) -> Result<(Target, Server), End> {
    let config = Config { hooks: true, defects: defects.to_vec(), ..Config::default() };
    let server = Server::start(config).await.map_err(|error| {
        complain(&error.to_string());
        End::Usage
    })?;
    Ok((super::embedded::target(&server), server))
}

fn transport(target: &Target, timeout: u64) -> Result<Transport, End> {
    let options = TransportOptions {
        token: target.token.clone(),
        timeout: Duration::from_secs(timeout),
        ..TransportOptions::new(target.url.clone())
    };
    Transport::new(options).map_err(|error| {
        complain(&error.to_string());
        End::Usage
    })
}

/// Asks once whether anybody is there; any answer will do.
async fn reachable(target: &Target, transport: &Transport) -> Result<(), End> {
    let request = Request {
        method: "GET".to_owned(),
        url: format!("{}/.well-known/okta-organization", target.url),
        headers: Vec::new(),
        body: Body::None,
    };
    let exchange = transport.send(request, Sender::default()).await;
    exchange.answer.map(|_| ()).map_err(|reason| {
        complain(&format!("{} cannot be reached: {reason}", target.url));
        End::Inconclusive
    })
}

fn options(wishes: &Wishes, target: &Target) -> Options {
    let now = jiff::Timestamp::now();
    let fresh = now.as_nanosecond().unsigned_abs() / 1_000;
    Options {
        seed: wishes.seed.clone().unwrap_or_else(|| base36(fresh % 2_176_782_336)),
        cases: wishes.cases.unwrap_or(if target.embedded { 16 } else { 1 }),
        jobs: wishes.jobs.unwrap_or(if target.embedded { 32 } else { 4 }),
        shrink_budget: wishes.shrink,
        strict: wishes.strict,
        today: now.to_string().chars().take(10).collect(),
        started_at: now.to_string(),
        mark: fresh_mark(),
        trail: wishes.trail.clone(),
        again: wishes.again.clone(),
    }
}

/// What the line that repeats a case has to say again. The address is not left to an environment that may have changed.
fn again(specs: &SpecArguments, wanted: &TargetArguments, strict: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut say = |flag: &str, values: Vec<String>| {
        words.extend(values.into_iter().flat_map(|value| [flag.to_owned(), value]));
    };
    say("--specs", specs.specs.iter().map(|folder| folder.display().to_string()).collect());
    say("--target", target::named_url(wanted).into_iter().collect());
    say("--target-file", wanted.target_file.iter().map(|file| file.display().to_string()).collect());
    say("--state", wanted.state.clone());
    say("--hooks", wanted.hooks.iter().cloned().collect());
    say("--patience", wanted.patience.iter().cloned().collect());
    say("--defect", wanted.defect.clone());
    for (flag, is_said) in [("--disposable", wanted.disposable), ("--strict", strict)] {
        words.extend(is_said.then(|| flag.to_owned()));
    }
    words
}

fn end_of(finished: &RunFinished) -> End {
    let count = |verdict: Verdict| finished.verdicts.get(&verdict).copied().unwrap_or(0);
    if count(Verdict::Deviates) > 0 {
        End::Deviates
    } else if count(Verdict::Inconclusive) > 0 || finished.stopped.is_some() {
        End::Inconclusive
    } else if finished.cases == 0 {
        End::NothingRan
    } else {
        End::Conforms
    }
}
