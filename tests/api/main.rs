//! The service from outside, over HTTP, on both databases. A file a route or an invariant.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails like the test itself")]

#[path = "../support/admin.rs"]
mod admin;
#[path = "../support/code.rs"]
mod code;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/events.rs"]
mod events;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/gateway.rs"]
mod gateway;
#[path = "../support/guest.rs"]
mod guest;
#[path = "../support/life.rs"]
mod life;
#[path = "../support/login.rs"]
mod login;
#[path = "../support/pin.rs"]
mod pin;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/service.rs"]
mod service;
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/smtp.rs"]
mod smtp;
#[path = "../support/steps.rs"]
mod steps;
#[path = "../support/twilio.rs"]
mod twilio;

mod attacks;
mod audit;
mod audit_chain;
mod brake;
mod challenges;
mod clients;
mod clock;
mod codes;
mod console;
mod contacts;
mod cors;
mod embed;
mod exactly_once;
mod figures;
mod guesses;
mod leaving;
mod limits;
mod lists;
mod logins;
mod mended;
mod messages;
mod openapi;
mod opt_outs;
mod outage;
mod pages;
mod pins;
mod privacy;
mod purge;
mod pushes;
mod queues;
mod rotation;
mod sessions;
mod signings;
mod status;
mod stream;
mod surfaces;
mod telephone;
mod tenants;
mod tokens;
mod trips;
mod voice;
mod webhooks;
mod window;
mod wordings;

/// One test, on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($service:ident: Service) $body:block) => {
        mod $name {
            use super::*;

            async fn run($service: $crate::service::Service) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::service::Service::start($crate::database::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::service::Service::start($crate::database::Backend::Postgres).await).await;
            }
        }
    };
}
