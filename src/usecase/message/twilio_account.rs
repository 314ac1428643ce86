//! The accounts of Twilio's that a tenant uses, its own or the service's: who signed a callback, and do they work.

use std::sync::Arc;

use secrecy::SecretString;

use crate::domain::id::TenantId;
use crate::domain::provider::{Providers, SmsProvider, Twilio, VoiceProvider};
use crate::domain::tenant::Tenant;
use crate::message::twilio::signature::{Callback, signed_by};
use crate::message::{EnteredBy, Senders};
use crate::usecase::Desk;

/// The tenant of a callback that one of its accounts signed. Any of them may have, for texts or for calls; the
/// same work is done for a tenant that there is not.
pub fn check_signature(
    desk: &Desk,
    service: &Providers,
    tenant: &str,
    callback: Callback<'_>,
) -> Option<Arc<Tenant>> {
    let directory = desk.directory.get();
    let member = TenantId::parse(tenant).ok().and_then(|id| directory.member(&id));
    let accounts: Vec<&Twilio> = member.map_or_else(Vec::new, |m| accounts(&m.tenant.providers, service));
    let tokens: Vec<&SecretString> = accounts.iter().map(|account| &account.auth_token).collect();
    signed_by(&tokens, callback)?;
    member.map(|m| Arc::clone(&m.tenant))
}

/// Whether each account of a tenant's, or of the service's, works: in words for the operator.
pub async fn look_up(senders: &Senders, providers: &Providers) -> Vec<Result<String, String>> {
    let mut found = Vec::new();
    for account in accounts(providers, &Providers::default()) {
        found.push(senders.look_up(account, EnteredBy::Operator).await);
    }
    found
}

/// The accounts in use: a tenant's own providers stand in for the service's.
fn accounts<'a>(own: &'a Providers, service: &'a Providers) -> Vec<&'a Twilio> {
    let texts = if own.sms.is_empty() { &service.sms } else { &own.sms };
    let texts = texts.iter().filter_map(|provider| match provider {
        SmsProvider::Twilio(account) => Some(account),
        SmsProvider::File { .. } | SmsProvider::Http(_) => None,
    });
    let calls = own.voice.as_ref().or(service.voice.as_ref()).and_then(|provider| match provider {
        VoiceProvider::Twilio { account, .. } => Some(account),
        VoiceProvider::File { .. } => None,
    });
    texts.chain(calls).collect()
}
