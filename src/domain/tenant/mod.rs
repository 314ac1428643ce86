//! A company on the host CRM, with everything it may decide.

mod console;
pub mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::client::Method;
use super::id::TenantId;
use super::locale::Locale;
use super::policy::Policies;
use super::provider::Providers;
use super::surface::Surface;
use super::telephone::Telephone;
use super::wording::Wordings;
use super::wrong::Wrong;
use time_tz::Tz;
use url::Url;

/// `[tenant.brand]`: how messages and pages look and whom they say to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// In texts: at most 18 characters of GSM-7. The tenant's name where it is left out.
    pub short_name: Option<String>,
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub support_phone: Option<String>,
    /// `#rrggbb`
    pub color: Option<String>,
    pub logo: Option<String>,
    /// The sender of emails, `Name <address>`.
    pub from: Option<String>,
    pub reply_to: Option<String>,
}

impl Brand {
    /// Where the logo is, if it can be shown.
    pub fn logo_url(&self) -> Option<Url> {
        self.check_logo().ok().flatten()
    }

    /// Where the logo is. A page that comes by `https` shows no other, and no mail program does.
    ///
    /// # Errors
    /// Any other address, in words: it is refused when a tenant is applied, and never shown if it was kept before that.
    pub fn check_logo(&self) -> Result<Option<Url>, Wrong> {
        let Some(text) = &self.logo else { return Ok(None) };
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.host().is_some());
        url.map(Some).ok_or_else(|| Wrong::of("fault.logo", [("text", format!("{text:?}"))]))
    }
}

/// A tenant's settings, complete: what its file left out has the default.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    /// Only an eligible tenant may verify.
    pub eligible: bool,
    pub surfaces: BTreeSet<Surface>,
    pub default_locale: Locale,
    pub time_zone: &'static Tz,
    /// Roles, in the host's words, that may be sent a code.
    pub authorized_roles: BTreeSet<String>,
    pub callback_url: Option<Url>,
    /// Exact origins that may embed the window and call from a browser.
    pub allowed_origins: Vec<String>,
    pub retention: Duration,
    pub brand: Brand,
    pub policy: Policies,
    /// What must have been verified before a surface counts a client as verified. Where one is not listed, either will do.
    pub requires: BTreeMap<Surface, BTreeSet<Method>>,
    pub telephone: Telephone,
    pub providers: Providers,
    /// What its messages say in place of the built-in texts. Kept apart from its settings.
    pub wordings: Wordings,
}

impl Tenant {
    /// The name in texts and subjects.
    pub fn short_name(&self) -> &str {
        self.brand.short_name.as_deref().unwrap_or(&self.name)
    }

    /// Whether somewhere it matters by which method a client was verified.
    pub fn tells_proofs_apart(&self) -> bool {
        !self.requires.is_empty()
    }

    /// Whether what the surfaces require can be had.
    ///
    /// # Errors
    /// The key of what cannot, and why: it is refused when a tenant is applied. One that was kept before that counts
    /// nobody there as verified.
    pub fn check_requires(&self) -> Result<(), (String, Wrong)> {
        let asks = |(_, methods): &(&Surface, &BTreeSet<Method>)| methods.contains(&Method::Pin);
        match self.requires.iter().find(asks) {
            Some((surface, _)) if !self.policy.pin.enabled => {
                Err((format!("surface.{surface}.requires"), Wrong::of("fault.requires_pin", [])))
            }
            _ => Ok(()),
        }
    }

    /// Whether a contact of this role may be sent anything.
    pub fn authorizes(&self, role: &str) -> bool {
        self.authorized_roles.contains(role)
    }
}

#[cfg(test)]
mod tests {
    use super::Brand;

    #[test]
    fn only_an_https_logo_is_used() {
        let logo = |text: &str| Brand { logo: Some(text.to_owned()), ..Brand::default() }.logo_url();
        assert_eq!(logo("https://a.test/l.png").map(String::from).as_deref(), Some("https://a.test/l.png"));
        for bad in ["logo.png", "http://a.test/l.png", "javascript:alert(1)", "data:x", ""] {
            assert_eq!(logo(bad), None, "{bad:?}");
        }
        assert_eq!(Brand::default().logo_url(), None);
    }
}
