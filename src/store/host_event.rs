//! Host events: written with what causes them, posted later.

use entity::host_event;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::domain::event::Event;
use crate::domain::id::EventId;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::{Row, int, millis};

/// An event that is due.
pub struct HostEvent {
    pub id: EventId,
    pub kind: String,
    pub body: Vec<u8>,
    pub attempts: u32,
}

/// How an attempt to post an event ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub attempts: u32,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// When to try again; `None` when it was taken or is parked.
    pub next: Option<Timestamp>,
    pub delivered: bool,
    pub at: Timestamp,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Queues events, to be posted at once.
    pub async fn insert_events(&self, events: &[Event]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let models = events.iter().map(|event| {
            let row =
                Row { vault: self.vault, tenant: self.tenant, table: "host_event", id: event.id.as_str() };
            host_event::ActiveModel {
                tenant_id: Set(self.tenant.as_str().to_owned()),
                id: Set(event.id.as_str().to_owned()),
                kind: Set(event.kind.as_str().to_owned()),
                client_id: Set(event.client.as_str().to_owned()),
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
        host_event::Entity::insert_many(models).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// An event that is still to be posted.
    pub async fn pending_event(&self, id: &EventId) -> Result<Option<HostEvent>, StoreError> {
        let found = host_event::Entity::find()
            .filter(host_event::Column::TenantId.eq(self.tenant.as_str()))
            .filter(host_event::Column::Id.eq(id.as_str()))
            .filter(host_event::Column::State.eq("pending"))
            .one(self.conn)
            .await?;
        let Some(model) = found else { return Ok(None) };
        let row = Row { vault: self.vault, tenant: self.tenant, table: "host_event", id: &model.id };
        Ok(Some(HostEvent {
            id: id.clone(),
            kind: model.kind.clone(),
            body: row.open("body", &model.body)?,
            attempts: row.count("attempts", model.attempts)?,
        }))
    }

    /// Records an attempt on an event that is still pending.
    pub async fn record_attempt(&self, id: &EventId, attempt: &Attempt) -> Result<(), StoreError> {
        let state = match (attempt.delivered, attempt.next) {
            (true, _) => "delivered",
            (false, Some(_)) => "pending",
            (false, None) => "parked",
        };
        host_event::Entity::update_many()
            .col_expr(host_event::Column::State, Expr::value(state))
            .col_expr(host_event::Column::Attempts, Expr::value(int(attempt.attempts)))
            .col_expr(host_event::Column::LastStatus, Expr::value(attempt.status.map(i32::from)))
            .col_expr(host_event::Column::LastError, Expr::value(attempt.error.clone()))
            .col_expr(host_event::Column::ChangedAt, Expr::value(attempt.at.millis()))
            .col_expr(host_event::Column::RunAt, Expr::value(millis(attempt.next)))
            .filter(host_event::Column::TenantId.eq(self.tenant.as_str()))
            .filter(host_event::Column::Id.eq(id.as_str()))
            .filter(host_event::Column::State.eq("pending"))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    /// The newest events, newest first: type, state and attempts of each.
    pub async fn recent_events(&self, most: u64) -> Result<Vec<(String, String, u32)>, StoreError> {
        let found = host_event::Entity::find()
            .filter(host_event::Column::TenantId.eq(self.tenant.as_str()))
            .order_by_desc(host_event::Column::Id)
            .limit(most)
            .all(self.conn)
            .await?;
        Ok(found.into_iter().map(|m| (m.kind, m.state, u32::try_from(m.attempts).unwrap_or(0))).collect())
    }
}
