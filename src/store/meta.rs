//! What concerns the whole service: the epoch, the revision of the tenants, and the newest time seen.

use entity::{audit, meta};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait as _, ExprTrait as _, QueryOrder as _, QuerySelect as _};

use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::{Store, Tx};

/// The counters of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Raised to end every open code and link.
    pub epoch: i64,
    /// The wall clock when that was last done: which webhooks were handled until then may be forgotten.
    pub bumped_at: Timestamp,
    /// Raised with every change of a tenant, a key or a secret.
    pub revision: i64,
    /// The newest time that the database has seen, to about a second.
    pub newest: Timestamp,
}

impl Store {
    /// Reads the counters.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn marks(&self) -> Result<Marks, StoreError> {
        let mut marks = Marks::default();
        for row in meta::Entity::find().all(&self.db).await? {
            match row.name.as_str() {
                "epoch" => marks.epoch = row.value,
                "bumped_at" => marks.bumped_at = Timestamp::from_millis(row.value),
                "revision" => marks.revision = row.value,
                "newest" => marks.newest = Timestamp::from_millis(row.value),
                _ => {}
            }
        }
        Ok(marks)
    }

    /// Remembers that the database has seen this time.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn mark_time(&self, now: Timestamp) -> Result<(), StoreError> {
        let model = meta::ActiveModel { name: Set("newest".to_owned()), value: Set(now.millis()) };
        let later = Expr::col((meta::Entity, meta::Column::Value)).lt(now.millis());
        let raise = OnConflict::column(meta::Column::Name)
            .update_column(meta::Column::Value)
            .action_and_where(later)
            .to_owned();
        let _turn = self.turns.take().await?;
        meta::Entity::insert(model).on_conflict(raise).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// The time of the newest audit entry: exact, since every change leaves one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn newest_entry(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest: Option<i64> = audit::Entity::find()
            .select_only()
            .column(audit::Column::At)
            .order_by_desc(audit::Column::At)
            .limit(1)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(newest.map(Timestamp::from_millis))
    }
}

impl Tx {
    /// Raises the epoch by one, and keeps when.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bump_epoch(&self, wall: Timestamp) -> Result<(), StoreError> {
        self.raise("epoch").await?;
        let model = meta::ActiveModel { name: Set("bumped_at".to_owned()), value: Set(wall.millis()) };
        let newest = OnConflict::column(meta::Column::Name).update_column(meta::Column::Value).to_owned();
        meta::Entity::insert(model).on_conflict(newest).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Raises `epoch` or `revision` by one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn raise(&self, mark: &'static str) -> Result<(), StoreError> {
        let model = meta::ActiveModel { name: Set(mark.to_owned()), value: Set(1) };
        let raise = OnConflict::column(meta::Column::Name)
            .value(meta::Column::Value, Expr::col((meta::Entity, meta::Column::Value)).add(1))
            .to_owned();
        meta::Entity::insert(model).on_conflict(raise).exec_without_returning(&self.inner).await?;
        Ok(())
    }
}
