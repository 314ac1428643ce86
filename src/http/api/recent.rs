//! Answers to polls that were given a moment ago, and whether one may be given again.
//!
//! Many browsers ask for the same screens again and again, and mostly nothing has changed. An answer is given again
//! without looking only where this process has changed nothing about the tenant since, and for a quarter of a second:
//! by then what another process changed is found by one number from the database. Holds no statuses beyond that,
//! and never more than [`MOST`] bytes twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use sha2::{Digest as _, Sha256};

use crate::domain::client::Sum;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;

/// How long what another process changed may go unseen; the design allows a second.
const UNSEEN_MOST: Duration = Duration::from_millis(250);
/// Bytes of the younger half of the answers; as many again may be of the older.
const MOST: usize = 6 * 1024 * 1024;

/// What was asked, by whom as far as it matters, in which language.
pub type Key = [u8; 32];

/// The key of a poll: its tenant, its language, and the clients as they were written.
pub fn key(tenant: &TenantId, locale: Locale, form: &str, written: &[u8]) -> Key {
    let mut hash = Sha256::new();
    for field in [tenant.as_str(), locale.as_str(), form] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.update(written);
    hash.finalize().into()
}

/// When it was last found that nothing had changed, and how much this process had changed by then.
#[derive(Clone, Copy)]
pub struct Looked {
    pub at: Timestamp,
    pub changes: u64,
}

/// An answer.
pub struct Given {
    pub clients: Vec<ClientId>,
    pub tag: String,
    /// Not made for a caller who had it already. It counts the seconds that are left, so it is good for one.
    pub body: Option<Bytes>,
    pub at: Timestamp,
    /// When one of the statuses changes by itself.
    pub until: Option<Timestamp>,
    /// Of the tenants' settings.
    pub revision: i64,
    pub sum: Sum,
    pub looked: Mutex<Looked>,
}

impl Given {
    /// Whether time and settings leave it as it is, for a caller who has it already or else as a whole.
    pub fn is_same(&self, now: Timestamp, revision: i64, has_it: bool) -> bool {
        let lasts = self.until.is_none_or(|until| now < until);
        let whole = self.body.is_some() && self.at.seconds() == now.seconds();
        lasts && self.revision == revision && (has_it || whole)
    }

    /// Whether it was looked at lately, and this process has changed nothing since.
    pub fn is_fresh(&self, now: Timestamp, changes: u64) -> bool {
        let looked = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.changes == changes && now < looked.at + UNSEEN_MOST
    }

    /// It was found that nothing has changed.
    pub fn look(&self, looked: Looked) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = looked;
    }

    fn weight(&self) -> usize {
        let clients = self.clients.iter().map(|client| size_of::<ClientId>() + client.as_str().len());
        size_of::<Self>() + self.body.as_ref().map_or(0, Bytes::len) + clients.sum::<usize>()
    }
}

#[derive(Default)]
struct Held {
    young: HashMap<Key, Arc<Given>>,
    old: HashMap<Key, Arc<Given>>,
    weight: usize,
}

impl Held {
    fn put(&mut self, key: Key, given: Arc<Given>) {
        let weight = given.weight();
        if self.weight + weight > MOST {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        if let Some(before) = self.young.insert(key, given) {
            self.weight = self.weight.saturating_sub(before.weight());
        }
    }
}

/// The answers given lately. What nobody asked for again goes first.
#[derive(Clone, Default)]
pub struct Recent(Arc<Mutex<Held>>);

impl Recent {
    /// The answer that was given to this.
    pub fn find(&self, key: &Key) -> Option<Arc<Given>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(given) = held.young.get(key) {
            return Some(Arc::clone(given));
        }
        let given = held.old.remove(key)?;
        held.put(*key, Arc::clone(&given));
        Some(given)
    }

    /// Keeps an answer.
    pub fn keep(&self, key: Key, given: Arc<Given>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_400);

    fn given(bytes: usize) -> Given {
        Given {
            clients: Vec::new(),
            tag: String::new(),
            body: Some(Bytes::from(vec![b'x'; bytes])),
            at: NOW,
            until: Some(NOW + Duration::from_secs(60)),
            revision: 7,
            sum: Sum::default(),
            looked: Mutex::new(Looked { at: NOW, changes: 3 }),
        }
    }

    #[test]
    fn an_answer_is_given_again_for_a_quarter_of_a_second_unless_this_process_changed_something() {
        let (given, after) = (given(0), |millis| NOW + Duration::from_millis(millis));
        assert!(given.is_fresh(after(249), 3) && !given.is_fresh(after(250), 3) && !given.is_fresh(NOW, 4));
        given.look(Looked { at: after(250), changes: 4 });
        assert!(given.is_fresh(after(499), 4) && !given.is_fresh(after(499), 3));
    }

    #[test]
    fn an_answer_lasts_until_a_status_changes_and_as_a_whole_for_its_second() {
        let (given, after) = (given(0), |millis| NOW + Duration::from_millis(millis));
        assert!(given.is_same(after(599), 7, false) && !given.is_same(after(600), 7, false));
        assert!(given.is_same(after(59_999), 7, true) && !given.is_same(after(60_000), 7, true));
        assert!(!given.is_same(NOW, 8, true), "other settings");
        let empty = Given { body: None, ..given };
        assert!(empty.is_same(NOW, 7, true) && !empty.is_same(NOW, 7, false));
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_asked_for_again_stays() {
        let (recent, key) = (Recent::default(), |n: u8| [n; 32]);
        recent.keep(key(0), Arc::new(given(10)));
        for n in 1..=200 {
            recent.keep(key(n), Arc::new(given(MOST / 20)));
            assert!(recent.find(&key(0)).is_some(), "{n}");
            let held = recent.0.lock().unwrap();
            let weigh = |half: &HashMap<Key, Arc<Given>>| half.values().map(|g| g.weight()).sum::<usize>();
            assert_eq!(weigh(&held.young), held.weight);
            assert!(weigh(&held.young) <= MOST && weigh(&held.old) <= MOST);
        }
        assert!(recent.find(&key(100)).is_none() && recent.find(&key(199)).is_some());
    }

    #[test]
    fn a_key_tells_tenants_languages_and_forms_apart() {
        let tenant = |id| TenantId::parse(id).unwrap();
        let one = key(&tenant("a"), Locale::En, "one", b"x");
        for other in [
            key(&tenant("b"), Locale::En, "one", b"x"),
            key(&tenant("a"), Locale::Es, "one", b"x"),
            key(&tenant("a"), Locale::En, "many", b"x"),
            key(&tenant("a"), Locale::En, "one", b"y"),
        ] {
            assert_ne!(one, other);
        }
    }
}
