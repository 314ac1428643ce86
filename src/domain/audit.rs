//! One entry of the audit log: who did what to whom, from where, when, and what came of it.
//!
//! Names people by the host's ids only. Each entry carries an HMAC under a key outside the database.

use std::time::Duration;

use serde_json::Value;

use super::id::{AuditId, TenantId};
use super::key::KeySet;
use super::timestamp::Timestamp;

/// How long entries are kept.
pub const KEPT: Duration = Duration::from_hours(7 * 366 * 24);

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user of the CRM.
    Agent(String),
    /// The host's server, by the key or secret it used.
    Host(String),
    /// The client's person.
    Contact(String),
    /// A provider's callback.
    Provider,
    /// The service itself, by time or by rule.
    Service,
    /// Whoever runs the commands.
    Operator,
    /// Whoever is signed in to the console.
    Admin(String),
}

impl Actor {
    /// Every kind.
    pub const KINDS: [&str; 7] = ["agent", "host", "contact", "provider", "service", "operator", "admin"];

    /// The kind in tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Host(_) => "host",
            Self::Contact(_) => "contact",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Operator => "operator",
            Self::Admin(_) => "admin",
        }
    }

    /// The id within its kind.
    pub fn id(&self) -> &str {
        match self {
            Self::Agent(id) | Self::Host(id) | Self::Contact(id) | Self::Admin(id) => id,
            Self::Provider | Self::Service | Self::Operator => "",
        }
    }
}

/// Who acted, and from where: the address of the caller, or the part of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub actor: Actor,
    pub from: String,
}

impl Origin {
    /// Whoever runs a command.
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, from: "command".to_owned() }
    }

    /// The service itself.
    pub fn service(part: &str) -> Self {
        Self { actor: Actor::Service, from: part.to_owned() }
    }
}

/// An entry as it is kept.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: AuditId,
    pub tenant: TenantId,
    pub at: Timestamp,
    pub origin: Origin,
    /// What was done, as `noun.verb`.
    pub action: &'static str,
    /// The client it was done to, or empty.
    pub client: String,
    /// The contact it concerned, or empty.
    pub contact: String,
    /// The challenge, message or key it concerned, or empty.
    pub object: String,
    /// What came of it, in one word.
    pub outcome: &'static str,
    /// What else an auditor needs; never a secret, an address or a number.
    pub detail: Value,
}

impl Entry {
    /// An entry about a tenant and no client of it.
    pub fn of_tenant(
        id: AuditId,
        tenant: &TenantId,
        at: Timestamp,
        origin: Origin,
        done: (&'static str, &'static str),
        object: &str,
        detail: Value,
    ) -> Self {
        let (action, outcome) = done;
        Self {
            id,
            tenant: tenant.clone(),
            at,
            origin,
            action,
            client: String::new(),
            contact: String::new(),
            object: object.to_owned(),
            outcome,
            detail,
        }
    }

    /// The HMAC over every field.
    pub fn mac(&self, keys: &KeySet) -> [u8; 32] {
        let (actor, detail) = (&self.origin.actor, self.detail.to_string());
        let before = [self.id.as_str(), self.tenant.as_str()];
        let after = [
            actor.kind(),
            actor.id(),
            &self.origin.from,
            self.action,
            &self.client,
            &self.contact,
            &self.object,
            self.outcome,
            &detail,
        ];
        proof(keys, before, self.at, after)
    }
}

/// The HMAC over the fields of an entry: its id and tenant, when it was, and all others in the order of [`Entry`].
pub(super) fn proof(keys: &KeySet, before: [&str; 2], at: Timestamp, after: [&str; 9]) -> [u8; 32] {
    let at = at.millis().to_be_bytes();
    let mut fields: Vec<&[u8]> = vec![b"entry"];
    fields.extend(before.map(str::as_bytes));
    fields.push(&at);
    fields.extend(after.map(str::as_bytes));
    keys.audit.mac(&fields)
}
