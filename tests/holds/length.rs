//! How long the tests are, and their chances. The only place that reads the environment for them.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

#[expect(clippy::disallowed_methods, reason = "a harness is told by its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// One number in the short version, another in the long one.
pub fn either(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

pub fn is_long() -> bool {
    variable("HOLDS").is_some_and(|value| value == "long")
}

/// Chances that a seed repeats (splitmix64).
pub struct Dice(u64);

impl Dice {
    /// A new seed, or that of `HOLDS_SEED`; it is printed, and shown where the test fails.
    #[expect(clippy::print_stdout, reason = "shown where the test fails")]
    pub fn thrown(test: &str) -> Self {
        let seed = match variable("HOLDS_SEED") {
            Some(given) => given.parse().expect("HOLDS_SEED is a number"),
            None => RandomState::new().build_hasher().finish(),
        };
        println!("{test}: HOLDS_SEED={seed}");
        Self(seed)
    }

    /// A number below this.
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }
}
