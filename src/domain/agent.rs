//! The CRM user who acts, as the host names them.

use serde::{Deserialize, Serialize};

use super::id::{AgentId, BadId};
use super::locale::Locale;

/// An agent. The name is for people to read; the id is what counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
}

impl Agent {
    /// # Errors
    /// An id that is empty or not printable. A name left out is the id.
    pub fn parse(
        id: &str,
        name: Option<&str>,
        email: Option<&str>,
        locale: Option<Locale>,
    ) -> Result<Self, BadId> {
        let id = AgentId::parse(id)?;
        let name = name.map(clean).filter(|n| !n.is_empty()).unwrap_or_else(|| id.as_str().to_owned());
        Ok(Self { id, name, email: email.map(clean), locale })
    }
}

/// A name as one line of at most 200 characters: names are data and never make a new line.
pub fn clean(text: &str) -> String {
    let one_line: String = text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    one_line.split_whitespace().collect::<Vec<_>>().join(" ")
}
