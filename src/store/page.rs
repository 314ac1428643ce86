//! Lists, newest first, a page at a time: what hosts read of events, messages and the audit log.
//!
//! Ids sort by time, so a page goes on from the last id of the one before: no offset, however long the list.

use std::time::Duration;

use entity::{audit, host_event, message};
use sea_orm::sea_query::{Expr, IntoCondition as _, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::domain::id::{AuditId, EventId, MessageId};
use crate::domain::message::{Message, Purpose};
use crate::domain::page::{ListedEntry, ListedEvent, Page, Wanted};
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;
use super::row::{count_of, moment};

/// How long before its time an id may have been drawn: while its transaction waited for a lock.
const DRAWN_BEFORE: Duration = Duration::from_mins(2);

/// What one column is. States of which an index holds the few rows are written out: no index is found by a parameter.
fn is<C: ColumnTrait>(column: C, word: &str) -> SimpleExpr {
    match word {
        "parked" => column.into_expr().eq(Expr::cust("'parked'")),
        "failed" => column.into_expr().eq(Expr::cust("'failed'")),
        word => column.eq(word),
    }
}

/// The rows of a page: those of the tenant, older than the last one seen, within the times, as wanted.
fn rows<C: ColumnTrait>(
    tenant: &str,
    page: &Page,
    ([tenant_id, id, at], first): ([C; 3], fn(Timestamp) -> String),
    wanted: &[(C, &Wanted)],
) -> Condition {
    let mut all = Condition::all().add(tenant_id.eq(tenant));
    all = all.add_option(page.after.as_ref().map(|after| id.lt(after.as_str())));
    all = all.add_option(page.since.map(|since| at.gte(since.millis())));
    // Ids sort by time: what is older than the page is not looked at.
    all = all.add_option(page.since.map(|since| id.gte(first(since - DRAWN_BEFORE))));
    all = all.add_option(page.until.map(|until| at.lt(until.millis())));
    for (column, word) in wanted {
        all = all.add_option(word.as_ref().map(|word| is(*column, word).into_condition()));
    }
    all
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Events, by type, state and client.
    pub async fn list_events(
        &self,
        page: &Page,
        wanted: [&Wanted; 3],
    ) -> Result<Vec<ListedEvent>, StoreError> {
        use host_event::Column::{ClientId, CreatedAt, Id, Kind, State, TenantId};
        let wanted = [(Kind, wanted[0]), (State, wanted[1]), (ClientId, wanted[2])];
        let found = host_event::Entity::find()
            .filter(rows(
                self.tenant.as_str(),
                page,
                ([TenantId, Id, CreatedAt], |at| EventId::new(at, [0; 10]).to_string()),
                &wanted,
            ))
            .order_by_desc(Id)
            .limit(page.size)
            .all(self.conn)
            .await?;
        Ok(found.into_iter().map(listed_event).collect())
    }

    /// Messages, by client, challenge, channel and state.
    pub async fn list_messages(&self, page: &Page, wanted: [&Wanted; 4]) -> Result<Vec<Message>, StoreError> {
        use message::Column::{ChallengeId, Channel, ClientId, CreatedAt, Id, State, TenantId};
        let wanted =
            [(ClientId, wanted[0]), (ChallengeId, wanted[1]), (Channel, wanted[2]), (State, wanted[3])];
        // A user's id may be the same as a client's.
        let to_users = Purpose::ALL.into_iter().filter(|purpose| purpose.is_to_user()).map(Purpose::as_str);
        let of_clients = wanted[0].1.as_ref().map(|_| message::Column::Purpose.is_not_in(to_users));
        let found = message::Entity::find()
            .filter(rows(
                self.tenant.as_str(),
                page,
                ([TenantId, Id, CreatedAt], |at| MessageId::new(at, [0; 10]).to_string()),
                &wanted,
            ))
            .filter(Condition::all().add_option(of_clients))
            .order_by_desc(Id)
            .limit(page.size)
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_message(model)).collect()
    }

    /// Entries of the audit log, by client, action and actor.
    pub async fn list_audit(
        &self,
        page: &Page,
        wanted: [&Wanted; 3],
    ) -> Result<Vec<ListedEntry>, StoreError> {
        use audit::Column::{Action, ActorId, At, ClientId, Id, TenantId};
        let wanted = [(ClientId, wanted[0]), (Action, wanted[1]), (ActorId, wanted[2])];
        let found = audit::Entity::find()
            .filter(rows(
                self.tenant.as_str(),
                page,
                ([TenantId, Id, At], |at| AuditId::new(at, [0; 10]).to_string()),
                &wanted,
            ))
            .order_by_desc(Id)
            .limit(page.size)
            .all(self.conn)
            .await?;
        Ok(found.into_iter().map(listed_entry).collect())
    }
}

fn listed_event(model: host_event::Model) -> ListedEvent {
    ListedEvent {
        id: model.id,
        kind: model.kind,
        client: model.client_id,
        state: model.state,
        attempts: count_of(model.attempts),
        last_status: model.last_status,
        last_error: model.last_error,
        created_at: Timestamp::from_millis(model.created_at),
        changed_at: Timestamp::from_millis(model.changed_at),
        next_at: moment(model.run_at),
    }
}

fn listed_entry(model: audit::Model) -> ListedEntry {
    ListedEntry {
        id: model.id,
        at: Timestamp::from_millis(model.at),
        actor_kind: model.actor_kind,
        actor: model.actor_id,
        from: model.origin,
        action: model.action,
        client: model.client_id,
        contact: model.contact_id,
        object: model.object,
        outcome: model.outcome,
        detail: model.detail,
    }
}
