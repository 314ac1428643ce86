//! An admin tries one of the providers that carry a tenant's messages: a message marked as a test, with the code 000000, to the
//! admin's own address or proven number and to nobody else.

use serde_json::json;

use crate::domain::admin::Admin;
use crate::domain::audit::Origin;
use crate::domain::channel::Channel;
use crate::domain::locale::Locale;
use crate::domain::provider::VoiceProvider;
use crate::domain::tenant::Tenant;
use crate::message::render::ClientCode;
use crate::message::{Detail, EnteredBy};
use crate::usecase::{Desk, Failure};

use super::Post;
use super::trial::{Trial, Tried};

const CODE: &str = "000000";

/// One provider of a tenant's messages, as it may be shown.
pub struct Listed {
    pub channel: Channel,
    /// Its place among those of its channel, from 0: the next takes over where one is down.
    pub order: usize,
    pub kind: &'static str,
    pub place: String,
    /// Whether it is the tenant's own, and not the service's.
    pub own: bool,
}

/// Those of a tenant, in the order in which they are asked.
pub fn providers(post: &Post, tenant: &Tenant) -> Vec<Listed> {
    let mut all = Vec::new();
    if let Some(email) = post.of_emails(tenant) {
        let own = tenant.providers.email.is_some();
        all.push(Listed { channel: Channel::Email, order: 0, kind: email.kind(), place: email.place(), own });
    }
    let (texts, owner) = post.of_texts(tenant);
    all.extend(texts.iter().enumerate().map(|(order, text)| {
        let own = owner.is_some();
        Listed { channel: Channel::Sms, order, kind: text.kind(), place: text.place(), own }
    }));
    if let Some(voice) = post.of_calls(tenant) {
        let own = tenant.providers.voice.is_some();
        all.push(Listed { channel: Channel::Voice, order: 0, kind: voice.kind(), place: voice.place(), own });
    }
    all
}

/// Tries one provider, and puts that on the record. Nobody is called: of calls the account is looked at.
///
/// # Errors
/// `TooManySends`
pub async fn try_provider(
    desk: &Desk,
    post: &Post,
    tenant: &Tenant,
    ((channel, order), locale): ((Channel, usize), Locale),
    (admin, origin): (&Admin, Origin),
) -> Result<Tried, Failure> {
    let trial = Trial::of((desk, post), tenant, locale, admin).await?;
    let tried = match channel {
        Channel::Email => trial.email(post.renderer.client_code_email(&says(&trial))?).await?,
        Channel::Sms => trial.text(&post.renderer.client_code_sms(&says(&trial))?, order).await?,
        Channel::Voice => account(post, tenant).await,
    };
    trial.record(origin, ("provider.test", channel.as_str()), tried, json!({"order": order})).await?;
    Ok(tried)
}

fn says<'a>(trial: &Trial<'a>) -> ClientCode<'a> {
    ClientCode {
        tenant: trial.tenant,
        locale: trial.locale,
        contact_name: "",
        agent_name: None,
        code: CODE,
        valid_for: trial.tenant.policy.client.code.code_valid,
        sent_at: trial.now,
    }
}

async fn account(post: &Post, tenant: &Tenant) -> Tried {
    match post.of_calls(tenant) {
        None => Tried::NoProvider,
        Some(VoiceProvider::File { .. }) => Tried::Taken,
        Some(VoiceProvider::Twilio { account, .. }) => {
            let known = post.senders.look_up(account, EnteredBy::Operator).await;
            known.map_or(Tried::Not(Detail::ProviderMisconfigured), |_| Tried::Taken)
        }
    }
}
