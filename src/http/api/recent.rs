//! Answers to polls that were given a moment ago, and whether one may be given again.
//!
//! Many browsers ask for the same screens again and again, and mostly nothing has changed. An answer is given again
//! without looking only where this process has changed nothing about the tenant since, and for half a second:
//! by then what another process changed is found by one number from the database. Holds no statuses beyond that,
//! and never more than [`MOST`] bytes twice.
//!
//! A poll is found by a quick hash of what it asks, and is the same only where every byte of that is.

use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use foldhash::quality::RandomState;
use tokio::sync::Mutex as Turn;

use crate::domain::client::Sum;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;
use crate::http::etag::Tag;
use crate::http::halves::Halves;

/// How long what another process changed may go unseen; the design allows a second.
const UNSEEN_MOST: Duration = Duration::from_millis(500);
/// Bytes of the younger half of the answers; as many again may be of the older.
const MOST: usize = 6 * 1024 * 1024;

/// What is asked, by whom as far as it matters, in which language, and the clients as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked<'a> {
    pub tenant: &'a TenantId,
    pub locale: Locale,
    pub form: &'static str,
    pub written: &'a [u8],
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
    pub tag: Tag,
    /// Not made for a caller who had it already. It counts the seconds that are left, so it is good for one.
    pub body: Option<Bytes>,
    pub at: Timestamp,
    /// When one of the statuses changes by itself.
    pub until: Option<Timestamp>,
    /// Of the tenants' settings.
    pub revision: i64,
    pub sum: Sum,
    pub looked: Mutex<Looked>,
    /// Held by the one who looks or reads anew, while the others who ask the same wait for what that finds.
    pub turn: Turn<()>,
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

/// An answer with what it answers: a hash may be that of something else too.
struct Kept {
    tenant: TenantId,
    locale: Locale,
    form: &'static str,
    written: Box<[u8]>,
    given: Arc<Given>,
}

impl Kept {
    fn of(asked: Asked<'_>, given: Arc<Given>) -> Self {
        let Asked { tenant, locale, form, written } = asked;
        Self { tenant: tenant.clone(), locale, form, written: written.into(), given }
    }

    fn answer(&self, asked: Asked<'_>) -> Option<Arc<Given>> {
        let Self { tenant, locale, form, written, given } = self;
        (asked == Asked { tenant, locale: *locale, form, written }).then(|| Arc::clone(given))
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.written.len() + self.given.weight()
    }
}

/// The answers given lately. What nobody asked for again goes first.
#[derive(Clone)]
pub struct Recent {
    held: Arc<Mutex<Halves<u64, Kept>>>,
    /// Another one in every process: nobody outside can tell what falls together.
    hasher: RandomState,
}

impl Default for Recent {
    fn default() -> Self {
        Self { held: Arc::new(Mutex::new(Halves::new(MOST))), hasher: RandomState::default() }
    }
}

impl Recent {
    /// The answer that was given to this.
    pub fn find(&self, asked: Asked<'_>) -> Option<Arc<Given>> {
        let hash = self.hasher.hash_one(asked);
        self.held().find(&hash, |kept| kept.answer(asked))
    }

    /// Keeps an answer, in place of what has the same hash.
    pub fn keep(&self, asked: Asked<'_>, given: Arc<Given>) {
        let kept = Kept::of(asked, given);
        let (hash, weight) = (self.hasher.hash_one(asked), kept.weight());
        self.held().put(hash, kept, weight);
    }

    fn held(&self) -> MutexGuard<'_, Halves<u64, Kept>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_400);

    fn given(bytes: usize) -> Given {
        Given {
            clients: Vec::new(),
            tag: Tag::of(&[]),
            body: Some(Bytes::from(vec![b'x'; bytes])),
            at: NOW,
            until: Some(NOW + Duration::from_secs(60)),
            revision: 7,
            sum: Sum::default(),
            looked: Mutex::new(Looked { at: NOW, changes: 3 }),
            turn: Turn::default(),
        }
    }

    fn tenant(id: &str) -> TenantId {
        TenantId::parse(id).unwrap()
    }

    #[test]
    fn an_answer_is_given_again_for_half_a_second_unless_this_process_changed_something() {
        let (given, after) = (given(0), |millis| NOW + Duration::from_millis(millis));
        assert!(given.is_fresh(after(499), 3) && !given.is_fresh(after(500), 3) && !given.is_fresh(NOW, 4));
        given.look(Looked { at: after(500), changes: 4 });
        assert!(given.is_fresh(after(999), 4) && !given.is_fresh(after(999), 3));
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
    fn an_answer_weighs_what_it_holds_and_what_it_was_asked_with() {
        let recent = Recent::default();
        let (tenant, written) = (tenant("a"), [b'x'; 100]);
        let asked = Asked { tenant: &tenant, locale: Locale::En, form: "one", written: &written };
        let weight = Kept::of(asked, Arc::new(given(1000))).weight();
        assert!((1100..2000).contains(&weight), "{weight}");
        // Twice as many as there is room for.
        for n in 0..4 * MOST / 100_000 {
            let written = n.to_string();
            let asked = Asked { written: written.as_bytes(), ..asked };
            recent.keep(asked, Arc::new(given(100_000)));
            assert!(recent.find(asked).is_some());
        }
        assert!(recent.find(Asked { written: b"0", ..asked }).is_none());
    }

    #[test]
    fn tenants_languages_forms_and_lists_are_told_apart_even_where_their_hash_is_the_same() {
        let (a, b) = (tenant("a"), tenant("b"));
        let one = Asked { tenant: &a, locale: Locale::En, form: "one", written: b"x" };
        let others = [
            Asked { tenant: &b, ..one },
            Asked { locale: Locale::Es, ..one },
            Asked { form: "many", ..one },
            Asked { written: b"y", ..one },
        ];
        for other in others {
            let recent = Recent::default();
            recent.keep(one, Arc::new(given(1)));
            assert!(recent.find(one).is_some() && recent.find(other).is_none(), "{other:?}");
            // As if it had the hash of the other.
            let hash = recent.hasher.hash_one(other);
            recent.held().put(hash, Kept::of(one, Arc::new(given(1))), 1);
            assert!(recent.find(other).is_none(), "{other:?}");
            recent.held().put(hash.wrapping_add(1), Kept::of(one, Arc::new(given(1))), MOST);
            assert!(recent.find(other).is_none(), "{other:?}, of the older half");
        }
    }
}
