//! Links to public pages: found by the hash of their token alone, since nothing else stands in their address.

use entity::{challenge, link};
use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryTrait as _,
};

use crate::domain::challenge::Challenge;
use crate::domain::id::{ChallengeId, TenantId};

use super::error::StoreError;
use super::row::Row;
use super::{Scope, Store};

impl<C: ConnectionTrait> Scope<'_, C> {
    fn link_row<'a>(&'a self, hash: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "link", id: hash }
    }

    /// New links that stand for a challenge; none where there are none.
    pub(super) fn links_insert<'a>(
        &self,
        challenge: &ChallengeId,
        hashes: impl IntoIterator<Item = &'a str>,
    ) -> Option<InsertStatement> {
        let model = |hash: &str| link::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            hash: Set(hash.to_owned()),
            challenge_id: Set(challenge.as_str().to_owned()),
            device: Set(Vec::new()),
        };
        let models: Vec<_> = hashes.into_iter().map(model).collect();
        (!models.is_empty()).then(|| link::Entity::insert_many(models).into_query())
    }

    /// Whether a link of that token stands for a challenge.
    pub async fn is_link(&self, challenge: &ChallengeId, hash: &str) -> Result<bool, StoreError> {
        let key = (self.tenant.as_str().to_owned(), hash.to_owned());
        let found = link::Entity::find_by_id(key).one(self.conn).await?;
        Ok(found.is_some_and(|link| link.challenge_id == challenge.as_str()))
    }

    /// Notes the device by which a link was used.
    pub async fn note_device(&self, hash: &str, device: &str) -> Result<(), StoreError> {
        let sealed = self.link_row(hash).seal("device", device.as_bytes());
        link::Entity::update_many()
            .col_expr(link::Column::Device, Expr::value(sealed))
            .filter(link::Column::TenantId.eq(self.tenant.as_str()))
            .filter(link::Column::Hash.eq(hash))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    /// The device by which a link of a challenge was used, where it is known.
    pub async fn device_of(&self, challenge: &ChallengeId) -> Result<Option<String>, StoreError> {
        let found = link::Entity::find()
            .filter(link::Column::TenantId.eq(self.tenant.as_str()))
            .filter(link::Column::ChallengeId.eq(challenge.as_str()))
            .all(self.conn)
            .await?;
        let used = found.into_iter().find(|link| !link.device.is_empty());
        used.map(|link| self.link_row(&link.hash).open_text("device", &link.device)).transpose()
    }
}

impl Store {
    /// The challenge that a link stands for, whatever its state, by the hash of the token: one query, found or not.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_of_link(&self, hash: &str) -> Result<Option<(TenantId, Challenge)>, StoreError> {
        let mut of_link = Query::select();
        of_link
            .columns([link::Column::TenantId, link::Column::ChallengeId])
            .from(link::Entity)
            .and_where(Expr::col(link::Column::Hash).eq(hash));
        let key = Expr::tuple([Expr::col(challenge::Column::TenantId), Expr::col(challenge::Column::Id)]);
        let found = challenge::Entity::find().filter(key.in_subquery(of_link)).one(&self.db).await?;
        let Some(model) = found else { return Ok(None) };
        let tenant = TenantId::parse(&model.tenant_id).map_err(|e| StoreError::Row {
            table: "challenge",
            column: "tenant_id",
            id: model.id.clone(),
            reason: e.to_string(),
        })?;
        let challenge = self.of(&tenant).parse_challenge(&model)?;
        Ok(Some((tenant, challenge)))
    }
}
