//! The tables as SeaORM sees them: primitives only.
//!
//! Rows are turned into domain types in one place, the service's store; nothing else names this crate.

pub mod admin;
pub mod admin_session;
pub mod api_key;
pub mod audit;
pub mod audit_chain;
pub mod audit_link;
pub mod challenge;
pub mod client;
pub mod crm_user;
pub mod former_detail;
pub mod guess;
pub mod guest;
pub mod host_event;
pub mod inbound;
pub mod link;
pub mod message;
pub mod meta;
pub mod opt_out;
pub mod pin;
pub mod send_limit;
pub mod session;
pub mod spent;
pub mod tenant;
pub mod tenant_secret;
pub mod texted;
pub mod wording;
