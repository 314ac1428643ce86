//! Tenants, their keys and their secrets: what an operator changes.

pub mod apply_tenants;
pub mod bump_epoch;
pub mod change_api_key;
pub mod change_settings;
pub mod change_two_step;
pub mod change_wording;
pub mod note_uses;
pub mod purge;
pub mod record;
pub mod rotate_secret;
