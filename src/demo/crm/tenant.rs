//! The companies on this CRM and the keys that it holds for each.
//!
//! Read from the tenants file; whether a company may verify is the service's to say, so it is not read here.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::demo::DemoError;

/// A company on the CRM, with what joins it to the service.
#[derive(Deserialize)]
pub struct Tenant {
    pub id: String,
    pub name: String,
    /// Signs what this CRM posts.
    pub webhook_secret: String,
    /// Checks what is posted to this CRM.
    pub push_secret: String,
    /// Opens the API.
    pub api_key: String,
    #[serde(default)]
    policy: Policies,
}

#[derive(Deserialize, Default)]
struct Policies {
    #[serde(default)]
    pin: Pin,
}

#[derive(Deserialize, Default)]
struct Pin {
    #[serde(default)]
    enabled: bool,
}

impl Tenant {
    /// Whether the CRM offers the security PIN.
    pub fn has_pin(&self) -> bool {
        self.policy.pin.enabled
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    tenant: Vec<Tenant>,
}

/// Reads the tenants file.
///
/// # Errors
/// No such file, or a tenant without its three secrets.
pub fn load(path: &Path) -> Result<Vec<Tenant>, DemoError> {
    let text = fs::read_to_string(path).map_err(DemoError::file(path))?;
    let file: File = toml::from_str(&text).map_err(DemoError::content(&path.display().to_string()))?;
    Ok(file.tenant)
}
