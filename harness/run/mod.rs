//! Running: schedules cases, fills requests from what the world knows, sends, has the answers judged, shrinks what fails, and
//! emits events. The only concurrency, and the only module that sees more than its neighbour.

pub mod event;
