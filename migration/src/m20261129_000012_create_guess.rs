//! How much chance wrong codes have had, an hour a row: what stops guesses that are spread over many clients.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::{Big, Text};
use crate::schema::{one_of, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            some("tenant_id", Text),
            some("workflow", Text),
            some("hour", Big),
            some("tries", Big),
            some("chance", Big),
        ];
        let mut guess = table("guess", &["tenant_id", "workflow", "hour"], columns);
        guess.check(one_of("workflow", &["client", "pin", "signer", "session", "login"]));
        manager.create_table(guess).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("guess")).to_owned()).await
    }
}
