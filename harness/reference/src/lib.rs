//! An in-memory reference server for Okta-compatible endpoints, and its public face.
//!
//! What lives here: the crate's modules and the few names that callers use. The protocol itself
//! is in the modules: `pipeline` takes a request apart and puts the answer together, `routes`
//! says which operation serves which path, and one module per resource holds the operations.
//!
//! What does not live here: any test of another server. This crate only answers requests; it was
//! written from the public documentation alone and knows nothing of whoever calls it.

mod accounts;
mod answer;
mod attack_protection;
mod authn;
mod call;
mod catalogue;
mod clock;
mod defects;
mod failure;
mod groups;
mod hooks;
mod identifiers;
mod limits;
mod links;
mod listing;
mod org;
mod password;
mod pipeline;
mod policies;
mod routes;
mod search;
mod server;
mod sessions;
mod users;

pub use accounts::Account;
pub use defects::{Defect, UnknownDefect, defects};
pub use hooks::{HOOKS_OPENAPI, HOOKS_PREFIX};
pub use server::{Config, Server, StartError};
