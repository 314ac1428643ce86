//! What the service asks of the machine it runs on: the time and randomness.
//!
//! Everything else takes them as arguments, so that a test decides both.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rand::TryRng as _;
use sha2::{Digest as _, Sha256};

use crate::domain::timestamp::Timestamp;

/// The clocks of a machine.
pub trait Clock: Send + Sync {
    /// The time of day, which somebody may set.
    fn wall(&self) -> Timestamp;

    /// How long the process has run, whatever becomes of the time of day.
    fn running(&self) -> Duration;
}

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// Draws a fixed number of bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// The machine's clocks.
pub struct SystemClock;

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn wall(&self) -> Timestamp {
        time::OffsetDateTime::now_utc().into()
    }

    fn running(&self) -> Duration {
        STARTED.elapsed()
    }
}

/// The operating system's generator.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without randomness cannot make a secret: stopping is the only safe answer.
        if let Err(error) = rand::rngs::SysRng.try_fill_bytes(bytes) {
            tracing::error!(%error, "the operating system gives no random bytes");
            std::process::abort();
        }
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct FixedClock {
    wall: Arc<AtomicI64>,
    running: Arc<AtomicU64>,
}

impl FixedClock {
    pub fn at(at: Timestamp) -> Self {
        Self { wall: Arc::new(AtomicI64::new(at.millis())), running: Arc::default() }
    }

    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.running.fetch_add(millis, Ordering::SeqCst);
        self.wall.fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets the time of day; no time passes.
    pub fn set(&self, at: Timestamp) {
        self.wall.store(at.millis(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.wall.load(Ordering::SeqCst))
    }

    fn running(&self) -> Duration {
        Duration::from_millis(self.running.load(Ordering::SeqCst))
    }
}

/// The same bytes for the same seed, for tests only.
pub struct FixedRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl FixedRandom {
    pub fn seeded(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for FixedRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}
