//! Security PINs: hashes with their wrong tries, changed by guarded updates only.

use entity::pin;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
};

use crate::domain::id::ClientId;
use crate::domain::key::KeyId;
use crate::domain::pin::tries::StoredPin;
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::row::{Row, int, millis, moment};
use super::{Scope, Store};

impl<C: ConnectionTrait> Scope<'_, C> {
    fn parse_pin(&self, model: &pin::Model) -> Result<StoredPin, StoreError> {
        let row = Row { vault: self.vault, tenant: self.tenant, table: "pin", id: &model.client_id };
        Ok(StoredPin {
            hash: model.hash.clone(),
            key: row.word("key_id", &model.key_id, KeyId::parse)?,
            tries: row.count("tries", model.tries)?,
            wrong: row.count("wrong", model.wrong)?,
            tried_at: moment(model.tried_at),
            locked_at: moment(model.locked_at),
            set_at: Timestamp::from_millis(model.set_at),
        })
    }

    /// The PIN of a client.
    pub async fn pin(&self, client: &ClientId) -> Result<Option<StoredPin>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), client.as_str().to_owned());
        let found = pin::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_pin(&model)).transpose()
    }

    /// The clients whose PIN is not locked.
    pub async fn open_pins(&self) -> Result<Vec<ClientId>, StoreError> {
        let found: Vec<String> = pin::Entity::find()
            .select_only()
            .column(pin::Column::ClientId)
            .filter(pin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(pin::Column::LockedAt.is_null())
            .into_tuple()
            .all(self.conn)
            .await?;
        let row = |id| Row { vault: self.vault, tenant: self.tenant, table: "pin", id };
        found.iter().map(|id| row(id).id("client_id", ClientId::parse(id))).collect()
    }

    /// Counts one try on a PIN that has one left, of so many, and reads it; `None` if there is none to count on. `wrong`
    /// were wrong before it.
    pub async fn count_pin_try(
        &self,
        client: &ClientId,
        allowed: u32,
        wrong: u32,
        at: Timestamp,
    ) -> Result<Option<StoredPin>, StoreError> {
        let counted = pin::Entity::update_many()
            .col_expr(pin::Column::Tries, Expr::col(pin::Column::Tries).add(1))
            .col_expr(pin::Column::Wrong, Expr::value(int(wrong)))
            .col_expr(pin::Column::TriedAt, Expr::value(at.millis()))
            .filter(pin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(pin::Column::ClientId.eq(client.as_str()))
            .filter(pin::Column::LockedAt.is_null())
            .filter(pin::Column::Tries.lt(int(allowed)))
            .exec_with_returning(self.conn)
            .await?;
        counted.first().map(|model| self.parse_pin(model)).transpose()
    }

    /// Takes a counted try back that was never compared, and reads what is left; `None` if it is not counted any more.
    pub async fn uncount_pin_try(
        &self,
        client: &ClientId,
        tried: &StoredPin,
    ) -> Result<Option<StoredPin>, StoreError> {
        let left = pin::Entity::update_many()
            .col_expr(pin::Column::Tries, Expr::col(pin::Column::Tries).sub(1))
            .filter(pin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(pin::Column::ClientId.eq(client.as_str()))
            .filter(pin::Column::Hash.eq(tried.hash.as_str()))
            .filter(Expr::col(pin::Column::Tries).gt(Expr::col(pin::Column::Wrong)))
            .exec_with_returning(self.conn)
            .await?;
        left.first().map(|model| self.parse_pin(model)).transpose()
    }

    /// Writes a PIN that was read under its client's lock back, as it is after a try, if it is still the one `before`.
    pub async fn write_pin(
        &self,
        client: &ClientId,
        before: &StoredPin,
        after: &StoredPin,
    ) -> Result<(), StoreError> {
        let written = pin::Entity::update_many()
            .col_expr(pin::Column::Hash, Expr::value(after.hash.as_str()))
            .col_expr(pin::Column::KeyId, Expr::value(after.key.to_string()))
            .col_expr(pin::Column::Tries, Expr::value(int(after.tries)))
            .col_expr(pin::Column::Wrong, Expr::value(int(after.wrong)))
            .col_expr(pin::Column::LockedAt, Expr::value(millis(after.locked_at)))
            .filter(pin::Column::TenantId.eq(self.tenant.as_str()))
            .filter(pin::Column::ClientId.eq(client.as_str()))
            .filter(pin::Column::Hash.eq(before.hash.as_str()))
            .filter(pin::Column::LockedAt.is_null())
            .exec(self.conn)
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("pin")) }
    }

    /// Sets a client's PIN, in place of the one before it.
    pub async fn set_pin(&self, client: &ClientId, pin: &StoredPin) -> Result<(), StoreError> {
        let model = pin::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            client_id: Set(client.as_str().to_owned()),
            hash: Set(pin.hash.clone()),
            key_id: Set(pin.key.to_string()),
            tries: Set(int(pin.tries)),
            wrong: Set(int(pin.wrong)),
            tried_at: Set(millis(pin.tried_at)),
            locked_at: Set(millis(pin.locked_at)),
            set_at: Set(pin.set_at.millis()),
        };
        let replace = OnConflict::columns([pin::Column::TenantId, pin::Column::ClientId])
            .update_columns([
                pin::Column::Hash,
                pin::Column::KeyId,
                pin::Column::Tries,
                pin::Column::Wrong,
                pin::Column::TriedAt,
                pin::Column::LockedAt,
                pin::Column::SetAt,
            ])
            .to_owned();
        pin::Entity::insert(model).on_conflict(replace).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// Forgets a client's PIN. Says whether there was one.
    pub async fn forget_pin(&self, client: &ClientId) -> Result<bool, StoreError> {
        let key = (self.tenant.as_str().to_owned(), client.as_str().to_owned());
        Ok(pin::Entity::delete_by_id(key).exec(self.conn).await?.rows_affected == 1)
    }
}

impl Store {
    /// How many PINs were made with another key than the current one: they move at their next success.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn pins_of_old_keys(&self) -> Result<u64, StoreError> {
        let current = self.vault.ring.current().id.to_string();
        Ok(pin::Entity::find().filter(pin::Column::KeyId.ne(current)).count(&self.db).await?)
    }
}
