//! The accounts of Twilio's that a tenant uses, its own or the service's: who signed a callback, and do they work.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

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

/// Whether each account of a tenant's, or of the service's, works: in words for the operator, and once for texts and calls.
pub async fn look_up(senders: &Senders, providers: &Providers) -> Vec<Result<String, String>> {
    let mut asked: Vec<&Twilio> = Vec::new();
    let mut found = Vec::new();
    for account in accounts(providers, &Providers::default()) {
        if !asked.iter().any(|one| is_same(one, account)) {
            asked.push(account);
            found.push(senders.look_up(account, EnteredBy::Operator).await);
        }
    }
    found
}

/// Whether two entries sign in to the same place in the same way, whatever number they send from.
fn is_same(a: &Twilio, b: &Twilio) -> bool {
    let signs_in = |account: &Twilio| {
        let Twilio { account_sid, auth_token, api_base, .. } = account;
        (account_sid.clone(), auth_token.expose_secret().to_owned(), api_base.clone())
    };
    signs_in(a) == signs_in(b)
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
