//! Judging: what an answer must be like, and whether it is. Pure: judged again from a log it gives the same answer.

pub mod check;
pub mod finding;
pub mod judge;
pub mod law;
pub mod shape;
pub mod state;
