//! A client that somebody watches: what is known of it, and who is to be told.

use std::collections::HashMap;

use crate::domain::client::Outline;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;

/// A watched client.
pub struct Topic {
    pub tenant: TenantId,
    pub client: ClientId,
    /// `None` as long as the service does not know such a client.
    outline: Option<Outline>,
    /// The version that was told last.
    told: i64,
    /// When the board looks at it, if nothing happens before.
    pub alarm: Option<Timestamp>,
    /// Listeners, each with the place that this client has in its list.
    watchers: HashMap<u64, usize>,
}

impl Topic {
    pub fn new(tenant: TenantId, client: ClientId) -> Self {
        Self { tenant, client, outline: None, told: 0, alarm: None, watchers: HashMap::new() }
    }

    pub fn outline(&self) -> Option<&Outline> {
        self.outline.as_ref()
    }

    pub fn version_at(&self, now: Timestamp) -> i64 {
        self.outline.as_ref().map_or(0, |outline| outline.version_at(now))
    }

    /// When it next changes by itself.
    pub fn changes_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.outline.as_ref().and_then(|outline| outline.changes_after(now))
    }

    /// Takes over what was read or written, unless something newer is known.
    pub fn learn(&mut self, mut outline: Outline) {
        if self.outline.as_ref().is_none_or(|known| known.version <= outline.version) {
            // No status is made from it, and it may be long.
            outline.standing.throttle = Throttle::default();
            self.outline = Some(outline);
        }
    }

    /// Whether there is a version that was not told yet; from now on it was.
    pub fn has_news(&mut self, now: Timestamp) -> bool {
        let version = self.version_at(now);
        let news = version > self.told;
        self.told = self.told.max(version);
        news
    }

    pub fn watchers(&self) -> impl Iterator<Item = (u64, usize)> {
        self.watchers.iter().map(|(listener, place)| (*listener, *place))
    }

    pub fn enter(&mut self, listener: u64, place: usize) {
        self.watchers.insert(listener, place);
    }

    /// Takes a listener out. Says whether nobody watches any more.
    pub fn leave(&mut self, listener: u64) -> bool {
        self.watchers.remove(&listener);
        self.watchers.is_empty()
    }
}
