//! Speaks HTTP and has no opinion about it: requests go out as they are, answers come back as they are. Nothing that sent a byte is
//! sent again, because a repeated request moves counters at the target.

mod bucket;
pub mod cookies;
mod failure;
mod headers;
#[cfg(test)]
mod listener;
mod origin;
mod pace;
mod sign_in;
pub mod transport;
