//! The master keys and what is made from them.
//!
//! One master key, outside the database, gives a subkey for each use (HKDF-SHA256, RFC 5869, a label a use), so no
//! two uses share a key. Old master keys still open what they made. Nothing here can be printed.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

/// A secret of 32 bytes for one use.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Subkey([u8; 32]);

impl Subkey {
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 over fields, each preceded by its length, so that no two lists of fields look the same.
    pub fn mac(&self, fields: &[&[u8]]) -> [u8; 32] {
        let mut mac = hmac(&self.0);
        for field in fields {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Subkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC pads a short key to its block with zeros (RFC 2104): doing it here leaves no error to handle.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    Hmac::<Sha256>::new((&*block).into())
}

/// Names a master key without telling anything of it; stands beside whatever was made with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl KeyId {
    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 4];
        hex::decode_to_slice(text, &mut id).ok().map(|()| Self(id))
    }
}

/// The subkeys of one master key.
#[derive(Clone, Debug)]
pub struct KeySet {
    pub id: KeyId,
    /// One-time codes.
    pub code: Subkey,
    /// What is stored to be read back.
    pub seal: Subkey,
    /// What is stored to be found again.
    pub index: Subkey,
    /// Audit entries.
    pub audit: Subkey,
    /// Agent tokens.
    pub token: Subkey,
    /// The keys in callback addresses.
    pub callback: Subkey,
    /// Links to public pages.
    pub link: Subkey,
    /// Security PINs, before they are hashed.
    pub pin: Subkey,
    /// Backup codes of a second step.
    pub backup: Subkey,
}

/// Why a master key is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("a master key is base64 of exactly 32 bytes; `countersign keygen` makes one")]
    Form,
    #[error("this master key has fewer than 16 different bytes; `countersign keygen` makes a good one")]
    Weak,
}

impl KeySet {
    /// # Errors
    /// Text that is not base64 of 32 bytes, or with fewer than 16 different ones.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let decoded = Zeroizing::new(BASE64_STANDARD.decode(text.trim()).map_err(|_| BadKey::Form)?);
        let mut master: [u8; 32] = decoded.as_slice().try_into().map_err(|_| BadKey::Form)?;
        if decoded.iter().collect::<BTreeSet<_>>().len() < 16 {
            return Err(BadKey::Weak);
        }
        let set = Self::derive(&master);
        master.zeroize();
        Ok(set)
    }

    fn derive(master: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"countersign/v1"), master);
        let subkey = |label: &str| {
            let mut key = [0; 32];
            // 32 bytes are far below HKDF's limit of 255 blocks, the only failure it knows.
            let _ = hkdf.expand(label.as_bytes(), &mut key);
            Subkey(key)
        };
        let id = subkey("id").0;
        Self {
            id: KeyId([id[0], id[1], id[2], id[3]]),
            code: subkey("code"),
            seal: subkey("seal"),
            index: subkey("index"),
            audit: subkey("audit"),
            token: subkey("token"),
            callback: subkey("callback"),
            link: subkey("link"),
            pin: subkey("pin"),
            backup: subkey("backup"),
        }
    }
}

/// The key in use and the old ones that still open what they made.
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: KeySet,
    old: Vec<KeySet>,
}

impl KeyRing {
    pub fn new(current: KeySet, old: Vec<KeySet>) -> Self {
        Self { current, old }
    }

    /// What everything new is made with.
    pub fn current(&self) -> &KeySet {
        &self.current
    }

    /// The current key, then the old ones.
    pub fn all(&self) -> impl Iterator<Item = &KeySet> {
        std::iter::once(&self.current).chain(&self.old)
    }

    /// The key of that id, current or old.
    pub fn by_id(&self, id: KeyId) -> Option<&KeySet> {
        self.all().find(|set| set.id == id)
    }
}

/// A new master key as `keygen` prints it.
pub fn generate(random: &[u8; 32]) -> String {
    BASE64_STANDARD.encode(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_malformed_keys_are_refused() {
        let encode = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let good: Vec<u8> = (0..32).collect();
        assert!(KeySet::parse(&encode(&good)).is_ok());
        let sixteen: Vec<u8> = (0..32).map(|i| i % 16).collect();
        assert!(KeySet::parse(&encode(&sixteen)).is_ok());
        let fifteen: Vec<u8> = (0..32).map(|i| i % 15).collect();
        assert_eq!(KeySet::parse(&encode(&fifteen)).unwrap_err(), BadKey::Weak);
        for bad in ["", "secret", &encode(&good[..31]), &encode(&[good.clone(), vec![1]].concat())] {
            assert_eq!(KeySet::parse(bad).unwrap_err(), BadKey::Form, "{bad}");
        }
    }

    #[test]
    fn every_use_has_a_key_of_its_own_and_none_is_printed() {
        let set = KeySet::derive(&[7; 32]);
        let all =
            [&set.code, &set.seal, &set.index, &set.audit, &set.token, &set.callback, &set.link, &set.pin];
        let different: BTreeSet<_> = all.iter().map(|k| *k.bytes()).collect();
        assert_eq!(different.len(), all.len());
        assert!(format!("{set:?}").contains("[REDACTED]"));
        assert!(!format!("{set:?}").contains(&hex::encode(set.code.bytes())));
    }

    #[test]
    fn fields_cannot_run_into_each_other() {
        let key = KeySet::derive(&[7; 32]).code;
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
        assert_ne!(key.mac(&[b"ab"]), key.mac(&[b"ab", b""]));
    }
}
