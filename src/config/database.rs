//! `[database]`: where everything is kept.

use secrecy::SecretString;

use crate::domain::table::{Key, Table};

pub(super) const KEYS: &[Key] = &[Key::new("url", "SQLite, or `postgres://user:password@host/database`")
    .or("sqlite://countersign.db?mode=rwc")
    .secret()];

/// Where everything is kept.
#[derive(Clone, Debug)]
pub struct Database {
    pub url: SecretString,
}

impl Database {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Option<Self> {
        table.secret("url", known_scheme).map(|url| Self { url })
    }
}

fn known_scheme(text: &str) -> Result<(), String> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(());
    }
    Err("must start with sqlite: or postgres://".to_owned())
}
