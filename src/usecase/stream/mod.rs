//! Statuses as they change, for those who listen: one hub a process.
//!
//! What this process changes is announced when it commits. What others changed is found by one query a tick, of the
//! newest entries of the audit log, however many listen and only while somebody does. What time changes is known
//! beforehand.

mod board;
mod draft;
mod hub;
pub mod look;
mod seat;
mod topic;
mod trail;
pub mod watch_status;

use std::time::Duration;

pub use board::Told;
pub use hub::{Hub, Listener};
pub use seat::Pass;

/// How often a process looks for changes, while somebody listens.
pub const TICK: Duration = Duration::from_millis(300);
