//! Identifiers, each kind a type of its own.
//!
//! Ours announce their kind by a prefix and sort by time; the host's are its own words, checked once here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::timestamp::Timestamp;
use super::wrong::Wrong;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 48 bits of time and 80 random bits in Crockford's base 32: 26 characters that sort by time.
fn encode(at: Timestamp, random: [u8; 10]) -> String {
    let millis = u128::from(u64::try_from(at.millis()).unwrap_or(0) & 0xffff_ffff_ffff);
    let mut value = millis;
    for byte in random {
        value = (value << 8) | u128::from(byte);
    }
    (0..26u32).rev().map(|i| char::from(ALPHABET[((value >> (5 * i)) & 31) as usize])).collect()
}

/// Text that is not an identifier of the kind asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadId(pub String);

macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A new one from the service's clock and randomness.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(format!("{}{}", $prefix, encode(at, random)))
            }

            /// # Errors
            /// Text without the prefix or not of our form.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                let rest = text.strip_prefix($prefix);
                if rest.is_some_and(|r| r.len() == 26 && r.bytes().all(|b| ALPHABET.contains(&b))) {
                    return Ok(Self(text.to_owned()));
                }
                Err(BadId(format!("an id here starts with {}", $prefix)))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! host_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// Empty, longer than 200 characters, or with control characters.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                check_host_text(text).map(|()| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

fn check_host_text(text: &str) -> Result<(), BadId> {
    if text.trim().is_empty() {
        return Err(BadId("an id must not be empty".into()));
    }
    if text.chars().count() > 200 {
        return Err(BadId("an id has at most 200 characters".into()));
    }
    if text.chars().any(char::is_control) {
        return Err(BadId("an id has no control characters".into()));
    }
    Ok(())
}

own_id!(/// One code asked of one subject.
    ChallengeId, "chl_");
own_id!(/// One email, text or call on its way.
    MessageId, "msg_");
own_id!(/// One webhook on its way to the host; also its `webhook-id`.
    EventId, "evt_");
own_id!(/// One signer of one document.
    SigningId, "sgn_");
own_id!(/// One participant of one session, in our own words.
    ParticipantId, "par_");
own_id!(/// One sign-in of a user of the CRM.
    LoginId, "lgn_");
own_id!(/// One browser that a user of the CRM trusts.
    DeviceId, "dev_");
own_id!(/// One entry of the audit log.
    AuditId, "aud_");
own_id!(/// One account of the console.
    AdminId, "adm_");
own_id!(/// One session of the console.
    AdminSessionId, "ads_");
own_id!(/// One API key, by which it is revoked.
    ApiKeyId, "key_");
own_id!(/// One webhook or push secret.
    SecretId, "sec_");

host_id!(/// A client, in the host's words.
    ClientId);
host_id!(/// A contact of a client, in the host's words.
    ContactId);
host_id!(/// A user of the CRM, in the host's words.
    AgentId);
host_id!(/// A user of the CRM who signs in, in the host's words.
    UserId);
host_id!(/// A live session, in the host's words.
    SessionId);
host_id!(/// A document to be signed, in the host's words.
    DocumentId);

/// A tenant: lower-case letters, digits, `-` and `_`, at most 64, as it stands in URLs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TenantId(String);

impl TenantId {
    /// # Errors
    /// Anything but 1 to 64 of `a-z`, `0-9`, `-`, `_`.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if (1..=64).contains(&text.len()) && text.bytes().all(known) {
            return Ok(Self(text.to_owned()));
        }
        Err(BadId(Self::wrong(text).into()))
    }

    /// That a text is no such id.
    pub fn wrong(text: &str) -> Wrong {
        Wrong::of("fault.tenant_id", [("text", format!("{text:?}"))])
    }

    /// The tenant whose users are the console's own: no company, in no table, made anew at each start.
    pub fn console() -> Self {
        Self("countersign".to_owned())
    }

    pub fn is_console(&self) -> bool {
        *self == Self::console()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TenantId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_ours_sort_by_time_and_parse_back() {
        let early = ChallengeId::new(Timestamp::from_millis(1_700_000_000_000), [255; 10]);
        let late = ChallengeId::new(Timestamp::from_millis(1_700_000_000_001), [0; 10]);
        assert!(early < late);
        assert_eq!(ChallengeId::parse(early.as_str()), Ok(early.clone()));
        assert!(MessageId::parse(early.as_str()).is_err());
        assert!(ChallengeId::parse("chl_short").is_err());
    }

    #[test]
    fn ids_of_the_host_are_any_printable_words() {
        for good in ["lead-10482", "a.b|c:d", "客户 7", &"x".repeat(200)] {
            assert!(ClientId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert!(ClientId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
