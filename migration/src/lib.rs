//! The schema, one migration a change.
//!
//! Expand first, contract a version later: an old binary must run on the next schema. Indexes are never built
//! `CONCURRENTLY` here, since all migrations run in one transaction.

pub use sea_orm_migration::prelude::{DbErr, MigratorTrait};

mod m20261120_000001_create_tables;
mod m20261128_000002_create_opt_out;
mod m20261128_000003_create_pin;
mod m20261128_000004_create_guest;
mod m20261128_000005_create_crm_user;
mod m20261129_000006_create_audit_chain;
mod m20261129_000007_create_admin;
mod m20261129_000008_add_trusts_since;
mod m20261129_000009_add_key_use;
mod m20261129_000010_index_logs;
mod m20261129_000011_create_wording;
mod m20261129_000012_create_guess;
mod m20261129_000013_create_texted;
mod m20261130_000014_index_queues;
mod schema;

/// All migrations, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_create_tables::Migration),
            Box::new(m20261128_000002_create_opt_out::Migration),
            Box::new(m20261128_000003_create_pin::Migration),
            Box::new(m20261128_000004_create_guest::Migration),
            Box::new(m20261128_000005_create_crm_user::Migration),
            Box::new(m20261129_000006_create_audit_chain::Migration),
            Box::new(m20261129_000007_create_admin::Migration),
            Box::new(m20261129_000008_add_trusts_since::Migration),
            Box::new(m20261129_000009_add_key_use::Migration),
            Box::new(m20261129_000010_index_logs::Migration),
            Box::new(m20261129_000011_create_wording::Migration),
            Box::new(m20261129_000012_create_guess::Migration),
            Box::new(m20261129_000013_create_texted::Migration),
            Box::new(m20261130_000014_index_queues::Migration),
        ]
    }
}
