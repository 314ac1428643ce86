//! The numbers that codes went to lately, and what texts and calls have cost.

use entity::{challenge, spent, texted};
use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryTrait as _,
};

use crate::domain::challenge::State;
use crate::domain::id::TenantId;
use crate::domain::message::Message;
use crate::domain::money::Micros;
use crate::domain::telephone::{Country, Traffic};
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::{Scope, Store};

/// Where a code went.
pub struct Texted<'a> {
    pub message: &'a Message,
    /// The keyed index of the block.
    pub block: String,
    pub country: Option<Country>,
    pub at: Timestamp,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Notes that a code went to a number; sent once more it counts once.
    pub async fn note_texted(&self, texted: &Texted<'_>) -> Result<(), StoreError> {
        let model = texted::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            message_id: Set(texted.message.id.as_str().to_owned()),
            challenge_id: Set(texted.message.challenge.as_str().to_owned()),
            destination: Set(texted.message.destination.clone()),
            block: Set(texted.block.clone()),
            country: Set(texted.country.map(|country| country.as_str().to_owned())),
            at: Set(texted.at.millis()),
        };
        let key = [texted::Column::TenantId, texted::Column::MessageId];
        let once = OnConflict::columns(key).do_nothing().to_owned();
        texted::Entity::insert(model).on_conflict(once).exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// The numbers of a block, and those of a country, that codes went to since then.
    pub async fn traffic(
        &self,
        block: &str,
        country: Option<Country>,
        since: Timestamp,
    ) -> Result<(Traffic, Traffic), StoreError> {
        let of_block = self.count_numbers(texted::Column::Block.eq(block), since).await?;
        let of_country = match country {
            Some(country) => self.count_numbers(texted::Column::Country.eq(country.as_str()), since).await?,
            None => Traffic::default(),
        };
        Ok((of_block, of_country))
    }

    async fn count_numbers(&self, among: Expr, since: Timestamp) -> Result<Traffic, StoreError> {
        let own = |typed: bool| -> SelectStatement {
            let mut own = texted::Entity::find()
                .filter(texted::Column::TenantId.eq(self.tenant.as_str()))
                .filter(among.clone())
                .filter(texted::Column::At.gt(since.millis()))
                .into_query();
            own.clear_selects().expr(Expr::cust("count(distinct texted.destination)"));
            if typed {
                let verified = Query::select()
                    .expr(Expr::val(1))
                    .from(challenge::Entity)
                    .and_where(
                        Expr::col((challenge::Entity, challenge::Column::TenantId)).eq(self.tenant.as_str()),
                    )
                    .and_where(
                        Expr::col((challenge::Entity, challenge::Column::Id))
                            .equals((texted::Entity, texted::Column::ChallengeId)),
                    )
                    .and_where(
                        Expr::col((challenge::Entity, challenge::Column::State)).eq(State::Verified.as_str()),
                    )
                    .to_owned();
                own.and_where(Expr::exists(verified));
            }
            own
        };
        let mut counts = [0u64; 2];
        for (count, typed) in counts.iter_mut().zip([false, true]) {
            if let Some(row) = self.conn.query_one(&own(typed)).await? {
                *count = u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0);
            }
        }
        Ok(Traffic { numbers: counts[0], typed: counts[1] })
    }

    /// Spends this much of a day's budget, if that much is left. Gives what is spent then.
    pub async fn spend(&self, day: &str, cost: Micros, budget: Micros) -> Result<Option<Micros>, StoreError> {
        if cost > budget {
            return Ok(None);
        }
        let model = spent::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            day: Set(day.to_owned()),
            micros: Set(cost.get()),
        };
        let sum = || Expr::col((spent::Entity, spent::Column::Micros)).add(cost.get());
        let add = OnConflict::columns([spent::Column::TenantId, spent::Column::Day])
            .value(spent::Column::Micros, sum())
            .action_and_where(sum().lte(budget.get()))
            .to_owned();
        let mut insert = spent::Entity::insert(model).on_conflict(add).into_query();
        insert.returning(Query::returning().column(spent::Column::Micros));
        let row = self.conn.query_one(&insert).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(Micros::new))
    }
}

impl Store {
    /// Deletes what no longer counts of a tenant: numbers before a moment, and days before that one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn purge_texted(
        &self,
        tenant: &TenantId,
        before: Timestamp,
        day: &str,
    ) -> Result<(), StoreError> {
        let _turn = self.turns.take().await?;
        texted::Entity::delete_many()
            .filter(texted::Column::TenantId.eq(tenant.as_str()))
            .filter(texted::Column::At.lte(before.millis()))
            .exec(&self.db)
            .await?;
        spent::Entity::delete_many()
            .filter(spent::Column::TenantId.eq(tenant.as_str()))
            .filter(spent::Column::Day.lt(day))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}
