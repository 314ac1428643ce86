//! Tenants, their keys and their secrets.

use entity::{api_key, tenant, tenant_secret};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::Value;

use crate::domain::id::{ApiKeyId, SecretId, TenantId};
use crate::domain::timestamp::Timestamp;

use super::error::StoreError;
use super::row::{Row, millis, moment};
use super::{Scope, Store, Tx, Vault};

/// A tenant's settings as its file has them.
#[derive(Clone, Debug)]
pub struct TenantRow {
    pub id: TenantId,
    pub settings: Value,
    /// Provider settings, which hold passwords: sealed at rest.
    pub providers: Value,
    /// Since when devices are trusted without a break.
    pub trusts_since: Timestamp,
}

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPurpose {
    /// The host signs with it.
    Webhook,
    /// We sign with it.
    Push,
}

impl SecretPurpose {
    /// The name in tables and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Push => "push",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Webhook, Self::Push].into_iter().find(|p| p.as_str() == name)
    }
}

/// A secret, open.
pub struct SecretRow {
    pub tenant: TenantId,
    pub id: SecretId,
    pub purpose: SecretPurpose,
    /// `whsec_…`
    pub secret: String,
    pub created_at: Timestamp,
    /// `None` lives until it is rotated.
    pub expires_at: Option<Timestamp>,
}

/// An API key, as its hash.
#[derive(Clone, Debug)]
pub struct ApiKeyRow {
    pub tenant: TenantId,
    pub id: ApiKeyId,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Everything that says who is who.
pub struct Keychain {
    pub tenants: Vec<TenantRow>,
    pub secrets: Vec<SecretRow>,
    pub api_keys: Vec<ApiKeyRow>,
    /// Rows that cannot be read, and are left out.
    pub unreadable: Vec<StoreError>,
}

fn secret_row<'a>(vault: &'a Vault, tenant: &'a TenantId, id: &'a str) -> Row<'a> {
    Row { vault, tenant, table: "tenant_secret", id }
}

pub(super) fn tenant_id(table: &'static str, text: &str) -> Result<TenantId, StoreError> {
    let bad = |e: crate::domain::id::BadId| StoreError::Row {
        table,
        column: "tenant_id",
        id: text.to_owned(),
        reason: e.to_string(),
    };
    TenantId::parse(text).map_err(bad)
}

impl Store {
    /// Reads all tenants with their keys and secrets. A row that cannot be read is left out and told of: it must not
    /// keep a key alive that was revoked elsewhere.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn keychain(&self) -> Result<Keychain, StoreError> {
        let tenants = tenant::Entity::find().order_by_asc(tenant::Column::TenantId).all(&self.db).await?;
        let secrets =
            tenant_secret::Entity::find().order_by_asc(tenant_secret::Column::Id).all(&self.db).await?;
        let keys = api_key::Entity::find().order_by_asc(api_key::Column::Id).all(&self.db).await?;
        let mut unreadable = Vec::new();
        let vault = &self.vault;
        Ok(Keychain {
            tenants: readable(tenants.into_iter().map(|m| parse_tenant(vault, m)), &mut unreadable),
            secrets: readable(secrets.iter().map(|m| parse_secret(vault, m)), &mut unreadable),
            api_keys: readable(keys.into_iter().map(|m| parse_key(vault, m)), &mut unreadable),
            unreadable,
        })
    }
}

/// The rows that can be read; the errors of the others are put with `unreadable`.
fn readable<T>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    unreadable: &mut Vec<StoreError>,
) -> Vec<T> {
    rows.filter_map(|row| row.map_err(|error| unreadable.push(error)).ok()).collect()
}

fn parse_tenant(vault: &Vault, model: tenant::Model) -> Result<TenantRow, StoreError> {
    let id = tenant_id("tenant", &model.tenant_id)?;
    let row = Row { vault, tenant: &id, table: "tenant", id: id.as_str() };
    let providers = row.open_json("providers", &model.providers)?;
    let trusts_since = Timestamp::from_millis(model.trusts_since);
    Ok(TenantRow { settings: model.settings, providers, trusts_since, id })
}

fn parse_secret(vault: &Vault, model: &tenant_secret::Model) -> Result<SecretRow, StoreError> {
    let tenant = tenant_id("tenant_secret", &model.tenant_id)?;
    let row = secret_row(vault, &tenant, &model.id);
    Ok(SecretRow {
        id: row.id("id", SecretId::parse(&model.id))?,
        purpose: row.word("purpose", &model.purpose, SecretPurpose::parse)?,
        secret: row.open_text("sealed", &model.sealed)?,
        created_at: Timestamp::from_millis(model.created_at),
        expires_at: moment(model.expires_at),
        tenant: tenant.clone(),
    })
}

