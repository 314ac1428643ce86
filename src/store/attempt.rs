//! How attempts to post events ended, those of many events in one statement.
//!
//! A commit costs as much for a hundred as for one. Whoever ends while another writes leaves its outcome with those that
//! wait, and the next one whose turn it is writes them all: nobody waits longer than for two commits, and nothing is
//! told to be written before it is.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::sea_query::{
    Alias, Expr, IntoIden as _, Query, SimpleExpr, TableRef, UpdateStatement, ValueTuple,
};
use sea_orm::{ConnectionTrait as _, DbErr, ExprTrait as _};
use tokio::sync::Mutex as Turn;
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::domain::id::{EventId, TenantId};
use crate::domain::timestamp::Timestamp;

use super::Store;
use super::error::StoreError;
use super::row::{int, millis};
use super::shape::padded;

/// Outcomes in one statement.
const MOST: usize = 128;

/// How an attempt to post an event ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub attempts: u32,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// When to try again; `None` when it was taken or is parked.
    pub next: Option<Timestamp>,
    pub delivered: bool,
    pub at: Timestamp,
}

impl Attempt {
    fn state(&self) -> &'static str {
        match (self.delivered, self.next) {
            (true, _) => "delivered",
            (false, Some(_)) => "pending",
            (false, None) => "parked",
        }
    }
}

/// One that is to be written.
struct Ended {
    tenant: TenantId,
    id: EventId,
    attempt: Attempt,
    told: oneshot::Sender<Told>,
}

/// What whoever wrote for others tells them. Nothing at all: each is to write for itself.
#[derive(Debug)]
enum Told {
    Written,
    Unavailable,
}

/// Those that wait, and whose turn it is. No more wait than jobs run at once.
#[derive(Clone, Default)]
pub struct Attempts {
    waiting: Arc<Mutex<Vec<Ended>>>,
    turn: Arc<Turn<()>>,
}

impl Attempts {
    fn add(&self, ended: Ended) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
    }

    fn take(&self) -> Vec<Ended> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let many = waiting.len().min(MOST);
        waiting.drain(..many).collect()
    }
}

impl Store {
    /// Records an attempt on an event that is still pending.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn record_attempt(
        &self,
        tenant: &TenantId,
        id: &EventId,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let own = |told| Ended { tenant: tenant.clone(), id: id.clone(), attempt: attempt.clone(), told };
        let (told, mut hears) = oneshot::channel();
        self.attempts.add(own(told));
        loop {
            let _turn = self.attempts.turn.lock().await;
            match hears.try_recv() {
                Ok(Told::Written) => return Ok(()),
                Ok(Told::Unavailable) => return Err(unavailable()),
                Err(TryRecvError::Empty) => self.write_waiting().await,
                Err(TryRecvError::Closed) => return self.write(&[own(oneshot::channel().0)]).await,
            }
        }
    }

    async fn write_waiting(&self) {
        let ended = self.attempts.take();
        let told: fn() -> Told = match self.write(&ended).await {
            Ok(()) => || Told::Written,
            Err(StoreError::Unavailable(_)) => || Told::Unavailable,
            // The fault of one is not that of all.
            Err(_) => return,
        };
        for one in ended {
            // Who has gone needs no word.
            drop(one.told.send(told()));
        }
    }

    async fn write(&self, ended: &[Ended]) -> Result<(), StoreError> {
        let _turn = self.turns.take().await?;
        self.db.execute(&update(ended)).await?;
        Ok(())
    }
}

/// Sets each event to what came of it, if it is still pending.
fn update(ended: &[Ended]) -> UpdateStatement {
    let own = |column: &str| Expr::col((Alias::new("host_event"), Alias::new(column)));
    let mut update = Query::update();
    update
        .table(Alias::new("host_event"))
        .from(TableRef::ValuesList(padded(ended.iter().map(row)), Alias::new("ended").into_iden()))
        .and_where(own("state").eq("pending"));
    for (at, column) in ["tenant_id", "id"].into_iter().enumerate() {
        update.and_where(own(column).eq(given(at)));
    }
    for (at, column) in COLUMNS.into_iter().enumerate() {
        update.value(Alias::new(column), given(at + 2));
    }
    update
}

/// What an attempt sets, in the order of [`row`] after the key.
const COLUMNS: [&str; 6] = ["state", "attempts", "last_status", "last_error", "changed_at", "run_at"];

fn row(ended: &Ended) -> ValueTuple {
    let Ended { tenant, id, attempt, .. } = ended;
    ValueTuple::Many(vec![
        tenant.as_str().into(),
        id.as_str().into(),
        attempt.state().into(),
        int(attempt.attempts).into(),
        attempt.status.map(i32::from).into(),
        attempt.error.clone().into(),
        attempt.at.millis().into(),
        millis(attempt.next).into(),
    ])
}

/// A column of the rows; both databases name them so.
fn given(at: usize) -> SimpleExpr {
    Expr::col((Alias::new("ended"), Alias::new(format!("column{}", at + 1))))
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(DbErr::Custom("the outcomes of several events could not be written".to_owned()))
}
