//! Tests of the reference server over HTTP, as any client would see it.
//!
//! One module per topic; what they share is in `client`.

mod authn;
mod client;
mod defects;
mod documented;
mod hooks;
mod lifecycle;
mod lockout;
mod management;
mod policies;
mod probes;
mod probes_of_sign_ins;
mod wire;
