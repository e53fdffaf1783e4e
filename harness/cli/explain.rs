//! `oktaspec explain RULE`.

use std::fmt::Write as _;

use crate::cases::draw::{Draws, seed};
use crate::cases::slots::slots;
use crate::cli::arguments::ExplainArguments;
use crate::cli::{End, complain, load};
use crate::plan::model::Model;
use crate::plan::path::{self, Plan};
use crate::plan::rules::{self, Rule};
use crate::run::case::drawn_for_report;
use crate::spec::diagnostic::nearest;
use crate::spec::model::Spec;

/// Shows claim, source, path and one drawn case of a rule.
pub(crate) fn explain(arguments: &ExplainArguments) -> End {
    let spec = match load::load(&arguments.specs.specs) {
        Ok(spec) => spec,
        Err(end) => return end,
    };
    let mut model = Model::new(&spec);
    let all = rules::all(&model);
    let Some(rule) = all.iter().find(|rule| rule.name == arguments.rule) else {
        let names: Vec<&str> = all.iter().map(|rule| rule.name.as_str()).collect();
        let containing: Vec<&str> =
            names.iter().copied().filter(|name| name.contains(&arguments.rule)).take(10).collect();
        complain(&format!("there is no rule `{}`", arguments.rule));
        if !containing.is_empty() {
            complain(&format!("rules with that in their name: {}", containing.join(", ")));
        } else if let Some(near) = nearest(&arguments.rule, &names) {
            complain(&format!("did you mean `{near}`?"));
        }
        return End::Usage;
    };
    let planned = path::plan(&mut model, rule);
    let mut text = heading(&spec, rule);
    for plan in &planned.plans {
        text.push_str(&plan_text(&spec, rule, plan, &arguments.seed, planned.plans.len() > 1));
    }
    for (label, nearest) in &planned.unreached {
        let _ = writeln!(text, "\nno path reaches {label}: {nearest}");
    }
    if planned.plans.is_empty() && planned.unreached.is_empty() {
        text.push_str("\nnothing is planned for it: it is asked of every exchange that fits\n");
    }
    anstream::print!("{text}");
    End::Conforms
}

fn heading(spec: &Spec, rule: &Rule) -> String {
    let stands = spec.files.location(rule.place);
    let source = rule
        .standing
        .source
        .as_ref()
        .map_or_else(|| "none".to_owned(), |source| crate::spec::source::words(spec, source));
    format!(
        "{}\n  claims   {}\n  stands   {stands}\n           {}\n  source   {source}\n  basis    {}, so a {}\n",
        rule.name,
        rule.claim,
        stands.text,
        rule.standing.basis.name(),
        rules::level_words(rule.standing.level)
    )
}

fn plan_text(spec: &Spec, rule: &Rule, plan: &Plan, run_seed: &str, several: bool) -> String {
    let mut text = String::new();
    if several {
        let _ = writeln!(text, "\n  case     {}", plan.label);
    } else {
        text.push('\n');
    }
    let mut number = 0;
    for (index, step) in plan.steps.iter().chain(std::iter::once(&plan.goal)).enumerate() {
        number += 1;
        let of = &plan.families[step.family].name;
        let of = if of.is_empty() { String::new() } else { format!("{of}: ") };
        let acts = spec
            .transitions
            .get(&step.transition)
            .map_or_else(|| "wait".to_owned(), |transition| rules::act(transition, &step.with));
        let name = if step.outcome.is_empty() {
            step.transition.clone()
        } else {
            format!("{}.{}", step.transition, step.outcome)
        };
        let judged = if index == plan.steps.len() { "judged: " } else { "" };
        let effect = if plan.setter == Some(index) { "  ← the effect" } else { "" };
        let _ =
            writeln!(text, "  {number:>3}.  {judged}{of}{name}: {acts} {}{effect}", rules::answer(&step.expectation));
    }
    if let Some(good) = &plan.good {
        let _ = writeln!(text, "       then, once: {} must still succeed", good.rule);
    }
    let settings: Vec<String> = plan
        .families
        .iter()
        .flat_map(|family| family.settings.iter())
        .filter(|(fact, _)| {
            let machine = fact.split('.').next().unwrap_or_default();
            plan.steps.iter().chain(std::iter::once(&plan.goal)).any(|step| {
                spec.transitions.get(&step.transition).is_some_and(|transition| transition.machine.value == machine)
            })
        })
        .map(|(fact, value)| format!("{fact} = {value}"))
        .collect();
    if !settings.is_empty() {
        let _ = writeln!(text, "  with     {}", settings.join(", "));
    }
    for (fact, choices) in &plan.wanted {
        let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "  needs    {fact} = {}", choices.join(" or "));
    }
    if !plan.made_up.is_empty() {
        let _ = writeln!(text, "  made up  {} (nobody can know it, so the claim is a should)", plan.made_up.join(", "));
    }
    match Draws::new(&slots(spec, plan), seed(run_seed, &rule.name, &plan.label, 0)) {
        Ok(draws) => {
            for (key, value) in drawn_for_report(&draws.current()) {
                let _ = writeln!(text, "  drawn    {key} = {value}");
            }
        }
        Err(reason) => {
            let _ = writeln!(text, "  drawn    {reason}");
        }
    }
    text
}
