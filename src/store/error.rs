//! What can go wrong with the database, told apart in one place.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failure of the database, never of the caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or is too busy: try again.
    #[error("the database does not answer")]
    Unavailable(#[source] DbErr),
    /// A row that must be the only one already exists.
    #[error("a row that must be the only one already exists")]
    Conflict(#[source] DbErr),
    /// A row that this version cannot read.
    #[error("{table} row {}: column {column} cannot be read: {reason}", own_id(id))]
    Row { table: &'static str, column: &'static str, id: String, reason: String },
    /// A state changed under a transaction that held its lock.
    #[error("a guarded update of {0} changed nothing")]
    Guard(&'static str),
    #[error("the database refused a statement")]
    Statement(#[source] DbErr),
    /// A change of the schema that this version does not know was made where one that it knows was not.
    #[error(
        "the schema is that of another program: {0} is not known to this version, which would make changes of its own"
    )]
    Schema(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Conflict(error);
        }
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))
                if passing(inner) =>
            {
                Self::Unavailable(error)
            }
            _ => Self::Statement(error),
        }
    }
}

/// Faults that go away by themselves: a lost connection, a busy file, a deadlock, a server that is stopping.
fn passing(error: &sea_orm::sqlx::Error) -> bool {
    use sea_orm::sqlx::Error;
    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => true,
        Error::Database(inner) => inner.code().is_some_and(|code| {
            let sqlite_busy = matches!(code.as_ref(), "5" | "6" | "261" | "517" | "773");
            sqlite_busy
                || code.starts_with("08")
                || code.starts_with("57P")
                || matches!(code.as_ref(), "40001" | "40P01" | "53300" | "55P03" | "57014" | "25P03")
        }),
        _ => false,
    }
}

/// An id of ours may be told; the host's own words, which may be anything, may not.
fn own_id(id: &str) -> &str {
    let ours = ["chl_", "msg_", "evt_", "aud_", "key_", "sec_", "sgn_", "par_"];
    if ours.iter().any(|prefix| id.starts_with(prefix)) { id } else { "of the host's" }
}
