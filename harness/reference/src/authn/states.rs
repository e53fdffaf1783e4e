//! Operations on a transaction as such: reading its state, going back, skipping and cancelling.
//!
//! Operations that belong to one state are in `credentials` and `recovery`.

use crate::answer::{Answer, Outcome};
use crate::authn::success;
use crate::authn::transaction::{self, Ending, Phase};
use crate::call::Call;
use crate::catalogue;
use crate::defects::Flaw;
use crate::failure::Failure;
use crate::identifiers;
use crate::org::Org;
use serde_json::{Map, Value};

/// POST /api/v1/authn with a state token.
pub(crate) fn read(org: &mut Org, body: &Map<String, Value>, names_user: bool) -> Outcome {
    // Only an unauthenticated transaction takes a username, and none is ever started here.
    let allowed: &[Phase] = if names_user { &[] } else { &Phase::ALL };
    let index = transaction::find(org, body, allowed)?;
    if org.has(Flaw::GetStateChanges) {
        let transaction = &mut org.transactions[index];
        transaction.phase = match transaction.phase {
            Phase::PasswordExpired => Phase::PasswordWarn,
            _ => Phase::PasswordExpired,
        };
    }
    if org.has(Flaw::GetStateToken) {
        org.transactions[index].token = identifiers::state_token();
    }
    Ok(transaction::view(org, index))
}

/// POST /api/v1/authn/skip
pub(crate) fn skip(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let mut allowed = vec![Phase::PasswordWarn];
    if org.has(Flaw::SkipExpired) {
        allowed.push(Phase::PasswordExpired);
    }
    let index = transaction::find(org, &body, &allowed)?;
    let user = transaction::user(org, index)?;
    org.transactions[index].ending = Some(Ending::Completed);
    Ok(success::answer(org, user, None))
}

/// POST /api/v1/authn/cancel
pub(crate) fn cancel(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    let index = transaction::find(org, &body, &Phase::ALL)?;
    if org.has(Flaw::CancelFails) {
        return Err(Failure::of(&catalogue::INTERNAL));
    }
    org.transactions[index].ending = Some(Ending::Cancelled);
    Ok(Answer::empty())
}

/// Operations of states that this server doesn't reach: going back, and everything with factors.
pub(crate) fn out_of_reach(org: &mut Org, call: &Call) -> Outcome {
    let body = call.object(&org.setup.flaws)?;
    transaction::find(org, &body, &[])?;
    Err(Failure::of(&catalogue::STATE))
}
