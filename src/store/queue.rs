//! Taking due work from a table that is its own queue.
//!
//! A row is due when its `run_at` has come. Claiming one moves `run_at` to the end of the lease, so a process that
//! dies gives its work back within 30 seconds. `FOR UPDATE SKIP LOCKED` where there are many claimers; on SQLite
//! there is one writer at a time and the lock falls away. This is the only place where the two databases differ.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::sea_query::{Alias, Expr, LockBehavior, LockType, Query, SimpleExpr, UpdateStatement};
use sea_orm::{ConnectionTrait as _, ExprTrait as _, QueryResult};

use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;

use super::Store;
use super::due::Key;
use super::error::StoreError;
use super::host_event::Sealed;
use super::shape::padded;

/// How long a claim holds.
pub const LEASE: Duration = Duration::from_secs(30);

/// The tables that are queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Emails to send.
    Email,
    /// Texts and calls to send: a relay that hangs does not hold them up.
    Phone,
    /// Events to post.
    HostEvent,
    /// Clients whose standing changes by time.
    Client,
}

/// What waits in a queue.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Rows whose time has come, or that are being worked on.
    pub due: f64,
    /// How long the oldest of them has waited.
    pub oldest: Duration,
}

impl Queue {
    pub const ALL: [Self; 4] = [Self::Email, Self::Phone, Self::HostEvent, Self::Client];

    /// The name in figures.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::HostEvent => "host_event",
            Self::Client => "client",
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Email | Self::Phone => "message",
            Self::HostEvent => "host_event",
            Self::Client => "client",
        }
    }
}

impl Queue {
    /// By which channels the rows of the table that are this queue's go; none where all are.
    pub(super) fn channels(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["email"],
            Self::Phone => &["sms", "voice"],
            Self::HostEvent | Self::Client => &[],
        }
    }

    /// Whether other queues have rows in the same table.
    pub fn shares_its_table(self) -> bool {
        !self.channels().is_empty()
    }

    /// Which rows of the table are this queue's.
    pub(super) fn own(self) -> Option<SimpleExpr> {
        let channels = self.channels();
        (!channels.is_empty()).then(|| Expr::col(Alias::new("channel")).is_in(channels.iter().copied()))
    }

    /// A row's id as a log may show it: ours, but never the host's own words.
    pub fn shown(self, id: &str) -> &str {
        if self == Self::Client { "of the host's" } else { id }
    }
}

/// A row taken for the length of the lease.
#[derive(Clone, Debug)]
pub struct Claim {
    pub tenant: TenantId,
    pub id: String,
    /// Read as it is taken: posting it needs nothing else of the database.
    pub(super) event: Option<Sealed>,
}

impl Store {
    /// Claims up to `most` due rows, the oldest first, none of the `busy` tenants and of each other at most what `free` says.
    /// None may also mean that they lie behind very many of busy tenants: see [`Store::claim_behind`].
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn claim(
        &self,
        queue: Queue,
        now: Timestamp,
        busy: &[TenantId],
        free: impl Fn(&str) -> usize,
        most: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let due = self.due_ahead(queue, now, busy).await?;
        self.take(queue, now, choose(due, &free, most)).await
    }

    /// The same of what [`Store::claim`] does not see since too much of busy tenants, or of another queue of the same
    /// table, comes before it. Costs a look at every tenant that has anything in the queue.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn claim_behind(
        &self,
        queue: Queue,
        now: Timestamp,
        busy: &[TenantId],
        free: impl Fn(&str) -> usize,
        most: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let due = self.due_behind(queue, now, busy, &free).await?;
        self.take(queue, now, choose(due, &free, most)).await
    }

    /// Those of the chosen rows that are still due and nobody else is taking.
    async fn take(&self, queue: Queue, now: Timestamp, chosen: Vec<Key>) -> Result<Vec<Claim>, StoreError> {
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let backend = self.db.get_database_backend();
        let turn = self.turns.take().await?;
        let taken = self.db.query_all_raw(backend.build(&take(queue, now, &chosen))).await?;
        drop(turn);
        let event = |row| (queue == Queue::HostEvent).then(|| Sealed::read(row)).transpose();
        let taken = taken.iter().map(|row| Ok((keys(row)?, event(row)?)));
        let mut taken: HashMap<Key, Option<Sealed>> = taken.collect::<Result<_, StoreError>>()?;
        // An update gives its rows back in no order: theirs is the one in which they were due.
        let claimed = chosen.into_iter().filter_map(|key| taken.remove_entry(&key));
        claimed
            .map(|((tenant, id), event)| {
                let tenant = TenantId::parse(&tenant).map_err(|e| bad_tenant(queue, &tenant, &e))?;
                Ok(Claim { tenant, id, event })
            })
            .collect()
    }
}

