//! The command line as an operator uses it: the built binary, an empty environment, a folder of its own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]

#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/on_both.rs"]
mod on_both;
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
mod wordings;
