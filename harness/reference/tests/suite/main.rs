//! Tests of the reference server over HTTP, as any client would see it.
//!
//! One module per topic; what they share is in `client`.

mod authn;
mod client;

mod documented;
mod hooks;
mod lifecycle;
mod lockout;
mod management;
mod policies;
mod wire;
