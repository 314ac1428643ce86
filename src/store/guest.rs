//! Guests: the rows that transactions on a signing or a participant lock.

use entity::guest;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::domain::guest::{Guest, GuestId};
use crate::domain::id::{ContactId, SessionId};
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::Row;

impl<C: ConnectionTrait> Scope<'_, C> {
    fn guest_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "guest", id }
    }

    fn parse_guest(&self, model: &guest::Model) -> Result<Guest, StoreError> {
        let row = self.guest_row(&model.id);
        Ok(Guest {
            id: row.id("id", GuestId::parse(&model.id))?,
            person: row.open_json("person", &model.person)?,
            matter: row.open_json("matter", &model.matter)?,
            standing: row.open_json("standing", &model.standing)?,
            created_at: Timestamp::from_millis(model.created_at),
            ends_at: Timestamp::from_millis(model.ends_at),
        })
    }

    fn guest_model(&self, guest: &Guest) -> Result<guest::ActiveModel, StoreError> {
        let row = self.guest_row(guest.id.as_str());
        Ok(guest::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(guest.id.as_str().to_owned()),
            workflow: Set(guest.matter.workflow().as_str().to_owned()),
            session_id: Set(guest.matter.session().map(|id| id.as_str().to_owned())),
            person_id: Set(guest.person.id.as_str().to_owned()),
            person: Set(row.seal_json("person", &guest.person)?),
            matter: Set(row.seal_json("matter", &guest.matter)?),
            standing: Set(row.seal_json("standing", &guest.standing)?),
            created_at: Set(guest.created_at.millis()),
            ends_at: Set(guest.ends_at.millis()),
        })
    }

    /// Keeps a new guest.
    pub async fn insert_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        self.insert(Some(guest::Entity::insert(self.guest_model(guest)?).into_query())).await
    }

    /// Reads a guest without locking them.
    pub async fn guest(&self, id: &GuestId) -> Result<Option<Guest>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = guest::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_guest(&model)).transpose()
    }

    /// Locks a guest until the transaction ends, and reads them as they are then.
    pub async fn lock_guest(&self, id: &GuestId) -> Result<Option<Guest>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = guest::Entity::find_by_id(key).lock(LockType::Update).one(self.conn).await?;
        found.map(|model| self.parse_guest(&model)).transpose()
    }

    /// Locks a participant in the same way, by the host's ids.
    pub async fn lock_participant(
        &self,
        session: &SessionId,
        person: &ContactId,
    ) -> Result<Option<Guest>, StoreError> {
        let found = guest::Entity::find()
            .filter(guest::Column::TenantId.eq(self.tenant.as_str()))
            .filter(guest::Column::SessionId.eq(session.as_str()))
            .filter(guest::Column::PersonId.eq(person.as_str()))
            .lock(LockType::Update)
            .one(self.conn)
            .await?;
        found.map(|model| self.parse_guest(&model)).transpose()
    }

    /// The participants of a session, in the order in which they were named.
    pub async fn participants(&self, session: &SessionId) -> Result<Vec<Guest>, StoreError> {
        let found = guest::Entity::find()
            .filter(guest::Column::TenantId.eq(self.tenant.as_str()))
            .filter(guest::Column::SessionId.eq(session.as_str()))
            .order_by_asc(guest::Column::Id)
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_guest(model)).collect()
    }

    /// Writes a locked guest back.
    pub async fn update_guest(&self, guest: &Guest) -> Result<(), StoreError> {
        let written = guest::Entity::update_many()
            .set(self.guest_model(guest)?)
            .filter(guest::Column::TenantId.eq(self.tenant.as_str()))
            .filter(guest::Column::Id.eq(guest.id.as_str()))
            .exec(self.conn)
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("guest")) }
    }

    /// Forgets a locked guest.
    pub async fn forget_guest(&self, id: &GuestId) -> Result<(), StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let gone = guest::Entity::delete_by_id(key).exec(self.conn).await?;
        if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("guest")) }
    }
}
