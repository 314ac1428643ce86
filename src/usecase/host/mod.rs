//! Events on their way to the host.

pub mod post_event;
pub mod replay_events;
