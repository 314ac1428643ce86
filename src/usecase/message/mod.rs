//! Messages on their way to people: sending what is due, and hearing what became of it.

pub mod check_signature;
pub mod deliver_message;
pub mod hear_reply;
pub mod report_delivery;
mod send;

use std::sync::Arc;

use crate::domain::provider::Providers;
use crate::message::Senders;
use crate::message::render::Renderer;

/// What sending takes beside the desk.
#[derive(Clone)]
pub struct Post {
    pub renderer: Arc<Renderer>,
    pub senders: Arc<Senders>,
    /// The service's own providers, for tenants that name none.
    pub providers: Arc<Providers>,
}
