//! One listener, as the hub keeps it: what it watches, what it was given last, what it has still to be given.
//!
//! It holds no statuses: of each client only the newest is ever given, so a slow reader costs nothing more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::id::TenantId;
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;
use crate::usecase::directory::Snapshot;

/// After how long a silence a sign of life is given.
const SILENCE: Duration = Duration::from_secs(15);
/// How many reviews a sign of life waits to be fetched before the listener counts as gone: about a minute.
pub const PATIENCE: u32 = 200;

/// What a listener was let in by, for as long as it holds.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The API key, or what the agent's token was made for.
    pub via: String,
    /// The end of a token; an API key has none.
    pub until: Option<Timestamp>,
}

impl Pass {
    /// Whether it still lets in.
    fn holds(&self, tenant: &TenantId, directory: &Snapshot, now: Timestamp) -> bool {
        let eligible = directory.member(tenant).is_some_and(|member| member.tenant.eligible);
        eligible && self.until.is_none_or(|until| now < until) && directory.is_live(tenant, &self.via, now)
    }
}

/// A listener.
pub struct Seat {
    pub tenant: TenantId,
    pub locale: Locale,
    pass: Pass,
    /// What it watches, by the board's numbers, with the version it was given last.
    pub watched: Vec<(u64, Option<i64>)>,
    /// Which of those it has to be given.
    pub waiting: BTreeSet<usize>,
    spoken_at: Timestamp,
    /// How many reviews a sign of life has been waiting.
    pulse: Option<u32>,
    bell: Arc<Notify>,
}

impl Seat {
    pub fn new(tenant: TenantId, locale: Locale, pass: Pass, watched: Vec<u64>, now: Timestamp) -> Self {
        Self {
            tenant,
            locale,
            pass,
            waiting: (0..watched.len()).collect(),
            watched: watched.into_iter().map(|topic| (topic, None)).collect(),
            spoken_at: now,
            pulse: None,
            bell: Arc::default(),
        }
    }

    /// What wakes the listener.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// It has to be given what it watches at this place.
    pub fn wait_for(&mut self, place: usize) {
        self.waiting.insert(place);
        self.wake();
    }

    /// Everything has to be given anew, whatever was given before.
    pub fn start_anew(&mut self) {
        self.watched.iter_mut().for_each(|(_, given)| *given = None);
        self.waiting = (0..self.watched.len()).collect();
        self.wake();
    }

    /// Takes note that it is given something.
    pub fn spoken(&mut self, now: Timestamp) {
        (self.spoken_at, self.pulse) = (now, None);
    }

    /// Whether a sign of life is to be given.
    pub fn has_pulse(&self) -> bool {
        self.pulse.is_some()
    }

    /// Looks whether the listener may stay and whether it has been silent too long. Says whether it stays.
    pub fn review(&mut self, directory: &Snapshot, now: Timestamp) -> bool {
        if !self.pass.holds(&self.tenant, directory, now) {
            return false;
        }
        if let Some(reviews) = &mut self.pulse {
            *reviews += 1;
            return *reviews <= PATIENCE;
        }
        if now.since(self.spoken_at) >= SILENCE {
            self.pulse = Some(0);
            self.wake();
        }
        true
    }
}
