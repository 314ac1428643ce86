//! The screens of the CRM that carry the button.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in the CRM a verification was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    LeadCard,
    Enrollments,
    PayrollCard,
}

impl Surface {
    pub const ALL: [Self; 3] = [Self::LeadCard, Self::Enrollments, Self::PayrollCard];

    /// The name in the API, in tables and in the tenant file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeadCard => "lead_card",
            Self::Enrollments => "enrollments",
            Self::PayrollCard => "payroll_card",
        }
    }

    /// The surface of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
