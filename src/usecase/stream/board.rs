//! Who watches which clients, and what each listener has still to be given.
//!
//! Plain values under one lock: no thread, no timer and no query a listener. The next moment at which each watched
//! client changes by itself is kept in order, so that a review touches only those whose moment has come.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::client::Outline;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::status::{self, View};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::directory::Snapshot;

use super::draft::Drafts;
use super::seat::{Pass, Seat};
use super::topic::Topic;

/// Listeners a process holds.
pub const MOST_LISTENERS: usize = 10_000;
/// After how long a silence a sign of life is given.
const SILENCE: Duration = Duration::from_secs(15);
/// The same where every second place is taken: that a listener is gone is only found by speaking to it.
const SILENCE_IN_A_CROWD: Duration = Duration::from_secs(3);
/// Different clients that all of them together watch: it is these that take room.
const MOST_TOPICS: usize = 250_000;

/// What a listener is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The status of a client, as JSON.
    Status { version: i64, json: Arc<str> },
    /// A sign of life.
    Pulse,
}

/// What there is for a listener.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Told(Told),
    Nothing,
    /// It may not stay.
    Over,
}

/// A tenant of which something is watched.
struct Room {
    /// The settings that statuses are made with.
    tenant: Arc<Tenant>,
    topics: HashMap<ClientId, u64>,
}

/// Everybody who listens.
#[derive(Default)]
pub struct Board {
    seats: HashMap<u64, Seat>,
    topics: HashMap<u64, Topic>,
    rooms: HashMap<TenantId, Room>,
    /// When each topic next changes by itself.
    alarms: BTreeSet<(Timestamp, u64)>,
    /// Topics to be read again.
    stale: BTreeSet<u64>,
    drafts: Drafts,
    numbers: u64,
    closed: bool,
}

impl Board {
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Lets a listener in, who has then to be given the status of every client once; `None` where there is no room.
    pub fn join(
        &mut self,
        tenant: &Arc<Tenant>,
        clients: &[ClientId],
        (locale, pass): (Locale, Pass),
        now: Timestamp,
    ) -> Option<(u64, Arc<Notify>)> {
        let new = clients.iter().filter(|client| !self.is_watched(&tenant.id, client)).count();
        let full = self.seats.len() >= MOST_LISTENERS || self.topics.len() + new > MOST_TOPICS;
        if self.closed || full {
            return None;
        }
        self.numbers += 1;
        let number = self.numbers;
        let mut known = HashSet::new();
        let clients = clients.iter().filter(|client| known.insert(*client));
        let watched: Vec<u64> = clients
            .enumerate()
            .map(|(place, client)| {
                let topic = self.topic(tenant, client);
                self.topics.entry(topic).and_modify(|topic| topic.enter(number, place));
                topic
            })
            .collect();
        let seat = Seat::new(tenant.id.clone(), locale, pass, watched, now);
        let bell = seat.bell();
        self.seats.insert(number, seat);
        Some((number, bell))
    }

    /// The number of a client's topic, which may be new.
    fn topic(&mut self, tenant: &Arc<Tenant>, client: &ClientId) -> u64 {
        let blank = || Room { tenant: Arc::clone(tenant), topics: HashMap::new() };
        let room = self.rooms.entry(tenant.id.clone()).or_insert_with(blank);
        if let Some(topic) = room.topics.get(client) {
            return *topic;
        }
        self.numbers += 1;
        room.topics.insert(client.clone(), self.numbers);
        self.topics.insert(self.numbers, Topic::new(tenant.id.clone(), client.clone()));
        self.numbers
    }

    /// Lets a listener go, and wakes it if it still waits.
    pub fn leave(&mut self, number: u64) -> bool {
        let Some(seat) = self.seats.remove(&number) else { return false };
        seat.wake();
        for (topic, _) in seat.watched {
            if self.topics.get_mut(&topic).is_some_and(|known| known.leave(number)) {
                self.drop_topic(topic);
            }
        }
        true
    }

    fn drop_topic(&mut self, number: u64) {
        let Some(topic) = self.topics.remove(&number) else { return };
        self.stale.remove(&number);
        if let Some(at) = topic.alarm {
            self.alarms.remove(&(at, number));
        }
        if let Some(room) = self.rooms.get_mut(&topic.tenant) {
            room.topics.remove(&topic.client);
            if room.topics.is_empty() {
                self.rooms.remove(&topic.tenant);
            }
        }
    }

