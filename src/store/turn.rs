//! Whose turn it is to write, where a database has one writer at a time.
//!
//! SQLite lets one write and has the others try again after a sleep that grows. Within a process they wait in line
//! instead, before they take a connection, so that the next starts when the one before has committed and readers
//! always find a connection. PostgreSQL has any number of writers: there everybody's turn is now.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbBackend, DbErr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::StoreError;

/// How long somebody waits in line, as long as for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The line; it is as long as it is.
#[derive(Clone)]
pub struct Turns(Option<Arc<Semaphore>>);

/// Held while writing. `None` where nobody has to wait.
pub type Turn = Option<OwnedSemaphorePermit>;

impl Turns {
    /// The line of a kind of database.
    pub fn of(backend: DbBackend) -> Self {
        Self((backend == DbBackend::Sqlite).then(|| Arc::new(Semaphore::new(1))))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] for one that does not come in time.
    pub async fn take(&self) -> Result<Turn, StoreError> {
        let Some(line) = &self.0 else { return Ok(None) };
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(line).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok);
        turn.map(Some).ok_or(StoreError::Unavailable(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }
}
