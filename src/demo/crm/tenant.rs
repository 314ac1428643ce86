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
    /// The screens on which the company wants the button; left out, all.
    surfaces: Option<Vec<String>>,
    #[serde(default)]
    policy: Policy,
}

/// What of a company's rules changes what this CRM shows.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Policy {
    pin: Pin,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pin {
    enabled: bool,
}

impl Tenant {
    /// Whether the company wants the button on a screen.
    pub fn offers(&self, surface: &str) -> bool {
        self.surfaces.as_ref().is_none_or(|surfaces| surfaces.iter().any(|one| one == surface))
    }

    /// Whether the company's clients have security PINs.
    pub fn uses_pins(&self) -> bool {
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
