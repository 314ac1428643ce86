//! What callers send, parsed once to domain types. An error names the field, never repeats a detail.

use serde::Deserialize;
use serde_json::json;

use crate::domain::agent::{self, Agent};
use crate::domain::channel::Channel;
use crate::domain::contact::{BadDetail, Contact, Email, Phone};
use crate::domain::id::{ClientId, ContactId};
use crate::domain::locale::Locale;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::http::problem::{Code, Problem};

/// An agent, as a host names one.
#[derive(Deserialize)]
pub struct AgentBody {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    locale: Option<String>,
}

impl AgentBody {
    /// # Errors
    /// `invalid_request`, `unknown_value`
    pub fn parse(self) -> Result<Agent, Problem> {
        let locale = self.locale.as_deref().map(|l| locale("agent.locale", l)).transpose()?;
        Agent::parse(&self.id, self.name.as_deref(), self.email.as_deref(), locale)
            .map_err(|e| Problem::invalid(format!("agent.id: {e}")))
    }
}

/// The agent of a call that may name one.
///
/// # Errors
/// `invalid_request`, `unknown_value`
pub fn maybe_agent(body: Option<AgentBody>) -> Result<Option<Agent>, Problem> {
    body.map(AgentBody::parse).transpose()
}

/// A contact, as a host lists one.
#[derive(Deserialize)]
pub struct ContactBody {
    id: String,
    name: String,
    role: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    mobile: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    email_changed_at: Option<Timestamp>,
    #[serde(default)]
    mobile_changed_at: Option<Timestamp>,
    #[serde(default)]
    phone_changed_at: Option<Timestamp>,
}

impl ContactBody {
    fn parse(&self) -> Result<Contact, Problem> {
        let id = ContactId::parse(&self.id).map_err(|e| Problem::invalid(format!("contacts: {e}")))?;
        let email = self.detail("email", self.email.as_deref(), Email::parse)?;
        let mobile = self.detail("mobile", self.mobile.as_deref(), Phone::parse)?;
        let phone = self.detail("phone", self.phone.as_deref(), Phone::parse)?;
        Ok(Contact {
            id,
            name: agent::clean(&self.name),
            role: agent::clean(&self.role),
            email,
            mobile,
            phone,
            locale: self.locale.as_deref().map(|l| locale("contacts.locale", l)).transpose()?,
            email_changed_at: self.email_changed_at,
            mobile_changed_at: self.mobile_changed_at,
            phone_changed_at: self.phone_changed_at,
        })
    }

    /// Blank counts as not given: many CRMs send empty fields.
    fn detail<T>(
        &self,
        field: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, BadDetail>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(None) };
        parse(text).map(Some).map_err(|why| {
            Problem::new(Code::ContactInvalid)
                .detail(format!("contact {}: {field} {why}", self.id))
                .with("contact", json!(self.id))
                .with("field", json!(field))
        })
    }
}

/// A whole list of contacts.
///
/// # Errors
/// `contact_invalid` for the first detail that cannot be used; then nothing changes.
pub fn contacts(list: &[ContactBody]) -> Result<Vec<Contact>, Problem> {
    list.iter().map(ContactBody::parse).collect()
}

/// # Errors
/// `invalid_request`
pub fn client_id(text: &str) -> Result<ClientId, Problem> {
    ClientId::parse(text).map_err(|e| Problem::invalid(format!("client: {e}")))
}

/// # Errors
/// `invalid_request`
pub fn contact_id(text: &str) -> Result<ContactId, Problem> {
    ContactId::parse(text).map_err(|e| Problem::invalid(format!("contact: {e}")))
}

/// # Errors
/// `unknown_value`
pub fn surface(word: &str) -> Result<Surface, Problem> {
    Surface::parse(word).ok_or_else(|| Problem::unknown_value("surface", &Surface::ALL.map(Surface::as_str)))
}

/// # Errors
/// `unknown_value`
pub fn channel(word: &str) -> Result<Channel, Problem> {
    Channel::parse(word).ok_or_else(|| Problem::unknown_value("channel", &Channel::ALL.map(Channel::as_str)))
}

/// # Errors
/// `unknown_value`
pub fn locale(field: &str, tag: &str) -> Result<Locale, Problem> {
    tag.parse().map_err(|_| Problem::unknown_value(field, &Locale::ALL.map(Locale::as_str)))
}
