//! The chain of a tenant's audit entries: each has a place, and a link that proves it and everything before it.
//!
//! An entry proves itself by its own HMAC from the moment it is written. Its link is made seconds later, in the order
//! of arrival: an HMAC over the link before and everything that is stored of the entry. So nothing is changed, dropped,
//! inserted or swapped without the key. What a chain cannot show by itself is that its newest part is gone, or all of
//! it was put back to an older state: that is seen against a [`Checkpoint`] that was kept elsewhere.
//!
//! Nothing of it is ever made anew under another master key: who could do that could as well forge it, and a proof
//! made today says nothing about yesterday. Old keys are kept for as long as there are entries made with them.

mod checkpoint;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;

use subtle::ConstantTimeEq as _;

use super::audit::proof;
use super::id::TenantId;
use super::key::{KeyId, KeyRing, KeySet};
use super::timestamp::Timestamp;

pub use checkpoint::{BadCheckpoint, Checkpoint};
pub use walk::{Bad, Report, Walk};

/// The link before the first.
const BASE: [u8; 32] = [0; 32];

/// What is wrong with an entry, its place or the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Changed,
    /// The entry is gone, or its place is.
    Dropped,
    /// The service wrote no such entry, or did not seal one here.
    Inserted,
    /// Changed or inserted, before it had a place.
    Foreign,
    Swapped,
    /// Places up to this one are gone from the end.
    CutOff {
        size: i64,
    },
    /// The log ends before the place that a checkpoint knows.
    Shorter {
        size: i64,
        at: Timestamp,
    },
    /// The link is not the one that a checkpoint knows.
    Rewritten {
        at: Timestamp,
    },
    /// It cannot be told: the master key of this id is not there.
    NoKey(String),
    ChainChanged,
    ChainGone,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("changed: it is not as it was written"),
            Self::Dropped => f.write_str("dropped: what was sealed here is gone"),
            Self::Inserted => f.write_str("inserted: this service did not write it"),
            Self::Foreign => f.write_str("changed or inserted: this service did not write it so"),
            Self::Swapped => {
                f.write_str("swapped: this is not what was sealed here, or its link was changed")
            }
            Self::CutOff { size } => write!(f, "cut off: everything from here to place {size} is gone"),
            Self::Shorter { size, at } => {
                write!(f, "cut off: the checkpoint of {at} knows {size} places, and the log ends before")
            }
            Self::Rewritten { at } => {
                write!(f, "rewritten: the checkpoint of {at} knows another log up to here")
            }
            Self::NoKey(key) => write!(
                f,
                "it cannot be proved: master key {key} is neither secrets.master_key nor in secrets.old_master_keys (or the name of the key was changed)"
            ),
            Self::ChainChanged => f.write_str("changed: the record of where the chain starts and ends"),
            Self::ChainGone => f.write_str("dropped: the record of where the chain starts and ends"),
        }
    }
}

fn key<'a>(ring: &'a KeyRing, id: &str) -> Option<&'a KeySet> {
    ring.by_id(KeyId::parse(id)?)
}

fn same(made: &[u8; 32], given: &[u8]) -> bool {
    made.as_slice().ct_eq(given).into()
}

/// An entry with every field as it is stored, readable or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: String,
    pub tenant: String,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor: String,
    pub from: String,
    pub action: String,
    pub client: String,
    pub contact: String,
    pub object: String,
    pub outcome: String,
    pub detail: String,
    /// The id of the master key, and the HMAC made with it.
    pub key: String,
    pub mac: Vec<u8>,
}

impl Stored {
    fn ends(&self) -> ([&str; 2], [&str; 9]) {
        let after = [
            &self.actor_kind,
            &self.actor,
            &self.from,
            &self.action,
            &self.client,
            &self.contact,
            &self.object,
            &self.outcome,
            &self.detail,
        ];
        ([&self.id, &self.tenant], after.map(String::as_str))
    }

    /// Whether the service wrote it, and so.
    ///
    /// # Errors
    /// [`Wrong::Changed`], [`Wrong::NoKey`]
    pub fn check(&self, ring: &KeyRing) -> Result<(), Wrong> {
        let keys = key(ring, &self.key).ok_or_else(|| Wrong::NoKey(self.key.clone()))?;
        let (before, after) = self.ends();
        if same(&proof(keys, before, self.at, after), &self.mac) { Ok(()) } else { Err(Wrong::Changed) }
    }
}

