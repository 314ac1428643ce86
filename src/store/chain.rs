//! The chains of audit entries: which entries have no place yet, the places, and where a chain starts and ends.

use std::collections::HashMap;

use entity::{audit, audit_chain, audit_link};
use sea_orm::sea_query::{Expr, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, ExprTrait as _,
    FromQueryResult, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::domain::chain::{Chain, Link, Stored};
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::shape::{padded, parts};
use super::{Scope, Store, Tx};

/// A place in a chain, with its entry, if that is there.
pub type Place = (Link, Option<Stored>);

/// An entry that was looked at, and whether it has a place.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Looked {
    pub tenant_id: String,
    pub id: String,
    pub at: i64,
    pub seq: Option<i64>,
}

fn stored(m: audit::Model) -> Stored {
    Stored {
        id: m.id,
        tenant: m.tenant_id,
        at: Timestamp::from_millis(m.at),
        actor_kind: m.actor_kind,
        actor: m.actor_id,
        from: m.origin,
        action: m.action,
        client: m.client_id,
        contact: m.contact_id,
        object: m.object,
        outcome: m.outcome,
        detail: m.detail,
        key: m.key_id,
        mac: m.mac,
    }
}

fn link(m: audit_link::Model) -> Link {
    let sealed_at = Timestamp::from_millis(m.sealed_at);
    Link { seq: m.seq, entry: m.audit_id, sealed_at, value: m.link, key: m.key_id }
}

/// That a row of `audit` has no place.
fn without_place() -> Expr {
    let mut places = Query::select();
    places
        .expr(Expr::val(1))
        .from(audit_link::Entity)
        .and_where(audit_link::Column::TenantId.into_expr().equals((audit::Entity, audit::Column::TenantId)))
        .and_where(audit_link::Column::AuditId.into_expr().equals((audit::Entity, audit::Column::Id)));
    Expr::exists(places.take()).not()
}

impl Store {
    /// Looks at the entries of all tenants after a moment and an id, oldest first, `most` of them: so many are read,
    /// whether or not they have a place, so that it never takes long.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn look_at_entries(
        &self,
        (at, id): (Timestamp, &str),
        most: u64,
    ) -> Result<Vec<Looked>, StoreError> {
        use audit::Column::{At, Id, TenantId};
        let same = Condition::all()
            .add(
                Expr::col((audit::Entity, TenantId))
                    .equals((audit_link::Entity, audit_link::Column::TenantId)),
            )
            .add(Expr::col((audit::Entity, Id)).equals((audit_link::Entity, audit_link::Column::AuditId)));
        let mut select = audit::Entity::find()
            .select_only()
            .columns([TenantId, Id, At])
            .column(audit_link::Column::Seq)
            .filter(At.gte(at.millis()))
            .filter(Condition::any().add(At.gt(at.millis())).add(Id.gt(id)))
            .order_by_asc(At)
            .order_by_asc(Id)
            .limit(most);
        sea_orm::QuerySelect::query(&mut select).join(JoinType::LeftJoin, audit_link::Entity, same);
        Ok(select.into_model().all(&self.db).await?)
    }

    /// The tenant after this one in any table of the log, deleted ones among them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn next_logged(&self, after: &str) -> Result<Option<String>, StoreError> {
        let next = |mut select: SelectStatement| {
            let tenant = || Expr::col("tenant_id");
            select.expr_as(tenant().min(), "tenant_id").and_where(tenant().gt(after)).take()
        };
        let mut found = Vec::new();
        for from in [
            Query::select().from(audit::Entity).take(),
            Query::select().from(audit_link::Entity).take(),
            Query::select().from(audit_chain::Entity).take(),
        ] {
            let row = self.db.query_one(&next(from)).await?;
            found.extend(
                row.and_then(|row| row.try_get::<Option<String>>("", "tenant_id").transpose()).transpose()?,
            );
        }
        Ok(found.into_iter().min())
    }
}

impl Tx {
    /// Locks the chain of a tenant until the transaction ends, and reads it as it is then. Where there is none yet, it is
    /// made.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn lock_chain(&self, tenant: &TenantId) -> Result<Chain, StoreError> {
        let new = Chain::start(tenant, self.vault.ring.current());
        let known = OnConflict::column(audit_chain::Column::TenantId).do_nothing().to_owned();
        audit_chain::Entity::insert(active(&new))
            .on_conflict(known)
            .exec_without_returning(&self.inner)
            .await?;
        let found = audit_chain::Entity::find_by_id(tenant.as_str().to_owned())
            .lock(LockType::Update)
            .one(&self.inner)
            .await?;
        found.map(|model| chain(tenant, model)).ok_or(StoreError::Guard("audit_chain"))
    }
}

fn active(chain: &Chain) -> audit_chain::ActiveModel {
    audit_chain::ActiveModel {
        tenant_id: Set(chain.tenant.as_str().to_owned()),
        first: Set(chain.first),
        base: Set(chain.base.clone()),
        size: Set(chain.size),
        head: Set(chain.head.clone()),
        key_id: Set(chain.key.clone()),
        mac: Set(chain.mac.clone()),
    }
}

