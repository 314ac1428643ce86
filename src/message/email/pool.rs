//! Connections between two messages, by relay.
//!
//! Owns how many are kept and for how long. A connection is here or with a sender, never both, and one whose
//! sender was cancelled does not come back: a late answer to one message is never read as that to another.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::session::Session;

const MOST_KEPT: usize = 16;
const KEPT_FOR: Duration = Duration::from_secs(30);

struct Idle {
    key: [u8; 32],
    since: Instant,
    session: Session,
}

/// The idle connections of all relays, the oldest first.
#[derive(Default)]
pub struct Relays(Mutex<Vec<Idle>>);

impl Relays {
    /// A connection to this relay that still answers.
    pub(super) async fn take(&self, key: &[u8; 32]) -> Option<Session> {
        while let Some(mut session) = self.pop(key) {
            if session.is_alive().await {
                return Some(session);
            }
        }
        None
    }

    /// Keeps a connection over which a message has just gone.
    pub(super) fn put(&self, key: [u8; 32], session: Session) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|idle| idle.since.elapsed() < KEPT_FOR);
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(Idle { key, since: Instant::now(), session });
    }

    fn pop(&self, key: &[u8; 32]) -> Option<Session> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|idle| idle.since.elapsed() < KEPT_FOR);
        let at = kept.iter().rposition(|idle| idle.key == *key)?;
        Some(kept.remove(at).session)
    }
}
