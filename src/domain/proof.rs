//! The proof that a typed code was right: a token that the person's browser takes to the host, whose server redeems it.
//!
//! 256 random bits, kept by their SHA-256 only, good once and for five minutes.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

use super::guest::Method;
use super::timestamp::Timestamp;

/// How long a proof waits to be redeemed.
pub const PROOF_LASTS: Duration = Duration::from_secs(5 * 60);
/// Characters of a proof: 256 bits.
const LENGTH: usize = 43;

/// A proof as it travels. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Proof(String);

impl Proof {
    pub fn new(random: [u8; 32]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// What stands where a proof stands. What cannot be one is compared like one that could be.
    pub fn given(text: &str) -> Self {
        Self(text.chars().take(LENGTH + 1).collect())
    }

    /// The proof itself, for the address that the browser is sent on to.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(in crate::domain) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Whether it is the one that was kept.
    pub(in crate::domain) fn is(&self, kept: &str) -> bool {
        kept.as_bytes().ct_eq(self.hash().as_bytes()).into()
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// What a browser brings along in a cookie, by which it is known again: a trusted device, or one in which a code was typed.
/// Made and kept as a proof is, and no proof. Cannot be printed.
#[derive(Clone)]
pub struct BrowserToken(Proof);

impl BrowserToken {
    pub fn new(random: [u8; 32]) -> Self {
        Self(Proof::new(random))
    }

    /// What stands in the cookie, whatever it is.
    pub fn given(text: &str) -> Self {
        Self(Proof::given(text))
    }

    /// The token itself, for the cookie only.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it.
    pub(in crate::domain) fn hash(&self) -> String {
        self.0.hash()
    }

    /// Whether it is the one that was kept.
    pub(in crate::domain) fn is(&self, kept: &str) -> bool {
        self.0.is(kept)
    }
}

impl fmt::Debug for BrowserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A proof that waits, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept<M = Method> {
    hash: String,
    pub verified_at: Timestamp,
    pub method: M,
    epoch: i64,
}

/// The proofs of one person that wait, each with how it was earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proofs<M = Method>(Vec<Kept<M>>);

impl<M> Default for Proofs<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M> Proofs<M> {
    /// Keeps a new one, and forgets those whose time is over.
    pub fn keep(&mut self, proof: &Proof, method: M, now: Timestamp, epoch: i64) {
        self.0.retain(|kept| kept.is_live(now, epoch));
        self.0.push(Kept { hash: proof.hash(), verified_at: now, method, epoch });
    }

    /// Takes the one that was given, if it is there: nobody else gets it again.
    pub fn redeem(&mut self, given: &Proof, now: Timestamp, epoch: i64) -> Option<Kept<M>> {
        let same = |kept: &Kept<M>| given.is(&kept.hash);
        // Every one is compared, whichever it is.
        let found = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, kept)| same(kept))
            .map(|(at, _)| at)
            .fold(None, |_, at| Some(at))?;
        let kept = self.0.remove(found);
        kept.is_live(now, epoch).then_some(kept)
    }

    /// Nothing that was proven before counts any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<M> Kept<M> {
    fn is_live(&self, now: Timestamp, epoch: i64) -> bool {
        now < self.verified_at + PROOF_LASTS && self.epoch == epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_good_once_in_its_time_and_in_its_epoch() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let proof = Proof::new([7; 32]);
        assert_eq!((proof.expose().len(), format!("{proof:?}").as_str()), (LENGTH, "[REDACTED]"));
        let seconds = Duration::from_secs;
        for (given, later, epoch, good) in [
            (proof.expose(), 0, 1, true),
            (proof.expose(), 299, 1, true),
            (proof.expose(), 300, 1, false),
            (proof.expose(), 0, 2, false),
            (&proof.expose()[1..], 0, 1, false),
            (&format!("{}x", proof.expose()), 0, 1, false),
            ("", 0, 1, false),
        ] {
            let mut proofs = Proofs::default();
            proofs.keep(&Proof::new([8; 32]), Method::Told, now, 1);
            proofs.keep(&proof, Method::Sms, now, 1);
            let redeemed = proofs.redeem(&Proof::given(given), now + seconds(later), epoch);
            assert_eq!(
                redeemed.map(|kept| kept.method),
                good.then_some(Method::Sms),
                "{given} {later} {epoch}"
            );
            assert_eq!(
                proofs.redeem(&proof, now + seconds(later), epoch).is_some(),
                given != proof.expose() && later < 300
            );
        }
    }
}
