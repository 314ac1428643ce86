//! Logs and figures.
//!
//! Logs: one JSON line an event on standard error, or plain lines where a person reads them.
//!
//! Never in a log: a code, a token, a secret, a body, a whole address or number. The types that hold them print
//! masked or not at all.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

static FIGURES: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// By how long it took: counts that can be added up over processes, and that need no more memory however many there are.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts counting, once a process, and gives what renders the figures as Prometheus reads them.
pub fn figures() -> Option<PrometheusHandle> {
    let install = || PrometheusBuilder::new().set_buckets(&SECONDS).ok()?.install_recorder().ok();
    FIGURES.get_or_init(install).clone()
}

/// What is logged where nothing else is asked for. The libraries below speak of requests and statements.
const DEFAULT: &str = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn,actix_server=warn,actix_web=warn,hyper=warn,rustls=warn,lettre=warn";

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Plain,
}

/// Starts logging; a second call changes nothing.
pub fn start(form: Form) {
    let filter = EnvFilter::new(DEFAULT);
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match form {
        Form::Json => lines.json().flatten_event(true).try_init(),
        Form::Plain => lines.compact().without_time().try_init(),
    };
    drop(started);
}
