//! A tenant's own wordings, every version of them: written once and never changed.

use entity::wording;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::domain::wording::{Draft, Spot, Version};

use super::error::StoreError;
use super::row::{Row, int};
use super::tenant::tenant_id;
use super::{Scope, Store, Vault};

use wording::Column::{Channel, Kind, Locale, TenantId as Tenant, Version as Number};

impl Store {
    /// The newest version of each message of every tenant, and the errors of those that cannot be read.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn newest_wordings(&self) -> Result<(Vec<(TenantId, Version)>, Vec<StoreError>), StoreError> {
        let rows = wording::Entity::find().filter(is_newest()).all(&self.db).await?;
        let mut unreadable = Vec::new();
        let parse = |row: wording::Model| {
            let tenant = tenant_id("wording", &row.tenant_id)?;
            Ok((tenant.clone(), parse(&self.vault, &tenant, row)?))
        };
        let readable =
            rows.into_iter().filter_map(|row| parse(row).map_err(|error| unreadable.push(error)).ok());
        Ok((readable.collect(), unreadable))
    }
}

/// There is none of the same message with a higher number.
fn is_newest() -> Expr {
    let newer = Alias::new("newer");
    let same = |column: wording::Column| Expr::col((newer.clone(), column)).equals((wording::Entity, column));
    let mut higher = Query::select();
    higher.expr(Expr::val(1)).from_as(wording::Entity, newer.clone());
    for column in [Tenant, Kind, Channel, Locale] {
        higher.and_where(same(column));
    }
    higher.and_where(Expr::col((newer.clone(), Number)).gt(Expr::col((wording::Entity, Number))));
    Expr::exists(higher).not()
}

impl<C: ConnectionTrait> Scope<'_, C> {
    fn wordings(&self, spot: Spot) -> Select<wording::Entity> {
        wording::Entity::find()
            .filter(Tenant.eq(self.tenant.as_str()))
            .filter(Kind.eq(spot.kind.as_str()))
            .filter(Channel.eq(spot.channel.as_str()))
            .filter(Locale.eq(spot.locale.as_str()))
            .order_by_desc(Number)
    }

    /// The newest version of a message's wording.
    pub async fn newest_wording(&self, spot: Spot) -> Result<Option<Version>, StoreError> {
        let row = self.wordings(spot).one(self.conn).await?;
        row.map(|row| parse(self.vault, self.tenant, row)).transpose()
    }

    /// The newest version of each message; one that cannot be read is left out.
    pub async fn newest_wordings(&self) -> Result<Vec<Version>, StoreError> {
        let own = wording::Entity::find().filter(Tenant.eq(self.tenant.as_str())).filter(is_newest());
        let rows = own.all(self.conn).await?;
        Ok(rows.into_iter().filter_map(|row| parse(self.vault, self.tenant, row).ok()).collect())
    }

    /// So many versions, the newest first.
    pub async fn wording_versions(&self, spot: Spot, most: u64) -> Result<Vec<Version>, StoreError> {
        let rows = self.wordings(spot).limit(most).all(self.conn).await?;
        rows.into_iter().map(|row| parse(self.vault, self.tenant, row)).collect()
    }

    /// One version of a message's wording.
    pub async fn wording(&self, spot: Spot, number: u32) -> Result<Option<Version>, StoreError> {
        let row = self.wordings(spot).filter(Number.eq(int(number))).one(self.conn).await?;
        row.map(|row| parse(self.vault, self.tenant, row)).transpose()
    }

    /// Keeps a version. One whose number is taken is refused as a conflict.
    pub async fn insert_wording(&self, version: &Version) -> Result<(), StoreError> {
        let model = wording::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            kind: Set(version.spot.kind.as_str().to_owned()),
            channel: Set(version.spot.channel.as_str().to_owned()),
            locale: Set(version.spot.locale.as_str().to_owned()),
            version: Set(int(version.number)),
            subject: Set(version.draft.subject.clone()),
            body: Set(version.draft.body.clone()),
            author: Set(version.author.clone()),
            created_at: Set(version.created_at.millis()),
        };
        wording::Entity::insert(model).exec_without_returning(self.conn).await?;
        Ok(())
    }
}

fn parse(vault: &Vault, tenant: &TenantId, model: wording::Model) -> Result<Version, StoreError> {
    let id = format!("{}/{}/{}/{}", model.kind, model.channel, model.locale, model.version);
    let row = Row { vault, tenant, table: "wording", id: &id };
    let spot = Spot::parse(&model.kind, &model.channel, &model.locale);
    Ok(Version {
        spot: spot.map_err(|reason| row.bad("kind", reason))?,
        number: row.count("version", model.version)?,
        draft: Draft::new(&model.subject, &model.body),
        author: model.author,
        created_at: Timestamp::from_millis(model.created_at),
    })
}
