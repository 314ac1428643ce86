//! A contact answers a text.
//!
//! NO, in both languages, reports a code that was not asked for. Other words change nothing yet.

use subtle::ConstantTimeEq as _;

use crate::domain::audit::{Actor, Origin};
use crate::domain::contact::Phone;
use crate::domain::id::TenantId;
use crate::domain::key::KeySet;
use crate::domain::policy::REPORT_LASTS;
use crate::domain::seal;
use crate::usecase::client::report_code::report_code;
use crate::usecase::{Desk, Failure};

/// Length of the key in the address for replies, in hexadecimal digits: 128 bits.
const KEY: usize = 32;

fn key(keys: &KeySet, tenant: &TenantId) -> String {
    hex::encode(keys.callback.mac(&[b"sms-inbound", tenant.as_str().as_bytes()]))[..KEY].to_owned()
}

/// Where a gateway passes on what contacts answer.
pub fn reply_url(desk: &Desk, tenant: &TenantId) -> String {
    let key = key(desk.store.vault().ring.current(), tenant);
    format!("{}/callbacks/sms/{tenant}/inbound/{key}", desk.public_url.as_str().trim_end_matches('/'))
}

/// Whether the key of an address for replies is right.
pub fn authentic(desk: &Desk, tenant: &TenantId, given: &str) -> bool {
    desk.store.vault().ring.all().any(|keys| key(keys, tenant).as_bytes().ct_eq(given.as_bytes()).into())
}

/// Whether an answer says that the code was not asked for: NO alone, however it is written.
pub fn is_report(text: &str) -> bool {
    let letters: String = text.chars().take(40).filter(|c| c.is_alphanumeric()).collect();
    letters.eq_ignore_ascii_case("no")
}

/// Takes an answer. A report is about the code last sent to that number, within the time a report lasts.
///
/// # Errors
/// The database's.
pub async fn hear_reply(
    desk: &Desk,
    tenant: &TenantId,
    from: &str,
    text: &str,
    origin: &str,
) -> Result<(), Failure> {
    let directory = desk.directory.get();
    let (Some(member), true) = (directory.member(tenant), is_report(text)) else { return Ok(()) };
    let ring = &desk.store.vault().ring;
    let of_phone =
        |phone: &Phone| -> Vec<_> { ring.all().map(|k| seal::index(k, tenant, phone.expose())).collect() };
    let indexes: Vec<_> = readings(from).iter().flat_map(of_phone).collect();
    let since = desk.time.now() - REPORT_LASTS;
    let Some(message) = desk.store.of(tenant).newest_text_to(&indexes, since).await? else { return Ok(()) };
    let actor = Actor::Contact(message.contact.as_str().to_owned());
    let origin = Origin { actor, from: origin.to_owned() };
    report_code(desk, &member.tenant, &message.client, &message.challenge, origin).await
}

/// The numbers a sender may mean: many gateways leave out the plus, or have it arrive as a space.
fn readings(from: &str) -> Vec<Phone> {
    let digits: String = from.chars().filter(char::is_ascii_digit).take(15).collect();
    [from.to_owned(), format!("+{digits}")].iter().filter_map(|text| Phone::parse(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_report, readings};

    #[test]
    fn a_sender_is_read_with_and_without_its_plus() {
        for from in ["+525551234567", "525551234567", " 525551234567"] {
            assert!(readings(from).iter().any(|phone| phone.expose() == "+525551234567"), "{from}");
        }
        assert!(readings("3055550142").iter().any(|phone| phone.expose() == "+13055550142"));
        assert!(readings("KANNEL").is_empty());
    }

    #[test]
    fn only_a_bare_no_reports() {
        for text in ["NO", "no", " No. ", "¡NO!", "no\n"] {
            assert!(is_report(text), "{text:?}");
        }
        for text in ["", "NOT NOW", "no gracias", "yes", "482913", "non"] {
            assert!(!is_report(text), "{text:?}");
        }
    }
}
