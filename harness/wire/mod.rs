//! Requests, answers, exchanges and places in them as plain data. No behaviour beyond showing themselves, and no other module of
//! the program.

pub mod curl;
pub mod exchange;
pub mod pointer;
pub mod redact;
