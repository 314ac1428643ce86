//! Security PINs, the links by which they are set, and the details that contacts had before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::TableCreateStatement;

use crate::schema::Kind::{Big, Bytes, Int, Text};
use crate::schema::{index, maybe, reference, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [pin(), link(), former_detail()] {
            manager.create_table(table).await?;
        }
        // A link knows its tenant, not the other way round: it is looked for by its hash alone.
        let mut hash = index("ux_link_hash", "link", &["hash"]);
        hash.unique();
        manager.create_index(hash).await?;
        manager.create_index(index("ix_link_challenge", "link", &["tenant_id", "challenge_id"])).await?;
        manager.create_index(index("ix_former_detail", "former_detail", &["tenant_id", "client_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["former_detail", "link", "pin"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// `hash` is Argon2id's text over an HMAC, `key_id` the master key whose subkey made that. `tries` are those counted since
/// the last right one, `wrong` those of them that were compared and told.
fn pin() -> TableCreateStatement {
    table(
        "pin",
        &["tenant_id", "client_id"],
        vec![
            some("tenant_id", Text),
            some("client_id", Text),
            some("hash", Text),
            some("key_id", Text),
            some("tries", Int),
            some("wrong", Int),
            maybe("tried_at", Big),
            maybe("locked_at", Big),
            some("set_at", Big),
        ],
    )
    // The most that a tenant may allow.
    .check(Expr::col(Alias::new("tries")).lte(10))
    .check(Expr::col(Alias::new("wrong")).between(0, Expr::col(Alias::new("tries"))))
    .to_owned()
}

/// `hash` is the SHA-256 of the token; `device` is sealed, and empty until a PIN was set by the link.
fn link() -> TableCreateStatement {
    table(
        "link",
        &["tenant_id", "hash"],
        vec![some("tenant_id", Text), some("hash", Text), some("challenge_id", Text), some("device", Bytes)],
    )
    .foreign_key(&mut reference("fk_link_challenge", ("link", "challenge_id"), "challenge"))
    .to_owned()
}

/// A contact with the one detail that it had before, sealed.
fn former_detail() -> TableCreateStatement {
    table(
        "former_detail",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("client_id", Text),
            some("contact", Bytes),
            some("gone_at", Big),
        ],
    )
}
