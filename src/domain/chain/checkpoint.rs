//! A line to keep elsewhere: how long the log of a tenant was at a moment, and what its last link was.

use std::fmt;

use crate::domain::id::TenantId;
use crate::domain::key::{KeyId, KeyRing, KeySet};
use crate::domain::timestamp::Timestamp;

use super::{Chain, same};

const START: &str = "checkpoint/v1/";

/// The size and the last link of a tenant's chain at a moment, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub tenant: TenantId,
    pub size: i64,
    pub head: Vec<u8>,
    pub at: Timestamp,
    key: KeyId,
    mac: [u8; 32],
}

/// Why a line is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    #[error("this checkpoint is cut short or misspelt")]
    Form,
    #[error("this service did not sign this checkpoint")]
    Forged,
    #[error("this checkpoint was signed with master key {0}, which is not in secrets.old_master_keys")]
    NoKey(KeyId),
}

impl Checkpoint {
    /// A chain as it stands; it must have been checked.
    pub fn of(chain: &Chain, keys: &KeySet, at: Timestamp) -> Self {
        let (tenant, size, head) = (chain.tenant.clone(), chain.size, chain.head.clone());
        let mac = made(keys, &tenant, size, &head, at);
        Self { tenant, size, head, at, key: keys.id, mac }
    }

    /// The checkpoint in a line of a file or of a log, if there is one in it.
    ///
    /// # Errors
    /// [`BadCheckpoint`]
    pub fn find(line: &str, ring: &KeyRing) -> Result<Option<Self>, BadCheckpoint> {
        let Some((_, rest)) = line.split_once(START) else { return Ok(None) };
        let within = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '/');
        let text = rest.split(|c| !within(c)).next().unwrap_or_default();
        let checkpoint = Self::parse(text).ok_or(BadCheckpoint::Form)?;
        let keys = ring.by_id(checkpoint.key).ok_or(BadCheckpoint::NoKey(checkpoint.key))?;
        let Self { tenant, size, head, at, .. } = &checkpoint;
        if same(&made(keys, tenant, *size, head, *at), &checkpoint.mac) {
            return Ok(Some(checkpoint));
        }
        Err(BadCheckpoint::Forged)
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('/').collect();
        let [tenant, size, at, key, head, mac] = parts[..] else { return None };
        Some(Self {
            tenant: TenantId::parse(tenant).ok()?,
            size: size.parse().ok()?,
            head: hex::decode(head).ok()?,
            at: Timestamp::parse(at).ok()?,
            key: KeyId::parse(key)?,
            mac: hex::decode(mac).ok()?.try_into().ok()?,
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, size, head, at, key, mac } = self;
        write!(f, "{START}{tenant}/{size}/{at}/{key}/{}/{}", hex::encode(head), hex::encode(mac))
    }
}

fn made(keys: &KeySet, tenant: &TenantId, size: i64, head: &[u8], at: Timestamp) -> [u8; 32] {
    let (size, at) = (size.to_be_bytes(), at.millis().to_be_bytes());
    keys.audit.mac(&[b"checkpoint", tenant.as_str().as_bytes(), &size, head, &at])
}
