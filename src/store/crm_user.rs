//! The users of the CRM: the rows that transactions on one of them lock.

use entity::crm_user;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::domain::id::UserId;
use crate::domain::login::User;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::Row;
use super::shape::padded;

impl<C: ConnectionTrait> Scope<'_, C> {
    fn user_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "crm_user", id }
    }

    fn parse_user(&self, model: &crm_user::Model) -> Result<User, StoreError> {
        let row = self.user_row(&model.id);
        Ok(User {
            id: row.id("id", UserId::parse(&model.id))?,
            person: row.open_json("person", &model.person)?,
            standing: row.open_json("standing", &model.standing)?,
            created_at: Timestamp::from_millis(model.created_at),
        })
    }

    fn user_model(&self, user: &User) -> Result<crm_user::ActiveModel, StoreError> {
        let row = self.user_row(user.id.as_str());
        Ok(crm_user::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(user.id.as_str().to_owned()),
            person: Set(row.seal_json("person", &user.person)?),
            standing: Set(row.seal_json("standing", &user.standing)?),
            created_at: Set(user.created_at.millis()),
        })
    }

    /// Keeps a user whom nobody named before; says whether that was so.
    pub async fn ensure_user(&self, user: &User) -> Result<bool, StoreError> {
        let known =
            OnConflict::columns([crm_user::Column::TenantId, crm_user::Column::Id]).do_nothing().to_owned();
        let made = crm_user::Entity::insert(self.user_model(user)?)
            .on_conflict(known)
            .exec_without_returning(self.conn)
            .await?;
        Ok(made == 1)
    }

    /// Reads a user without locking them.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = crm_user::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_user(&model)).transpose()
    }

    /// Locks a user until the transaction ends, and reads them as they are then.
    pub async fn lock_user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = crm_user::Entity::find_by_id(key).lock(LockType::Update).one(self.conn).await?;
        found.map(|model| self.parse_user(&model)).transpose()
    }

    /// All users, by their ids.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let found = crm_user::Entity::find()
            .filter(crm_user::Column::TenantId.eq(self.tenant.as_str()))
            .order_by_asc(crm_user::Column::Id)
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_user(model)).collect()
    }

    /// Those of these users that there are.
    pub async fn users_among(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = crm_user::Entity::find()
            .filter(crm_user::Column::TenantId.eq(self.tenant.as_str()))
            .filter(crm_user::Column::Id.is_in(padded(ids.iter().map(UserId::as_str))))
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_user(model)).collect()
    }

    /// So many users by their ids, from after one on.
    pub async fn users_after(&self, after: Option<&UserId>, most: u64) -> Result<Vec<User>, StoreError> {
        let mut found = crm_user::Entity::find().filter(crm_user::Column::TenantId.eq(self.tenant.as_str()));
        if let Some(after) = after {
            found = found.filter(crm_user::Column::Id.gt(after.as_str()));
        }
        let found = found.order_by_asc(crm_user::Column::Id).limit(most).all(self.conn).await?;
        found.iter().map(|model| self.parse_user(model)).collect()
    }

    /// Writes a locked user back.
    pub async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        let written = crm_user::Entity::update_many()
            .set(self.user_model(user)?)
            .filter(crm_user::Column::TenantId.eq(self.tenant.as_str()))
            .filter(crm_user::Column::Id.eq(user.id.as_str()))
            .exec(self.conn)
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("crm_user")) }
    }

    /// Forgets a locked user.
    pub async fn forget_user(&self, id: &UserId) -> Result<(), StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let gone = crm_user::Entity::delete_by_id(key).exec(self.conn).await?;
        if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("crm_user")) }
    }
}
