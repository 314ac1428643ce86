//! What a new list of contacts does to the one before it.
//!
//! A list that arrives replaces the one that was there. Details that changed are remembered as changed, and a
//! live code whose contact is gone, has lost its role or has another detail than the one in use, is over.

use std::collections::BTreeSet;

use super::client::{Client, Pending};
use super::contact::Contact;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

/// Longest list of contacts a client may have.
pub const MOST_CONTACTS: usize = 200;

/// Why a list is refused as a whole.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadList {
    #[error("a client has at most {MOST_CONTACTS} contacts")]
    TooLong,
    #[error("contact {0:?} is on the list twice")]
    Twice(String),
}

/// Checks a list before anything is changed.
///
/// # Errors
/// [`BadList`]
pub fn check(list: &[Contact]) -> Result<(), BadList> {
    if list.len() > MOST_CONTACTS {
        return Err(BadList::TooLong);
    }
    let mut seen = BTreeSet::new();
    match list.iter().find(|c| !seen.insert(c.id.as_str())) {
        Some(twice) => Err(BadList::Twice(twice.id.as_str().to_owned())),
        None => Ok(()),
    }
}

/// The new list with its changes dated: what the host says, else what is seen to differ.
///
/// `before` is `None` for a client's first list, which counts as unchanged.
pub fn dated(
    tenant: &Tenant,
    before: Option<&[Contact]>,
    list: Vec<Contact>,
    now: Timestamp,
) -> Vec<Contact> {
    let Some(before) = before else { return list.into_iter().map(|c| no_later_than(c, now)).collect() };
    list.into_iter()
        .map(|mut contact| {
            let old = before.iter().find(|c| c.id == contact.id);
            // Somebody added or promoted later is as new as a changed number.
            let old = old.filter(|o| tenant.authorizes(&o.role) || !tenant.authorizes(&contact.role));
            contact.email_changed_at = contact.email_changed_at.or_else(|| match old {
                Some(o) if o.email == contact.email => o.email_changed_at,
                _ => Some(now),
            });
            contact.mobile_changed_at = contact.mobile_changed_at.or_else(|| match old {
                Some(o) if o.mobile == contact.mobile => o.mobile_changed_at,
                _ => Some(now),
            });
            contact.phone_changed_at = contact.phone_changed_at.or_else(|| match old {
                Some(o) if o.phone == contact.phone => o.phone_changed_at,
                _ => Some(now),
            });
            no_later_than(contact, now)
        })
        .collect()
}

/// A host whose clock runs ahead must not make a change last longer.
fn no_later_than(mut contact: Contact, now: Timestamp) -> Contact {
    for at in [&mut contact.email_changed_at, &mut contact.mobile_changed_at, &mut contact.phone_changed_at] {
        *at = at.map(|at| at.min(now));
    }
    contact
}

/// Whether the code that is out must end because of the new list.
pub fn ends_pending(tenant: &Tenant, client: &Client, pending: &Pending, list: &[Contact]) -> bool {
    let Some(new) = list.iter().find(|c| c.id == pending.contact.id && tenant.authorizes(&c.role)) else {
        return true;
    };
    let Some(old) = client.contact(&pending.contact.id) else { return true };
    pending.channels.iter().any(|channel| old.destination(*channel) != new.destination(*channel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::Channel;
    use crate::domain::client::{Named, Standing};
    use crate::domain::contact::{Email, Phone};
    use crate::domain::id::{ChallengeId, ClientId, ContactId, TenantId};
    use serde_json::json;
    use std::time::Duration;

    fn tenant() -> Tenant {
        let settings = json!({"name": "T", "eligible": true});
        Tenant::from_documents(TenantId::parse("t").unwrap(), &settings, &json!({})).unwrap()
    }

    fn contact(role: &str, email: &str, mobile: Option<&str>) -> Contact {
        Contact {
            id: ContactId::parse("c-1").unwrap(),
            name: "Ana".into(),
            role: role.into(),
            email: Some(Email::parse(email).unwrap()),
            mobile: mobile.map(|m| Phone::parse(m).unwrap()),
            phone: None,
            locale: None,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }

    #[test]
    fn changes_are_dated() {
        let tenant = tenant();
        let earlier = now() - Duration::from_secs(999);
        let mut old = contact("owner", "ana@x.test", Some("+13055550142"));
        old.mobile_changed_at = Some(earlier);
        let new = contact("owner", "ana@y.test", Some("+13055550142"));
        let dated_list = dated(&tenant, Some(&[old.clone()]), vec![new.clone()], now());
        assert_eq!(dated_list[0].email_changed_at, Some(now()), "another address");
        assert_eq!(dated_list[0].mobile_changed_at, Some(earlier), "the same number keeps its date");
        let first = dated(&tenant, None, vec![new.clone()], now());
        assert_eq!(first[0].email_changed_at, None, "a first list counts as unchanged");
        let added = dated(&tenant, Some(&[]), vec![new.clone()], now());
        assert_eq!(added[0].email_changed_at, Some(now()), "added later");
        let clerk = contact("bookkeeper", "ana@y.test", Some("+13055550142"));
        let promoted = dated(&tenant, Some(&[clerk]), vec![new.clone()], now());
        assert_eq!(promoted[0].mobile_changed_at, Some(now()), "promoted later");
        let told = Contact { email_changed_at: Some(earlier), ..new.clone() };
        assert_eq!(
            dated(&tenant, Some(&[old]), vec![told], now())[0].email_changed_at,
            Some(earlier),
            "told"
        );
        let ahead = Contact { email_changed_at: Some(now() + Duration::from_secs(9)), ..new };
        assert_eq!(
            dated(&tenant, None, vec![ahead], now())[0].email_changed_at,
            Some(now()),
            "never in the future"
        );
    }

    #[test]
    fn a_code_ends_with_its_contact_role_or_detail() {
        let tenant = tenant();
        let old = contact("owner", "ana@x.test", Some("+13055550142"));
        let pending = Pending {
            challenge: ChallengeId::new(now(), [0; 10]),
            contact: Named { id: old.id.clone(), name: "Ana".into() },
            agent: None,
            surface: None,
            channels: vec![Channel::Sms],
            sent_at: now(),
            expires_at: now() + Duration::from_secs(600),
        };
        let client = Client {
            tenant: tenant.id.clone(),
            id: ClientId::parse("k").unwrap(),
            name: "K".into(),
            created_at: now(),
            listed_at: now(),
            contacts: vec![old.clone()],
            standing: Standing::default(),
            version: 1,
            removed: false,
        };
        let other = Contact { id: ContactId::parse("c-2").unwrap(), ..old.clone() };
        let cases = [
            ("the same list", vec![old.clone()], false),
            (
                "another email, which is not in use",
                vec![contact("owner", "z@x.test", Some("+13055550142"))],
                false,
            ),
            ("another mobile", vec![contact("owner", "ana@x.test", Some("+13055550143"))], true),
            ("no mobile", vec![contact("owner", "ana@x.test", None)], true),
            ("another role", vec![contact("bookkeeper", "ana@x.test", Some("+13055550142"))], true),
            ("dropped", vec![other], true),
            ("an empty list", vec![], true),
        ];
        for (what, list, ends) in cases {
            assert_eq!(ends_pending(&tenant, &client, &pending, &list), ends, "{what}");
        }
    }
}
