//! Opening the database, and bringing its schema up to date.

#[cfg(unix)]
use std::fs::OpenOptions;
use std::time::Duration;

use futures_util::future::BoxFuture;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::pool::PoolConnectionMetadata;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::doubt;
use super::error::StoreError;

/// Connections of a process. SQLite has one writer at a time, so more would only wait. With PostgreSQL those who serve
/// requests have others beside these.
const SQLITE_CONNECTIONS: u32 = 4;
pub const POSTGRES_CONNECTIONS: u32 = 6;
/// How long after its last answer a connection is taken to be there, unless the database was found to be away since.
const BELIEVED: Duration = Duration::from_millis(100);
/// Rows that SQLite's thread reads before it waits for whoever asked: a list of statuses comes in one go.
const ROWS_AT_ONCE: usize = 512;
/// Any number, the same in every process: only one migrates at a time.
const MIGRATION_LOCK: i64 = 7_231_001;

/// Opens the database and migrates it.
///
/// # Errors
/// [`StoreError::Unavailable`] when it cannot be reached; its text never holds the URL.
pub async fn connect(url: &SecretString) -> Result<DatabaseConnection, StoreError> {
    let db = open(url).await?;
    migrate(&db).await?;
    Ok(db)
}

/// Opens the database as it is.
///
/// # Errors
/// As [`connect`].
#[expect(clippy::disallowed_methods, reason = "the one place that knows with which options")]
pub async fn open(url: &SecretString) -> Result<DatabaseConnection, StoreError> {
    make_private(url.expose_secret());
    Ok(Database::connect(options(url)).await?)
}

/// Makes the file of a SQLite database that is not there yet, for its owner alone; what SQLite puts beside it takes after it.
/// A file that is there keeps the mode that somebody gave it.
#[cfg(unix)]
fn make_private(url: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;

    let makes_none = [":memory:", "mode=memory", "mode=ro"].iter().any(|mode| url.contains(mode));
    if makes_none || !url.starts_with("sqlite:") {
        return;
    }
    if let Ok(sqlite) = url.parse::<SqliteConnectOptions>() {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(sqlite.get_filename());
        // Where none can be made SQLite says so itself.
        drop(made);
    }
}

#[cfg(not(unix))]
fn make_private(_: &str) {}

fn options(url: &SecretString) -> ConnectOptions {
    let text = url.expose_secret();
    let mut options = ConnectOptions::new(text);
    options
        .acquire_timeout(Duration::from_secs(5))
        // A database that was away costs nobody a 503 for each connection that it left behind; one that has just answered is not
        // asked, since that would be a round trip more for each request.
        .test_before_acquire_if_idle_for(BELIEVED)
        // With either of the two the pool (sqlx 0.9) starts a task that counts its idle connections, without a lock: when it
        // meets one that comes back just then it spins for ever, and a core is lost.
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging_level(log::LevelFilter::Trace);
    if text.starts_with("sqlite:") {
        options.max_connections(SQLITE_CONNECTIONS).map_sqlx_sqlite_before_acquire(refuse_muddled);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A lost try or audit entry is not acceptable, not even after a power cut.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .row_buffer_size(ROWS_AT_ONCE)
                .busy_timeout(Duration::from_secs(5))
        });
    } else {
        options.max_connections(POSTGRES_CONNECTIONS).map_sqlx_postgres_before_acquire(ask_doubted);
        options.map_sqlx_postgres_opts(|postgres| {
            // A process that is paused with a client's row locked must not hold up everybody else.
            postgres.options([
                ("lock_timeout", "5s"),
                ("statement_timeout", "15s"),
                ("idle_in_transaction_session_timeout", "15s"),
            ])
        });
    }
    options
}

/// Asks whether a connection is there that may have been lost when another was.
fn ask_doubted(
    connection: &mut PgConnection,
    idle: PoolConnectionMetadata,
) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    Box::pin(async move {
        if doubt::reaches(idle.idle_for) {
            connection.ping().await?;
        }
        Ok(true)
    })
}

/// Lets go of a connection that does not know any more whether it is in a transaction. Where a commit fails, SQLite ends the
/// transaction by itself (the disk is full, say), and sqlx 0.9 goes on counting it: what then begins would be part of
/// nothing, and would not lock before it reads.
fn refuse_muddled(
    connection: &mut SqliteConnection,
    _: PoolConnectionMetadata,
) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    let muddled = connection.is_in_transaction();
    Box::pin(async move { Ok(!muddled) })
}

async fn migrate(db: &DatabaseConnection) -> Result<(), StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        // A change of the schema may take its time, and wait for another process that makes it.
        tx.execute_unprepared("set local lock_timeout = 0; set local statement_timeout = 0").await?;
        // The migrator takes no lock of its own.
        tx.execute_unprepared(&format!("select pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    if is_ahead(&tx).await? {
        tracing::warn!("a newer version has brought the database further; it is used as it is");
    } else {
        Migrator::up(&tx, None).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether a newer version made everything of the schema that this one knows, and more. Migrations only add what an
/// older version can ignore, so it is no reason not to start again beside a newer one.
async fn is_ahead(tx: &DatabaseTransaction) -> Result<bool, StoreError> {
    let made = Migrator::get_migration_models(tx).await?;
    let known = Migrator::migrations();
    let Some(foreign) = made.iter().find(|one| known.iter().all(|known| known.name() != one.version)) else {
        return Ok(false);
    };
    if known.iter().all(|known| made.iter().any(|one| one.version == known.name())) {
        return Ok(true);
    }
    Err(StoreError::Schema(foreign.version.clone()))
}

/// The kind of database and, for SQLite, its file: what may be shown of a URL.
pub fn describe(url: &SecretString) -> String {
    let text = url.expose_secret();
    match text.split_once(':') {
        Some(("sqlite", path)) => {
            format!("SQLite ({})", path.trim_start_matches("//").split('?').next().unwrap_or_default())
        }
        Some(("postgres" | "postgresql", rest)) => {
            let host = rest.rsplit('@').next().unwrap_or_default().trim_start_matches("//");
            format!("PostgreSQL ({})", host.split('?').next().unwrap_or_default())
        }
        _ => "an unknown kind of database".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_task_looks_after_the_pool() {
        for url in ["sqlite::memory:", "postgres://somebody@db.example/countersign"] {
            let options = options(&url.into());
            assert_eq!((options.get_idle_timeout(), options.get_max_lifetime()), (Some(None), Some(None)));
        }
    }

    #[tokio::test]
    async fn a_connection_whose_transaction_ended_by_itself_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let db =
            open(&format!("sqlite://{}?mode=rwc", dir.path().join("a.db").display()).into()).await.unwrap();
        db.execute_unprepared("create table a (b integer)").await.unwrap();
        for _ in 0..SQLITE_CONNECTIONS {
            let tx = db.begin().await.unwrap();
            // What a full disk does to it; SQLite has then no transaction that could be rolled back.
            tx.execute_unprepared("rollback").await.unwrap();
            tx.commit().await.unwrap_err();
        }
        let immediate = || TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let first = db.begin_with_options(immediate()).await.unwrap();
        let other =
            SqliteConnectOptions::new().filename(dir.path().join("a.db")).busy_timeout(Duration::ZERO);
        let mut other = SqliteConnection::connect_with(&other).await.unwrap();
        let refused = sqlx::raw_sql("begin immediate").execute(&mut other).await;
        assert!(refused.is_err(), "who begins has the lock, before anything is read");
        first.commit().await.unwrap();
        sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
    }
}
