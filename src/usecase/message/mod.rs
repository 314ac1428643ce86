//! Messages on their way to people: sending what is due, and hearing what became of it.

pub mod addressee;
pub mod deliver_message;
pub mod hear_reply;
mod opt_out;
pub mod preview;
pub mod report_delivery;
mod send;
pub mod spend;
pub mod to_guest;
pub mod trial;
pub mod try_provider;
pub mod try_wording;
mod turn;
pub mod twilio_account;

use std::sync::Arc;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::provider::{EmailProvider, Providers, SmsProvider, VoiceProvider};
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

    /// The provider of emails for a tenant, its own or the service's.
    fn of_emails<'a>(&'a self, tenant: &'a Tenant) -> Option<&'a EmailProvider> {
        tenant.providers.email.as_ref().or(self.providers.email.as_ref())
    }

    /// The provider of calls for a tenant, its own or the service's.
    pub(super) fn of_calls<'a>(&'a self, tenant: &'a Tenant) -> Option<&'a VoiceProvider> {
        tenant.providers.voice.as_ref().or(self.providers.voice.as_ref())
    }

    /// How many providers a message may go out by.
    fn count(&self, tenant: &Tenant, channel: Channel) -> usize {
        match channel {
            Channel::Sms => self.of_texts(tenant).0.len(),
            Channel::Email | Channel::Voice => 1,
        }
    }
}