fn parse_key(vault: &Vault, model: api_key::Model) -> Result<ApiKeyRow, StoreError> {
    let tenant = tenant_id("api_key", &model.tenant_id)?;
    let row = Row { vault, tenant: &tenant, table: "api_key", id: &model.id };
    Ok(ApiKeyRow {
        id: row.id("id", ApiKeyId::parse(&model.id))?,
        hash: model.hash,
        created_at: Timestamp::from_millis(model.created_at),
        revoked_at: moment(model.revoked_at),
        last_used_at: moment(model.last_used_at),
        tenant: tenant.clone(),
    })
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Writes when a key was used, if nobody wrote a later use.
    pub async fn note_key_use(&self, key: &ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        let used = api_key::Column::LastUsedAt;
        api_key::Entity::update_many()
            .col_expr(used, Expr::value(at.millis()))
            .filter(api_key::Column::TenantId.eq(self.tenant.as_str()))
            .filter(api_key::Column::Id.eq(key.as_str()))
            .filter(used.is_null().or(used.lt(at.millis())))
            .exec(self.conn)
            .await?;
        Ok(())
    }

    /// What this tenant decides, as it is stored.
    pub async fn tenant_row(&self) -> Result<Option<TenantRow>, StoreError> {
        let found = tenant::Entity::find_by_id(self.tenant.as_str().to_owned()).one(self.conn).await?;
        found.map(|model| parse_tenant(self.vault, model)).transpose()
    }
}

impl Tx {
    /// Creates or replaces a tenant's settings.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn put_tenant(&self, tenant: &TenantRow, now: Timestamp) -> Result<(), StoreError> {
        let row = Row { vault: &self.vault, tenant: &tenant.id, table: "tenant", id: tenant.id.as_str() };
        let model = tenant::ActiveModel {
            tenant_id: Set(tenant.id.as_str().to_owned()),
            settings: Set(tenant.settings.clone()),
            providers: Set(row.seal_json("providers", &tenant.providers)?),
            created_at: Set(now.millis()),
            changed_at: Set(now.millis()),
            trusts_since: Set(tenant.trusts_since.millis()),
        };
        let changes = [
            tenant::Column::Settings,
            tenant::Column::Providers,
            tenant::Column::TrustsSince,
            tenant::Column::ChangedAt,
        ];
        let replace = OnConflict::column(tenant::Column::TenantId).update_columns(changes).to_owned();
        tenant::Entity::insert(model).on_conflict(replace).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Adds a secret.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn add_secret(&self, secret: &SecretRow) -> Result<(), StoreError> {
        let row = secret_row(&self.vault, &secret.tenant, secret.id.as_str());
        let model = tenant_secret::ActiveModel {
            tenant_id: Set(secret.tenant.as_str().to_owned()),
            id: Set(secret.id.as_str().to_owned()),
            purpose: Set(secret.purpose.as_str().to_owned()),
            sealed: Set(row.seal("sealed", secret.secret.as_bytes())),
            created_at: Set(secret.created_at.millis()),
            expires_at: Set(millis(secret.expires_at)),
        };
        tenant_secret::Entity::insert(model).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Lets every secret of a purpose that has no end yet, or a later one, end at `at`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn expire_secrets(
        &self,
        tenant: &TenantId,
        purpose: SecretPurpose,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let later =
            tenant_secret::Column::ExpiresAt.is_null().or(tenant_secret::Column::ExpiresAt.gt(at.millis()));
        tenant_secret::Entity::update_many()
            .col_expr(tenant_secret::Column::ExpiresAt, Expr::value(at.millis()))
            .filter(tenant_secret::Column::TenantId.eq(tenant.as_str()))
            .filter(tenant_secret::Column::Purpose.eq(purpose.as_str()))
            .filter(later)
            .exec(&self.inner)
            .await?;
        Ok(())
    }

    /// Adds an API key. One that was there before, revoked or not, is refused as a conflict.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]
    pub async fn add_api_key(&self, key: &ApiKeyRow) -> Result<(), StoreError> {
        let model = api_key::ActiveModel {
            tenant_id: Set(key.tenant.as_str().to_owned()),
            id: Set(key.id.as_str().to_owned()),
            hash: Set(key.hash.clone()),
            created_at: Set(key.created_at.millis()),
            revoked_at: Set(millis(key.revoked_at)),
            last_used_at: Set(millis(key.last_used_at)),
        };
        api_key::Entity::insert(model).exec_without_returning(&self.inner).await?;
        Ok(())
    }

    /// Revokes a key of a tenant. Says whether there was one to revoke.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn revoke_api_key(
        &self,
        tenant: &TenantId,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let revoked = api_key::Entity::update_many()
            .col_expr(api_key::Column::RevokedAt, Expr::value(at.millis()))
            .filter(api_key::Column::TenantId.eq(tenant.as_str()))
            .filter(api_key::Column::Id.eq(id.as_str()))
            .filter(api_key::Column::RevokedAt.is_null())
            .exec(&self.inner)
            .await?;
        Ok(revoked.rows_affected == 1)
    }
}
