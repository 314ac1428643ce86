//! Deleting what is older than it must be kept, a small batch at a time, so that nobody waits for it.

use std::time::Duration;

use sea_orm::sea_query::{Alias, DeleteStatement, Expr, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, ExprTrait as _};

use crate::domain::id::TenantId;
use crate::domain::pin::notice::FORMER_LASTS;
use crate::domain::timestamp::Timestamp;

use super::Store;
use super::error::StoreError;

/// Rows deleted at once.
const BATCH: u64 = 200;
/// How long webhook ids are remembered, and a day more.
const INBOUND: Duration = Duration::from_hours(15 * 24);
/// How long a code or a link lives at most, and then some: no younger challenge is deleted, however short the retention.
const LIVE: Duration = Duration::from_hours(96);

/// What grows, and is deleted by age. The audit log goes by its chain instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aging {
    /// Challenges, and with them their messages and links.
    Challenges,
    /// Events that were taken or given up.
    Events,
    /// Ids of webhooks.
    Inbound,
    /// Details that contacts had before.
    Former,
    /// Signers, and participants of sessions.
    Guests,
    Sessions,
}

impl Aging {
    pub const ALL: [Self; 6] =
        [Self::Challenges, Self::Events, Self::Inbound, Self::Former, Self::Guests, Self::Sessions];

    /// Table, key beside the tenant, and time.
    fn columns(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Challenges => ("challenge", "id", "created_at"),
            Self::Events => ("host_event", "id", "created_at"),
            Self::Inbound => ("inbound", "webhook_id", "received_at"),
            Self::Former => ("former_detail", "id", "gone_at"),
            Self::Guests => ("guest", "id", "created_at"),
            Self::Sessions => ("session", "id", "created_at"),
        }
    }

    /// Before which moment a row is too old.
    fn before(self, retention: Duration, now: Timestamp) -> Timestamp {
        match self {
            Self::Challenges => now - retention.max(LIVE),
            Self::Events | Self::Guests | Self::Sessions => now - retention,
            Self::Inbound => now - INBOUND,
            Self::Former => now - retention.min(FORMER_LASTS),
        }
    }

    /// When a row ends by itself, where it has such a time: not before that is it deleted, however old it is.
    fn ends(self) -> Option<&'static str> {
        match self {
            Self::Challenges => Some("expires_at"),
            Self::Guests | Self::Sessions => Some("ends_at"),
            Self::Events | Self::Inbound | Self::Former => None,
        }
    }

    fn old(self, tenant: &TenantId, before: Timestamp, now: Timestamp) -> SelectStatement {
        let (table, key, at) = self.columns();
        let mut old = Query::select();
        old.column(Alias::new(key))
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new("tenant_id")).eq(tenant.as_str()))
            .and_where(Expr::col(Alias::new(at)).lt(before.millis()))
            .order_by(Alias::new(key), Order::Asc)
            .limit(BATCH);
        if let Some(ends) = self.ends() {
            old.and_where(Expr::col(Alias::new(ends)).lte(now.millis()));
        }
        if self == Self::Events {
            old.and_where(Expr::col(Alias::new("state")).ne("pending"));
        }
        old
    }

    fn delete(self, tenant: &TenantId, before: Timestamp, now: Timestamp) -> DeleteStatement {
        let (table, key, _) = self.columns();
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(table))
            .and_where(Expr::col(Alias::new("tenant_id")).eq(tenant.as_str()))
            .and_where(Expr::col(Alias::new(key)).in_subquery(self.old(tenant, before, now)));
        delete
    }
}

impl Store {
    /// Deletes one batch of what is too old. Says whether there may be more.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn purge_batch(
        &self,
        what: Aging,
        tenant: &TenantId,
        retention: Duration,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let delete = what.delete(tenant, what.before(retention, now), now);
        let _turn = self.turns.take().await?;
        let deleted = self.db.execute_raw(self.db.get_database_backend().build(&delete)).await?;
        Ok(deleted.rows_affected() == BATCH)
    }

    /// Deletes one batch of destinations that nothing was sent to lately: none of their hits counts any more.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn purge_limits(&self, tenant: &TenantId, before: Timestamp) -> Result<bool, StoreError> {
        // Hits are of fixed width, the newest first: a row is stale if it begins below the moment.
        let stale = || Expr::col(Alias::new("hits")).lt(format!("{:013}", before.millis()));
        let own = || Expr::col(Alias::new("tenant_id")).eq(tenant.as_str());
        let mut old = Query::select();
        old.column(Alias::new("destination"))
            .from(Alias::new("send_limit"))
            .and_where(own())
            .and_where(stale())
            .limit(BATCH);
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new("send_limit"))
            .and_where(own())
            // Asked again: one that was sent to meanwhile stays.
            .and_where(stale())
            .and_where(Expr::col(Alias::new("destination")).in_subquery(old));
        let _turn = self.turns.take().await?;
        let deleted = self.db.execute_raw(self.db.get_database_backend().build(&delete)).await?;
        Ok(deleted.rows_affected() == BATCH)
    }
}
