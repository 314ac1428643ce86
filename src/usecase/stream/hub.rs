//! The one place of a process where changes meet those who listen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::client::{Client, Outline};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::Sign;
use crate::usecase::directory::Directory;
use crate::usecase::time::ServiceTime;

use super::board::{Board, Told, Turn};
use super::seat::Pass;
use super::trail::Trail;

/// The listeners, and how far the log has been read for them.
#[derive(Default)]
struct Held {
    board: Board,
    /// Kept only while somebody listens.
    trail: Option<Trail>,
}

/// Everybody who listens to this process.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<Held>>);

fn count_listeners(gone: usize) {
    metrics::gauge!("countersign_stream_listeners")
        .decrement(f64::from(u32::try_from(gone).unwrap_or(u32::MAX)));
}

impl Hub {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a listener in; `None` where there is no room.
    pub fn join(
        &self,
        tenant: &Arc<Tenant>,
        clients: &[ClientId],
        who: (Locale, Pass),
        time: &ServiceTime,
    ) -> Option<Listener> {
        let now = time.now();
        let mut held = self.held();
        let (number, bell) = held.board.join(tenant, clients, who, now)?;
        held.trail.get_or_insert_with(|| Trail::start(now));
        metrics::gauge!("countersign_stream_listeners").increment(1.0);
        Some(Listener { hub: self.clone(), time: time.clone(), number, bell })
    }

    fn leave(&self, number: u64) {
        let mut held = self.held();
        let left = held.board.leave(number);
        held.rest();
        count_listeners(usize::from(left));
    }

    /// A change of this process, right after its commit, with the entries of the log that tell of it.
    pub fn announce<'a>(&self, client: &Client, entries: impl Iterator<Item = &'a str>, now: Timestamp) {
        let mut held = self.held();
        if !held.board.is_watched(&client.tenant, &client.id) {
            return;
        }
        held.board.learn(&client.tenant, client.outline(), now);
        if let Some(trail) = &mut held.trail {
            trail.own(entries);
        }
    }

    /// What was read of clients.
    pub fn learn(&self, tenant: &TenantId, outlines: Vec<Outline>, now: Timestamp) {
        let mut held = self.held();
        for outline in outlines {
            held.board.learn(tenant, outline, now);
        }
    }

    /// Lets time pass for those who listen: what changes by itself is told, and who may not stay is let go. Takes
    /// no query.
    pub fn review(&self, directory: &Directory, now: Timestamp) {
        let mut held = self.held();
        if !held.board.is_empty() {
            let gone = held.board.review(&directory.get(), now);
            held.rest();
            count_listeners(gone);
        }
    }

    /// From when on the log is to be read; `None` while nobody listens.
    pub fn since(&self) -> Option<Timestamp> {
        self.held().trail.as_ref().map(Trail::since)
    }

    /// Takes note of what a look at the log brought.
    pub fn heed(&self, signs: Vec<Sign>, now: Timestamp) {
        let mut held = self.held();
        let Some(heeded) = held.trail.as_mut().map(|trail| trail.heed(signs, now)) else { return };
        if heeded.gap {
            held.board.doubt_all();
        }
        for sign in heeded.fresh {
            if let (Ok(tenant), Ok(client)) =
                (TenantId::parse(&sign.tenant_id), ClientId::parse(&sign.client_id))
            {
                held.board.doubt(&tenant, &client);
            }
        }
    }

    /// Clients to be read again, all of one tenant.
    pub fn doubtful(&self, most: usize) -> Option<(TenantId, Vec<ClientId>)> {
        self.held().board.doubtful(most)
    }

    /// Notes that these are to be read again.
    pub fn doubt(&self, tenant: &TenantId, clients: &[ClientId]) {
        let mut held = self.held();
        for client in clients {
            held.board.doubt(tenant, client);
        }
    }

    /// Lets everybody go, and nobody in any more: the service stops.
    pub fn close(&self) {
        let mut held = self.held();
        let gone = held.board.close();
        held.rest();
        count_listeners(gone);
    }
}

impl Held {
    /// Where nobody listens the log is not read; who comes then starts from what is stored.
    fn rest(&mut self) {
        if self.board.is_empty() {
            self.trail = None;
        }
    }
}

/// One who listens, until it is dropped.
pub struct Listener {
    hub: Hub,
    time: ServiceTime,
    number: u64,
    bell: Arc<Notify>,
}

impl Listener {
    /// What there is to tell next, at first the status of every client; `None` once the listener may not stay.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let turn = self.hub.held().board.take(self.number, self.time.now());
            match turn {
                Turn::Told(told) => return Some(told),
                Turn::Over => return None,
                Turn::Nothing => self.bell.notified().await,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.leave(self.number);
    }
}
