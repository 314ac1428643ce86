//! The audit log: written in the transaction of what it records, never changed.

use entity::audit;
use sea_orm::sea_query::InsertStatement;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use crate::domain::audit::Entry;
use crate::domain::id::ClientId;
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::{Scope, Store};

/// What a window shows of an entry.
#[derive(Clone, Debug)]
pub struct Trace {
    pub at: Timestamp,
    pub action: String,
    pub outcome: String,
    pub contact: String,
    /// The challenge it concerned, or something else, or nothing.
    pub object: String,
    pub actor_kind: String,
    pub actor: String,
    pub detail: String,
}

/// A sign that something about a client may have changed: an entry of the log, whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Sign {
    pub id: String,
    pub at: i64,
    pub tenant_id: String,
    pub client_id: String,
}

impl Store {
    /// The newest entries that name a client, of all tenants, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn signs(&self, since: Timestamp, most: usize) -> Result<Vec<Sign>, StoreError> {
        let found = audit::Entity::find()
            .select_only()
            .columns([audit::Column::Id, audit::Column::At, audit::Column::TenantId, audit::Column::ClientId])
            .filter(audit::Column::At.gte(since.millis()))
            .filter(audit::Column::ClientId.ne(""))
            .order_by_desc(audit::Column::At)
            .limit(most as u64)
            .into_model()
            .all(&self.db)
            .await?;
        Ok(found)
    }
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Appends entries.
    pub async fn insert_audit(&self, entries: &[Entry]) -> Result<(), StoreError> {
        self.insert(self.audit_insert(entries)).await
    }

    pub(super) fn audit_insert(&self, entries: &[Entry]) -> Option<InsertStatement> {
        if entries.is_empty() {
            return None;
        }
        let keys = self.vault.ring.current();
        let models = entries.iter().map(|entry| audit::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(entry.id.as_str().to_owned()),
            at: Set(entry.at.millis()),
            actor_kind: Set(entry.origin.actor.kind().to_owned()),
            actor_id: Set(entry.origin.actor.id().to_owned()),
            origin: Set(entry.origin.from.clone()),
            action: Set(entry.action.to_owned()),
            client_id: Set(entry.client.clone()),
            contact_id: Set(entry.contact.clone()),
            object: Set(entry.object.clone()),
            outcome: Set(entry.outcome.to_owned()),
            detail: Set(entry.detail.to_string()),
            key_id: Set(keys.id.to_string()),
            mac: Set(entry.mac(keys).to_vec()),
        });
        Some(audit::Entity::insert_many(models).into_query())
    }

    /// The newest entries about a client, newest first.
    pub async fn trace(&self, client: &ClientId, most: u64) -> Result<Vec<Trace>, StoreError> {
        let found = audit::Entity::find()
            .filter(audit::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit::Column::ClientId.eq(client.as_str()))
            .order_by_desc(audit::Column::Id)
            .limit(most)
            .all(self.conn)
            .await?;
        let trace = |m: audit::Model| Trace {
            at: Timestamp::from_millis(m.at),
            action: m.action,
            outcome: m.outcome,
            contact: m.contact_id,
            object: m.object,
            actor_kind: m.actor_kind,
            actor: m.actor_id,
            detail: m.detail,
        };
        Ok(found.into_iter().map(trace).collect())
    }
}
