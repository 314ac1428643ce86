//! Guests, who open a page by a link of their own: signers and participants; and the sessions of the latter.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::TableCreateStatement;

use crate::schema::Kind::{Big, Bytes, Text};
use crate::schema::{index, maybe, one_of, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [session(), guest()] {
            manager.create_table(table).await?;
        }
        // A signer has no session, and what is not there is never the same.
        let mut person = index("ux_guest_person", "guest", &["tenant_id", "session_id", "person_id"]);
        person.unique();
        manager.create_index(person).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["guest", "session"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// `facts` is what the host said of it, sealed; `ends_at` when its links end by themselves.
fn session() -> TableCreateStatement {
    table(
        "session",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("facts", Bytes),
            some("created_at", Big),
            some("ends_at", Big),
            maybe("ended_at", Big),
        ],
    )
}

/// `person` is the name with its details, `matter` what they are asked to, `standing` how far they are: all sealed.
fn guest() -> TableCreateStatement {
    table(
        "guest",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("workflow", Text),
            maybe("session_id", Text),
            some("person_id", Text),
            some("person", Bytes),
            some("matter", Bytes),
            some("standing", Bytes),
            some("created_at", Big),
            some("ends_at", Big),
        ],
    )
    .check(one_of("workflow", &["signer", "session"]))
    .to_owned()
}
