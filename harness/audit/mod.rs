//! Audit: recorded traffic through the same judge.