    /// Takes over what was read or written of a client, and lets those who watch it know of a newer version.
    pub fn learn(&mut self, tenant: &TenantId, outline: Outline, now: Timestamp) -> bool {
        let Some(number) = self.number(tenant, &outline.id) else { return false };
        let Some(topic) = self.topics.get_mut(&number) else { return false };
        topic.learn(outline);
        self.news(number, now);
        true
    }

    fn number(&self, tenant: &TenantId, client: &ClientId) -> Option<u64> {
        self.rooms.get(tenant)?.topics.get(client).copied()
    }

    /// Whether somebody watches a client.
    pub fn is_watched(&self, tenant: &TenantId, client: &ClientId) -> bool {
        self.number(tenant, client).is_some()
    }

    /// Lets the watchers of a topic know if there is news, and notes when there will be by itself.
    fn news(&mut self, number: u64, now: Timestamp) {
        let Some(topic) = self.topics.get_mut(&number) else { return };
        if topic.has_news(now) {
            for (seat, place) in topic.watchers() {
                self.seats.entry(seat).and_modify(|seat| seat.wait_for(place));
            }
        }
        let next = topic.changes_after(now);
        if let Some(before) = std::mem::replace(&mut topic.alarm, next) {
            self.alarms.remove(&(before, number));
        }
        self.alarms.extend(next.map(|at| (at, number)));
    }

    /// What there is for a listener now.
    pub fn take(&mut self, number: u64, now: Timestamp) -> Turn {
        let Some(seat) = self.seats.get_mut(&number) else { return Turn::Over };
        while let Some(place) = seat.waiting.pop_first() {
            let (id, given) = &mut seat.watched[place];
            let (Some(topic), Some(room)) = (self.topics.get(id), self.rooms.get(&seat.tenant)) else {
                continue;
            };
            let version = topic.version_at(now);
            if given.replace(version) != Some(version) {
                let view = View { tenant: &room.tenant, locale: seat.locale, now };
                let json = self.drafts.of(*id, topic, view);
                seat.spoken(now);
                return Turn::Told(Told::Status { version, json });
            }
        }
        if seat.has_pulse() {
            seat.spoken(now);
            return Turn::Told(Told::Pulse);
        }
        Turn::Nothing
    }

    /// Lets time pass, and looks at who may stay and at what changed about the tenants.
    pub fn review(&mut self, directory: &Snapshot, now: Timestamp) -> usize {
        self.review_tenants(directory);
        let silence = if self.seats.len() > MOST_LISTENERS / 2 { SILENCE_IN_A_CROWD } else { SILENCE };
        let out =
            |(number, seat): (&u64, &mut Seat)| (!seat.review(directory, silence, now)).then_some(*number);
        let out: Vec<u64> = self.seats.iter_mut().filter_map(out).collect();
        for number in &out {
            self.leave(*number);
        }
        while let Some((at, number)) = self.alarms.first().copied().filter(|(at, _)| *at <= now) {
            self.alarms.remove(&(at, number));
            self.news(number, now);
        }
        out.len()
    }

    /// Where a tenant's statuses look different from now on, all are given anew.
    fn review_tenants(&mut self, directory: &Snapshot) {
        for (id, room) in &mut self.rooms {
            let Some(member) = directory.member(id).filter(|m| !Arc::ptr_eq(&m.tenant, &room.tenant)) else {
                continue;
            };
            let before = std::mem::replace(&mut room.tenant, Arc::clone(&member.tenant));
            if !status::looks_alike(&before, &room.tenant) {
                self.drafts.clear();
                self.seats.values_mut().filter(|seat| seat.tenant == *id).for_each(Seat::start_anew);
            }
        }
    }

    /// Notes that a client is to be read again, if somebody watches it.
    pub fn doubt(&mut self, tenant: &TenantId, client: &ClientId) {
        let number = self.number(tenant, client);
        self.stale.extend(number);
    }

    /// Notes that every watched client is to be read again.
    pub fn doubt_all(&mut self) {
        self.stale.extend(self.topics.keys());
    }

    /// Up to `most` clients to be read again, all of one tenant, which are then no longer noted.
    pub fn doubtful(&mut self, most: usize) -> Option<(TenantId, Vec<ClientId>)> {
        let tenant = self.stale.first().and_then(|number| self.topics.get(number))?.tenant.clone();
        let of_tenant = |number: &&u64| self.topics.get(number).is_some_and(|topic| topic.tenant == tenant);
        let numbers: Vec<u64> = self.stale.iter().filter(of_tenant).take(most).copied().collect();
        let client = |number: &u64| {
            self.stale.remove(number);
            self.topics.get(number).map(|topic| topic.client.clone())
        };
        let clients = numbers.iter().filter_map(client).collect();
        Some((tenant, clients))
    }

