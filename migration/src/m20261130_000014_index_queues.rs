//! What each tenant has waiting in a queue, found without passing by what others have.

use sea_orm_migration::prelude::*;

use crate::schema::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str, &[&str]); 3] = [
    ("ix_message_waiting", "message", &["channel", "tenant_id", "run_at"]),
    ("ix_host_event_waiting", "host_event", &["tenant_id", "run_at"]),
    ("ix_client_waiting", "client", &["tenant_id", "run_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in INDEXES {
            let mut index = index(name, table, columns);
            index.and_where(Expr::col(Alias::new("run_at")).is_not_null());
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
