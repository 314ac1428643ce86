//! Numbers that asked for no more texts: found by a keyed index, kept until they ask for texts again.
//!
//! The number itself is sealed beside its index for one reason: to index it anew when the master key changes.

use entity::opt_out;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::domain::contact::Phone;
use crate::domain::id::TenantId;
use crate::domain::key::KeySet;
use crate::domain::seal;
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::row::Row;
use super::{Scope, Store, Tx};

/// Rows indexed anew at once.
const BATCH: u64 = 200;

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Notes that a number wants no more texts. Says whether that is new.
    pub async fn opt_out(&self, phone: &Phone, at: Timestamp) -> Result<bool, StoreError> {
        if self.opted_out(&self.indexes(phone)).await?.is_empty() {
            return self.insert_opt_out(self.vault.ring.current(), phone.expose(), at).await;
        }
        Ok(false)
    }

    async fn insert_opt_out(&self, keys: &KeySet, number: &str, at: Timestamp) -> Result<bool, StoreError> {
        let destination = seal::index(keys, self.tenant, number);
        let model = opt_out::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            number: Set(self.opt_out_row(&destination).seal("number", number.as_bytes())),
            destination: Set(destination),
            opted_out_at: Set(at.millis()),
        };
        let known = OnConflict::columns([opt_out::Column::TenantId, opt_out::Column::Destination])
            .do_nothing()
            .to_owned();
        Ok(opt_out::Entity::insert(model).on_conflict(known).exec_without_returning(self.conn).await? == 1)
    }

    /// Forgets that a number wanted no more texts. Says whether it had.
    pub async fn opt_in(&self, phone: &Phone) -> Result<bool, StoreError> {
        let deleted = opt_out::Entity::delete_many()
            .filter(opt_out::Column::TenantId.eq(self.tenant.as_str()))
            .filter(opt_out::Column::Destination.is_in(self.indexes(phone)))
            .exec(self.conn)
            .await?;
        Ok(deleted.rows_affected > 0)
    }

    async fn opted_out(&self, destinations: &[String]) -> Result<Vec<String>, StoreError> {
        let found = opt_out::Entity::find()
            .select_only()
            .column(opt_out::Column::Destination)
            .filter(opt_out::Column::TenantId.eq(self.tenant.as_str()))
            .filter(opt_out::Column::Destination.is_in(destinations));
        Ok(found.into_tuple().all(self.conn).await?)
    }

    /// Those of the numbers, as they are written, that texts no longer go to.
    pub async fn stopped(&self, phones: &[&Phone]) -> Result<Vec<String>, StoreError> {
        if phones.is_empty() {
            return Ok(Vec::new());
        }
        let indexes: Vec<_> = phones.iter().map(|phone| self.indexes(phone)).collect();
        let found = self.opted_out(&indexes.concat()).await?;
        let of_number = |(phone, indexes): (&&Phone, &Vec<String>)| {
            indexes.iter().any(|index| found.contains(index)).then(|| phone.expose().to_owned())
        };
        Ok(phones.iter().zip(&indexes).filter_map(of_number).collect())
    }

    /// Every index that a number may be kept under, by each master key.
    pub fn indexes(&self, phone: &Phone) -> Vec<String> {
        self.vault.ring.all().map(|keys| seal::index(keys, self.tenant, phone.expose())).collect()
    }

    fn opt_out_row<'a>(&'a self, destination: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "opt_out", id: destination }
    }
}

impl Store {
    /// Indexes anew, under the current key, every number that an old one indexed. Gives how many there were.
    ///
    /// # Errors
    /// [`StoreError`]; what was moved before stays moved.
    pub(super) async fn rotate_opt_outs(&self) -> Result<u64, StoreError> {
        let mut moved = 0;
        let mut after = (String::new(), String::new());
        loop {
            let tx = self.begin().await?;
            let rows = opt_outs_after(&tx, &after).await?;
            for row in &rows {
                moved += u64::from(rotate(&tx, row).await?);
            }
            tx.commit().await?;
            match rows.last() {
                Some(last) if rows.len() as u64 == BATCH => {
                    after = (last.tenant_id.clone(), last.destination.clone());
                }
                _ => return Ok(moved),
            }
        }
    }
}

async fn opt_outs_after(tx: &Tx, after: &(String, String)) -> Result<Vec<opt_out::Model>, StoreError> {
    let same_tenant =
        opt_out::Column::TenantId.eq(after.0.as_str()).and(opt_out::Column::Destination.gt(after.1.as_str()));
    let found = opt_out::Entity::find()
        .filter(opt_out::Column::TenantId.gt(after.0.as_str()).or(same_tenant))
        .order_by_asc(opt_out::Column::TenantId)
        .order_by_asc(opt_out::Column::Destination)
        .limit(BATCH)
        .lock(sea_orm::sea_query::LockType::Update);
    Ok(found.all(&tx.inner).await?)
}

async fn rotate(tx: &Tx, model: &opt_out::Model) -> Result<bool, StoreError> {
    let current = tx.vault.ring.current();
    if seal::key_of(&model.number) == Some(current.id) {
        return Ok(false);
    }
    let tenant = TenantId::parse(&model.tenant_id).map_err(|e| StoreError::Row {
        table: "opt_out",
        column: "tenant_id",
        id: model.tenant_id.clone(),
        reason: e.to_string(),
    })?;
    let scope = tx.of(&tenant);
    let number = scope.opt_out_row(&model.destination).open_text("number", &model.number)?;
    scope.insert_opt_out(current, &number, Timestamp::from_millis(model.opted_out_at)).await?;
    let key = (model.tenant_id.clone(), model.destination.clone());
    opt_out::Entity::delete_by_id(key).exec(&tx.inner).await?;
    Ok(true)
}
