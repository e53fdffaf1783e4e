//! Which target is meant: command line, environment and target file become one.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::cli::arguments::TargetArguments;
use crate::cli::{End, colour, complain};
use crate::plan::rules::Rule;
use crate::run::target::{Target, Waiver};
use crate::spec::diagnostic::{nearest, quoted};
use crate::spec::model::{Fact, FactKind, Spec};
use crate::spec::target::{self, TargetFile};
use crate::spec::value::Duration;

/// The target that was asked for; none for the embedded reference server.
pub(crate) fn target(arguments: &TargetArguments) -> Result<Option<Target>, End> {
    let file = match &arguments.target_file {
        Some(path) => read(path)?,
        None => TargetFile::default(),
    };
    let url = arguments
        .target
        .clone()
        .or(file.url.as_deref().map(from_environment).transpose()?)
        .or_else(|| variable("OKTA_CLIENT_ORGURL"));
    let stated = stated(&file, &arguments.state)?;
    let patience = match &arguments.patience {
        Some(text) => Some(Duration::parse(text).ok_or_else(|| {
            complain(&format!("`{text}` is not a span of time; write `30s`, `5m` or `2h`"));
            End::Usage
        })?),
        None => file.patience,
    };
    let Some(url) = url else {
        if !stated.is_empty() || arguments.hooks.is_some() || arguments.target_file.is_some() {
            complain("a target file, `--state` and `--hooks` are about a target: give `--target URL`");
            return Err(End::Usage);
        }
        return Ok(None);
    };
    if !arguments.defect.is_empty() {
        complain("`--defect` is about the embedded reference server, not about another target");
        return Err(End::Usage);
    }
    let token = match file.token {
        Some(token) => Some(from_environment(&token)?),
        None => variable("OKTA_CLIENT_TOKEN"),
    };
    Ok(Some(Target {
        url: url.trim_end_matches('/').to_owned(),
        token,
        embedded: false,
        disposable: arguments.disposable || file.disposable,
        stated,
        hooks: arguments.hooks.clone().or(file.hooks).map(|hooks| hooks.trim_end_matches('/').to_owned()),
        patience: patience.map(Duration::to_std),
        waivers: file.waivers.into_iter().map(|(rule, reason, until)| Waiver { rule, reason, until }).collect(),
    }))
}

/// Whether what was said of a target means anything: a fact that nobody asks for would be believed and change nothing.
pub(crate) fn check(spec: &Spec, target: &Target, rules: &[Rule]) -> Result<(), End> {
    let known: BTreeMap<String, &Fact> = spec
        .machines
        .values()
        .filter(|machine| machine.one)
        .flat_map(|machine| machine.facts.iter().map(|(fact, kind)| (format!("{}.{fact}", machine.name), kind)))
        .collect();
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let mut understood = true;
    for (name, value) in &target.stated {
        let problem = match known.get(name).map(|fact| &fact.kind) {
            None => match nearest(name, &names) {
                Some(near) => format!("nothing is asked of `{name}`; did you mean `{near}`?"),
                None => format!("nothing is asked of `{name}`; expected one of {}", quoted(&names)),
            },
            Some(FactKind::Choice(choices)) if !choices.contains(value) => {
                let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
                format!("`{name}` is never {value}; expected {}", choices.join(" or "))
            }
            Some(_) => continue,
        };
        complain(&problem);
        understood = false;
    }
    for waiver in target.waivers.iter().filter(|waiver| !rules.iter().any(|rule| waiver.covers(&rule.name))) {
        complain(&format!("the waiver of `{}` is for no rule that there is", waiver.rule));
    }
    if understood { Ok(()) } else { Err(End::Usage) }
}

/// The address that the command line names, or the environment where neither it nor a target file does.
pub(crate) fn named_url(arguments: &TargetArguments) -> Option<String> {
    let unnamed = arguments.target_file.is_none();
    arguments.target.clone().or_else(|| unnamed.then(|| variable("OKTA_CLIENT_ORGURL")).flatten())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A text of a target file with `${NAME}` of the environment filled in.
fn from_environment(text: &str) -> Result<String, End> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        let Some(value) = variable(name) else {
            complain(&format!("the target file asks for the environment variable {name}, which is not set"));
            return Err(End::Usage);
        };
        filled.push_str(&rest[..start]);
        filled.push_str(&value);
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn read(path: &std::path::Path) -> Result<TargetFile, End> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        complain(&format!("the target file {} cannot be read: {error}", path.display()));
        End::Usage
    })?;
    let (file, diagnostics, files) = target::read(&path.display().to_string(), &text);
    if diagnostics.errors() > 0 {
        anstream::eprintln!("{}", diagnostics.render(&files, colour()));
        return Err(End::Usage);
    }
    Ok(file)
}

fn stated(file: &TargetFile, arguments: &[String]) -> Result<BTreeMap<String, Json>, End> {
    let mut stated = file.stated.clone();
    for argument in arguments {
        let Some((fact, value)) = argument.split_once('=').filter(|(fact, _)| fact.contains('.')) else {
            complain(&format!("`{argument}` is not of the form `org.engine=classic`"));
            return Err(End::Usage);
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Json::String(value.to_owned()));
        stated.insert(fact.to_owned(), value);
    }
    Ok(stated)
}
