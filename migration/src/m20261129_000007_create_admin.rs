//! The accounts of the console, and who is signed in to it.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::{Big, Json, Text};
use crate::schema::{index, maybe, reference, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// `email` is its keyed index, `password` a hash over an HMAC; `tenants` is empty where it is every one. A session ends
    /// with its account.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            some("tenant_id", Text),
            some("id", Text),
            some("email", Text),
            some("role", Text),
            maybe("tenants", Json),
            some("password", Text),
            some("key_id", Text),
            some("created_at", Big),
        ];
        manager.create_table(table("admin", &["tenant_id", "id"], columns)).await?;
        manager
            .create_index(index("ux_admin_email", "admin", &["tenant_id", "email"]).unique().to_owned())
            .await?;
        let columns = vec![
            some("tenant_id", Text),
            some("id", Text),
            some("admin_id", Text),
            some("token_hash", Text),
            maybe("login_id", Text),
            some("address", Text),
            some("device", Text),
            some("created_at", Big),
            some("seen_at", Big),
            some("epoch", Big),
        ];
        let mut sessions = table("admin_session", &["tenant_id", "id"], columns);
        sessions.foreign_key(&mut reference("fk_admin_session", ("admin_session", "admin_id"), "admin"));
        manager.create_table(sessions).await?;
        let by_token = index("ux_admin_session_token", "admin_session", &["tenant_id", "token_hash"])
            .unique()
            .to_owned();
        manager.create_index(by_token).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["admin_session", "admin"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
