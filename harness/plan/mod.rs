//! From the specification to plans: which rules there are, and for each the path of outcomes that leads to it. Pure: no network,
//! no time, so that rules are listed and explained without a target.
//!
//! [`model`] compiles the specification, [`search`] finds paths in it, [`rules`] says what is tested, [`path`] plans one rule.

pub mod effects;
pub mod model;
pub mod path;
pub mod reach;
pub mod rules;
pub mod search;
pub mod select;
pub mod template;
pub mod world;
