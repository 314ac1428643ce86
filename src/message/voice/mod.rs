//! Calls: placing one, and what is said in it in a carrier's form.
//!
//! Placing a call carries nothing secret: the carrier is given an address, and asks there once somebody answers.

pub(super) mod twilio;
pub mod twiml;
