//! The demonstration: a small CRM and an inbox beside the service.
//!
//! Both are clients of the public webhooks and the API like any other: they know addresses, keys and files. They
//! borrow the clock and the randomness of the process and nothing else, so what they do any CRM can copy; start
//! with [`signature`] and `crm::service`.

pub mod crm;
mod error;
pub mod inbox;
mod page;
pub mod secrets;
mod server;
pub mod signature;

use std::path::Path;
use std::time::Duration;

use reqwest::redirect;

pub use error::DemoError;
pub use server::Running;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What both servers ask others with.
///
/// # Errors
/// The machine offers no TLS.
fn client() -> Result<reqwest::Client, DemoError> {
    // Whoever comes first installs it: a second time is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the demonstration is a client of its own, made here only")]
    let builder = reqwest::Client::builder();
    Ok(builder.timeout(PATIENCE).redirect(redirect::Policy::none()).no_proxy().build()?)
}

/// What the command prints once everything runs: where to look and what to do.
pub fn banner(service: &str, crm: &str, inbox: &str, tenants: &Path) -> String {
    format!(
        "Countersign is running. Ctrl+C stops it.\n\n\
         \x20 CRM       {crm}/leads\n\
         \x20 Inbox     {inbox}/\n\
         \x20 Service   {service}\n\
         \x20 Secrets   {}\n\n\
         1. Open the CRM and press Not verified, the button on the card of Ruiz Landscaping LLC.\n\
         2. Choose Ana Ruiz and send the code; the inbox shows what she received.\n\
         3. Type the code: the client turns green on all three screens.\n\n\
         En español: abra {crm}/leads?lang=es y pulse Sin verificar en la primera tarjeta.\n",
        tenants.display()
    )
}
