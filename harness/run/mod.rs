//! Running: schedules cases, fills requests from what the world knows, sends, has the answers judged, shrinks what fails, and
//! emits events. The only concurrency, and the only module that sees more than its neighbour.

pub mod capability;
pub mod case;
pub mod clock;
pub mod event;
pub mod key;
pub mod ledger;
pub mod orchestrate;
pub mod pool;
pub mod record;
pub mod request;
pub mod session;
pub mod shrink;
pub mod single;
pub mod step;
pub mod target;
pub mod unmake;
pub mod world;
