//! The operator's settings: `countersign.toml`, with the environment over it.
//!
//! Owns where settings come from and how a fault is told: by file or variable, key, and what is allowed. Reads no
//! environment itself and opens nothing but the files it is told of; whether a key, a database or a provider works
//! is found by whoever uses it.

mod database;
mod environment;
mod error;
mod file;
mod host;
mod network;
mod reference;
mod secrets;
mod server;
pub mod tenants;

use std::path::Path;

use serde_json::Value;

pub use self::database::Database;
pub use self::error::{ConfigError, Problem};
pub use self::host::Host;
pub use self::reference::{Key, markdown, reference};
pub use self::secrets::Secrets;
pub use self::server::Server;
use crate::domain::provider::Providers;
use crate::domain::provider::document::Scope;
use crate::domain::table::{Fault, Table};
use crate::domain::tenant::document::merge;

/// The file that is read where none is named, if it is there.
pub const DEFAULT_FILE: &str = "countersign.toml";

/// Every setting of the service, complete and checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub secrets: Secrets,
    pub host: Host,
    pub providers: Providers,
}

/// Reads `file`, or `countersign.toml` if it is there, and puts the variables of `env` over it.
///
/// # Errors
/// Every fault found, each with its file or variable, its key and what is allowed.
pub fn load(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let source = match file {
        None if !Path::new(DEFAULT_FILE).exists() => None,
        _ => Some(file.unwrap_or(Path::new(DEFAULT_FILE))),
    };
    let written = source.map_or_else(|| Ok(Value::Object(serde_json::Map::new())), file::read)?;
    let env = environment::read(env);
    let mut faults = Vec::new();
    let config = read(&merge(&written, &env.document), &mut faults);
    let mut problems = env.problems;
    problems.extend(faults.into_iter().map(|fault| environment::problem(fault, source, &env.names)));
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(ConfigError(problems)),
    }
}

fn read(document: &Value, faults: &mut Vec<Fault>) -> Option<Config> {
    let mut table = Table::open(Some(document), "", reference::SECTIONS, faults);
    let server = Server::read(&mut table.table("server", server::KEYS));
    let database = Database::read(&mut table.table("database", database::KEYS));
    let secrets = Secrets::read(&mut table.table("secrets", secrets::KEYS));
    let host = Host::read(&mut table.table("host", host::KEYS));
    let providers = Providers::from_table(&mut table, Scope::Service);
    Some(Config { server: server?, database: database?, secrets, host, providers })
}
