//! What can go wrong with the database, told apart in one place.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::doubt;

/// A failure of the database, never of the caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, is too busy, or has no room: try again.
    #[error("the database cannot do it just now")]
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
        let passes = match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
                passing(inner)
            }
            _ => false,
        };
        if !passes {
            return Self::Statement(error);
        }
        doubt::note();
        Self::Unavailable(error)
    }
}

/// Faults that go away, by themselves or because somebody makes room: a lost connection, a busy file, a deadlock, a server that
/// is stopping, a full disk.
fn passing(error: &sea_orm::sqlx::Error) -> bool {
    use sea_orm::sqlx::Error;
    match error {
        Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => true,
        Error::Database(inner) => inner.code().is_some_and(|code| passing_code(&code)),
        _ => false,
    }
}

/// SQLite's codes are short numbers whose lowest byte says what it is: busy, locked, an error of the disk, or a full one.
/// PostgreSQL's have five characters.
fn passing_code(code: &str) -> bool {
    if code.len() < 5 {
        return code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13));
    }
    code.starts_with("08")
        || code.starts_with("57P")
        || matches!(code, "40001" | "40P01" | "53100" | "53300" | "55P03" | "57014" | "25P03")
}

/// An id of ours may be told; the host's own words, which may be anything, may not.
fn own_id(id: &str) -> &str {
    let ours = ["chl_", "msg_", "evt_", "aud_", "key_", "sec_", "sgn_", "par_"];
    if ours.iter().any(|prefix| id.starts_with(prefix)) { id } else { "of the host's" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_away_is_told_from_what_does_not() {
        for (code, expected) in [
            ("5", true),      // busy
            ("261", true),    // busy, another process recovers
            ("517", true),    // busy, a newer snapshot
            ("773", true),    // busy, timed out
            ("6", true),      // locked
            ("13", true),     // full
            ("778", true),    // a page cannot be written
            ("4874", true),   // the shared memory cannot grow
            ("1", false),     // a wrong statement
            ("11", false),    // not a database any more
            ("787", false),   // a foreign key
            ("2067", false),  // a unique index
            ("53100", true),  // full
            ("53300", true),  // too many connections
            ("40P01", true),  // a deadlock
            ("57P01", true),  // it stops
            ("08006", true),  // the connection is lost
            ("23505", false), // a unique index
            ("42P01", false), // no such table
            ("", false),
        ] {
            assert_eq!(passing_code(code), expected, "{code}");
        }
    }
}
