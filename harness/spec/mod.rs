//! The specification: YAML to a located tree to types, and everything that can be wrong with it. Pure: no network, no clock.
//! [`load::load`] is the way in, [`model::Spec`] the result.

pub mod condition;
pub mod diagnostic;
pub mod lint;
pub mod load;
pub mod model;
pub mod place;
mod read;
pub mod source;
pub mod target;
pub(crate) mod tree;
pub mod value;
pub(crate) mod yaml;
