//! From a plan to concrete cases: what is drawn, from a seed of its own for each case, so that the same seed gives the same case
//! on every machine, whatever else runs. The only module that knows proptest.

pub mod draw;
pub mod slots;
pub mod strategy;
