//! What every use case works with.

use std::sync::Arc;

use tokio::sync::Notify;
use url::Url;

use crate::domain::timestamp::Timestamp;
use crate::ports::{self, Random};
use crate::store::{Queue, Store, StoreError};

use super::directory::Directory;
use super::stream::Hub;
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

/// The database, the time, chance, and who is who.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub time: ServiceTime,
    pub random: Arc<dyn Random>,
    pub directory: Directory,
    pub bells: Bells,
    pub hub: Hub,
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
