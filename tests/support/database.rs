//! A database for one test: a file for SQLite, a database of the private cluster for PostgreSQL.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign::store;
use sea_orm::ConnectionTrait as _;
use tokio::sync::OnceCell;

/// The two that everything must hold on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that is the test's own.
#[derive(Debug)]
pub struct Database {
    pub url: String,
    pub backend: Backend,
    number: u64,
    _kept: Kept,
}

/// What goes with the test: a thousand databases side by side take gigabytes.
#[derive(Debug)]
enum Kept {
    Sqlite { _dir: tempfile::TempDir },
    Postgres { name: String },
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Self::Postgres { name } = self {
            OVER.lock().unwrap().push(std::mem::take(name));
        }
    }
}

static NUMBER: AtomicU64 = AtomicU64::new(1);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
/// Databases whose tests are over: the next test that needs one drops them.
static OVER: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Where the private cluster is. `tests/run` starts one and says so.
#[expect(clippy::disallowed_methods, reason = "the harness is told of the cluster by its environment")]
fn cluster() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL names no cluster: run ./tests/run, which starts one")
}

fn at(database: &str) -> String {
    let cluster = cluster();
    let (base, _) = cluster.rsplit_once('/').expect("an address that ends with a database");
    format!("{base}/{database}")
}

/// A migrated database, made once a process, that every other is copied from.
async fn template() -> String {
    let name = format!("template_{}", std::process::id());
    run(&cluster(), &format!("create database {name}")).await;
    let db = store::connect(&at(&name).into()).await.unwrap();
    db.close().await.unwrap();
    name
}

async fn run(url: &str, statement: &str) {
    let db = store::open(&url.into()).await.unwrap();
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

async fn drop_what_is_over() {
    let over = std::mem::take(&mut *OVER.lock().unwrap());
    for name in over {
        run(&cluster(), &format!("drop database {name} with (force)")).await;
    }
}

impl Database {
    pub async fn create(backend: Backend) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        match backend {
            Backend::Sqlite => {
                let dir = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}?mode=rwc", dir.path().join("test.db").display());
                Self { url, backend, number, _kept: Kept::Sqlite { _dir: dir } }
            }
            Backend::Postgres => {
                drop_what_is_over().await;
                let template = TEMPLATE.get_or_init(template).await;
                let name = format!("test_{}_{number}", std::process::id());
                run(&cluster(), &format!("create database {name} template {template}")).await;
                Self { url: at(&name), backend, number, _kept: Kept::Postgres { name } }
            }
        }
    }

    /// One without a schema, as an operator makes it.
    pub async fn empty(backend: Backend) -> Self {
        if backend == Backend::Sqlite {
            return Self::create(backend).await;
        }
        drop_what_is_over().await;
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("empty_{}_{number}", std::process::id());
        run(&cluster(), &format!("create database {name}")).await;
        Self { url: at(&name), backend, number, _kept: Kept::Postgres { name } }
    }

    /// A number that no other test of this process has.
    pub fn seed(&self) -> u64 {
        self.number * 1000
    }

    /// The same database under another number, so that a process started on it again draws other ids.
    pub fn renumbered(mut self) -> Self {
        self.number = NUMBER.fetch_add(1, Ordering::SeqCst);
        self
    }

    /// Runs a statement behind the service's back.
    pub async fn execute(&self, statement: &str) {
        run(&self.url, statement).await;
    }

    /// One number, read behind the service's back.
    pub async fn count(&self, query: &str) -> i64 {
        Self::count_at(&self.url, query).await
    }

    /// One number, read from the database at a URL.
    pub async fn count_at(url: &str, query: &str) -> i64 {
        let db = store::open(&url.into()).await.unwrap();
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), query.to_owned());
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        let count = row.try_get_by_index::<i64>(0).unwrap();
        db.close().await.unwrap();
        count
    }
}
