//! The rules: pure functions and types over plain values.
//!
//! Owns what is true of a client, a contact, a code and a policy. Knows no database, no network, no clock and
//! no framework: time and randomness are arguments.

pub mod address;
pub mod channel;
pub mod contact;
pub mod id;
pub mod locale;
pub mod policy;
pub mod provider;
pub mod span;
pub mod surface;
pub mod tenant;
pub mod timestamp;