fn chain(tenant: &TenantId, m: audit_chain::Model) -> Chain {
    Chain {
        tenant: tenant.clone(),
        first: m.first,
        base: m.base,
        size: m.size,
        head: m.head,
        key: m.key_id,
        mac: m.mac,
    }
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// The chain, if one was begun.
    pub async fn chain(&self) -> Result<Option<Chain>, StoreError> {
        let found = audit_chain::Entity::find_by_id(self.tenant.as_str().to_owned()).one(self.conn).await?;
        Ok(found.map(|model| chain(self.tenant, model)))
    }

    /// Writes where the chain starts and ends, in the transaction that locked it.
    pub async fn save_chain(&self, chain: &Chain) -> Result<(), StoreError> {
        audit_chain::Entity::update(active(chain)).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// Those of these entries that have no place, as they are stored, by id.
    pub async fn unsealed(&self, ids: &[&str]) -> Result<Vec<Stored>, StoreError> {
        let found = self
            .entries()
            .filter(audit::Column::Id.is_in(padded(ids.iter().copied())))
            .filter(without_place());
        Ok(found.all(self.conn).await?.into_iter().map(stored).collect())
    }

    /// Entries that have no place, by id, after one.
    pub async fn unsealed_after(&self, id: &str, most: u64) -> Result<Vec<Stored>, StoreError> {
        let found = self.entries().filter(audit::Column::Id.gt(id)).filter(without_place()).limit(most);
        Ok(found.all(self.conn).await?.into_iter().map(stored).collect())
    }

    fn entries(&self) -> sea_orm::Select<audit::Entity> {
        audit::Entity::find()
            .filter(audit::Column::TenantId.eq(self.tenant.as_str()))
            .order_by_asc(audit::Column::Id)
    }

    /// Places after one, in their order, each with its entry.
    pub async fn places(&self, after: i64, most: u64) -> Result<Vec<Place>, StoreError> {
        let links = audit_link::Entity::find()
            .filter(audit_link::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit_link::Column::Seq.gt(after))
            .order_by_asc(audit_link::Column::Seq)
            .limit(most)
            .all(self.conn)
            .await?;
        let ids = padded(links.iter().map(|link| link.audit_id.as_str()));
        let entries = self.entries().filter(audit::Column::Id.is_in(ids)).all(self.conn).await?;
        let mut entries: HashMap<_, _> = entries.into_iter().map(|m| (m.id.clone(), m)).collect();
        let place = |m: audit_link::Model| {
            let entry = entries.remove(&m.audit_id).map(stored);
            (link(m), entry)
        };
        Ok(links.into_iter().map(place).collect())
    }

    /// Writes places.
    pub async fn insert_links(&self, links: &[Link]) -> Result<(), StoreError> {
        let model = |link: &Link| audit_link::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            seq: Set(link.seq),
            audit_id: Set(link.entry.clone()),
            sealed_at: Set(link.sealed_at.millis()),
            link: Set(link.value.clone()),
            key_id: Set(link.key.clone()),
        };
        for part in parts(links) {
            let models = part.iter().map(model);
            audit_link::Entity::insert_many(models).exec_without_returning(self.conn).await?;
        }
        Ok(())
    }

    /// Deletes entries with their places.
    pub async fn delete_places(&self, links: &[&Link]) -> Result<(), StoreError> {
        let ids = padded(links.iter().map(|link| link.entry.as_str()));
        let own = audit_link::Column::TenantId.eq(self.tenant.as_str());
        audit_link::Entity::delete_many()
            .filter(own)
            .filter(audit_link::Column::Seq.is_in(padded(links.iter().map(|link| link.seq))))
            .exec(self.conn)
            .await?;
        audit::Entity::delete_many()
            .filter(audit::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit::Column::Id.is_in(ids))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    /// Entries between two moments, the later one not among them, by id, after one; each with its place, if it has one.
    pub async fn entries_between(
        &self,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        after: &str,
        most: u64,
    ) -> Result<Vec<(Option<i64>, Stored)>, StoreError> {
        let at = audit::Column::At;
        let bounds = Condition::all()
            .add_option(since.map(|since| at.gte(since.millis())))
            .add_option(until.map(|until| at.lt(until.millis())));
        let found = self.entries().filter(bounds).filter(audit::Column::Id.gt(after)).limit(most);
        let found = found.all(self.conn).await?;
        let places: Vec<(String, i64)> = audit_link::Entity::find()
            .select_only()
            .columns([audit_link::Column::AuditId, audit_link::Column::Seq])
            .filter(audit_link::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit_link::Column::AuditId.is_in(padded(found.iter().map(|m| m.id.as_str()))))
            .into_tuple()
            .all(self.conn)
            .await?;
        let places: HashMap<_, _> = places.into_iter().collect();
        Ok(found.into_iter().map(|m| (places.get(&m.id).copied(), stored(m))).collect())
    }
}
