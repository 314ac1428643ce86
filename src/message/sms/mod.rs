//! Text messages: one file a provider.
//!
//! Knows how to ask; what a text says is rendered before, and whether it is tried again is decided after.

pub(super) mod gateway;
mod pattern;
mod template;
pub(super) mod twilio;

pub(super) use pattern::Patterns;
