//! What a proof is for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The five policies over one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workflow {
    /// Who is on the phone.
    Client,
    /// A security PIN the client knows.
    Pin,
    /// A document about to open.
    Signer,
    /// A live session about to be joined.
    Session,
    /// A CRM user signing in.
    Login,
}

impl Workflow {
    pub const ALL: [Self; 5] = [Self::Client, Self::Pin, Self::Signer, Self::Session, Self::Login];

    /// The name in tables and in what a code is derived from.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Pin => "pin",
            Self::Signer => "signer",
            Self::Session => "session",
            Self::Login => "login",
        }
    }

    /// The workflow of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == name)
    }
}

impl fmt::Display for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
