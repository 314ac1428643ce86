//! Sealing what must be read back, and indexing what must be found again.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce; the associated data names table, column, row and tenant, so a
//! sealed value moved elsewhere does not open. The key's id stands in front of every value.
//!
//! The cipher is put together as it is defined: HChaCha20 makes a key of the first 16 bytes of the nonce, and
//! ChaCha20-Poly1305 takes the others. So it is `ring` that does the work, several times as fast for a row.

use chacha20::{R20, hchacha};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;
use zeroize::Zeroizing;

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

/// The cipher for one nonce, with what is left of it.
fn cipher(keys: &KeySet, nonce: &[u8; 24]) -> Result<(LessSafeKey, Nonce), Unspecified> {
    let (mut first, mut last) = ([0; 16], [0; 12]);
    first.copy_from_slice(&nonce[..16]);
    last[4..].copy_from_slice(&nonce[16..]);
    let key: Zeroizing<[u8; 32]> =
        Zeroizing::new(hchacha::<R20>(keys.seal.bytes().into(), &first.into()).into());
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.as_slice())?);
    Ok((key, Nonce::assume_unique_for_key(last)))
}

/// Seals under the key set.
pub fn seal(keys: &KeySet, place: Place<'_>, nonce: [u8; 24], plain: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEADER + plain.len() + CHACHA20_POLY1305.tag_len());
    value.push(VERSION);
    value.extend_from_slice(&keys.id.0);
    value.extend_from_slice(&nonce);
    value.extend_from_slice(plain);
    let sealed = cipher(keys, &nonce).and_then(|(key, left)| {
        key.seal_in_place_separate_tag(left, Aad::from(place.associated()), &mut value[HEADER..])
    });
    match sealed {
        Ok(tag) => value.extend_from_slice(tag.as_ref()),
        // Fails only for messages beyond the cipher's 256 GiB; what is left then does not open.
        Err(Unspecified) => value.truncate(HEADER),
    }
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
    let (key, left) = cipher(keys, &nonce).map_err(|_| Unopened::Altered)?;
    let mut plain = value[HEADER..].to_vec();
    let opened = key.open_in_place(left, Aad::from(place.associated()), &mut plain);
    let length = opened.map_err(|_| Unopened::Altered)?.len();
    plain.truncate(length);
    Ok(plain)
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
    fn it_is_the_cipher_that_another_library_calls_by_this_name() {
        use chacha20poly1305::aead::{Aead as _, Payload};
        use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
        let (ring, tenant) = (ring(1), TenantId::parse("a").unwrap());
        let place = Place { tenant: &tenant, table: "client", column: "contacts", row: "c-1" };
        let other = XChaCha20Poly1305::new(ring.current().seal.bytes().into());
        for length in [0, 1, 63, 64, 65, 700] {
            let plain: Vec<u8> = (0..=255).cycle().take(length).collect();
            let nonce = std::array::from_fn(|i| 200 - u8::try_from(i * 7).unwrap());
            let sealed = seal(ring.current(), place, nonce, &plain);
            assert_eq!(sealed[5..HEADER], nonce);
            let payload = Payload { msg: plain.as_slice(), aad: &place.associated() };
            assert_eq!(sealed[HEADER..], other.encrypt(&nonce.into(), payload).unwrap(), "{length} bytes");
            assert_eq!(open(&ring, place, &sealed).unwrap(), plain);
        }
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
