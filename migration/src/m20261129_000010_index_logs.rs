//! What the console's logs are filtered by: an action or an actor of the audit log, a client or a state of messages, pushes
//! that were given up.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::IndexCreateStatement;

use crate::schema::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("ix_audit_action", "audit"),
            ("ix_audit_actor", "audit"),
            ("ix_message_client", "message"),
            ("ix_message_failed", "message"),
            ("ix_host_event_parked", "host_event"),
        ] {
            manager.drop_index(Index::drop().name(name).table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("ix_audit_action", "audit", &["tenant_id", "action", "id"]),
        index("ix_audit_actor", "audit", &["tenant_id", "actor_id", "id"]),
        index("ix_message_client", "message", &["tenant_id", "client_id", "id"]),
        in_state("ix_message_failed", "message", "failed"),
        in_state("ix_host_event_parked", "host_event", "parked"),
    ]
}

/// An index over the few rows in one state.
fn in_state(name: &str, table: &str, state: &str) -> IndexCreateStatement {
    let mut index = index(name, table, &["tenant_id", "id"]);
    index.and_where(Expr::col(Alias::new("state")).eq(Expr::cust(format!("'{state}'"))));
    index
}
