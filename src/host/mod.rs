//! The CRM: webhooks signed both ways, and pushes to its callback.
//!
//! Owns the signature and the clients that dial addresses which tenants write. Knows no table, no event and no
//! retry plan: it makes one attempt and says how it went.

pub mod client;
pub mod fault;
pub mod guard;
pub mod resolver;
pub mod retry_after;
pub mod signature;

/// Chooses the one TLS provider of the process; a second call changes nothing.
pub fn install_crypto() {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
