//! Details that contacts had before, kept a while so that a changed PIN can be told there too.

use std::collections::BTreeMap;

use entity::former_detail;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use crate::domain::contact::Contact;
use crate::domain::id::ClientId;
use crate::domain::pin::notice::{self, FORMER_LASTS, FORMER_MOST};
use crate::domain::seal;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::Row;

impl<C: ConnectionTrait> Scope<'_, C> {
    fn former_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "former_detail", id }
    }

    /// Keeps details that a client's contacts no longer have, each once.
    pub async fn keep_former(
        &self,
        client: &ClientId,
        gone: &[Contact],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut models = BTreeMap::new();
        for contact in gone {
            let detail = notice::CHANNELS.into_iter().find_map(|way| contact.destination(way));
            let whose =
                format!("former\u{1}{client}\u{1}{}", detail.map(|to| to.normal()).unwrap_or_default());
            let id = seal::index(self.vault.ring.current(), self.tenant, &whose);
            let model = former_detail::ActiveModel {
                tenant_id: Set(self.tenant.as_str().to_owned()),
                contact: Set(self.former_row(&id).seal_json("contact", contact)?),
                id: Set(id.clone()),
                client_id: Set(client.as_str().to_owned()),
                gone_at: Set(at.millis()),
            };
            models.insert(id, model);
        }
        if models.is_empty() {
            return Ok(());
        }
        let again = OnConflict::columns([former_detail::Column::TenantId, former_detail::Column::Id])
            .update_columns([former_detail::Column::Contact, former_detail::Column::GoneAt])
            .to_owned();
        let all = former_detail::Entity::insert_many(models.into_values()).on_conflict(again);
        all.exec_without_returning(self.conn).await?;
        Ok(())
    }

    /// The details that a client's contacts had until lately, the latest first.
    pub async fn former(&self, client: &ClientId, now: Timestamp) -> Result<Vec<Contact>, StoreError> {
        let found = self.gone_lately(client, now).all(self.conn).await?;
        found.iter().map(|model| self.former_row(&model.id).open_json("contact", &model.contact)).collect()
    }

    /// Until when there are more of them than can be told.
    pub async fn former_full_until(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let first_beyond = self.gone_lately(client, now).offset(FORMER_MOST).limit(1).one(self.conn).await?;
        Ok(first_beyond.map(|model| Timestamp::from_millis(model.gone_at) + FORMER_LASTS))
    }

    fn gone_lately(&self, client: &ClientId, now: Timestamp) -> Select<former_detail::Entity> {
        former_detail::Entity::find()
            .filter(former_detail::Column::TenantId.eq(self.tenant.as_str()))
            .filter(former_detail::Column::ClientId.eq(client.as_str()))
            .filter(former_detail::Column::GoneAt.gt((now - FORMER_LASTS).millis()))
            .order_by_desc(former_detail::Column::GoneAt)
            .order_by_asc(former_detail::Column::Id)
    }

    /// Forgets them.
    pub async fn forget_former(&self, client: &ClientId) -> Result<(), StoreError> {
        former_detail::Entity::delete_many()
            .filter(former_detail::Column::TenantId.eq(self.tenant.as_str()))
            .filter(former_detail::Column::ClientId.eq(client.as_str()))
            .exec(self.conn)
            .await?;
        Ok(())
    }
}
