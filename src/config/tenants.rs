//! The tenant file: each `[[tenant]]` as it stands there, its credentials taken out.
//!
//! Checks the form of what only a file has: the id and the credentials. What is allowed in the rest is known to
//! [`Tenant::from_documents`], once what is stored has been taken into account.
//!
//! [`Tenant::from_documents`]: crate::domain::tenant::Tenant::from_documents

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{ConfigError, Problem, file};
use crate::domain::id::TenantId;
use crate::domain::provider::document::SECTIONS;
use crate::domain::table::{Fault, Key, Table, named};
use crate::domain::tenant::document::SETTINGS;

const FILE: &[Key] = &named(["tenant"]);
const SECRETS: [&str; 3] = ["webhook_secret", "push_secret", "api_key"];

/// What may stand in a `[[tenant]]`: its settings and providers, and what only a file has.
static KEYS: LazyLock<Vec<Key>> =
    LazyLock::new(|| [named(["id"]).as_slice(), SETTINGS, &named(SECRETS), SECTIONS].concat());

/// One tenant of the file: only the keys that are there.
#[derive(Clone)]
pub struct TenantEntry {
    pub id: TenantId,
    /// Everything but the id, the credentials and the providers.
    pub settings: Value,
    /// `email`, `sms` and `voice`; holds their passwords.
    pub providers: Value,
    pub secrets: TenantSecrets,
}

impl fmt::Debug for TenantEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entry = f.debug_struct("TenantEntry");
        entry.field("id", &self.id).field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The credentials of one tenant that the file gives.
#[derive(Clone, Debug, Default)]
pub struct TenantSecrets {
    pub webhook_secret: Option<SecretString>,
    pub push_secret: Option<SecretString>,
    pub api_key: Option<SecretString>,
}

/// The tenants of a file, in its order.
///
/// # Errors
/// Every fault found, each with its key and what is allowed.
pub fn read(path: &Path) -> Result<Vec<TenantEntry>, ConfigError> {
    let document = file::read(path)?;
    let mut faults = Vec::new();
    let entries = Table::open(Some(&document), "", FILE, &mut faults).tables("tenant", &KEYS, entry);
    let mut seen = BTreeSet::new();
    for entry in entries.iter().filter(|entry| !seen.insert(&entry.id)) {
        let message = "is there twice; one table a tenant".into();
        faults.push(Fault { key: format!("tenant[{}]", entry.id), message });
    }
    if faults.is_empty() {
        return Ok(entries);
    }
    Err(ConfigError(faults.into_iter().map(|fault| Problem::in_file(path, fault)).collect()))
}

fn entry(table: &mut Table<'_, '_>) -> Option<TenantEntry> {
    table.require("id", "a tenant needs an id");
    let id = table.read("id", |text| TenantId::parse(text).map_err(|e| e.to_string()));
    let secrets = TenantSecrets {
        webhook_secret: table.secret("webhook_secret", webhook_secret),
        push_secret: table.secret("push_secret", webhook_secret),
        api_key: table.secret("api_key", api_key),
    };
    let is_provider = |key: &str| SECTIONS.iter().any(|section| section.name == key);
    let (mut settings, mut providers) = (Map::new(), Map::new());
    for (key, value) in table.entries().filter(|(key, _)| *key != "id" && !SECRETS.contains(key)) {
        let part = if is_provider(key) { &mut providers } else { &mut settings };
        part.insert(key.to_owned(), value.clone());
    }
    Some(TenantEntry { id: id?, settings: settings.into(), providers: providers.into(), secrets })
}

/// `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes a secret.
fn webhook_secret(text: &str) -> Result<(), String> {
    let bytes = text.strip_prefix("whsec_").and_then(|rest| STANDARD.decode(rest).ok());
    if bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
        return Ok(());
    }
    Err("must be whsec_ and base64 of 24 to 64 bytes".to_owned())
}

/// `csk_` and 32 characters or more.
fn api_key(text: &str) -> Result<(), String> {
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if text.strip_prefix("csk_").is_some_and(|rest| rest.len() >= 32 && rest.bytes().all(known)) {
        return Ok(());
    }
    Err("must be csk_ and 32 or more of A-Z, a-z, 0-9 and _".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_secret_has_24_to_64_bytes() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for good in [24, 32, 64] {
            assert_eq!(webhook_secret(&of(good)), Ok(()), "{good}");
        }
        for bad in [of(0), of(23), of(65), String::new(), STANDARD.encode([7; 32]), "whsec_%%%%".to_owned()] {
            assert!(webhook_secret(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_api_key_has_32_characters_or_more() {
        assert_eq!(api_key(&format!("csk_{}", "aZ0_".repeat(8))), Ok(()));
        for bad in [format!("csk_{}", "a".repeat(31)), format!("csk_{}-", "a".repeat(32)), "a".repeat(40)] {
            assert!(api_key(&bad).is_err(), "{bad}");
        }
    }
}
