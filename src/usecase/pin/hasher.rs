//! Hashing PINs, and the passwords of the console: Argon2id over an HMAC under a key outside the database, in a pool of few places.
//!
//! A hash costs tens of milliseconds and 19 MiB on purpose. So few are made at a time, few more may wait, not for long and
//! no more than half of them of one tenant, and whoever comes after them is refused before anything is counted: a flood of
//! PINs leaves the rest of the service fast, and the other tenants their turn. Without the master key a copy of the database
//! confirms no PIN.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::Error;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{Semaphore, oneshot};
use zeroize::Zeroizing;

use crate::domain::id::{AdminId, ClientId, TenantId};
use crate::domain::key::{KeyId, KeyRing, KeySet};
use crate::domain::pin::tries::WAITS;
use crate::domain::refusal::Refusal;
use crate::ports::{self, Random};

/// 19 MiB, twice, in one lane: what OWASP asks for.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many may wait for each place: about a second.
const WAITING_FOR_EACH: usize = 24;
/// A place rests so many times as long as it worked: what a flood gets of the processors is an eighth, and what each
/// comparison then writes leaves the database to everybody else.
const REST: u32 = 3;
/// Where the machine gives a hash no time, its place need not rest as long again.
const REST_MOST: Duration = Duration::from_millis(500);
/// What is counted and timed, by its name in the figures.
const REFUSALS: &str = "countersign_pin_hash_refusals_total";
const WAITING: &str = "countersign_pin_hash_waiting";
const RUNNING: &str = "countersign_pin_hash_running";
const SECONDS: &str = "countersign_pin_hash_seconds";
#[cfg(target_os = "linux")]
const LEAST_URGENT: i32 = 19;

/// Whose it is: a hash is wrong for anybody else.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    pub tenant: &'a TenantId,
    pub whose: Whose<'a>,
}

/// What is hashed, and of whom.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    Pin(&'a ClientId),
    Password(&'a AdminId),
}

/// A PIN as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// A PHC string, its parameters and its salt in it.
    pub text: String,
    /// The master key whose subkey it was made with.
    pub key: KeyId,
}

/// What comparing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub ok: bool,
    /// Made with an old key or other parameters: to be hashed anew.
    pub outdated: bool,
}

/// Why a PIN was neither hashed nor compared. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum HashFault {
    #[error("a PIN was hashed with master key {0}, which is not among the configured ones")]
    Key(KeyId),
    #[error("the hash of a PIN cannot be read")]
    Kept,
    #[error("a PIN cannot be hashed: {0}")]
    Argon2(#[source] Error),
    #[error("the hashing of a PIN was stopped")]
    Stopped,
    /// It waited for its turn for too long.
    #[error("the pool that hashes PINs is busy")]
    Busy,
}

/// How large a pool is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many hash at a time.
    pub places: usize,
    /// How many more may wait.
    pub waiting: usize,
    /// For how long.
    pub waits: Duration,
}

/// Who is in the queue, those who hash now included.
struct Queue {
    /// How many it holds.
    most: usize,
    taken: Mutex<HashMap<TenantId, usize>>,
}

impl Queue {
    fn taken(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        // Nothing in here panics half way.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, where one is free and the tenant has less than half of them.
    fn take(&self, tenant: &TenantId) -> bool {
        let mut taken = self.taken();
        let all: usize = taken.values().sum();
        let own = taken.get(tenant).copied().unwrap_or(0);
        let free = all < self.most && own < self.most.div_ceil(2);
        if free {
            taken.insert(tenant.clone(), own + 1);
        }
        free
    }

    fn leave(&self, tenant: &TenantId) {
        let mut taken = self.taken();
        match taken.get_mut(tenant) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.remove(tenant)),
        }
    }
}

/// The pool.
#[derive(Clone)]
pub struct Hasher {
    ring: Arc<KeyRing>,
    random: Arc<dyn Random>,
    /// Who hashes now.
    places: Arc<Semaphore>,
    queue: Arc<Queue>,
    waits: Duration,
}

impl Hasher {
    /// A pool for this machine: half its processors are left to everything else.
    pub fn new(ring: Arc<KeyRing>, random: Arc<dyn Random>) -> Self {
        let places = std::thread::available_parallelism().map_or(1, NonZero::get).div_ceil(2);
        Self::of_size(ring, random, Size { places, waiting: places * WAITING_FOR_EACH, waits: WAITS })
    }

