//! Messages: what became of each, and dropping what nobody should get any more.

use entity::message;
use sea_orm::sea_query::{Expr, InsertStatement, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::domain::channel::Channel;
use crate::domain::id::{ChallengeId, ClientId, ContactId, MessageId};
use crate::domain::message::{Message, MessageState, Purpose};
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::{Row, int, millis};
use super::shape::padded;

impl<C: ConnectionTrait> Scope<'_, C> {
    fn message_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "message", id }
    }

    pub(super) fn parse_message(&self, model: &message::Model) -> Result<Message, StoreError> {
        let row = self.message_row(&model.id);
        Ok(Message {
            id: row.id("id", MessageId::parse(&model.id))?,
            challenge: row.id("challenge_id", ChallengeId::parse(&model.challenge_id))?,
            client: row.id("client_id", ClientId::parse(&model.client_id))?,
            contact: row.id("contact_id", ContactId::parse(&model.contact_id))?,
            purpose: row.word("purpose", &model.purpose, Purpose::parse)?,
            channel: row.word("channel", &model.channel, Channel::parse)?,
            destination: model.destination.clone(),
            masked: row.open_text("masked", &model.masked)?,
            state: row.word("state", &model.state, MessageState::parse)?,
            detail: model.detail.clone(),
            attempts: row.count("attempts", model.attempts)?,
            created_at: Timestamp::from_millis(model.created_at),
            changed_at: Timestamp::from_millis(model.changed_at),
        })
    }

    /// Keeps messages; those queued are sent from `created_at` on.
    pub async fn insert_messages(&self, messages: &[Message]) -> Result<(), StoreError> {
        self.insert(self.messages_insert(messages)).await
    }

    pub(super) fn messages_insert(&self, messages: &[Message]) -> Option<InsertStatement> {
        if messages.is_empty() {
            return None;
        }
        let models = messages.iter().map(|message| message::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(message.id.as_str().to_owned()),
            challenge_id: Set(message.challenge.as_str().to_owned()),
            client_id: Set(message.client.as_str().to_owned()),
            contact_id: Set(message.contact.as_str().to_owned()),
            purpose: Set(message.purpose.as_str().to_owned()),
            channel: Set(message.channel.as_str().to_owned()),
            destination: Set(message.destination.clone()),
            masked: Set(self.message_row(message.id.as_str()).seal("masked", message.masked.as_bytes())),
            state: Set(message.state.as_str().to_owned()),
            detail: Set(message.detail.clone()),
            attempts: Set(int(message.attempts)),
            created_at: Set(message.created_at.millis()),
            changed_at: Set(message.changed_at.millis()),
            run_at: Set((message.state == MessageState::Queued).then(|| message.created_at.millis())),
        });
        Some(message::Entity::insert_many(models).into_query())
    }

    /// The messages of a challenge, oldest first.
    pub async fn messages_of(&self, challenge: &ChallengeId) -> Result<Vec<Message>, StoreError> {
        let found = message::Entity::find()
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::ChallengeId.eq(challenge.as_str()))
            .filter(message::Column::Purpose.eq(Purpose::ClientCode.as_str()))
            .order_by_asc(message::Column::CreatedAt)
            .order_by_asc(message::Column::Channel)
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_message(model)).collect()
    }

    /// Every message of these challenges, oldest first.
    pub async fn messages_of_all(&self, challenges: &[ChallengeId]) -> Result<Vec<Message>, StoreError> {
        let found = message::Entity::find()
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::ChallengeId.is_in(padded(challenges.iter().map(ChallengeId::as_str))))
            .order_by_asc(message::Column::CreatedAt)
            .order_by_asc(message::Column::Id)
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_message(model)).collect()
    }

    /// The newest text that went to one of these indexes of a number, not before `since`: whoever
    /// answers means what they read last. A receipt is about a code, which is then meant.
    pub async fn newest_text_to(
        &self,
        destinations: &[String],
        since: Timestamp,
    ) -> Result<Option<Message>, StoreError> {
        let found = message::Entity::find()
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::Destination.is_in(destinations))
            .filter(message::Column::Channel.eq(Channel::Sms.as_str()))
            .filter(message::Column::Purpose.ne(Purpose::ClientReceipt.as_str()))
            .filter(message::Column::CreatedAt.gte(since.millis()))
            .order_by_desc(message::Column::CreatedAt)
            .limit(1)
            .one(self.conn)
            .await?;
        found.map(|model| self.parse_message(&model)).transpose()
    }

    /// One message.
    pub async fn message(&self, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = message::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_message(&model)).transpose()
    }

    /// Locks one message until the transaction ends, and reads it as it is then.
    pub async fn lock_message(&self, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = message::Entity::find_by_id(key).lock(LockType::Update).one(self.conn).await?;
        found.map(|model| self.parse_message(&model)).transpose()
    }

    /// Writes what became of a message whose state is still `from`; `run_at` is when to try again, if ever.
    /// Says whether it was.
    pub async fn move_message(
        &self,
        message: &Message,
        from: MessageState,
        run_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let moved = message::Entity::update_many()
            .col_expr(message::Column::State, Expr::value(message.state.as_str()))
            .col_expr(message::Column::Detail, Expr::value(message.detail.clone()))
            .col_expr(message::Column::Attempts, Expr::value(int(message.attempts)))
            .col_expr(message::Column::ChangedAt, Expr::value(message.changed_at.millis()))
            .col_expr(message::Column::RunAt, Expr::value(millis(run_at)))
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::Id.eq(message.id.as_str()))
            .filter(message::Column::State.eq(from.as_str()))
            .exec(self.conn)
            .await?;
        Ok(moved.rows_affected == 1)
    }

    /// Drops what is still queued of a challenge, and gives it.
    pub async fn drop_queued(
        &self,
        challenge: &ChallengeId,
        at: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let dropped = message::Entity::update_many()
            .col_expr(message::Column::State, Expr::value(MessageState::Dropped.as_str()))
            .col_expr(message::Column::ChangedAt, Expr::value(at.millis()))
            .col_expr(message::Column::RunAt, Expr::value(Option::<i64>::None))
            .filter(message::Column::TenantId.eq(self.tenant.as_str()))
            .filter(message::Column::ChallengeId.eq(challenge.as_str()))
            .filter(message::Column::State.eq(MessageState::Queued.as_str()))
            .exec_with_returning(self.conn)
            .await?;
        dropped.iter().map(|model| self.parse_message(model)).collect()
    }
}
