//! Hashing PINs: Argon2id over an HMAC under a key outside the database.

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::domain::id::{ClientId, TenantId};
use crate::domain::key::{KeyId, KeyRing, KeySet};
use crate::domain::pin::secret::Pin;
use crate::domain::refusal::Refusal;
use std::sync::Arc;

/// Whose PIN it is: a hash is wrong for anybody else.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    pub tenant: &'a TenantId,
    pub client: &'a ClientId,
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
    /// Made with an old key or weaker parameters: to be hashed anew.
    pub outdated: bool,
}

/// The pool.
#[derive(Clone)]
pub struct Hasher {
    ring: Arc<KeyRing>,
}

impl Hasher {
    pub fn new(ring: Arc<KeyRing>) -> Self {
        Self { ring }
    }

    /// # Errors
    /// `Busy`, where the pool has more to do than it may.
    pub async fn hash(&self, pin: &Pin, of: Of<'_>) -> Result<Hashed, Refusal> {
        let keys = self.ring.current();
        let text = Argon2::default().hash_password(&keyed(keys, pin, of)).map_err(|_| Refusal::Busy)?;
        Ok(Hashed { text: text.to_string(), key: keys.id })
    }

    /// # Errors
    /// `Busy`, where the pool has more to do than it may.
    pub async fn matches(&self, pin: &Pin, stored: &Hashed, of: Of<'_>) -> Result<Verdict, Refusal> {
        let keys = self.ring.by_id(stored.key).ok_or(Refusal::Busy)?;
        let hash = argon2::PasswordHash::new(&stored.text).map_err(|_| Refusal::Busy)?;
        let ok = Argon2::default().verify_password(&keyed(keys, pin, of), &hash).is_ok();
        Ok(Verdict { ok, outdated: keys.id != self.ring.current().id })
    }
}

fn keyed(keys: &KeySet, pin: &Pin, of: Of<'_>) -> [u8; 32] {
    let fields =
        [b"pin", of.tenant.as_str().as_bytes(), of.client.as_str().as_bytes(), pin.expose().as_bytes()];
    keys.pin.mac(&fields)
}
