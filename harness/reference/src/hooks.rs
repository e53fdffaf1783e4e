//! The test hooks: moving the clock, asking for faults, org settings without an API, a fresh start.
//!
//! The contract is in `hooks.openapi.yaml`, so that other servers can offer the same.

use crate::answer::{Answer, Outcome};
use crate::call::{Call, Members};
use crate::catalogue::{self, Problem};
use crate::failure::{Failure, Reached};
use crate::org::Org;
use serde_json::{Map, Value, json};

/// What the paths of the hooks start with.
pub const HOOKS_PREFIX: &str = "/oktaspec-hooks";

/// The contract of the hooks, an OpenAPI 3.1 document.
pub const HOOKS_OPENAPI: &str = include_str!("../hooks.openapi.yaml");

/// A fault that a test asked for.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    method: Option<String>,
    path: String,
    status: Option<u16>,
    problem: &'static Problem,
    times: u64,
}

impl Fault {
    fn fits(&self, call: &Call) -> bool {
        let wanted = self.path.split('/').filter(|part| !part.is_empty());
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(call.method.as_str()))
            && wanted.clone().count() == call.segments.len()
            && wanted.zip(&call.segments).all(|(wanted, found)| wanted == "*" || wanted == found)
    }
}

/// The fault that is due for this request, if there is one.
pub(crate) fn due(org: &mut Org, call: &Call) -> Option<Failure> {
    let index = org.faults.iter().position(|fault| fault.fits(call))?;
    let fault = &mut org.faults[index];
    fault.times -= 1;
    let reached = match fault.problem.code {
        "E0000019" | "E0000022" => Reached::Nothing,
        "E0000047" => Reached::Gate,
        _ => Reached::Operation,
    };
    let mut failure = Failure::of(fault.problem).about("fault").at(reached);
    failure.status = fault.status.unwrap_or(failure.status);
    if fault.times == 0 {
        org.faults.remove(index);
    }
    Some(failure)
}

fn whole_number(body: &Map<String, Value>, name: &str) -> Result<Option<u64>, Failure> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| invalid(name)),
    }
}

fn invalid(name: &str) -> Failure {
    Failure::validation(name, format!("{name}: The field has an invalid value"))
}

/// POST /faults
pub(crate) fn add_fault(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let path = body.required("path")?.to_owned();
    if !path.starts_with('/') || path.starts_with(HOOKS_PREFIX) {
        return Err(invalid("path"));
    }
    let problem = catalogue::by_code(body.required("error")?).ok_or_else(|| invalid("error"))?;
    let status = whole_number(&body, "status")?
        .map(|status| {
            u16::try_from(status).ok().filter(|status| (400..600).contains(status)).ok_or_else(|| invalid("status"))
        })
        .transpose()?;
    let times = whole_number(&body, "times")?.unwrap_or(1);
    if times == 0 {
        return Err(invalid("times"));
    }
    org.faults.push(Fault { method: body.text("method")?.map(str::to_owned), path, status, problem, times });
    Ok(Answer::nothing())
}

/// DELETE /faults
pub(crate) fn clear_faults(org: &mut Org, _call: &Call) -> Outcome {
    org.faults.clear();
    Ok(Answer::nothing())
}

/// GET /clock
pub(crate) fn read_clock(org: &mut Org, _call: &Call) -> Outcome {
    Ok(Answer::ok(json!({ "now": org.now().to_string() })))
}

/// POST /clock
pub(crate) fn advance_clock(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let seconds = whole_number(&body, "advance")?.ok_or_else(|| Failure::blank("advance"))?;
    let seconds = u32::try_from(seconds).map_err(|_| invalid("advance"))?;
    org.clock.advance(seconds).ok_or_else(|| invalid("advance"))?;
    org.pass_time();
    read_clock(org, call)
}

/// The name of the only setting.
const SETTING: &str = "userEnumerationPrevention";

/// GET /settings
pub(crate) fn read_settings(org: &mut Org, _call: &Call) -> Outcome {
    let prevention = org.settings.user_enumeration_prevention;
    Ok(Answer::ok(json!({ SETTING: prevention })))
}

/// PATCH /settings
pub(crate) fn change_settings(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    if let Some(unknown) = body.keys().find(|name| *name != SETTING) {
        return Err(invalid(unknown));
    }
    if let Some(prevention) = body.flag(SETTING)? {
        org.settings.user_enumeration_prevention = prevention;
    }
    read_settings(org, call)
}

/// POST /reset
pub(crate) fn reset(org: &mut Org, _call: &Call) -> Outcome {
    *org = Org::new(org.setup.clone());
    Ok(Answer::nothing())
}
