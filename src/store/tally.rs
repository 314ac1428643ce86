//! How often what happened, for the console's overview.

use entity::{audit, host_event, message};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};

use crate::domain::id::{AuditId, MessageId};
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;

/// How often something was done with an outcome.
#[derive(Clone, Debug)]
pub struct Tally {
    pub action: String,
    pub outcome: String,
    pub count: u64,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// What was done since then, counted by action and outcome.
    pub async fn tally(&self, since: Timestamp) -> Result<Vec<Tally>, StoreError> {
        let found: Vec<(String, String, i64)> = audit::Entity::find()
            .select_only()
            .columns([audit::Column::Action, audit::Column::Outcome])
            .column_as(audit::Column::Id.count(), "count")
            .filter(audit::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit::Column::At.gte(since.millis()))
            // Ids sort by time: the key of the table then finds the day.
            .filter(audit::Column::Id.gte(AuditId::new(since, [0; 10]).as_str()))
            .group_by(audit::Column::Action)
            .group_by(audit::Column::Outcome)
            .into_tuple()
            .all(self.conn)
            .await?;
        let tally =
            |(action, outcome, count)| Tally { action, outcome, count: u64::try_from(count).unwrap_or(0) };
        Ok(found.into_iter().map(tally).collect())
    }

    /// How often each agent typed a wrong code or PIN since then.
    pub async fn wrong_by_agent(&self, since: Timestamp) -> Result<Vec<(String, u64)>, StoreError> {
        let found: Vec<(String, i64)> = audit::Entity::find()
            .select_only()
            .column(audit::Column::ActorId)
            .column_as(audit::Column::Id.count(), "count")
            .filter(audit::Column::TenantId.eq(self.tenant.as_str()))
            .filter(audit::Column::Action.is_in(["code.check", "pin.check"]))
            .filter(audit::Column::Id.gte(AuditId::new(since, [0; 10]).as_str()))
            .filter(audit::Column::Outcome.eq("incorrect"))
            .filter(audit::Column::ActorKind.eq("agent"))
            .group_by(audit::Column::ActorId)
            .into_tuple()
            .all(self.conn)
            .await?;
        Ok(found.into_iter().map(|(agent, count)| (agent, u64::try_from(count).unwrap_or(0))).collect())
    }

    /// Pushes that were given up and wait for somebody.
    pub async fn parked_events(&self) -> Result<u64, StoreError> {
        let parked = host_event::Entity::find()
            .filter(host_event::Column::TenantId.eq(self.tenant.as_str()))
            .filter(host_event::Column::State.into_expr().eq(Expr::cust("'parked'")));
        Ok(parked.count(self.conn).await?)
    }

    /// Messages since then, by state.
    pub async fn messages_by_state(&self, since: Timestamp) -> Result<Vec<(String, i64)>, StoreError> {
        let found = message::Entity::find()
            .select_only()
            .column(message::Column::State)
            .column_as(message::Column::Id.count(), "count")
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::Id.gte(MessageId::new(since, [0; 10]).as_str()))
            .group_by(message::Column::State)
            .into_tuple()
            .all(self.conn)
            .await?;
        Ok(found)
    }
}