    /// A pool of a size.
    pub fn of_size(ring: Arc<KeyRing>, random: Arc<dyn Random>, size: Size) -> Self {
        let queue = Queue { most: size.places + size.waiting, taken: Mutex::default() };
        let places = Arc::new(Semaphore::new(size.places));
        Self { ring, random, places, queue: Arc::new(queue), waits: size.waits }
    }

    /// Takes a place in the queue, before anything is read or counted.
    ///
    /// # Errors
    /// [`Refusal::Busy`] where as many wait as may, of all or of this tenant.
    pub fn admit(&self, tenant: &TenantId) -> Result<Admission, Refusal> {
        if !self.queue.take(tenant) {
            return Err(refused());
        }
        let until = tokio::time::Instant::now() + self.waits;
        Ok(Admission { pool: self.clone(), tenant: tenant.clone(), until })
    }

    /// Whether a PIN that was made with this key can be compared. Where it cannot, the log says what to do.
    pub fn has_key(&self, key: KeyId) -> bool {
        let has = self.ring.by_id(key).is_some();
        if !has {
            tracing::error!(
                key.id = %key,
                "a PIN was hashed with a master key that is not configured: add it to old_master_keys, or have the PIN set anew"
            );
        }
        has
    }
}

/// Makes the pool's figures known, all zero.
pub fn announce() {
    metrics::counter!(REFUSALS).increment(0);
    metrics::gauge!(WAITING).increment(0.0);
    metrics::gauge!(RUNNING).increment(0.0);
    // Known by its name from now on, though it holds nothing yet.
    drop(metrics::histogram!(SECONDS));
}

/// The refusal of one more, counted.
fn refused() -> Refusal {
    metrics::counter!(REFUSALS).increment(1);
    Refusal::Busy
}

/// A place in the queue: who has one is served, or told within the time that one waits. One hash or comparison at a time.
pub struct Admission {
    pool: Hasher,
    tenant: TenantId,
    until: tokio::time::Instant,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.pool.queue.leave(&self.tenant);
    }
}

impl Admission {
    /// Hashes a PIN or a password to be kept.
    ///
    /// # Errors
    /// [`HashFault`]
    pub async fn hash(&self, secret: &str, of: Of<'_>) -> Result<Hashed, HashFault> {
        let keys = self.pool.ring.current();
        let keyed = keyed(keys, secret, of);
        let salt: [u8; 16] = ports::bytes(self.pool.random.as_ref());
        let argon2 = argon2()?;
        let made = self.in_place(move || argon2.hash_password_with_salt(&*keyed, &salt)).await?;
        Ok(Hashed { text: made.map_err(HashFault::Argon2)?.to_string(), key: keys.id })
    }

    /// Compares one with what was kept.
    ///
    /// # Errors
    /// [`HashFault`]
    pub async fn matches(&self, secret: &str, kept: &Hashed, of: Of<'_>) -> Result<Verdict, HashFault> {
        let ring = &self.pool.ring;
        let keys = ring.by_id(kept.key).ok_or(HashFault::Key(kept.key))?;
        let hash = PasswordHash::new(&kept.text).map_err(|_| HashFault::Kept)?;
        let argon2 = argon2()?;
        let outdated = keys.id != ring.current().id || !is_made_by(&argon2, &hash);
        let keyed = keyed(keys, secret, of);
        match self.in_place(move || argon2.verify_password(&*keyed, &hash)).await? {
            Ok(()) => Ok(Verdict { ok: true, outdated }),
            Err(Error::PasswordInvalid) => Ok(Verdict { ok: false, outdated }),
            Err(error) => Err(HashFault::Argon2(error)),
        }
    }

    /// Runs `work` on a thread of its own, once a place is free. Who goes away before that leaves the queue; what has
    /// begun keeps its place until it ends and the place has rested.
    async fn in_place<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFault> {
        let waits = Counted::new(WAITING);
        let place = tokio::time::timeout_at(self.until, Arc::clone(&self.pool.places).acquire_owned()).await;
        drop(waits);
        let place = place.map_err(|_| {
            refused();
            HashFault::Busy
        })?;
        let runs = Counted::new(RUNNING);
        let (reply, answer) = oneshot::channel();
        let hashing = std::thread::Builder::new().name("pin-hash".to_owned()).spawn(move || {
            let begun = Instant::now();
            yield_to_others();
            let done = work();
            let took = begun.elapsed();
            metrics::histogram!(SECONDS).record(took.as_secs_f64());
            drop(runs);
            // Nobody may be waiting any more.
            drop(reply.send(done));
            std::thread::sleep((took * REST).min(REST_MOST));
            drop(place);
        });
        hashing.map_err(|_| HashFault::Stopped)?;
        answer.await.map_err(|_| HashFault::Stopped)
    }
}

