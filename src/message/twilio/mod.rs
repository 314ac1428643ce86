//! Twilio, for texts and calls alike: asking its API, reading its error codes, checking who signed a callback.
//!
//! Knows nothing of what a text or a call says, nor of which tenant an account belongs to.

pub(super) mod client;
pub mod error;
pub mod signature;