/// A place in a chain, and what proves the entry there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// From 1.
    pub seq: i64,
    /// The entry's id.
    pub entry: String,
    pub sealed_at: Timestamp,
    pub value: Vec<u8>,
    /// The id of the master key.
    pub key: String,
}

impl Link {
    /// What proves this entry at this place after the link `before`.
    fn made(&self, keys: &KeySet, before: &[u8], entry: &Stored) -> [u8; 32] {
        let (seq, sealed, at) =
            (self.seq.to_be_bytes(), self.sealed_at.millis().to_be_bytes(), entry.at.millis().to_be_bytes());
        let (start, rest) = entry.ends();
        let mut fields: Vec<&[u8]> = vec![b"link", &seq, &sealed, before, &at];
        fields.extend(start.map(str::as_bytes));
        fields.extend(rest.map(str::as_bytes));
        fields.extend([entry.key.as_bytes(), &entry.mac]);
        keys.audit.mac(&fields)
    }
}

/// Where the chain of a tenant starts and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub tenant: TenantId,
    /// The first place that is kept; those before went by age.
    pub first: i64,
    /// The link before the first place.
    pub base: Vec<u8>,
    /// The last place.
    pub size: i64,
    /// The link there.
    pub head: Vec<u8>,
    /// The id of the master key, and the HMAC made with it.
    pub key: String,
    pub mac: Vec<u8>,
}

impl Chain {
    /// A chain with nothing in it.
    pub fn start(tenant: &TenantId, keys: &KeySet) -> Self {
        let (base, head) = (BASE.to_vec(), BASE.to_vec());
        let mut chain =
            Self { tenant: tenant.clone(), first: 1, base, size: 0, head, key: String::new(), mac: vec![] };
        chain.sign(keys);
        chain
    }

    fn made(&self, keys: &KeySet) -> [u8; 32] {
        let (first, size) = (self.first.to_be_bytes(), self.size.to_be_bytes());
        keys.audit.mac(&[b"chain", self.tenant.as_str().as_bytes(), &first, &self.base, &size, &self.head])
    }

    fn sign(&mut self, keys: &KeySet) {
        self.key = keys.id.to_string();
        self.mac = self.made(keys).to_vec();
    }

    /// Whether it is as the service left it. What was tampered with must not be built upon, or it would be signed.
    ///
    /// # Errors
    /// [`Wrong::ChainChanged`], [`Wrong::NoKey`]
    pub fn check(&self, ring: &KeyRing) -> Result<(), Wrong> {
        let keys = key(ring, &self.key).ok_or_else(|| Wrong::NoKey(self.key.clone()))?;
        if same(&self.made(keys), &self.mac) { Ok(()) } else { Err(Wrong::ChainChanged) }
    }

    /// Gives entries the next places, in this order.
    pub fn append(&mut self, keys: &KeySet, entries: &[Stored], now: Timestamp) -> Vec<Link> {
        let mut links = Vec::with_capacity(entries.len());
        for entry in entries {
            let (seq, key) = (self.size + 1, keys.id.to_string());
            let mut link = Link { seq, entry: entry.id.clone(), sealed_at: now, value: vec![], key };
            link.value = link.made(keys, &self.head, entry).to_vec();
            (self.size, self.head) = (seq, link.value.clone());
            links.push(link);
        }
        self.sign(keys);
        links
    }

    /// Lets go of the entries in front that are older than `before`: `places` are the first ones. Gives how many go, and
    /// what keeps the next, since what is not whole stays for whoever looks into it.
    pub fn let_go(
        &mut self,
        ring: &KeyRing,
        places: &[(Link, Option<Stored>)],
        before: Timestamp,
    ) -> (usize, Option<Bad>) {
        let mut walk = Walk::new(ring, self.clone(), Vec::new());
        let mut gone = 0;
        for (link, entry) in places {
            if entry.as_ref().is_some_and(|entry| entry.at >= before) {
                break;
            }
            walk.step(link, entry.as_ref());
            if walk.is_bad() {
                return (gone, walk.first_bad());
            }
            (self.first, self.base) = (link.seq + 1, link.value.clone());
            self.sign(ring.current());
            gone += 1;
        }
        (gone, walk.first_bad())
    }
}
