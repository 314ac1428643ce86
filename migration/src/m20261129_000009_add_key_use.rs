//! When an API key was last used, to the minute.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::Big;
use crate::schema::maybe;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table.table(Alias::new("api_key")).add_column(maybe("last_used_at", Big));
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table.table(Alias::new("api_key")).drop_column(Alias::new("last_used_at"));
        manager.alter_table(table).await
    }
}