/// Puts this thread behind all others of the process: those only ever need a moment, and wait for none of ours.
fn yield_to_others() {
    // A thread of its own has a priority of its own on Linux only.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(LEAST_URGENT) {
        tracing::debug!(%error, "PINs are hashed as urgently as everything else");
    }
}

/// One of what a gauge counts, for as long as it lives.
struct Counted(&'static str);

impl Counted {
    fn new(gauge: &'static str) -> Self {
        metrics::gauge!(gauge).increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1.0);
    }
}

/// What is made from now on.
fn argon2() -> Result<Argon2<'static>, HashFault> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| HashFault::Argon2(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a kept hash has the algorithm, the version and the parameters of what is made now.
fn is_made_by(argon2: &Argon2<'_>, hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && params.is_ok_and(|params| {
            let ours = argon2.params();
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (ours.m_cost(), ours.t_cost(), ours.p_cost())
        })
}

/// What is hashed in place of the PIN: worth nothing without the key, and for nobody else.
fn keyed(keys: &KeySet, secret: &str, of: Of<'_>) -> Zeroizing<[u8; 32]> {
    let (what, id) = match of.whose {
        Whose::Pin(client) => ("pin", client.as_str()),
        Whose::Password(admin) => ("password", admin.as_str()),
    };
    let fields = [what, of.tenant.as_str(), id, secret].map(str::as_bytes);
    Zeroizing::new(keys.pin.mac(&fields))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::domain::key;
    use crate::ports::FixedRandom;

    fn keys(first: u8) -> KeySet {
        let bytes: [u8; 32] = std::array::from_fn(|i| first.wrapping_add(u8::try_from(i).unwrap()));
        KeySet::parse(&key::generate(&bytes)).unwrap()
    }

    fn pool(current: KeySet, old: Vec<KeySet>, places: usize, waiting: usize) -> Hasher {
        let ring = Arc::new(KeyRing::new(current, old));
        // However busy the machine is: a hash gives way to everything else on it.
        let waits = Duration::from_hours(1);
        Hasher::of_size(ring, Arc::new(FixedRandom::seeded(1)), Size { places, waiting, waits })
    }

    fn tenant(id: &str) -> TenantId {
        TenantId::parse(id).unwrap()
    }

    impl Hasher {
        fn admit_one(&self) -> Result<Admission, Refusal> {
            self.admit(&tenant("cornerstone"))
        }
    }

    /// Whose PINs the tests are about.
    fn whose() -> (TenantId, ClientId) {
        (TenantId::parse("cornerstone").unwrap(), ClientId::parse("lead-1").unwrap())
    }

    #[tokio::test]
    async fn a_pin_is_right_for_its_client_only() {
        let (tenant, client) = whose();
        let (other_tenant, other) = (TenantId::parse("compeo").unwrap(), ClientId::parse("lead-2").unwrap());
        let of = Of { tenant: &tenant, whose: Whose::Pin(&client) };
        let admission = pool(keys(1), vec![], 1, 1).admit_one().unwrap();
        let kept = admission.hash("482057", of).await.unwrap();
        assert!(kept.text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.text);
        assert!(!kept.text.contains("482057"));
        let again = admission.hash("482057", of).await.unwrap();
        assert_ne!(kept, again, "every hash has a salt of its own");
        for (typed, of, ok) in [
            ("482057", of, true),
            ("482058", of, false),
            ("482057", Of { tenant: &other_tenant, ..of }, false),
            ("482057", Of { whose: Whose::Pin(&other), ..of }, false),
        ] {
            let verdict = admission.matches(typed, &kept, of).await.unwrap();
            assert_eq!(verdict, Verdict { ok, outdated: false }, "{typed} {of:?}");
        }
    }

    #[tokio::test]
    async fn what_was_made_with_an_old_key_or_other_parameters_is_right_and_outdated() {
        let (tenant, client) = whose();
        let of = Of { tenant: &tenant, whose: Whose::Pin(&client) };
        let before = pool(keys(1), vec![], 1, 1).admit_one().unwrap().hash("482057", of).await.unwrap();
        let now = pool(keys(2), vec![keys(1)], 1, 1).admit_one().unwrap();
        let verdict = now.matches("482057", &before, of).await.unwrap();
        assert_eq!(verdict, Verdict { ok: true, outdated: true });
        let wrong = now.matches("482058", &before, of).await.unwrap();
        assert!(!wrong.ok);
        for (memory, passes, outdated) in [(12 * 1024, 3, true), (19 * 1024, 1, true), (19 * 1024, 2, false)]
        {
            let params = Params::new(memory, passes, 1, None).unwrap();
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let keyed = keyed(&keys(2), "482057", of);
            let hash = argon2.hash_password_with_salt(&*keyed, &[7; 16]).unwrap();
            let kept = Hashed { text: hash.to_string(), key: keys(2).id };
            let verdict = now.matches("482057", &kept, of).await.unwrap();
            assert_eq!(verdict, Verdict { ok: true, outdated }, "{memory} {passes}");
        }
        let forgotten = pool(keys(2), vec![], 1, 1).admit_one().unwrap();
        let unknown = forgotten.matches("482057", &before, of).await;
        assert!(matches!(unknown, Err(HashFault::Key(key)) if key == keys(1).id));
        let torn = Hashed { text: before.text[..40].to_owned(), key: keys(2).id };
        let read = now.matches("482057", &torn, of).await;
        assert!(read.is_err(), "{read:?}");
    }

    #[tokio::test]
    async fn a_flood_is_refused_at_the_door_and_one_tenants_leaves_room_for_the_others() {
        let pool = pool(keys(1), vec![], 1, 6);
        let (flood, other) = (tenant("cornerstone"), tenant("compeo"));
        let admitted: Vec<_> = (0..4).map(|_| pool.admit(&flood).unwrap()).collect();
        for _ in 0..30 {
            assert_eq!(pool.admit(&flood).err(), Some(Refusal::Busy), "half of it, and no more");
        }
        let others: Vec<_> = (0..3).map(|_| pool.admit(&other).unwrap()).collect();
        assert_eq!(pool.admit(&other).err(), Some(Refusal::Busy), "it is full");
        assert_eq!(pool.admit(&tenant("third")).err(), Some(Refusal::Busy));
        drop(admitted);
        assert!(pool.admit(&flood).is_ok(), "who is done makes room");
        drop(others);
        assert!(pool.queue.taken().is_empty());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_come_again() {
        let pool = Hasher { waits: Duration::ZERO, ..pool(keys(1), vec![], 1, 1) };
        let place = Arc::clone(&pool.places).acquire_owned().await.unwrap();
        let admission = pool.admit_one().unwrap();
        let told = admission.in_place(|| ()).await;
        assert!(matches!(told, Err(HashFault::Busy)), "{told:?}");
        drop(place);
        assert!(admission.in_place(|| ()).await.is_ok(), "where there is room nobody has waited too long");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_hash_at_a_time_than_there_are_places() {
        let pool = pool(keys(1), vec![], 2, 10);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (begun, begins) = mpsc::channel();
        let mut go_on = Vec::new();
        let mut tasks = Vec::new();
        for _ in 0..6 {
            let (go, gone) = mpsc::channel::<()>();
            go_on.push(go);
            let (admission, begun) = (pool.admit_one().unwrap(), begun.clone());
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            tasks.push(tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    begun.send(()).unwrap();
                    let _ = gone.recv();
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                admission.in_place(work).await.unwrap();
            }));
        }
        begins.recv().unwrap();
        begins.recv().unwrap();
        // Dropping what they wait for lets all of them go on.
        drop(go_on);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        drop(pool.places.acquire_many(2).await.unwrap());
        assert!(pool.queue.taken().is_empty());
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_leaves_the_queue() {
        let pool = pool(keys(1), vec![], 1, 1);
        let place = Arc::clone(&pool.places).acquire_owned().await.unwrap();
        let admission = pool.admit_one().unwrap();
        let mut waits = Box::pin(async move { admission.in_place(|| ()).await });
        assert!(futures_util::poll!(&mut waits).is_pending());
        drop(waits);
        drop(place);
        assert!(pool.queue.taken().is_empty());
    }
}
