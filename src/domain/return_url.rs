//! Where a page sends its reader on to when it is done: an address of the host's, within an origin that it named.

use serde::{Deserialize, Serialize};
use url::Url;

use super::proof::Proof;
use super::tenant::Tenant;

/// Longer ones no browser takes for sure.
const LONGEST: usize = 2_000;

/// An address that was allowed when it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReturnUrl(Url);

/// An address outside the tenant's `allowed_origins`, or none at all.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAllowed;

impl ReturnUrl {
    /// # Errors
    /// [`NotAllowed`]
    pub fn parse(text: &str, tenant: &Tenant) -> Result<Self, NotAllowed> {
        let url = Url::parse(text).map_err(|_| NotAllowed)?;
        let plain = url.username().is_empty() && url.password().is_none() && text.len() <= LONGEST;
        let this = Self(url);
        if plain && this.is_allowed(tenant) { Ok(this) } else { Err(NotAllowed) }
    }

    /// Whether the tenant still names its origin.
    pub fn is_allowed(&self, tenant: &Tenant) -> bool {
        tenant.allowed_origins.contains(&self.origin())
    }

    /// The origin, as browsers write it.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address as it was given.
    pub fn address(&self) -> String {
        self.0.as_str().to_owned()
    }

    /// The address with the proof in its query; another `proof` that stood there is gone, all else is as it was.
    pub fn with(&self, proof: &Proof) -> String {
        let mut url = self.0.clone();
        let query = self.0.query().unwrap_or_default().to_owned();
        let others =
            query.split('&').filter(|part| !part.is_empty() && part.split('=').next() != Some("proof"));
        let own = format!("proof={}", proof.expose());
        url.set_query(Some(&others.chain([own.as_str()]).collect::<Vec<_>>().join("&")));
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TenantId;
    use serde_json::json;

    #[test]
    fn only_an_address_within_an_allowed_origin_is_taken() {
        let settings = json!({"name": "C", "eligible": true, "allowed_origins": ["https://crm.example", "http://localhost:9000"]});
        let tenant = Tenant::from_documents(TenantId::parse("c").unwrap(), &settings, &json!({})).unwrap();
        for (text, good) in [
            ("https://crm.example/signed?doc=7", true),
            ("http://localhost:9000/back", true),
            ("https://crm.example", true),
            ("http://crm.example/", false),
            ("https://crm.example:8443/", false),
            ("https://crm.example.evil.test/", false),
            ("https://user:pass@crm.example/", false),
            ("https://crm.example@evil.test/", false),
            ("//crm.example/", false),
            ("/signed", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("", false),
            (&format!("https://crm.example/{}", "x".repeat(2_000)), false),
        ] {
            assert_eq!(ReturnUrl::parse(text, &tenant).is_ok(), good, "{text}");
        }
        let url = ReturnUrl::parse("https://crm.example/s?doc=7&proof=old&x=a%20b#end", &tenant).unwrap();
        let proof = Proof::new([0; 32]);
        assert_eq!(
            url.with(&proof),
            format!("https://crm.example/s?doc=7&x=a%20b&proof={}#end", proof.expose())
        );
    }
}
