//! Sessions: the rows that transactions on several participants lock first.

use entity::session;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, QuerySelect as _};

use crate::domain::id::SessionId;
use crate::domain::session::Session;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::{Row, millis, moment};

impl<C: ConnectionTrait> Scope<'_, C> {
    fn session_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "session", id }
    }

    fn parse_session(&self, model: &session::Model) -> Result<Session, StoreError> {
        let row = self.session_row(&model.id);
        Ok(Session {
            id: row.id("id", SessionId::parse(&model.id))?,
            facts: row.open_json("facts", &model.facts)?,
            created_at: Timestamp::from_millis(model.created_at),
            ends_at: Timestamp::from_millis(model.ends_at),
            ended_at: moment(model.ended_at),
        })
    }

    fn session_model(&self, session: &Session) -> Result<session::ActiveModel, StoreError> {
        Ok(session::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(session.id.as_str().to_owned()),
            facts: Set(self.session_row(session.id.as_str()).seal_json("facts", &session.facts)?),
            created_at: Set(session.created_at.millis()),
            ends_at: Set(session.ends_at.millis()),
            ended_at: Set(millis(session.ended_at)),
        })
    }

    /// Makes a row for a session that has none yet, and leaves one that exists alone. Says whether the row is new.
    pub async fn ensure_session(&self, session: &Session) -> Result<bool, StoreError> {
        let nothing =
            OnConflict::columns([session::Column::TenantId, session::Column::Id]).do_nothing().to_owned();
        let made = session::Entity::insert(self.session_model(session)?).on_conflict(nothing);
        Ok(made.exec_without_returning(self.conn).await? == 1)
    }

    /// Reads a session without locking it.
    pub async fn session(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = session::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_session(&model)).transpose()
    }

    /// Locks a session until the transaction ends, and reads it as it is then.
    pub async fn lock_session(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = session::Entity::find_by_id(key).lock(LockType::Update).one(self.conn).await?;
        found.map(|model| self.parse_session(&model)).transpose()
    }

    /// Writes a locked session back.
    pub async fn update_session(&self, session: &Session) -> Result<(), StoreError> {
        session::Entity::update(self.session_model(session)?).exec(self.conn).await?;
        Ok(())
    }
}
