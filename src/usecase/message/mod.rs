//! Messages on their way to people: sending what is due, and hearing what became of it.

pub mod addressee;
pub mod deliver_message;
pub mod hear_reply;
mod opt_out;
pub mod report_delivery;
mod send;
pub mod to_guest;
mod turn;
pub mod twilio_account;

use std::sync::Arc;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::provider::{Providers, SmsProvider};
use crate::domain::tenant::Tenant;
use crate::message::Senders;
use crate::message::render::Renderer;

pub use turn::Turns;

/// What sending takes beside the desk.
#[derive(Clone)]
pub struct Post {
    pub renderer: Arc<Renderer>,
    pub senders: Arc<Senders>,
    /// The service's own providers, for tenants that name none.
    pub providers: Arc<Providers>,
    /// Whose turn it is where there are several.
    pub turns: Arc<Turns>,
}

impl Post {
    /// The providers of texts for a tenant, its own or the service's, and whose they are.
    fn of_texts<'a>(&'a self, tenant: &'a Tenant) -> (&'a [SmsProvider], Option<TenantId>) {
        let own = &tenant.providers.sms;
        if own.is_empty() { (&self.providers.sms, None) } else { (own, Some(tenant.id.clone())) }
    }

    /// How many providers a message may go out by.
    fn count(&self, tenant: &Tenant, channel: Channel) -> usize {
        match channel {
            Channel::Sms => self.of_texts(tenant).0.len(),
            Channel::Email | Channel::Voice => 1,
        }
    }
}
