//! Connections for the threads that serve requests.
//!
//! A connection answers on the runtime that opened it, and each of these threads is a runtime of its own. Where they
//! share a pool, most answers arrive at another thread, which has to wake the one that asked, for each statement anew.
//! So each thread has a few connections to itself. SQLite answers from threads of its own, and has one writer; there
//! everybody keeps to the one pool.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DatabaseConnection, DbBackend, DbErr, SqlxPostgresConnector, Statement};

/// Threads that have their own; any more share them, so that a process on a large machine does not use up what the
/// database has for all.
pub const MOST: usize = 4;
/// Connections of each.
pub const CONNECTIONS: u32 = 4;

/// Sees each statement once it has run.
type Watch = dyn Fn(&Statement) + Send + Sync;

/// The pools beside the first.
#[derive(Clone)]
pub struct Pools {
    watch: Arc<Watch>,
    open: Arc<Mutex<Given>>,
}

#[derive(Default)]
struct Given {
    pools: Vec<DatabaseConnection>,
    threads: usize,
}

impl Pools {
    /// None yet; `watch` is shown each statement of any of them.
    pub fn new(watch: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        Self { watch: Arc::new(watch), open: Arc::default() }
    }

    /// The same database, whose statements are shown too.
    pub fn watched(&self, mut db: DatabaseConnection) -> DatabaseConnection {
        let watch = Arc::clone(&self.watch);
        db.set_metric_callback(move |info| watch(info.statement));
        db
    }

    /// The pool of one more thread. It opens its connections when they are needed.
    pub fn beside(&self, first: &DatabaseConnection) -> DatabaseConnection {
        if first.get_database_backend() != DbBackend::Postgres {
            return first.clone();
        }
        let mut given = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let place = given.threads % MOST;
        given.threads += 1;
        if let Some(pool) = given.pools.get(place) {
            return pool.clone();
        }
        let pool = first.get_postgres_connection_pool();
        let options = pool.options().clone().max_connections(CONNECTIONS);
        let pool = options.connect_lazy_with(pool.connect_options().as_ref().clone());
        let pool = self.watched(SqlxPostgresConnector::from_sqlx_postgres_pool(pool));
        given.pools.push(pool.clone());
        pool
    }

    /// Closes every connection of all of them.
    ///
    /// # Errors
    /// As the database tells it.
    pub async fn close(&self) -> Result<(), DbErr> {
        let pools = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner)).pools;
        for pool in pools {
            pool.close().await?;
        }
        Ok(())
    }
}
