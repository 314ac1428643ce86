//! Webhooks that were taken: each id once, with the answer it got.

use std::time::Duration;

use entity::inbound;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};

use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::Row;

/// How long an id is remembered.
const REMEMBERED: Duration = Duration::from_secs(14 * 24 * 3600);

/// Whether a webhook was seen before.
pub enum Inbound {
    New,
    /// The answer it got then.
    Seen(Vec<u8>),
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Claims a webhook's id for this transaction, or gives the answer it got. Two at once wait for each other.
    pub async fn claim_inbound(&self, webhook: &str, now: Timestamp) -> Result<Inbound, StoreError> {
        let model = inbound::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            webhook_id: Set(webhook.to_owned()),
            received_at: Set(now.millis()),
            answer: Set(Vec::new()),
        };
        let forgotten =
            Expr::col((inbound::Entity, inbound::Column::ReceivedAt)).lte((now - REMEMBERED).millis());
        let again = OnConflict::columns([inbound::Column::TenantId, inbound::Column::WebhookId])
            .update_columns([inbound::Column::ReceivedAt, inbound::Column::Answer])
            .action_and_where(forgotten)
            .to_owned();
        let taken =
            inbound::Entity::insert(model).on_conflict(again).exec_without_returning(self.conn).await?;
        if taken == 1 {
            return Ok(Inbound::New);
        }
        let key = (self.tenant.as_str().to_owned(), webhook.to_owned());
        let Some(seen) = inbound::Entity::find_by_id(key).one(self.conn).await? else {
            return Err(StoreError::Guard("inbound"));
        };
        Ok(Inbound::Seen(self.inbound_row(webhook).open("answer", &seen.answer)?))
    }

    /// Keeps the answer of a webhook claimed in this transaction.
    pub async fn keep_answer(&self, webhook: &str, answer: &[u8]) -> Result<(), StoreError> {
        inbound::Entity::update_many()
            .col_expr(inbound::Column::Answer, Expr::value(self.inbound_row(webhook).seal("answer", answer)))
            .filter(inbound::Column::TenantId.eq(self.tenant.as_str()))
            .filter(inbound::Column::WebhookId.eq(webhook))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    fn inbound_row<'a>(&'a self, webhook: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "inbound", id: webhook }
    }
}
