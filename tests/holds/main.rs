//! Nothing is lost: the built binary as processes of their own, killed, cut off, restored and searched.
//!
//! Short by default; `HOLDS=long` makes each much longer, and `HOLDS_SEED` repeats one whose seed was printed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]

#[path = "../support/code.rs"]
mod code;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/on_both.rs"]
mod on_both;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../commands/place.rs"]
mod place;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../commands/process.rs"]
mod process;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/receiver.rs"]
mod receiver;

mod balancer;
mod canary;
mod crash;
mod full;
mod ledger;
mod length;
mod load;
mod restore;
mod rolling;
mod several;
mod stage;
mod versions;
