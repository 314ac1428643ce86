//! A contact answers a text: no more of them, texts again, or a code, a link or a PIN that was not asked for.

use subtle::ConstantTimeEq as _;

use crate::domain::audit::{Actor, Origin};
use crate::domain::contact::Phone;
use crate::domain::gsm7;
use crate::domain::i18n;
use crate::domain::id::TenantId;
use crate::domain::key::KeySet;
use crate::domain::locale::Locale;
use crate::domain::message::{Message, Purpose};
use crate::domain::policy::REPORT_LASTS;
use crate::domain::reply::{self, Reply};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::client::report_code::report_text;
use crate::usecase::{Desk, Failure};

use super::opt_out;

/// Length of the key in the address for replies, in hexadecimal digits: 128 bits.
const KEY: usize = 32;

/// So much of a tenant's name fits the confirmation.
const LONGEST_BRAND: usize = 60;

fn key(keys: &KeySet, tenant: &TenantId) -> String {
    hex::encode(keys.callback.mac(&[b"sms-inbound", tenant.as_str().as_bytes()]))[..KEY].to_owned()
}

/// Where a gateway passes on what contacts answer.
pub fn reply_url(desk: &Desk, tenant: &TenantId) -> String {
    let key = key(desk.store.vault().ring.current(), tenant);
    format!("{}/callbacks/sms/{tenant}/inbound/{key}", desk.public_url.as_str().trim_end_matches('/'))
}

/// Where Twilio passes on what contacts answer.
pub fn twilio_reply_url(desk: &Desk, tenant: &TenantId) -> String {
    format!("{}/callbacks/twilio/{tenant}/inbound", desk.public_url.as_str().trim_end_matches('/'))
}

/// Whether the key of an address for replies is right.
pub fn authentic(desk: &Desk, tenant: &TenantId, given: &str) -> bool {
    desk.store.vault().ring.all().any(|keys| key(keys, tenant).as_bytes().ct_eq(given.as_bytes()).into())
}

/// What an answer means that Twilio has judged itself (`OptOutType`), or left to others.
pub fn twilio_meaning(judged: &str, text: &str) -> Reply {
    match judged {
        "STOP" => match reply::read(text) {
            said @ Reply::Stop(_) => said,
            _ => Reply::Stop(None),
        },
        "START" => Reply::Start,
        "HELP" => Reply::Other,
        _ => reply::read(text),
    }
}

/// Takes an answer. Gives the one confirmation that stopping allows, for whoever may send it.
///
/// A report is about the code, the link or the notice last sent to that number, within the time a report lasts.
///
/// # Errors
/// The database's.
pub async fn hear_reply(
    desk: &Desk,
    tenant: &TenantId,
    from: &str,
    said: Reply,
    origin: &str,
) -> Result<Option<String>, Failure> {
    let directory = desk.directory.get();
    let (Some(member), phones) = (directory.member(tenant), readings(from)) else { return Ok(None) };
    if said == Reply::Other || phones.is_empty() {
        return Ok(None);
    }
    let since = match said {
        Reply::NotMine => desk.time.now() - REPORT_LASTS,
        _ => Timestamp::from_millis(0),
    };
    let scope = desk.store.of(tenant);
    let indexes: Vec<_> = phones.iter().flat_map(|phone| scope.indexes(phone)).collect();
    let last = scope.newest_text_to(&indexes, since).await?;
    let actor = last.as_ref().map_or(Actor::Provider, |m| Actor::Contact(m.contact.as_str().to_owned()));
    let origin = Origin { actor, from: origin.to_owned() };
    if said == Reply::NotMine {
        // Nobody can deny what was no client's.
        if let Some(last) = last.filter(|last| Purpose::DENIED.contains(&last.purpose)) {
            report_text(desk, &member.tenant, &last, origin).await?;
        }
        return Ok(None);
    }
    let changed = change(desk, tenant, &phones, said, last.as_ref(), origin).await?;
    Ok(match said {
        Reply::Stop(language) if changed => Some(confirmation(&member.tenant, language)),
        _ => None,
    })
}

/// Stops or starts texts to the numbers that a sender may mean. Says whether anything is new.
async fn change(
    desk: &Desk,
    tenant: &TenantId,
    phones: &[Phone],
    said: Reply,
    about: Option<&Message>,
    origin: Origin,
) -> Result<bool, Failure> {
    let tx = desk.store.begin().await?;
    let mut changed = false;
    for phone in phones {
        changed |= if said == Reply::Start {
            opt_out::start(desk, &tx, tenant, phone, about, origin.clone()).await?
        } else {
            opt_out::stop(desk, &tx, tenant, phone, about, origin.clone()).await?
        };
    }
    tx.commit().await?;
    Ok(changed)
}

fn confirmation(tenant: &Tenant, language: Option<Locale>) -> String {
    let locale = language.unwrap_or(tenant.default_locale);
    let brand: String = gsm7::transliterate(tenant.short_name()).chars().take(LONGEST_BRAND).collect();
    i18n::fill(locale, "reply.stopped", &[("brand", &brand)])
}

/// The numbers a sender may mean: many gateways leave out the plus, or have it arrive as a space.
fn readings(from: &str) -> Vec<Phone> {
    let digits: String = from.chars().filter(char::is_ascii_digit).take(15).collect();
    let parsed = [from.to_owned(), format!("+{digits}")];
    let mut phones: Vec<Phone> = parsed.iter().filter_map(|text| Phone::parse(text).ok()).collect();
    phones.dedup();
    phones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_read_with_and_without_its_plus() {
        for from in ["+525551234567", "525551234567", " 525551234567"] {
            assert!(readings(from).iter().any(|phone| phone.expose() == "+525551234567"), "{from}");
        }
        assert!(readings("3055550142").iter().any(|phone| phone.expose() == "+13055550142"));
        assert_eq!(readings("+13055550142").len(), 1);
        assert!(readings("KANNEL").is_empty());
    }

    #[test]
    fn what_twilio_judged_outranks_the_words() {
        for (judged, text, meaning) in [
            ("STOP", "Schluss", Reply::Stop(None)),
            ("STOP", "alto", Reply::Stop(Some(Locale::Es))),
            ("START", "yes", Reply::Start),
            ("HELP", "stop", Reply::Other),
            ("", "stop", Reply::Stop(None)),
            ("", "no", Reply::NotMine),
            ("?", "start", Reply::Start),
        ] {
            assert_eq!(twilio_meaning(judged, text), meaning, "{judged} {text}");
        }
    }

    #[test]
    fn the_confirmation_fits_one_text_in_both_languages() {
        for locale in [Locale::En, Locale::Es] {
            let text = i18n::fill(locale, "reply.stopped", &[("brand", &"W".repeat(LONGEST_BRAND))]);
            assert!(gsm7::septets(&text).is_some_and(|septets| septets <= 160), "{text}");
        }
    }
}
