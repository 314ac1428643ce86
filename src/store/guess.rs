//! The chance that wrong codes have had, an hour and a workflow a row.

use entity::guess;
use sea_orm::sea_query::{Alias, Expr, OnConflict, Query, SubQueryStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::domain::guess::{Guesses, HOURS, hour};
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;

use super::error::StoreError;
use super::{Scope, Store, Tx};

fn parse(model: &guess::Model) -> Option<Guesses> {
    Some(Guesses {
        workflow: Workflow::parse(&model.workflow)?,
        hour: model.hour,
        tries: u64::try_from(model.tries).ok()?,
        chance: u64::try_from(model.chance).ok()?,
    })
}

impl Store {
    /// The wrong codes of the last day, of all tenants.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn guesses(&self, now: Timestamp) -> Result<Vec<(TenantId, Guesses)>, StoreError> {
        let recent = guess::Column::Hour.gt(hour(now) - HOURS);
        let found = guess::Entity::find().filter(recent).all(&self.db).await?;
        let read = |model: &guess::Model| Some((TenantId::parse(&model.tenant_id).ok()?, parse(model)?));
        Ok(found.iter().filter_map(read).collect())
    }

    /// The chance, in billionths, that the wrong codes of the last day have had over all tenants, of each workflow.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn guessed_everywhere(&self, now: Timestamp) -> Result<Vec<(Workflow, u64)>, StoreError> {
        let sums: Vec<(String, i64)> = guess::Entity::find()
            .select_only()
            .column(guess::Column::Workflow)
            .column_as(Expr::cust("cast(sum(chance) as bigint)"), "chance")
            .filter(guess::Column::Hour.gt(hour(now) - HOURS))
            .group_by(guess::Column::Workflow)
            .into_tuple()
            .all(&self.db)
            .await?;
        let read =
            |(workflow, chance): (String, i64)| Some((Workflow::parse(&workflow)?, chance.cast_unsigned()));
        Ok(sums.into_iter().filter_map(read).collect())
    }

    /// Deletes what no longer counts, of all tenants.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn purge_guesses(&self, now: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turns.take().await?;
        let old = guess::Column::Hour.lte(hour(now) - HOURS);
        guess::Entity::delete_many().filter(old).exec(&self.db).await?;
        Ok(())
    }
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Counts one wrong try, and gives those of the last day and of this workflow, the earlier hours as one.
    pub async fn count_guess(
        &self,
        workflow: Workflow,
        chance: u64,
        now: Timestamp,
    ) -> Result<Vec<Guesses>, StoreError> {
        let model = guess::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            workflow: Set(workflow.as_str().to_owned()),
            hour: Set(hour(now)),
            tries: Set(1),
            chance: Set(chance.cast_signed()),
        };
        let sum =
            |column: guess::Column, more: u64| Expr::col((guess::Entity, column)).add(more.cast_signed());
        let key = [guess::Column::TenantId, guess::Column::Workflow, guess::Column::Hour];
        let add = OnConflict::columns(key)
            .value(guess::Column::Tries, sum(guess::Column::Tries, 1))
            .value(guess::Column::Chance, sum(guess::Column::Chance, chance))
            .to_owned();
        let mut insert = guess::Entity::insert(model).on_conflict(add).into_query();
        let before = |column| self.sum_before(workflow, column, now);
        insert.returning(Query::returning().exprs([
            Expr::col(guess::Column::Tries),
            Expr::col(guess::Column::Chance),
            before("tries"),
            before("chance"),
        ]));
        let Some(row) = self.conn.query_one(&insert).await? else { return Ok(Vec::new()) };
        let guesses = |hour, place| -> Result<Guesses, StoreError> {
            let (tries, chance): (i64, i64) =
                (row.try_get_by_index(place)?, row.try_get_by_index(place + 1)?);
            Ok(Guesses { workflow, hour, tries: tries.cast_unsigned(), chance: chance.cast_unsigned() })
        };
        Ok(vec![guesses(hour(now), 0)?, guesses(hour(now) - 1, 2)?])
    }

    /// The sum of a column over the hours of the last day before this one.
    fn sum_before(&self, workflow: Workflow, column: &str, now: Timestamp) -> Expr {
        let earlier = |column: guess::Column| Expr::col((Alias::new("earlier"), column));
        let sum = Query::select()
            .expr(Expr::cust(format!("cast(coalesce(sum(earlier.{column}), 0) as bigint)")))
            .from_as(guess::Entity, Alias::new("earlier"))
            .and_where(earlier(guess::Column::TenantId).eq(self.tenant.as_str()))
            .and_where(earlier(guess::Column::Workflow).eq(workflow.as_str()))
            .and_where(earlier(guess::Column::Hour).gt(hour(now) - HOURS))
            .and_where(earlier(guess::Column::Hour).lt(hour(now)))
            .to_owned();
        Expr::from(SubQueryStatement::from(sum))
    }
}

impl Tx {
    /// Forgets the wrong codes of a tenant: they count no more. Gives how many there were.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn forget_guesses(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let own = guess::Column::TenantId.eq(tenant.as_str());
        let held = guess::Entity::find().filter(own.clone()).all(&self.inner).await?;
        guess::Entity::delete_many().filter(own).exec(&self.inner).await?;
        Ok(held.iter().filter_map(parse).map(|one| one.tries).sum())
    }
}
