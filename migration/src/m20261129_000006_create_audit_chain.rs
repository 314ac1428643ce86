//! The chain of a tenant's audit entries, beside the entries, which are never changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::TableCreateStatement;

use crate::schema::Kind::{Big, Bytes, Text};
use crate::schema::{index, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [link(), chain()] {
            manager.create_table(table).await?;
        }
        // An entry has one place, and whether it has one is asked for every new entry.
        let mut entry = index("ux_audit_link_entry", "audit_link", &["tenant_id", "audit_id"]);
        entry.unique();
        manager.create_index(entry).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["audit_chain", "audit_link"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// `link` proves the entry at this place and, through the link before it, everything before.
fn link() -> TableCreateStatement {
    table(
        "audit_link",
        &["tenant_id", "seq"],
        vec![
            some("tenant_id", Text),
            some("seq", Big),
            some("audit_id", Text),
            some("sealed_at", Big),
            some("link", Bytes),
            some("key_id", Text),
        ],
    )
}

/// Where a chain starts and ends; the row that a process locks to seal. Places before `first` went by age, `base` is
/// the link before it.
fn chain() -> TableCreateStatement {
    table(
        "audit_chain",
        &["tenant_id"],
        vec![
            some("tenant_id", Text),
            some("first", Big),
            some("base", Bytes),
            some("size", Big),
            some("head", Bytes),
            some("key_id", Text),
            some("mac", Bytes),
        ],
    )
}
