//! What the CRM knows of its clients: accounts, their contacts, and its own agents.
//!
//! Compiled in and never changed while it runs; what an agent changes is kept beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::demo::DemoError;
use crate::ports::Clock;

const HOUR: Duration = Duration::from_hours(1);

/// Everything in the file.
#[derive(Deserialize)]
pub struct Book {
    #[serde(rename = "agent")]
    pub agents: Vec<Agent>,
    #[serde(rename = "client")]
    pub clients: Vec<Client>,
}

/// A user of the CRM.
#[derive(Deserialize, Serialize, Clone)]
pub struct Agent {
    pub id: String,
    pub name: String,
    pub email: String,
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
    enrollment: Enrollment,
    pub payroll: Payroll,
    pub contacts: Vec<Contact>,
}

#[derive(Deserialize, Serialize)]
struct Enrollment {
    specialist: String,
    days: u32,
    missing: u32,
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

impl Book {
    /// Reads the file that is compiled in; "changed so many hours ago" becomes a moment.
    ///
    /// # Errors
    /// The file is not of this form.
    pub fn load(clock: &dyn Clock) -> Result<Self, DemoError> {
        let text = include_str!("../../../templates/page/demo/crm.toml");
        let mut book: Self = toml::from_str(text).map_err(DemoError::content("crm.toml"))?;
        let contacts = book.clients.iter_mut().flat_map(|client| &mut client.contacts);
        for contact in contacts {
            let changed = contact.mobile_changed_hours.map(|hours| clock.wall() - HOUR * hours);
            contact.mobile_changed_at = changed.map(|at| at.to_string());
        }
        Ok(book)
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
                    assert!(number.starts_with("+130555501") && number.len() == 12, "{number}");
                    assert!(numbers.insert(number.clone()), "{number} is used twice");
                }
            }
        }
        let ids: BTreeSet<_> = book.clients.iter().map(|client| &client.id).collect();
        assert_eq!(ids.len(), book.clients.len());
        let tenants = ["coguardhr", "compeo", "cornerstone", "peopaygo", "southeast"];
        assert_eq!(per_tenant.into_iter().collect::<Vec<_>>(), tenants.map(|tenant| (tenant, 5)));
    }
}