/// As many of the due rows as may start, in their order.
fn choose(due: Vec<Key>, free: &impl Fn(&str) -> usize, most: usize) -> Vec<Key> {
    let mut left: HashMap<String, usize> = HashMap::new();
    let mut may_start = |tenant: &str| {
        let left = left.entry(tenant.to_owned()).or_insert_with(|| free(tenant));
        let may = *left > 0;
        *left = left.saturating_sub(1);
        may
    };
    due.into_iter().filter(|(tenant, _)| may_start(tenant)).take(most).collect()
}

impl Store {
    /// How much is due in a queue, and since when.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn waiting(&self, queue: Queue, now: Timestamp) -> Result<Waiting, StoreError> {
        let run_at = || Expr::col(Alias::new("run_at"));
        let mut select = Query::select();
        select
            .expr_as(run_at().count(), Alias::new("due"))
            .expr_as(run_at().min(), Alias::new("oldest"))
            .from(Alias::new(queue.table()))
            .and_where(run_at().lte(now.millis()));
        if let Some(own) = queue.own() {
            select.and_where(own);
        }
        let row = self.db.query_one_raw(self.db.get_database_backend().build(&select)).await?;
        let (due, oldest): (i64, Option<i64>) = match row {
            Some(row) => (row.try_get("", "due")?, row.try_get("", "oldest")?),
            None => (0, None),
        };
        let oldest = oldest.map_or(Duration::ZERO, |at| now.since(Timestamp::from_millis(at)));
        Ok(Waiting { due: f64::from(u32::try_from(due).unwrap_or(u32::MAX)), oldest })
    }
}

pub(super) fn keys(row: &QueryResult) -> Result<Key, StoreError> {
    Ok((row.try_get("", "tenant_id")?, row.try_get("", "id")?))
}

/// Moves the chosen rows to the end of the lease, those that are still due and nobody else is taking.
fn take(queue: Queue, now: Timestamp, chosen: &[Key]) -> UpdateStatement {
    let key = || Expr::tuple([Expr::col(Alias::new("tenant_id")), Expr::col(Alias::new("id"))]);
    let keys = chosen.iter().map(|(tenant, id)| (tenant.as_str(), id.as_str()));
    let mut free = Query::select();
    free.columns([Alias::new("tenant_id"), Alias::new("id")])
        .from(Alias::new(queue.table()))
        .and_where(key().in_tuples(padded(keys)))
        .and_where(Expr::col(Alias::new("run_at")).lte(now.millis()))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let own: &[&str] = if queue == Queue::HostEvent { &Sealed::COLUMNS } else { &[] };
    let read = ["tenant_id", "id"].iter().chain(own).copied();
    let mut update = Query::update();
    update
        .table(Alias::new(queue.table()))
        .value(Alias::new("run_at"), (now + LEASE).millis())
        .and_where(key().in_subquery(free))
        .returning(Query::returning().columns(read.map(Alias::new)));
    update
}

fn bad_tenant(queue: Queue, tenant: &str, error: &crate::domain::id::BadId) -> StoreError {
    StoreError::Row {
        table: queue.table(),
        column: "tenant_id",
        id: tenant.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::Channel;

    #[test]
    fn what_goes_by_any_channel_is_in_one_queue() {
        for channel in Channel::ALL {
            let queues = Queue::ALL.into_iter().filter(|queue| queue.channels().contains(&channel.as_str()));
            assert_eq!(queues.count(), 1, "{channel:?}");
        }
    }
}
