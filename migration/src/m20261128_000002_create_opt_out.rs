//! The numbers that asked for no more texts.
//!
//! Apart from what counts sends, which is deleted once it no longer counts: an opt-out is kept until it is taken back.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::TableCreateStatement;

use crate::schema::Kind::{Big, Bytes, Text};
use crate::schema::{some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(opt_out()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("opt_out")).to_owned()).await
    }
}

/// `destination` is the number's keyed index; the sealed number is there to index it anew under another key.
fn opt_out() -> TableCreateStatement {
    table(
        "opt_out",
        &["tenant_id", "destination"],
        vec![
            some("tenant_id", Text),
            some("destination", Text),
            some("number", Bytes),
            some("opted_out_at", Big),
        ],
    )
}
