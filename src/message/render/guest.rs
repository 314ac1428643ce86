//! The messages to guests and users: a code to type on a page, which ends with the line that binds it to our host, and the link to a
//! session.

use std::time::Duration;

use serde::Serialize;
use url::Url;

use super::value::{one_line, person};
use super::view::{Frame, Moment, sender_in_text};
use super::wording::{Of, worded_sms};
use super::{EmailBody, RenderError, Renderer, Said, fits};
use crate::domain::calendar;
use crate::domain::call::script::Line;
use crate::domain::locale::Locale;
use crate::domain::message::Purpose;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;

/// What a code is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedFor {
    /// D1, V2
    Signer,
    /// J2, V3
    Session,
    /// L1
    Login,
    /// Before a PIN is set.
    Pin,
}

impl TypedFor {
    fn template(self) -> &'static str {
        match self {
            Self::Signer => "signer_code",
            Self::Session => "session_code",
            Self::Login => "login_code",
            Self::Pin => "pin_code",
        }
    }

    fn kind(self) -> Purpose {
        match self {
            Self::Signer => Purpose::SignerCode,
            Self::Session => Purpose::SessionCode,
            Self::Login => Purpose::LoginCode,
            Self::Pin => Purpose::PinCode,
        }
    }
}

/// A code that its reader types on a page. Not `Debug`: it holds the code.
#[derive(Clone, Copy)]
pub struct TypedCode<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub purpose: TypedFor,
    pub name: &'a str,
    pub code: &'a str,
    /// The host of the page, which telephones offer the code on.
    pub host: &'a str,
    pub valid_for: Duration,
}

/// The link to a session (J1). Not `Debug`: it holds the link.
#[derive(Clone, Copy)]
pub struct SessionInvite<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub name: &'a str,
    pub agent_name: &'a str,
    /// The whole address.
    pub link: &'a str,
    pub starts_at: Option<Timestamp>,
    /// Whether a code is sent by the other channel when they join.
    pub coded: bool,
    /// The last digits of the telephone that it goes to, where it does.
    pub last2: &'a str,
}

#[derive(Serialize)]
struct CodeText<'a> {
    brand: String,
    code: &'a str,
    host: &'a str,
    valid_for: String,
}

#[derive(Serialize)]
struct CodeEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    greeted: bool,
    first_name: String,
    code: &'a str,
    valid_for: String,
}

#[derive(Serialize)]
struct InviteText<'a> {
    brand: String,
    planned: bool,
    /// Only where it is planned.
    #[serde(flatten)]
    starts: Option<Moment>,
    link: &'a str,
    coded: bool,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a condition of the template, which never tests a value"
)]
struct InviteEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    planned: bool,
    /// Only where it is planned.
    #[serde(flatten)]
    starts: Option<Moment>,
    greeted: bool,
    first_name: String,
    named: bool,
    agent: String,
    link: &'a str,
    origin: String,
    coded: bool,
    last2: Option<String>,
}

impl Renderer {
    /// The text with a code to type, in one segment; with fewer words where the host's name needs the room.
    ///
    /// # Errors
    /// A template that wants a value it is not given, and a text that no variant fits into one segment.
    pub fn typed_code_sms(&self, message: &TypedCode<'_>) -> Result<String, RenderError> {
        let (brand, _) = sender_in_text(message.tenant);
        let valid_for = calendar::short_length(whole(message.valid_for));
        let values = CodeText { brand, code: message.code, host: message.host, valid_for };
        self.shortest(
            (message.tenant, message.purpose.kind(), message.locale),
            message.purpose.template(),
            &values,
        )
    }

    /// What is said in a call that carries a code to type (V2, V3).
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn typed_code_call(
        &self,
        purpose: TypedFor,
        tenant: &Tenant,
        lines: &[(Line, Locale)],
        code: &str,
    ) -> Result<Vec<Said>, RenderError> {
        self.call(purpose.kind(), tenant, lines, code)
    }

    /// The email with a session's code.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn session_code_email(&self, message: &TypedCode<'_>) -> Result<EmailBody, RenderError> {
        let first_name = person(message.name);
        let values = CodeEmail {
            frame: Frame::new(message.tenant, message.locale),
            greeted: !first_name.is_empty(),
            first_name,
            code: message.code,
            valid_for: calendar::length(message.locale, whole(message.valid_for)),
        };
        self.email_of((message.tenant, Purpose::SessionCode, message.locale), "session_code", &values)
    }

    /// The text with the link to a session, in one segment; with fewer words where the link needs the room.
    ///
    /// # Errors
    /// As for a code.
    pub fn session_invite_sms(&self, message: &SessionInvite<'_>) -> Result<String, RenderError> {
        let (brand, _) = sender_in_text(message.tenant);
        let values = InviteText {
            brand,
            planned: message.starts_at.is_some(),
            starts: message.starts(),
            link: message.link,
            coded: message.coded,
        };
        self.shortest((message.tenant, Purpose::SessionInvite, message.locale), "session_invite", &values)
    }

    /// The email with the link to a session.
    ///
    /// # Errors
    /// A template that wants a value it is not given.
    pub fn session_invite_email(&self, message: &SessionInvite<'_>) -> Result<EmailBody, RenderError> {
        let (first_name, agent) = (person(message.name), person(message.agent_name));
        let values = InviteEmail {
            frame: Frame::new(message.tenant, message.locale),
            planned: message.starts_at.is_some(),
            starts: message.starts(),
            greeted: !first_name.is_empty(),
            first_name,
            named: !agent.is_empty(),
            agent,
            link: message.link,
            origin: Url::parse(message.link)
                .map_or_else(|_| String::new(), |url| url.origin().ascii_serialization()),
            coded: message.coded,
            last2: message.coded.then(|| one_line(message.last2)),
        };
        self.email_of((message.tenant, Purpose::SessionInvite, message.locale), "session_invite", &values)
    }

    fn shortest(&self, of: Of<'_>, name: &str, values: &impl Serialize) -> Result<String, RenderError> {
        if let Some(own) = worded_sms(of, values) {
            return Ok(own);
        }
        let locale = of.2;
        let text = self.sms(name, locale, values)?;
        if fits(&text) { Ok(text) } else { self.one_segment(&format!("{name}_short"), locale, values) }
    }
}

impl SessionInvite<'_> {
    fn starts(&self) -> Option<Moment> {
        self.starts_at.map(|at| Moment::new(at, self.tenant, self.locale))
    }
}

/// Whole hours or minutes, at least one.
fn whole(length: Duration) -> Duration {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    let seconds = length.as_secs() + MINUTE / 2;
    let unit = if seconds >= 2 * HOUR { HOUR } else { MINUTE };
    Duration::from_secs((seconds / unit).max(1) * unit)
}
