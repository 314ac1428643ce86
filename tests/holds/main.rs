//! Nothing is lost: the built binary as processes of their own, killed, cut off, restored and searched.
//!
//! Short by default; `HOLDS=long` makes each much longer, and `HOLDS_SEED` repeats one whose seed was printed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]

#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/database.rs"]
mod database;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../commands/place.rs"]
mod place;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../commands/process.rs"]
mod process;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/receiver.rs"]
mod receiver;

mod canary;
mod crash;
mod ledger;
mod length;
mod load;
mod restore;
mod several;
mod stage;

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
