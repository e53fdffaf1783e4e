//! What all cases of a run share: the target, the transport, the ledger, the clock of the target.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::exchange::transport::{Sender, Transport};
use crate::run::clock::Clock;
use crate::run::ledger::Ledger;
use crate::run::target::{Options, Target};
use crate::spec::model::Spec;
use crate::wire::exchange::{Body, Exchange, Request};

/// What all cases of a run share. Cases run on one thread, so that nothing here needs a lock.
pub struct Session<'s> {
    /// The specification.
    pub spec: &'s Spec,
    /// The target.
    pub target: Target,
    /// How the run is done.
    pub options: Options,
    /// Speaks HTTP.
    pub transport: Transport,
    /// What was seen.
    pub ledger: RefCell<Ledger>,
    /// The target's clock.
    pub clock: Rc<Clock>,
    /// What things of which there is one are like now, by `machine.fact`.
    pub singles: RefCell<BTreeMap<String, Json>>,
    /// What they were like when the run began.
    pub found: RefCell<BTreeMap<String, Json>>,
    /// What could not be unmade.
    pub left: RefCell<Vec<crate::run::event::LeftBehind>>,
    /// Whether the run is to stop.
    pub stopping: Rc<std::cell::Cell<bool>>,
}

impl Session<'_> {
    /// Sends a message to the target's hooks.
    ///
    /// # Errors
    /// A sentence, where there are none or they refuse.
    pub async fn hook(&self, method: &str, name: &str, body: Json) -> Result<Exchange, String> {
        let Some(hooks) = &self.target.hooks else {
            return Err("the target offers no hooks".to_owned());
        };
        let request = Request {
            method: method.to_owned(),
            url: format!("{hooks}/{name}"),
            headers: Vec::new(),
            body: Body::Json(body),
        };
        let exchange = self.transport.send(request, Sender { authenticated: true, ..Sender::default() }).await;
        match &exchange.answer {
            Ok(answer) if answer.status < 300 => Ok(exchange),
            Ok(answer) => Err(format!("the hook `{name}` answers {}: {}", answer.status, answer.body)),
            Err(reason) => Err(format!("the hook `{name}` does not answer: {reason}")),
        }
    }
}
