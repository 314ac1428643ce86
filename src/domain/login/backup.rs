//! Backup codes: ten of 60 bits, written in Crockford's base 32, each good once; a new set voids the one before it.
//!
//! Kept by a keyed hash under the set's own name, so that a copy of the database without the key confirms none of them.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

use crate::domain::id::{TenantId, UserId};
use crate::domain::key::{KeyId, KeyRing, KeySet};

/// How many a set has.
pub const CODES: usize = 10;
/// How few are left when somebody is told to get new ones.
pub const FEW: usize = 3;
/// Characters of a code, of five bits each.
const LENGTH: usize = 12;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A backup code in capitals, without its hyphens. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct BackupCode(String);

impl BackupCode {
    fn new(random: [u8; 8]) -> Self {
        let value = u64::from_be_bytes(random);
        let letter = |at: usize| char::from(ALPHABET[((value >> (5 * at)) & 31) as usize]);
        Self((0..LENGTH).map(letter).collect())
    }

    /// What somebody typed: any case, with or without hyphens, O as 0, I and L as 1. `None` is no backup code at all.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH + 1);
        for c in text.chars().take(64) {
            match c.to_ascii_uppercase() {
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
                c if c.is_whitespace() => {}
                'O' => code.push('0'),
                'I' | 'L' => code.push('1'),
                c if u8::try_from(c).is_ok_and(|b| ALPHABET.contains(&b)) => code.push(c),
                _ => return None,
            }
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// As it is shown, once: three groups.
    pub fn expose(&self) -> String {
        format!("{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }

    fn hash(&self, keys: &KeySet, of: Owner<'_>, set: &str) -> String {
        let fields = [of.tenant.as_str(), of.user.as_str(), set, &self.0];
        hex::encode(keys.backup.mac(&fields.map(str::as_bytes)))
    }
}

impl fmt::Debug for BackupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Whose codes they are: the same letters are wrong everywhere else.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub tenant: &'a TenantId,
    pub user: &'a UserId,
}

/// A set as it is kept: what is left of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupCodes {
    /// Drawn anew for each set.
    set: String,
    key: String,
    hashes: Vec<String>,
}

impl BackupCodes {
    /// A new set, and the codes to show.
    pub fn draw(
        keys: &KeySet,
        of: Owner<'_>,
        set: [u8; 16],
        random: [[u8; 8]; CODES],
    ) -> (Self, Vec<BackupCode>) {
        let set = hex::encode(set);
        let codes: Vec<_> = random.into_iter().map(BackupCode::new).collect();
        let hashes = codes.iter().map(|code| code.hash(keys, of, &set)).collect();
        (Self { set, key: keys.id.to_string(), hashes }, codes)
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.hashes.len()
    }

    /// Takes one that was typed, if it is there: it is gone then.
    pub fn take(&mut self, ring: &KeyRing, of: Owner<'_>, typed: &BackupCode) -> bool {
        let Some(keys) = KeyId::parse(&self.key).and_then(|id| ring.by_id(id)) else { return false };
        let hash = typed.hash(keys, of, &self.set);
        let before = self.hashes.len();
        // Every one is compared, whichever it is.
        self.hashes.retain(|kept| !bool::from(kept.as_bytes().ct_eq(hash.as_bytes())));
        self.hashes.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn keys() -> KeySet {
        let master: Vec<u8> = (0..32).collect();
        KeySet::parse(&base64::prelude::BASE64_STANDARD.encode(master)).unwrap()
    }

    fn drawn() -> [[u8; 8]; CODES] {
        std::array::from_fn(|i| [u8::try_from(i).unwrap() * 23 + 1; 8])
    }

    #[test]
    fn look_alikes_and_any_case_are_accepted_and_nothing_else() {
        let code = BackupCode("01AB23CD45EF".to_owned());
        assert_eq!(code.expose(), "01AB-23CD-45EF");
        for (typed, good) in [
            ("01AB-23CD-45EF", true),
            ("oiab 23cd 45ef", true),
            ("OLAB23CD45EF", true),
            ("01AB–23CD—45EF", true),
            ("01AB-23CD-45E", false),
            ("01AB-23CD-45EFG", false),
            ("01AB-23CD-45EU", false),
            ("", false),
        ] {
            assert_eq!(BackupCode::parse(typed).is_some_and(|typed| typed.0 == code.0), good, "{typed}");
        }
        assert_eq!(format!("{code:?}"), "[REDACTED]");
    }

    #[test]
    fn each_is_good_once_for_its_owner_and_its_set_alone() {
        let ring = KeyRing::new(keys(), Vec::new());
        let [tenant, other] = ["acme", "other"].map(|id| TenantId::parse(id).unwrap());
        let [user, another] = ["u-1", "u-2"].map(|id| UserId::parse(id).unwrap());
        let of = Owner { tenant: &tenant, user: &user };
        let (mut set, codes) = BackupCodes::draw(ring.current(), of, [1; 16], drawn());
        assert_eq!((set.left(), codes.len()), (CODES, CODES));
        for foreign in [Owner { tenant: &other, user: &user }, Owner { tenant: &tenant, user: &another }] {
            assert!(!set.take(&ring, foreign, &codes[0]));
        }
        assert!(set.take(&ring, of, &codes[0]));
        assert!(!set.take(&ring, of, &codes[0]));
        assert_eq!(set.left(), CODES - 1);
        let (mut next, _) = BackupCodes::draw(ring.current(), of, [2; 16], drawn());
        assert!(next.take(&ring, of, &codes[0]), "the same letters were drawn");
        let hashes = |set: &BackupCodes| set.hashes.clone();
        assert!(hashes(&next).iter().all(|hash| !hashes(&set).contains(hash)));
    }
}
