//! What became of a message at its provider.
//!
//! Owns the names that agents' screens, the API and the log use. Whether to try again is the only thing that an
//! outcome decides.

use std::fmt;

use reqwest::StatusCode;

/// What one attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken by the provider, under its own reference if it gave one.
    Sent { reference: Option<String> },
    /// Worth another attempt, or another provider.
    Temporary(Trouble),
    /// Will not get better.
    Permanent(Trouble),
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub detail: Detail,
    /// For the log only: no address, no number, no text.
    pub log: String,
}

/// The reason, by a name that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    NoSuchAddress,
    MailboxUnavailable,
    NumberInvalid,
    Landline,
    OptedOut,
    /// The phone is off or out of reach.
    Unreachable,
    /// Reported as not arrived, without a reason.
    NotDelivered,
    Rejected,
    ProviderDown,
    ProviderMisconfigured,
    Timeout,
    /// It may have arrived.
    UnknownOutcome,
    Unsupported,
    /// The tenant texts and calls no number of this country or kind.
    NotServed,
    /// Too many numbers of its block or country got codes that nobody typed.
    Paused,
    /// The day's budget of the tenant is spent.
    BudgetSpent,
}

impl Detail {
    pub const ALL: [Self; 16] = [
        Self::NoSuchAddress,
        Self::MailboxUnavailable,
        Self::NumberInvalid,
        Self::Landline,
        Self::OptedOut,
        Self::Unreachable,
        Self::NotDelivered,
        Self::Rejected,
        Self::ProviderDown,
        Self::ProviderMisconfigured,
        Self::Timeout,
        Self::UnknownOutcome,
        Self::Unsupported,
        Self::NotServed,
        Self::Paused,
        Self::BudgetSpent,
    ];

    /// The name in the API and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchAddress => "no_such_address",
            Self::MailboxUnavailable => "mailbox_unavailable",
            Self::NumberInvalid => "number_invalid",
            Self::Landline => "landline",
            Self::OptedOut => "opted_out",
            Self::Unreachable => "unreachable",
            Self::NotDelivered => "not_delivered",
            Self::Rejected => "rejected",
            Self::ProviderDown => "provider_down",
            Self::ProviderMisconfigured => "provider_misconfigured",
            Self::Timeout => "timeout",
            Self::UnknownOutcome => "unknown_outcome",
            Self::Unsupported => "unsupported",
            Self::NotServed => "not_served",
            Self::Paused => "paused",
            Self::BudgetSpent => "budget_spent",
        }
    }

    /// The detail of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detail| detail.as_str() == name)
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Outcome {
    pub fn temporary(detail: Detail, log: impl Into<String>) -> Self {
        Self::Temporary(Trouble { detail, log: log.into() })
    }

    pub fn permanent(detail: Detail, log: impl Into<String>) -> Self {
        Self::Permanent(Trouble { detail, log: log.into() })
    }

    /// Taken, by a provider that gives no reference.
    pub(super) fn sent() -> Self {
        Self::Sent { reference: None }
    }

    pub(super) fn misconfigured(log: impl Into<String>) -> Self {
        Self::temporary(Detail::ProviderMisconfigured, log)
    }
}

/// An answer by HTTP that is no success, where nothing but its status tells why. `who` is for the log.
pub(super) fn by_status(status: StatusCode, who: &str) -> Outcome {
    let log = format!("{who} answered {status}");
    match status.as_u16() {
        300..=399 | 401 | 403 | 407 => Outcome::misconfigured(log),
        400..=499 if !matches!(status.as_u16(), 408 | 429) => Outcome::permanent(Detail::Rejected, log),
        _ => Outcome::temporary(Detail::ProviderDown, log),
    }
}

/// A tenant's admin names no folder of the service's disk.
pub(super) fn no_files() -> Outcome {
    Outcome::misconfigured("files are for the operator's settings only")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::i18n;
    use crate::domain::locale::Locale;

    #[test]
    fn the_agent_is_told_every_detail_in_words() {
        // What only says that something of ours does not work is told in the same words.
        let ours =
            [Detail::ProviderDown, Detail::ProviderMisconfigured, Detail::Timeout, Detail::Unsupported];
        for detail in Detail::ALL {
            let key = format!("window.d_{detail}");
            for locale in [Locale::En, Locale::Es] {
                assert_eq!(i18n::text(locale, &key) != key, !ours.contains(&detail), "{key}");
            }
        }
        assert_ne!(i18n::text(Locale::Es, "window.d_tech"), "window.d_tech");
    }

    #[test]
    fn a_detail_is_found_by_its_name() {
        for detail in Detail::ALL {
            assert_eq!(Detail::parse(detail.as_str()), Some(detail));
        }
        assert_eq!(Detail::parse("lost"), None);
    }
}
