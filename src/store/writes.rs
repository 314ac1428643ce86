//! What a transaction writes at its end, in as few statements as the database takes.
//!
//! PostgreSQL takes all of it in one, each part a common table expression before the last; the parts touch different
//! tables, so their order does not matter, and a reference between them is checked when all are done. SQLite knows no
//! such expressions that write, and needs no round trip: there it is one statement after another.

use sea_orm::sea_query::{Alias, CommonTableExpression, InsertStatement, UpdateStatement, WithQuery};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::domain::audit::Entry;
use crate::domain::challenge::Challenge;
use crate::domain::client::Client;
use crate::domain::event::Event;
use crate::domain::message::Message;

use super::Scope;
use super::error::StoreError;

/// Everything new about a locked client.
#[derive(Clone, Copy)]
pub struct Writes<'a> {
    pub challenge: Option<&'a Challenge>,
    /// The hashes of the tokens of the links that stand for the challenge.
    pub links: &'a [String],
    pub messages: &'a [Message],
    pub events: &'a [Event],
    pub entries: &'a [Entry],
    pub client: &'a Client,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Writes all of it, and the locked client back.
    pub async fn write(&self, writes: Writes<'_>) -> Result<(), StoreError> {
        let challenge = writes.challenge.map(|challenge| self.challenge_insert(challenge)).transpose()?;
        let hashes = || writes.links.iter().map(String::as_str);
        let link = writes.challenge.and_then(|of| self.links_insert(&of.id, hashes()));
        let inserts = [
            challenge,
            link,
            self.messages_insert(writes.messages),
            self.events_insert(writes.events),
            self.audit_insert(writes.entries),
        ];
        let inserts: Vec<_> = inserts.into_iter().flatten().collect();
        let updated = self.execute_all(inserts, self.client_update(writes.client)?).await?;
        if updated == 1 { Ok(()) } else { Err(StoreError::Guard("client")) }
    }

    /// Gives how many rows the update changed.
    async fn execute_all(
        &self,
        inserts: Vec<InsertStatement>,
        update: UpdateStatement,
    ) -> Result<u64, StoreError> {
        if self.conn.get_database_backend() == DbBackend::Postgres && !inserts.is_empty() {
            let mut all = WithQuery::new();
            for (number, insert) in inserts.into_iter().enumerate() {
                let mut part = CommonTableExpression::new();
                part.table_name(Alias::new(format!("part_{number}"))).query(insert);
                all.cte(part);
            }
            return Ok(self.conn.execute(all.query(update)).await?.rows_affected());
        }
        for insert in &inserts {
            self.conn.execute(insert).await?;
        }
        Ok(self.conn.execute(&update).await?.rows_affected())
    }
}
