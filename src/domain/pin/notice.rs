//! Whom the notice of a changed PIN goes to: every address and mobile of the client's authorized contacts, and those
//! that one of them had until lately. Whoever had a number or an address exchanged first cannot keep it from the owner.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::contact::{Contact, Destination};
use crate::domain::message::Message;
use crate::domain::tenant::Tenant;

/// How long a detail that is no longer listed is told.
pub const FORMER_LASTS: Duration = Duration::from_hours(30 * 24);
/// Of more details than so many, gone within that time, not all could be told, so no PIN is set until some are older: who
/// changes them often enough pushes nobody out of the notice, and one PIN makes no more messages than this.
pub const FORMER_MOST: u64 = 100;
/// The channels of a notice: nobody is called for one.
pub const CHANNELS: [Channel; 2] = [Channel::Email, Channel::Sms];

/// What authorized contacts had by `before` and nobody has by `after`: one entry a detail.
pub fn gone(tenant: &Tenant, before: &[Contact], after: &[Contact]) -> Vec<Contact> {
    let kept: BTreeSet<_> = recipients(tenant, after, &[]).map(|(_, _, to)| to.normal()).collect();
    recipients(tenant, before, &[])
        .filter(|(_, _, to)| !kept.contains(&to.normal()))
        .map(|(contact, channel, _)| only(contact, channel))
        .collect()
}

/// The contact with nothing but the detail of one channel.
fn only(contact: &Contact, channel: Channel) -> Contact {
    Contact {
        email: contact.email.clone().filter(|_| channel == Channel::Email),
        mobile: contact.mobile.clone().filter(|_| channel == Channel::Sms),
        phone: None,
        ..contact.clone()
    }
}

/// Everybody to be told, by every way.
pub fn recipients<'a>(
    tenant: &'a Tenant,
    contacts: &'a [Contact],
    former: &'a [Contact],
) -> impl Iterator<Item = (&'a Contact, Channel, Destination)> {
    contacts.iter().filter(|c| tenant.authorizes(&c.role)).chain(former).flat_map(|contact| {
        CHANNELS.into_iter().filter_map(move |way| Some((contact, way, contact.destination(way)?)))
    })
}

/// Whether a queued notice may go out at this moment, and where to.
///
/// # Errors
/// Why nobody should get it any more, in one word.
pub fn may_tell(
    tenant: &Tenant,
    client: Option<&Client>,
    former: &[Contact],
    message: &Message,
    link: State,
    same: impl Fn(&str) -> bool,
) -> Result<(Contact, Destination), &'static str> {
    if link != State::Verified {
        return Err("code_over");
    }
    let client = client.filter(|c| !c.removed).ok_or("client_gone")?;
    let found = recipients(tenant, &client.contacts, former)
        .find(|(_, way, to)| *way == message.channel && same(&to.normal()));
    found.map(|(contact, _, to)| (contact.clone(), to)).ok_or("detail_changed")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::contact::{Email, Phone};
    use crate::domain::id::{ContactId, TenantId};

    fn tenant() -> Tenant {
        let settings = json!({"name": "T", "eligible": true});
        Tenant::from_documents(TenantId::parse("t").unwrap(), &settings, &json!({})).unwrap()
    }

    fn contact(id: &str, role: &str, email: Option<&str>, mobile: Option<&str>) -> Contact {
        Contact {
            id: ContactId::parse(id).unwrap(),
            name: id.into(),
            role: role.into(),
            email: email.map(|e| Email::parse(e).unwrap()),
            mobile: mobile.map(|m| Phone::parse(m).unwrap()),
            phone: Phone::parse("+13055550149").ok(),
            locale: None,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
        }
    }

    fn told(list: &[Contact], former: &[Contact]) -> Vec<String> {
        recipients(&tenant(), list, former).map(|(_, _, to)| to.normal()).collect()
    }

    #[test]
    fn authorized_contacts_are_told_by_email_and_text() {
        let list = [
            contact("a", "owner", Some("a@x.test"), Some("+13055550142")),
            contact("b", "bookkeeper", Some("b@x.test"), Some("+13055550143")),
            contact("c", "owner", None, None),
        ];
        assert_eq!(told(&list, &[]), ["a@x.test", "+13055550142"]);
    }

    #[test]
    fn what_an_authorized_contact_had_is_told_too_wherever_it_went() {
        let (old, new) = (Some("old@x.test"), Some("new@x.test"));
        let mobile = Some("+13055550142");
        let before = [contact("a", "owner", old, mobile), contact("b", "clerk", Some("b@x.test"), None)];
        let gone_by = |after: &[Contact]| told(&[], &gone(&tenant(), &before, after));
        assert!(gone_by(&before).is_empty());
        assert_eq!(gone_by(&[contact("a", "owner", new, mobile)]), ["old@x.test"], "another address");
        assert_eq!(gone_by(&[]), ["old@x.test", "+13055550142"], "dropped");
        assert_eq!(
            gone_by(&[contact("a", "clerk", old, mobile)]),
            ["old@x.test", "+13055550142"],
            "no longer authorized"
        );
        assert!(
            gone_by(&[contact("z", "owner", old, mobile)]).is_empty(),
            "the same details under another id"
        );
    }
}
