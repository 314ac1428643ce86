//! The database: the only module that names SeaORM and `entity`, and the only translator of rows.
//!
//! Queries hang on a [`Scope`], which a tenant is needed to get: there is no way to forget it. Every write happens
//! in a [`Tx`], whose commit is explicit. Rows are parsed into domain types; a bad one is an error, not a panic.

mod admin;
mod attempt;
mod audit;
mod chain;
mod challenge;
mod client;
mod connect;
mod crm_user;
mod doubt;
mod due;
mod error;
mod former;
mod guess;
mod guest;
mod host_event;
mod inbound;
mod limit;
mod link;
mod listing;
mod message;
mod meta;
mod opt_out;
mod page;
mod pin;
mod pools;
mod purge;
mod queue;
mod rotate;
mod row;
mod session;
mod shape;
mod tally;
mod tenant;
mod texted;
mod turn;
mod wording;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::sea_query::InsertStatement;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::domain::id::TenantId;
use crate::domain::key::KeyRing;
use crate::ports::Random;

pub use admin::{AdminRow, Ending};
pub use attempt::Attempt;
pub use audit::{Sign, Trace};
pub use chain::{Looked, Place};
pub use connect::{POSTGRES_CONNECTIONS, connect, describe, open};
pub use error::StoreError;
pub use host_event::HostEvent;
pub use inbound::Inbound;
pub use limit::Taken;
pub use meta::Marks;
pub use pools::{CONNECTIONS as THREAD_CONNECTIONS, MOST as THREAD_POOLS};
pub use purge::Aging;
pub use queue::{Claim, Queue};
pub use tenant::{ApiKeyRow, Keychain, SecretPurpose, SecretRow, TenantRow};
pub use texted::Texted;
pub use writes::Writes;

use attempt::Attempts;
use pools::Pools;
use turn::{Turn, Turns};

/// What seals and opens values on their way to and from the database.
#[derive(Clone)]
pub struct Vault {
    pub ring: Arc<KeyRing>,
    pub random: Arc<dyn Random>,
}

/// The database with what is needed to read and write it.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    vault: Vault,
    turns: Turns,
    attempts: Attempts,
    trips: Arc<AtomicU64>,
    pools: Pools,
}

impl Store {
    /// Takes over a connection made by [`connect`].
    pub fn new(db: DatabaseConnection, vault: Vault) -> Self {
        Self::watched(db, vault, |_| {})
    }

    /// The same, and shows each statement to `watch` once it has run: so it can be measured what they cost bare.
    pub fn watched(
        db: DatabaseConnection,
        vault: Vault,
        watch: impl Fn(&Statement) + Send + Sync + 'static,
    ) -> Self {
        let trips = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&trips);
        let pools = Pools::new(move |statement| {
            counted.fetch_add(1, Ordering::Relaxed);
            watch(statement);
        });
        let db = pools.watched(db);
        let turns = Turns::of(db.get_database_backend());
        Self { db, vault, turns, attempts: Attempts::default(), trips, pools }
    }

    /// The same store for a thread that serves requests, with connections of its own where the database has many.
    #[must_use]
    pub fn for_thread(&self) -> Self {
        Self { db: self.pools.beside(&self.db), ..self.clone() }
    }

    /// Round trips to the database so far, begin and commit included.
    pub fn round_trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Starts a transaction that writes. On SQLite it takes the write lock at once, so that it never fails half-way.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = self.turns.take().await?;
        self.trips.fetch_add(1, Ordering::Relaxed);
        let inner = self.db.begin_with_options(options).await?;
        Ok(Tx { inner, vault: self.vault.clone(), trips: Arc::clone(&self.trips), _turn: turn })
    }

    /// Starts a transaction that reads everything as it is at one moment, however long that takes; nobody waits for it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let postgres = self.db.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let inner = self.db.begin_with_options(options).await?;
        if postgres {
            let patient =
                "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";
            inner.execute_unprepared(patient).await?;
        }
        Ok(Tx { inner, vault: self.vault.clone(), trips: Arc::clone(&self.trips), _turn: None })
    }

    /// Reads of one tenant, outside a transaction.
    pub fn of<'a>(&'a self, tenant: &'a TenantId) -> Scope<'a, DatabaseConnection> {
        Scope { conn: &self.db, tenant, vault: &self.vault }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    pub async fn close(self) -> Result<(), StoreError> {
        self.pools.close().await?;
        Ok(self.db.close().await?)
    }
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    inner: DatabaseTransaction,
    vault: Vault,
    trips: Arc<AtomicU64>,
    /// Given back last, once the transaction is over.
    _turn: Turn,
}

impl Tx {
    /// Reads and writes of one tenant.
    pub fn of<'a>(&'a self, tenant: &'a TenantId) -> Scope<'a, DatabaseTransaction> {
        Scope { conn: &self.inner, tenant, vault: &self.vault }
    }

    /// # Errors
    /// [`StoreError`]; then nothing of the transaction happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.trips.fetch_add(1, Ordering::Relaxed);
        Ok(self.inner.commit().await?)
    }
}

/// What queries run on: the database, or a transaction.
pub use sea_orm::ConnectionTrait as Conn;

/// The rows of one tenant.
pub struct Scope<'a, C: ConnectionTrait> {
    conn: &'a C,
    tenant: &'a TenantId,
    vault: &'a Vault,
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Runs an insert, if there is anything to insert.
    async fn insert(&self, statement: Option<InsertStatement>) -> Result<(), StoreError> {
        if let Some(statement) = statement {
            self.conn.execute(&statement).await?;
        }
        Ok(())
    }
}
