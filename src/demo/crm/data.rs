//! What the CRM knows of its clients: accounts, their contacts, and its own agents.
//!
//! Compiled in and never changed while it runs; what an agent changes is kept beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::demo::DemoError;
use crate::ports::Clock;

const HOUR: Duration = Duration::from_hours(1);

macro_rules! data {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/page/demo/", $name)))
    };
}

const AGENTS: (&str, &str) = data!("crm.toml");
const CLIENTS: [(&str, &str); 5] = [
    data!("clients-cornerstone.toml"),
    data!("clients-compeo.toml"),
    data!("clients-peopaygo.toml"),
    data!("clients-coguardhr.toml"),
    data!("clients-southeast.toml"),
];

/// Everything in the files.
pub struct Book {
    pub agents: Vec<Agent>,
    pub clients: Vec<Client>,
}

#[derive(Deserialize)]
struct Agents {
    agent: Vec<Agent>,
}

#[derive(Deserialize)]
struct Clients {
    client: Vec<Client>,
}

/// A user of the CRM.
#[derive(Deserialize, Serialize, Clone)]
pub struct Agent {
    pub id: String,
    pub name: String,
    pub email: String,
    pub mobile: String,
    /// What they may do, in the CRM's own word.
    pub role: String,
    /// The company they work for, whose rules they sign in by.
    pub tenant: String,
}

/// An account, the same on all three screens.
#[derive(Deserialize, Serialize)]
pub struct Client {
    pub id: String,
    pub tenant: String,
    pub name: String,
    pub created_at: String,
    industry: String,
    city: String,
    employees: u32,
    stage: String,
    pub enrollment: Enrollment,
    pub payroll: Payroll,
    pub contacts: Vec<Contact>,
}

/// How far a client is on its way in.
#[derive(Deserialize, Serialize)]
pub struct Enrollment {
    pub tier: String,
    specialist: String,
    broker: Option<String>,
    days: u32,
    #[serde(skip_serializing)]
    contacted_days: u32,
    /// When somebody last spoke with the client, before this CRM was started.
    #[serde(skip_deserializing)]
    pub contacted_at: String,
    pub missing: Vec<String>,
}

/// How the client pays its people.
#[derive(Deserialize, Serialize)]
pub struct Payroll {
    every: String,
    in_days: u32,
    amount: String,
    /// The end of the bank account's number.
    pub account: String,
}

/// A person on the account, as the webhook carries it.
#[derive(Deserialize, Serialize)]
pub struct Contact {
    pub id: String,
    pub name: String,
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub locale: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_changed_at: Option<String>,
    #[serde(skip_serializing, default)]
    mobile_changed_hours: Option<u32>,
}

impl Contact {
    /// The number to call, and whether it takes calls only.
    pub fn number(&self) -> Option<(&str, bool)> {
        let mobile = self.mobile.as_deref().map(|number| (number, false));
        mobile.or_else(|| self.phone.as_deref().map(|number| (number, true)))
    }
}

impl Book {
    /// Reads the files that are compiled in; "so many hours ago" becomes a moment.
    ///
    /// # Errors
    /// A file is not of this form.
    pub fn load(clock: &dyn Clock) -> Result<Self, DemoError> {
        let agents: Agents = toml::from_str(AGENTS.1).map_err(DemoError::content(AGENTS.0))?;
        let mut clients = Vec::new();
        for (name, text) in CLIENTS {
            clients.extend(toml::from_str::<Clients>(text).map_err(DemoError::content(name))?.client);
        }
        let ago = |hours: u32| (clock.wall() - HOUR * hours).to_string();
        for client in &mut clients {
            client.enrollment.contacted_at = ago(24 * client.enrollment.contacted_days + 2);
            for contact in &mut client.contacts {
                contact.mobile_changed_at = contact.mobile_changed_hours.map(ago);
            }
        }
        Ok(Self { agents: agents.agent, clients })
    }

    /// The agent who is signed in: the one asked for, or the first.
    pub fn agent(&self, id: Option<&str>) -> Option<&Agent> {
        self.agents.iter().find(|agent| Some(agent.id.as_str()) == id).or_else(|| self.agents.first())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::ports::SystemClock;

    type Kind = fn(&Contact) -> bool;

    #[test]
    fn every_client_is_unlike_any_other_and_reaches_nobody() {
        let book = Book::load(&SystemClock).unwrap();
        let mut numbers = BTreeSet::new();
        let mut per_tenant = BTreeMap::<_, usize>::new();
        for client in &book.clients {
            *per_tenant.entry(client.tenant.as_str()).or_default() += 1;
            for contact in &client.contacts {
                assert!(contact.email.iter().all(|email| email.ends_with(".example")), "{}", contact.name);
                for number in contact.mobile.iter().chain(&contact.phone) {
                    let fictitious = number.len() == 12 && number.get(5..10) == Some("55501");
                    assert!(number.starts_with("+1") && fictitious, "{number}");
                    assert!(numbers.insert(number.clone()), "{number} is used twice");
                }
            }
        }
        let ids: BTreeSet<_> = book.clients.iter().map(|client| &client.id).collect();
        assert_eq!(ids.len(), book.clients.len());
        let tenants =
            [("coguardhr", 8), ("compeo", 8), ("cornerstone", 8), ("peopaygo", 8), ("southeast", 6)];
        assert_eq!(per_tenant.into_iter().collect::<Vec<_>>(), tenants);
    }

    #[test]
    fn every_kind_of_contact_that_an_agent_meets_is_there() {
        let book = Book::load(&SystemClock).unwrap();
        let contacts = || book.clients.iter().flat_map(|client| &client.contacts);
        let authorized = |role: &str| ["owner", "authorized_representative"].contains(&role);
        let asked: [(&str, Kind); 7] = [
            ("no mobile", |c| c.mobile.is_none() && c.phone.is_some() && c.email.is_some()),
            ("a landline only", |c| c.mobile.is_none() && c.phone.is_some() && c.email.is_none()),
            ("no email", |c| c.email.is_none() && c.mobile.is_some()),
            ("no phone", |c| c.number().is_none() && c.email.is_some()),
            ("Spanish", |c| c.locale == "es"),
            ("English", |c| c.locale == "en"),
            ("changed", |c| c.mobile_changed_at.is_some()),
        ];
        for (what, is) in asked {
            assert!(contacts().any(|contact| authorized(&contact.role) && is(contact)), "{what}");
        }
        let nobody = |client: &&Client| !client.contacts.iter().any(|contact| authorized(&contact.role));
        assert_eq!(
            book.clients.iter().filter(nobody).count(),
            1,
            "one client has nobody who may speak for it"
        );
    }
}
