//! Since when a tenant trusts devices without a break.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::Big;
use crate::schema::some;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = some("trusts_since", Big).default(0).to_owned();
        manager.alter_table(Table::alter().table(Alias::new("tenant")).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dropped =
            Table::alter().table(Alias::new("tenant")).drop_column(Alias::new("trusts_since")).to_owned();
        manager.alter_table(dropped).await
    }
}
