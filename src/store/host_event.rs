//! Host events: written with what causes them, posted later.

use entity::host_event;
use sea_orm::sea_query::{Expr, InsertStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryResult, QueryTrait as _,
};

use crate::domain::event::Event;
use crate::domain::id::EventId;
use crate::domain::page::Page;
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::queue::Claim;
use super::row::Row;
use super::{Scope, Store};

/// An event that is due.
pub struct HostEvent {
    pub id: EventId,
    pub body: Vec<u8>,
    pub attempts: u32,
}

/// The same as the table holds it.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    body: Vec<u8>,
    attempts: i32,
}

impl Sealed {
    pub(super) const COLUMNS: [&str; 2] = ["body", "attempts"];

    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self { body: row.try_get("", "body")?, attempts: row.try_get("", "attempts")? })
    }
}

impl Store {
    /// The event that was claimed; `None` for what is not one.
    ///
    /// # Errors
    /// [`StoreError::Row`]
    pub fn claimed_event(&self, claim: &Claim) -> Result<Option<HostEvent>, StoreError> {
        let (Ok(id), Some(sealed)) = (EventId::parse(&claim.id), &claim.event) else { return Ok(None) };
        let row = Row { vault: &self.vault, tenant: &claim.tenant, table: "host_event", id: &claim.id };
        let (body, attempts) = (row.open("body", &sealed.body)?, row.count("attempts", sealed.attempts)?);
        Ok(Some(HostEvent { id, body, attempts }))
    }
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Queues events, to be posted at once.
    pub async fn insert_events(&self, events: &[Event]) -> Result<(), StoreError> {
        self.insert(self.events_insert(events)).await
    }

    pub(super) fn events_insert(&self, events: &[Event]) -> Option<InsertStatement> {
        if events.is_empty() {
            return None;
        }
        let models = events.iter().map(|event| {
            let row =
                Row { vault: self.vault, tenant: self.tenant, table: "host_event", id: event.id.as_str() };
            host_event::ActiveModel {
                tenant_id: Set(self.tenant.as_str().to_owned()),
                id: Set(event.id.as_str().to_owned()),
                kind: Set(event.kind.as_str().to_owned()),
                client_id: Set(event.about.clone()),
                body: Set(row.seal("body", &event.body)),
                state: Set("pending".to_owned()),
                attempts: Set(0),
                last_status: Set(None),
                last_error: Set(None),
                created_at: Set(event.at.millis()),
                changed_at: Set(event.at.millis()),
                run_at: Set(Some(event.at.millis())),
            }
        });
        Some(host_event::Entity::insert_many(models).into_query())
    }

    /// The newest events, newest first: type, state and attempts of each.
    pub async fn recent_events(&self, most: u64) -> Result<Vec<(String, String, u32)>, StoreError> {
        let page = Page { after: None, size: most, since: None, until: None };
        let listed = self.list_events(&page, [&None, &None, &None]).await?;
        Ok(listed.into_iter().map(|event| (event.kind, event.state, event.attempts)).collect())
    }

    /// Queues an event anew, under its own id, whatever became of it. Says whether there is one.
    pub async fn replay_event(&self, id: &EventId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.replay(host_event::Column::Id.eq(id.as_str()), now).await? == 1)
    }

    /// Queues every parked event anew that was written since `since`. Says how many.
    pub async fn replay_parked(&self, since: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let parked = host_event::Column::State
            .into_expr()
            .eq(Expr::cust("'parked'"))
            .and(host_event::Column::CreatedAt.gte(since.millis()));
        self.replay(parked, now).await
    }

    async fn replay(&self, which: SimpleExpr, now: Timestamp) -> Result<u64, StoreError> {
        let replayed = host_event::Entity::update_many()
            .col_expr(host_event::Column::State, Expr::value("pending"))
            .col_expr(host_event::Column::Attempts, Expr::value(0))
            .col_expr(host_event::Column::ChangedAt, Expr::value(now.millis()))
            .col_expr(host_event::Column::RunAt, Expr::value(now.millis()))
            .filter(host_event::Column::TenantId.eq(self.tenant.as_str()))
            .filter(which)
            .exec(self.conn)
            .await?;
        Ok(replayed.rows_affected)
    }
}
