//! What callers send, parsed once to domain types. An error names the field, never repeats a detail.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::agent::{self, Agent};
use crate::domain::channel::Channel;
use crate::domain::contact::{BadDetail, Contact, Email, Phone};
use crate::domain::id::{AgentId, ClientId, ContactId};
use crate::domain::locale::Locale;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::http::body::only_objects;
use crate::http::document::LanguageTag;
use crate::http::problem::Problem;

/// The user of the CRM who acts.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = Agent)]
pub struct AgentBody {
    #[schema(value_type = AgentId)]
    id: String,
    /// Left out, the id. One line; what is longer than 200 characters is cut.
    #[serde(default)]
    #[schema(example = "Maria Lopez")]
    name: Option<String>,
    #[serde(default)]
    #[schema(example = "maria@host-crm.example")]
    email: Option<String>,
    /// The language of the agent's window.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Option<String>,
}

only_objects!(AgentBody, ContactBody);

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

/// A person on the client's account. Leave out what you do not know; an empty text counts as left out.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = Contact)]
pub struct ContactBody {
    #[schema(value_type = ContactId)]
    id: String,
    /// One line; what is longer than 200 characters is cut.
    #[schema(example = "Ana Ruiz")]
    name: String,
    /// Your own word. Only a role among the tenant's `authorized_roles` can be sent a code.
    #[schema(example = "owner")]
    role: String,
    #[serde(default)]
    #[schema(pattern = r"^\s*([^@\s]+@[^@\s]+)?\s*$", example = "ana@ruiz-landscaping.example")]
    email: Option<String>,
    /// Takes texts and calls. With its country code; without one it counts as a number of the United States.
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550142")]
    mobile: Option<String>,
    /// A landline: takes calls only.
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550143")]
    phone: Option<String>,
    /// The language of messages to this person. Left out, the tenant's.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Option<String>,
    /// When the address last changed, if you know. Left out, Countersign notes changes itself.
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
        let email = detail(&id, "email", self.email.as_deref(), Email::parse)?;
        let mobile = detail(&id, "mobile", self.mobile.as_deref(), Phone::parse)?;
        let phone = detail(&id, "phone", self.phone.as_deref(), Phone::parse)?;
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
}

/// Blank counts as not given: many CRMs send empty fields.
///
/// # Errors
/// `contact_invalid`
pub fn detail<T>(
    contact: &ContactId,
    field: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, BadDetail>,
) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(None) };
    parse(text).map(Some).map_err(|why| Problem::contact_invalid(contact.clone(), field, why))
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
