//! `countersign tenant …`

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use crate::config::ConfigError;
use crate::config::tenants;
use crate::domain::id::{ApiKeyId, TenantId};
use crate::domain::span;
use crate::store::SecretPurpose;
use crate::usecase::Desk;
use crate::usecase::brake::let_go_on;
use crate::usecase::message::hear_reply::{reply_url, twilio_reply_url};
use crate::usecase::tenant::apply_tenants::{Applied, NotApplied, Wanted, apply_tenants};
use crate::usecase::tenant::{change_api_key, rotate_secret};

/// Lets the checks of a tenant go on.
pub async fn resume(desk: &Desk, tenant: &str) -> anyhow::Result<String> {
    let id = TenantId::parse(tenant)?;
    let directory = desk.directory.get();
    let known = directory.company(&id);
    known.ok_or_else(|| anyhow::anyhow!("there is no tenant {id}; `countersign tenant list` shows them"))?;
    let tries = let_go_on(desk, &id).await?;
    Ok(format!("{id}: checks go on; wrong tries that count no more: {tries}.\n"))
}

/// Applies a tenant file.
pub async fn apply(desk: &Desk, file: &Path) -> anyhow::Result<String> {
    let wanted = wanted(file)?;
    let public: Vec<_> = wanted.iter().filter(|tenant| holds_public(tenant)).map(|t| t.id.clone()).collect();
    let applied = match apply_tenants(desk, wanted).await {
        Err(NotApplied::Faults { id, faults }) => {
            return Err(ConfigError::of_tenant(file, &id, faults).into());
        }
        other => other?,
    };
    let mut text = String::new();
    for (id, done) in applied {
        match done {
            Applied::Same => writeln!(text, "{id}: nothing to change")?,
            Applied::Changed => writeln!(text, "{id}: changed")?,
            Applied::Created { made } => {
                writeln!(text, "{id}: created")?;
                if public.contains(&id) {
                    writeln!(
                        text,
                        "  WARNING: its secrets are the published ones of the example, which everybody knows:"
                    )?;
                    writeln!(
                        text,
                        "  for development only. Rotate both secrets and revoke the API key before real use."
                    )?;
                }
                for (name, secret) in &made {
                    writeln!(text, "  {name} = \"{}\"", secret.expose_secret())?;
                }
                if !made.is_empty() {
                    writeln!(
                        text,
                        "  These are shown this once: keep them where the host reads its secrets."
                    )?;
                }
            }
        }
    }
    Ok(text)
}

/// Whether a tenant's secrets stand in the example file, for all to read.
fn holds_public(tenant: &Wanted) -> bool {
    let example = include_str!("../../tenants.example.toml");
    let secrets = [&tenant.webhook_secret, &tenant.push_secret, &tenant.api_key];
    secrets.into_iter().flatten().any(|secret| example.contains(secret.expose_secret()))
}

/// The tenants of a file, for the use case.
pub fn wanted(file: &Path) -> Result<Vec<Wanted>, ConfigError> {
    let entries = tenants::read(file)?.into_iter();
    let wanted = entries.map(|entry| Wanted {
        id: entry.id,
        settings: entry.settings,
        providers: entry.providers,
        webhook_secret: entry.secrets.webhook_secret,
        push_secret: entry.secrets.push_secret,
        api_key: entry.secrets.api_key,
    });
    Ok(wanted.collect())
}

/// Lists tenants with their keys.
pub async fn list(desk: &Desk) -> anyhow::Result<String> {
    let keychain = desk.store.keychain().await?;
    let directory = desk.directory.get();
    let mut text = String::new();
    for row in &keychain.tenants {
        let member = directory.member(&row.id);
        let name = member.map_or("(its settings cannot be read)", |m| m.tenant.name.as_str());
        let eligible = if member.is_some_and(|m| m.tenant.eligible) { "eligible" } else { "not eligible" };
        writeln!(text, "{}  {name}  {eligible}", row.id)?;
        writeln!(text, "  replies to texts: {}?from=…&text=…", reply_url(desk, &row.id))?;
        writeln!(text, "  replies to texts, by Twilio: {}", twilio_reply_url(desk, &row.id))?;
        for key in keychain.api_keys.iter().filter(|k| k.tenant == row.id) {
            let state = key.revoked_at.map_or_else(|| "live".to_owned(), |at| format!("revoked {at}"));
            let used =
                key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
            writeln!(text, "  {}  created {}  {used}  {state}", key.id, key.created_at)?;
        }
    }
    Ok(text)
}

/// Makes an API key.
pub async fn create_key(desk: &Desk, tenant: &str) -> anyhow::Result<String> {
    let (id, key) = change_api_key::create_api_key(desk, &TenantId::parse(tenant)?).await?;
    Ok(format!("{id}\n{}\nThe key is shown this once.\n", key.expose_secret()))
}

/// Revokes an API key.
pub async fn revoke_key(desk: &Desk, tenant: &str, key: &str) -> anyhow::Result<String> {
    change_api_key::revoke_api_key(desk, &TenantId::parse(tenant)?, &ApiKeyId::parse(key)?).await?;
    Ok(format!("{key} is revoked, and every agent token made with it.\n"))
}

/// Replaces a secret.
pub async fn rotate_secret(
    desk: &Desk,
    tenant: &str,
    purpose: SecretPurpose,
    overlap: Duration,
) -> anyhow::Result<String> {
    let secret = rotate_secret::rotate_secret(desk, &TenantId::parse(tenant)?, purpose, overlap).await?;
    Ok(format!(
        "{}\nThe new {} secret is shown this once; the old one ends in {}.\n",
        secret.expose_secret(),
        purpose.as_str(),
        span::display(overlap)
    ))
}
