//! The security PIN: a number that a client chose and tells on the phone.
//!
//! Owns what a PIN may be, the link by which it is set, and what wrong tries come to. The PIN itself is nowhere kept.

pub mod blocklist;
pub mod confirm;
pub mod link;
pub mod notice;
pub mod secret;
pub mod standing;
pub mod tries;

/// How many digits a PIN has.
pub const DIGITS: u32 = 6;
