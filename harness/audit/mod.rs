//! Audit: recorded traffic by the same laws, the same catalogue and the claims of the states that answers name. Pure: files are
//! read by the caller, nothing is sent.
//!
//! [`recorded::read`] turns the text of a file into exchanges, [`judge::audit`] judges them, [`render::render`] shows the result.

mod gzip;
pub mod judge;
mod limits;
mod message;
mod page;
pub mod recorded;
pub mod render;
pub mod report;
mod route;
mod secrets;
mod states;
mod tally;
mod vcrpy;

pub use judge::audit;
pub use recorded::{AuditProblem, Recorded, read};
pub use render::render;
pub use report::AuditReport;
