//! The command line as an operator uses it: the built binary, an empty environment, a folder of its own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]

#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/database.rs"]
mod database;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/receiver.rs"]
mod receiver;

mod audit;
mod check;
mod demo;
mod keys;
mod place;
mod process;
mod serve;
mod settings;
mod tenants;
mod users;

/// One test, on SQLite and on PostgreSQL, each with an empty database.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($database:ident: Database) $body:block) => {
        mod $name {
            use super::*;

            async fn run($database: $crate::database::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::database::Database::empty($crate::database::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::database::Database::empty($crate::database::Backend::Postgres).await).await;
            }
        }
    };
}
