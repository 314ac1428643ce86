//! Clients: the rows that transactions lock.

use entity::{challenge, client};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LockType, OnConflict, UpdateStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::domain::client::Client;
use crate::domain::id::{ChallengeId, ClientId, TenantId};
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::row::{Row, millis};
use super::shape::padded;
use super::{Scope, Vault};

pub(super) fn row<'a>(vault: &'a Vault, tenant: &'a TenantId, id: &'a str) -> Row<'a> {
    Row { vault, tenant, table: "client", id }
}

fn parse(vault: &Vault, tenant: &TenantId, model: &client::Model) -> Result<Client, StoreError> {
    let row = row(vault, tenant, &model.id);
    Ok(Client {
        tenant: tenant.clone(),
        id: row.id("id", ClientId::parse(&model.id))?,
        name: row.open_text("name", &model.name)?,
        created_at: Timestamp::from_millis(model.created_at),
        listed_at: Timestamp::from_millis(model.listed_at),
        contacts: row.open_json("contacts", &model.contacts)?,
        standing: row.open_json("standing", &model.standing)?,
        version: model.version,
        removed: model.removed,
    })
}

impl<C: ConnectionTrait> Scope<'_, C> {
    fn model(&self, client: &Client) -> Result<client::ActiveModel, StoreError> {
        let row = row(self.vault, self.tenant, client.id.as_str());
        Ok(client::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(client.id.as_str().to_owned()),
            name: Set(row.seal("name", client.name.as_bytes())),
            contacts: Set(row.seal_json("contacts", &client.contacts)?),
            standing: Set(row.seal_json("standing", &client.standing)?),
            created_at: Set(client.created_at.millis()),
            listed_at: Set(client.listed_at.millis()),
            version: Set(client.version),
            removed: Set(client.removed),
            run_at: Set(millis(client.wakes_at())),
        })
    }

    /// Locks a client until the transaction ends, and reads it as it is then.
    pub async fn lock_client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let found = client::Entity::find_by_id((self.tenant.as_str().to_owned(), id.as_str().to_owned()))
            .lock(LockType::Update)
            .one(self.conn)
            .await?;
        found.map(|model| parse(self.vault, self.tenant, &model)).transpose()
    }

    /// Locks the client that a challenge is about.
    pub async fn lock_client_of(&self, challenge: &ChallengeId) -> Result<Option<Client>, StoreError> {
        let subject = challenge::Entity::find()
            .select_only()
            .column(challenge::Column::Subject)
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.eq(challenge.as_str()))
            .filter(challenge::Column::Workflow.eq("client"))
            .into_query();
        let found = client::Entity::find()
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(client::Column::Id.in_subquery(subject))
            .lock(LockType::Update)
            .one(self.conn)
            .await?;
        found.map(|model| parse(self.vault, self.tenant, &model)).transpose()
    }

    /// Reads clients without locking them, in no order.
    pub async fn clients(&self, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
        let found = client::Entity::find()
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(client::Column::Id.is_in(padded(ids.iter().map(ClientId::as_str))))
            .all(self.conn)
            .await?;
        found.iter().map(|model| parse(self.vault, self.tenant, model)).collect()
    }

    /// Clients whose id begins like that, by their ids, those that were removed left out.
    pub async fn clients_like(&self, begin: &str, most: u64) -> Result<Vec<Client>, StoreError> {
        // Not LIKE: that takes no notice of case on SQLite, and on both has signs of its own.
        let begins = Func::cust("substr").args([
            Expr::col(client::Column::Id),
            Expr::val(1),
            Expr::val(i32::try_from(begin.chars().count()).unwrap_or(i32::MAX)),
        ]);
        let found = client::Entity::find()
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(Expr::expr(begins).eq(begin))
            .filter(client::Column::Removed.eq(false))
            .order_by_asc(client::Column::Id)
            .limit(most)
            .all(self.conn)
            .await?;
        found.iter().map(|model| parse(self.vault, self.tenant, model)).collect()
    }

    /// The clients that something will happen to by time: those with a code out, a proof or a lock.
    pub async fn waking_clients(&self) -> Result<Vec<ClientId>, StoreError> {
        let found: Vec<String> = client::Entity::find()
            .select_only()
            .column(client::Column::Id)
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(client::Column::RunAt.is_not_null())
            .filter(client::Column::Removed.eq(false))
            .into_tuple()
            .all(self.conn)
            .await?;
        found.iter().map(|id| row(self.vault, self.tenant, id).id("id", ClientId::parse(id))).collect()
    }

    /// Makes a row for a client that has none yet, and leaves one that exists alone.
    /// Says whether the row is new.
    pub async fn ensure_client(&self, client: &Client) -> Result<bool, StoreError> {
        let nothing =
            OnConflict::columns([client::Column::TenantId, client::Column::Id]).do_nothing().to_owned();
        let made = client::Entity::insert(self.model(client)?).on_conflict(nothing);
        Ok(made.exec_without_returning(self.conn).await? == 1)
    }

    /// Writes a locked client back.
    pub(super) fn client_update(&self, client: &Client) -> Result<UpdateStatement, StoreError> {
        let update = client::Entity::update_many()
            .set(self.model(client)?)
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(client::Column::Id.eq(client.id.as_str()));
        Ok(update.into_query())
    }
}
