//! Checks.
use crate::spec::diagnostic::Diagnostics;
use crate::spec::model::Spec;
/// Checks.
pub fn check(_spec: &Spec, _diagnostics: &mut Diagnostics) {}
