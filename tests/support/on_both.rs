//! A test that runs on both databases, of a binary that has `database` at its root.

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
