//! A tenant's own wording of its messages, every version of it.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::{Big, Int, Text};
use crate::schema::{some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// The newest version counts; one whose `body` is empty stands for the built-in text. `subject` is empty in texts.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            some("tenant_id", Text),
            some("kind", Text),
            some("channel", Text),
            some("locale", Text),
            some("version", Int),
            some("subject", Text),
            some("body", Text),
            some("author", Text),
            some("created_at", Big),
        ];
        let key = ["tenant_id", "kind", "channel", "locale", "version"];
        manager.create_table(table("wording", &key, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("wording")).to_owned()).await
    }
}
