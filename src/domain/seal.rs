//! Sealing what must be read back, and indexing what must be found again.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce; the associated data names table, column, row and tenant, so a
//! sealed value moved elsewhere does not open. The key's id stands in front of every value.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

use super::id::TenantId;
use super::key::{KeyId, KeyRing, KeySet};

const VERSION: u8 = 1;
const HEADER: usize = 1 + 4 + 24;

/// Where a sealed value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub tenant: &'a TenantId,
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a str,
}

impl Place<'_> {
    fn associated(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(128);
        for field in [self.tenant.as_str(), self.table, self.column, self.row] {
            data.extend_from_slice(&(field.len() as u64).to_be_bytes());
            data.extend_from_slice(field.as_bytes());
        }
        data
    }
}

/// A value that does not open: altered, moved, or made with a key that is not on the ring.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    #[error("sealed with master key {0}, which is not among the configured ones")]
    UnknownKey(KeyId),
    #[error("the sealed value was altered or moved")]
    Altered,
}

/// Seals under the key set.
pub fn seal(keys: &KeySet, place: Place<'_>, nonce: [u8; 24], plain: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(keys.seal.bytes().into());
    let associated = place.associated();
    let payload = Payload { msg: plain, aad: &associated };
    // Fails only for messages beyond the cipher's 256 GiB; an empty value then does not open.
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
    let mut value = Vec::with_capacity(HEADER + sealed.len());
    value.push(VERSION);
    value.extend_from_slice(&keys.id.0);
    value.extend_from_slice(&nonce);
    value.extend_from_slice(&sealed);
    value
}

/// The key a sealed value was made with.
pub fn key_of(value: &[u8]) -> Option<KeyId> {
    (value.first() == Some(&VERSION)).then(|| value.get(1..5)?.try_into().ok().map(KeyId)).flatten()
}

/// Opens what [`seal`] made for the same place.
///
/// # Errors
/// [`Unopened`] for a value altered, moved, or sealed with a key that is not on the ring.
pub fn open(ring: &KeyRing, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>, Unopened> {
    let id = key_of(value).ok_or(Unopened::Altered)?;
    let keys = ring.by_id(id).ok_or(Unopened::UnknownKey(id))?;
    let nonce: [u8; 24] = value.get(5..HEADER).and_then(|n| n.try_into().ok()).ok_or(Unopened::Altered)?;
    let associated = place.associated();
    let payload = Payload { msg: &value[HEADER..], aad: &associated };
    XChaCha20Poly1305::new(keys.seal.bytes().into())
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Unopened::Altered)
}

/// A keyed index of a normalised address or number: found again by whoever holds the key, by nobody else.
pub fn index(keys: &KeySet, tenant: &TenantId, normal: &str) -> String {
    hex::encode(&keys.index.mac(&[b"destination", tenant.as_str().as_bytes(), normal.as_bytes()])[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key;

    fn ring(first: u8) -> KeyRing {
        let bytes: [u8; 32] = std::array::from_fn(|i| first.wrapping_add(u8::try_from(i).unwrap()));
        KeyRing::new(KeySet::parse(&key::generate(&bytes)).unwrap(), vec![])
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_was_put() {
        let ring = ring(1);
        let (a, b) = (TenantId::parse("a").unwrap(), TenantId::parse("b").unwrap());
        let place = Place { tenant: &a, table: "client", column: "contacts", row: "c-1" };
        let sealed = seal(ring.current(), place, [9; 24], b"ana@x.test");
        assert_eq!(open(&ring, place, &sealed).unwrap(), b"ana@x.test");
        let elsewhere = [
            Place { tenant: &b, ..place },
            Place { table: "message", ..place },
            Place { column: "name", ..place },
            Place { row: "c-2", ..place },
        ];
        for moved in elsewhere {
            assert_eq!(open(&ring, moved, &sealed), Err(Unopened::Altered), "{moved:?}");
        }
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert!(open(&ring, place, &altered).is_err(), "byte {i}");
        }
        assert!(open(&ring, place, &sealed[..10]).is_err());
    }

    #[test]
    fn an_old_key_still_opens_what_it_made_and_a_foreign_one_is_named() {
        let (old, new) = (ring(1), ring(40));
        let tenant = TenantId::parse("a").unwrap();
        let place = Place { tenant: &tenant, table: "t", column: "c", row: "r" };
        let sealed = seal(old.current(), place, [9; 24], b"x");
        let both = KeyRing::new(new.current().clone(), vec![old.current().clone()]);
        assert_eq!(open(&both, place, &sealed).unwrap(), b"x");
        assert_eq!(open(&new, place, &sealed), Err(Unopened::UnknownKey(old.current().id)));
    }
}
