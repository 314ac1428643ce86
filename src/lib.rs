//! Countersign: identity verification for a CRM that already exists, through webhooks.
//!
//! The layers, and who may import whom (`tests/layers` holds it):
//!
//! - [`domain`] imports nothing of ours: rules over plain values.
//! - [`store`] is the only module that names SeaORM and `entity`; it turns rows into domain types and back.
//! - [`message`] and [`host`] carry things out: to people, and to the CRM. They import `domain`.
//! - [`usecase`] is one verb a file: it opens a transaction, asks the domain, writes, commits.
//! - [`http`] and [`outbox`] are the two doors that call use cases; neither knows the other.
//! - [`demo`] is a small host CRM, a client of the public API like any other: of ours it imports [`ports`] only.
//! - [`app`] builds all of it; nobody imports `app` but commands and tests.

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod host;
pub mod http;
pub mod message;
pub mod outbox;
pub mod ports;
pub mod store;
pub mod telemetry;
pub mod usecase;
