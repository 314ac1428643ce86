//! Agent tokens: signed claims that a browser holds for at most an hour.
//!
//! No look-up is needed to read one, and the same claims always give the same token, so an answer that carried one
//! can be kept without it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

use super::agent::Agent;
use super::id::{ClientId, SessionId, SigningId, TenantId};
use super::key::{KeyId, KeyRing};
use super::timestamp::Timestamp;

/// How long a token lives at most.
pub const TOKEN_LASTS: Duration = Duration::from_secs(3600);
/// What every agent token starts with.
pub const PREFIX: &str = "cst_";
/// Longer ones are refused unread.
const MOST: usize = 8192;

/// What a token may act on. The status of every client of its tenant may still be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub clients: Vec<ClientId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signings: Vec<SigningId>,
}

impl Named {
    /// How many of one kind are named at most.
    pub fn most(&self) -> usize {
        self.clients.len().max(self.sessions.len()).max(self.signings.len())
    }
}

impl From<ClientId> for Named {
    fn from(client: ClientId) -> Self {
        Self { clients: vec![client], ..Self::default() }
    }
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub tenant: TenantId,
    pub agent: Agent,
    #[serde(flatten)]
    pub named: Named,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// The API key or webhook secret it was made for: it dies with it.
    pub via: String,
    /// The master key that signs it.
    pub key: String,
}

impl Claims {
    /// Whether they have not expired.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// The token of these claims; `None` if their key is not on the ring, or if it were too long to be read.
pub fn sign(ring: &KeyRing, claims: &Claims) -> Option<String> {
    let keys = ring.by_id(KeyId::parse(&claims.key)?)?;
    let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).ok()?);
    let mac = BASE64_URL_SAFE_NO_PAD.encode(keys.token.mac(&[b"agent", body.as_bytes()]));
    Some(format!("{PREFIX}{body}.{mac}")).filter(|token| token.len() <= MOST)
}

/// The claims of a token that one of the ring's keys signed and that has not expired.
pub fn verify(ring: &KeyRing, token: &str, now: Timestamp) -> Option<Claims> {
    let (body, mac) = token.strip_prefix(PREFIX)?.split_once('.')?;
    if token.len() > MOST {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let keys = KeyId::parse(&claims.key).and_then(|id| ring.by_id(id))?;
    let given = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
    let right: bool = keys.token.mac(&[b"agent", body.as_bytes()]).as_slice().ct_eq(&given).into();
    (right && claims.holds(now)).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::{KeySet, generate};

    fn ring() -> KeyRing {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        KeyRing::new(KeySet::parse(&generate(&bytes)).unwrap(), vec![])
    }

    #[test]
    fn a_token_holds_for_its_hour_and_not_when_altered() {
        let ring = ring();
        let now = Timestamp::from_seconds(1_800_000_000);
        let claims = Claims {
            tenant: TenantId::parse("cornerstone").unwrap(),
            agent: Agent::parse("u-77", Some("Maria Lopez"), None, None).unwrap(),
            named: ClientId::parse("lead-1").unwrap().into(),
            issued_at: now,
            expires_at: now + TOKEN_LASTS,
            via: "key_1".into(),
            key: ring.current().id.to_string(),
        };
        let token = sign(&ring, &claims).unwrap();
        assert_eq!(token, sign(&ring, &claims).unwrap());
        assert_eq!(verify(&ring, &token, now).as_ref(), Some(&claims));
        assert_eq!(verify(&ring, &token, now + TOKEN_LASTS), None);
        for i in 4..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            // The last character of an unpadded base64 text carries unused bits; all others must matter.
            assert!(i + 1 == token.len() || verify(&ring, &altered, now).is_none(), "character {i}");
        }
    }
}
