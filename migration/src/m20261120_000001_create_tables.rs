//! All tables of the first version.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::TableCreateStatement;

use crate::schema::Kind::{Big, Bool, Bytes, Int, Json, Text};
use crate::schema::{due, index, maybe, one_of, reference, some, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables().iter().rev() {
            if let Some(name) = table.get_table_name() {
                manager.drop_table(Table::drop().table(name.clone()).to_owned()).await?;
            }
        }
        Ok(())
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        meta(),
        tenant(),
        tenant_secret(),
        api_key(),
        client(),
        challenge(),
        message(),
        host_event(),
        send_limit(),
        inbound(),
        audit(),
    ]
}

fn meta() -> TableCreateStatement {
    table("meta", &["name"], vec![some("name", Text), some("value", Big)])
}

fn tenant() -> TableCreateStatement {
    table(
        "tenant",
        &["tenant_id"],
        vec![
            some("tenant_id", Text),
            some("settings", Json),
            some("providers", Bytes),
            some("created_at", Big),
            some("changed_at", Big),
        ],
    )
}

fn tenant_secret() -> TableCreateStatement {
    table(
        "tenant_secret",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("purpose", Text),
            some("sealed", Bytes),
            some("created_at", Big),
            maybe("expires_at", Big),
        ],
    )
    .check(one_of("purpose", &["webhook", "push"]))
    .to_owned()
}

fn api_key() -> TableCreateStatement {
    table(
        "api_key",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("hash", Text),
            some("created_at", Big),
            maybe("revoked_at", Big),
        ],
    )
}

fn client() -> TableCreateStatement {
    table(
        "client",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("name", Bytes),
            some("contacts", Bytes),
            some("standing", Bytes),
            some("created_at", Big),
            some("listed_at", Big),
            some("version", Big),
            some("removed", Bool),
            maybe("run_at", Big),
        ],
    )
}

fn challenge() -> TableCreateStatement {
    table(
        "challenge",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("workflow", Text),
            some("subject", Text),
            some("kind", Text),
            some("state", Text),
            some("contact_id", Text),
            some("people", Bytes),
            maybe("surface", Text),
            maybe("locale", Text),
            some("channels", Text),
            some("digits", Int),
            some("tries_allowed", Int),
            some("tries", Int),
            some("created_at", Big),
            some("expires_at", Big),
            some("resend_at", Big),
            maybe("closed_at", Big),
            some("epoch", Big),
            some("key_id", Text),
        ],
    )
    .check(one_of("workflow", &["client", "pin", "signer", "session", "login"]))
    .check(one_of("kind", &["sent", "told"]))
    .check(one_of("state", &["active", "verified", "expired", "superseded", "locked", "cancelled"]))
    .check(Expr::col(Alias::new("tries")).lte(Expr::col(Alias::new("tries_allowed"))))
    .to_owned()
}

fn message() -> TableCreateStatement {
    table(
        "message",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("challenge_id", Text),
            some("client_id", Text),
            some("contact_id", Text),
            some("purpose", Text),
            some("channel", Text),
            some("destination", Text),
            some("masked", Bytes),
            some("state", Text),
            maybe("detail", Text),
            some("attempts", Int),
            some("created_at", Big),
            some("changed_at", Big),
            maybe("run_at", Big),
        ],
    )
    .check(one_of("channel", &["email", "sms", "voice"]))
    .check(one_of("state", &["queued", "sent", "delivered", "failed", "dropped"]))
    .foreign_key(&mut reference("fk_message_challenge", ("message", "challenge_id"), "challenge"))
    .to_owned()
}

fn host_event() -> TableCreateStatement {
    table(
        "host_event",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("kind", Text),
            some("client_id", Text),
            some("body", Bytes),
            some("state", Text),
            some("attempts", Int),
            maybe("last_status", Int),
            maybe("last_error", Text),
            some("created_at", Big),
            some("changed_at", Big),
            maybe("run_at", Big),
        ],
    )
    .check(one_of("state", &["pending", "delivered", "parked"]))
    .to_owned()
}

fn send_limit() -> TableCreateStatement {
    table(
        "send_limit",
        &["tenant_id", "destination"],
        vec![some("tenant_id", Text), some("destination", Text), some("hits", Text)],
    )
}

fn inbound() -> TableCreateStatement {
    table(
        "inbound",
        &["tenant_id", "webhook_id"],
        vec![
            some("tenant_id", Text),
            some("webhook_id", Text),
            some("received_at", Big),
            some("answer", Bytes),
        ],
    )
}

fn audit() -> TableCreateStatement {
    table(
        "audit",
        &["tenant_id", "id"],
        vec![
            some("tenant_id", Text),
            some("id", Text),
            some("at", Big),
            some("actor_kind", Text),
            some("actor_id", Text),
            some("origin", Text),
            some("action", Text),
            some("client_id", Text),
            some("contact_id", Text),
            some("object", Text),
            some("outcome", Text),
            some("detail", Text),
            some("key_id", Text),
            some("mac", Bytes),
        ],
    )
}

fn indexes() -> Vec<IndexCreateStatement> {
    let mut one_active =
        index("ux_challenge_active", "challenge", &["tenant_id", "workflow", "subject", "kind"]);
    one_active.unique().and_where(Expr::col(Alias::new("state")).eq(Expr::cust("'active'")));
    let mut api_key = index("ux_api_key_hash", "api_key", &["hash"]);
    api_key.unique();
    vec![
        one_active,
        api_key,
        due("client"),
        due("message"),
        due("host_event"),
        index("ix_message_challenge", "message", &["tenant_id", "challenge_id"]),
        index("ix_message_destination", "message", &["tenant_id", "destination", "created_at"]),
        index("ix_audit_at", "audit", &["at"]),
        index("ix_audit_client", "audit", &["tenant_id", "client_id", "id"]),
    ]
}