    /// Lets everybody go, and nobody in any more.
    pub fn close(&mut self) -> usize {
        self.closed = true;
        let all: Vec<u64> = self.seats.keys().copied().collect();
        for number in &all {
            self.leave(*number);
        }
        all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::Standing;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn tenant() -> Arc<Tenant> {
        let id = TenantId::parse("t").unwrap();
        Arc::new(Tenant::from_documents(id, &json!({"name": "T"}), &json!({})).unwrap())
    }

    fn client(id: &str) -> ClientId {
        ClientId::parse(id).unwrap()
    }

    fn join(board: &mut Board, clients: &[ClientId]) -> Option<u64> {
        let who = (Locale::En, Pass { via: "k".into(), until: None });
        board.join(&tenant(), clients, who, NOW).map(|(number, _)| number)
    }

    fn outline(version: i64) -> Outline {
        let standing = Standing::default();
        Outline { id: client("c"), created_at: NOW, standing, version, removed: false }
    }

    /// The versions that a listener is told.
    fn told(board: &mut Board, number: u64, now: Timestamp) -> Vec<i64> {
        let mut versions = Vec::new();
        while let Turn::Told(Told::Status { version, .. }) = board.take(number, now) {
            versions.push(version);
        }
        versions
    }

    #[test]
    fn what_was_read_before_something_newer_was_told_changes_nothing() {
        let mut board = Board::default();
        let number = join(&mut board, &[client("c")]).unwrap();
        assert_eq!(told(&mut board, number, NOW), [0]);
        for (version, expected) in [(2, vec![2]), (1, vec![]), (2, vec![]), (3, vec![3])] {
            board.learn(&tenant().id, outline(version), NOW);
            assert_eq!(told(&mut board, number, NOW), expected, "{version}");
        }
        let later = join(&mut board, &[client("c")]).unwrap();
        board.learn(&tenant().id, outline(1), NOW);
        assert_eq!((told(&mut board, later, NOW), told(&mut board, number, NOW)), (vec![3], vec![]));
    }

    #[test]
    fn what_is_told_just_as_its_moment_comes_is_not_told_again_by_the_review() {
        let mut board = Board::default();
        let number = join(&mut board, &[client("c")]).unwrap();
        let end = NOW + Duration::from_secs(60);
        let standing = Standing { reported_until: Some(end), ..Standing::default() };
        board.learn(&tenant().id, Outline { standing, ..outline(1) }, NOW);
        assert_eq!(told(&mut board, number, end), [2]);
        let (at, topic) = board.alarms.first().copied().unwrap();
        assert_eq!(at, end);
        board.news(topic, end);
        assert!(told(&mut board, number, end).is_empty());
        assert!(board.alarms.is_empty());
    }

    #[test]
    fn there_is_room_for_so_many_different_clients_and_whoever_leaves_gives_it_back() {
        let mut board = Board::default();
        let clients: Vec<_> = (0..MOST_TOPICS).map(|n| client(&format!("c-{n}"))).collect();
        let number = clients.chunks(500).map(|some| join(&mut board, some).unwrap()).max().unwrap();
        let other = client("other");
        assert_eq!(join(&mut board, std::slice::from_ref(&other)), None);
        assert!(join(&mut board, &clients[..500]).is_some(), "these are watched already");
        assert!(board.leave(number) && !board.leave(number));
        assert!(join(&mut board, &[other]).is_some());
        board.doubt_all();
        board.close();
        assert!(board.is_empty() && board.topics.is_empty() && board.rooms.is_empty());
        assert_eq!((board.alarms.len(), board.stale.len()), (0, 0));
    }

    #[test]
    fn clients_to_be_read_again_come_tenant_by_tenant_and_only_those_that_are_watched() {
        let mut board = Board::default();
        let clients = ["a", "b", "c"].map(client);
        join(&mut board, &clients);
        let tenant = tenant().id.clone();
        board.doubt(&tenant, &client("unknown"));
        board.doubt(&TenantId::parse("other").unwrap(), &client("a"));
        assert_eq!(board.doubtful(2), None);
        board.doubt_all();
        assert_eq!(board.doubtful(2), Some((tenant.clone(), clients[..2].to_vec())));
        board.doubt(&tenant, &client("a"));
        assert_eq!(board.doubtful(2), Some((tenant, vec![client("a"), client("c")])));
        assert_eq!(board.doubtful(2), None);
    }
}
