//! Why something asked for is not done. Each is told to the caller by a stable code.

use std::fmt;

use super::id::ChallengeId;
use super::surface::Surface;
use super::timestamp::Timestamp;

/// A rule that says no. Nothing has changed when one is given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this tenant is not switched on for verification")]
    TenantNotEligible,
    #[error("verification is switched off on {0}")]
    SurfaceDisabled(Surface),
    #[error("there is no such client")]
    ClientNotFound,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("this person is not among the client's authorized contacts")]
    ContactNotAuthorized,
    #[error("{0}")]
    ContactUnreachable(Unreachable),
    #[error("the token does not name this {0}")]
    NotInToken(&'static str),
    #[error("a {what} was just sent; it can be sent again at {until}")]
    TooSoon { what: Sendable, until: Timestamp, challenge: Option<ChallengeId> },
    #[error("too many codes or links were sent; another can be sent at {until}")]
    TooManySends { until: Timestamp },
    #[error("too many wrong codes; a new one can be asked for at {until}")]
    Locked { until: Timestamp },
    #[error("the client reported a code they did not ask for")]
    Reported { until: Timestamp },
    #[error("this code is over; ask for a new one")]
    ChallengeOver,
    #[error(
        "there is no code just now: this participant has not reached the page for it, or has typed it already"
    )]
    NoCode,
    #[error("this session has ended")]
    SessionOver,
    #[error("{0} are switched off for this tenant")]
    SwitchedOff(&'static str),
    #[error("return_url is not within the tenant's allowed_origins")]
    ReturnUrlNotAllowed,
    #[error("security PINs are switched off")]
    PinDisabled,
    #[error("as many PINs are being checked as can be; try again in a few seconds")]
    Busy,
    #[error("this process holds as many status streams as it can; try again later, or ask for the status")]
    TooManyStreams,
}

/// What is sent to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sendable {
    Code,
    /// By which a PIN is set.
    Link,
    /// To a session.
    Invitation,
}

impl fmt::Display for Sendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "code",
            Self::Link => "link",
            Self::Invitation => "message",
        })
    }
}

/// Why a contact cannot be sent anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    #[error("this contact has no email or telephone number that the channels asked for can use")]
    NoContact,
    #[error("this contact's details changed recently and cannot be used until {until}")]
    Changed { until: Timestamp },
    #[error(
        "so many of this client's contact details changed lately that not all can be told of a new PIN; one can be set from {until} on"
    )]
    ManyChanged { until: Timestamp },
    #[error("this contact stopped our texts (STOP); use email or a call, or another contact")]
    OptedOut,
    #[error(
        "texts and calls go to no number of this country or kind (the tenant's telephone.countries); use email, or another contact"
    )]
    NotServed,
    #[error(
        "a link by email asks for a code by text first, and this contact has no mobile number that takes our texts; choose another contact or add one"
    )]
    NoTexts,
}
