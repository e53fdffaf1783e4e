//! oktaspec, a conformance test harness for Okta-compatible endpoints.
//!
//! ```text
//! specs/*.yaml ─load─▶ Spec ─select─▶ Plan ─generate─▶ Case ─send─▶ Exchange ─judge─▶ Verdict ─emit─▶ Event ─▶ reports
//!    (data)           spec/          plan/          cases/       exchange/        verdict/         run/       report/
//! ```
//!
//! One direction. Each arrow is one function, each box one plain data type; only [`run`] sees more than its neighbour.

pub mod audit;
pub mod cases;
pub mod cli;
pub mod exchange;
pub mod plan;
pub mod report;
pub mod run;
pub mod spec;
pub mod verdict;
pub mod wire;
