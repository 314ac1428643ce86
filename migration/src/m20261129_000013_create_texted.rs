//! The numbers that codes went to lately, by block and country, and what a day's texts and calls have cost.

use sea_orm_migration::prelude::*;

use crate::schema::Kind::{Big, Text};
use crate::schema::{index, maybe, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Numbers and blocks are keyed indexes.
        let columns = vec![
            some("tenant_id", Text),
            some("message_id", Text),
            some("challenge_id", Text),
            some("destination", Text),
            some("block", Text),
            maybe("country", Text),
            some("at", Big),
        ];
        manager.create_table(table("texted", &["tenant_id", "message_id"], columns)).await?;
        manager.create_index(index("ix_texted_block", "texted", &["tenant_id", "block", "at"])).await?;
        let mut abroad = index("ix_texted_country", "texted", &["tenant_id", "country", "at"]);
        abroad.and_where(Expr::col(Alias::new("country")).is_not_null());
        manager.create_index(abroad).await?;
        manager.create_index(index("ix_texted_at", "texted", &["tenant_id", "at"])).await?;
        let columns = vec![some("tenant_id", Text), some("day", Text), some("micros", Big)];
        manager.create_table(table("spent", &["tenant_id", "day"], columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["texted", "spent"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
