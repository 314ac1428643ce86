//! What every use case works with.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use url::Url;

use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::ports::{self, Random};
use crate::store::{Queue, Store, StoreError};

use super::brake::Everywhere;
use super::directory::Directory;
use super::pin::hasher::Hasher;
use super::stream::Hub;
use super::tenant::note_uses::Uses;
use super::time::ServiceTime;

/// Wakes the outbox of this process after a commit. Other processes find the work by looking.
#[derive(Clone, Default)]
pub struct Bells {
    email: Arc<Notify>,
    phone: Arc<Notify>,
    host_event: Arc<Notify>,
    client: Arc<Notify>,
}

impl Bells {
    /// The bell of a queue.
    pub fn of(&self, queue: Queue) -> &Notify {
        match queue {
            Queue::Email => &self.email,
            Queue::Phone => &self.phone,
            Queue::HostEvent => &self.host_event,
            Queue::Client => &self.client,
        }
    }

    /// There may be new work in every queue.
    pub fn ring(&self) {
        for bell in [&self.email, &self.phone, &self.host_event, &self.client] {
            bell.notify_one();
        }
    }
}

/// How often this process has changed something about the clients of a tenant: what was read before such a change is
/// looked at again. Tenants share the counters, so there are never more of them.
#[derive(Clone, Default)]
pub struct Changes(Arc<[AtomicU64; 32]>);

impl Changes {
    fn counter(&self, tenant: &TenantId) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        tenant.hash(&mut hasher);
        &self.0[usize::from(hasher.finish().to_le_bytes()[0]) % self.0.len()]
    }

    /// The count so far.
    pub fn of(&self, tenant: &TenantId) -> u64 {
        self.counter(tenant).load(Ordering::Acquire)
    }

    /// Counts one more.
    pub fn count(&self, tenant: &TenantId) {
        self.counter(tenant).fetch_add(1, Ordering::AcqRel);
    }
}

/// The database, the time, chance, and who is who.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub time: ServiceTime,
    pub random: Arc<dyn Random>,
    pub directory: Directory,
    pub bells: Bells,
    pub hub: Hub,
    pub changes: Changes,
    pub uses: Uses,
    pub hasher: Hasher,
    pub everywhere: Everywhere,
    /// What links and callbacks are built from.
    pub public_url: Url,
}

impl Desk {
    /// Reads who is who anew, after this process changed it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let marks = self.store.marks().await?;
        self.directory.refresh(&self.store, marks).await
    }

    /// Ten random bytes and the time, for an id.
    pub fn draw(&self) -> (Timestamp, [u8; 10]) {
        (self.time.now(), ports::bytes(self.random.as_ref()))
    }
}
