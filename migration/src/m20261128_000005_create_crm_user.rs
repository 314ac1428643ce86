//! The users of the CRM, who sign in with a second step.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::{Big, Bytes, Text};
use crate::schema::{some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// `person` is the name with its details, `standing` the factors and the open sign-ins: both sealed.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            some("tenant_id", Text),
            some("id", Text),
            some("person", Bytes),
            some("standing", Bytes),
            some("created_at", Big),
        ];
        manager.create_table(table("crm_user", &["tenant_id", "id"], columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("crm_user")).to_owned()).await
    }
}
