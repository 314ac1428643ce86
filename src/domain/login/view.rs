//! What the host is told of a user, by `GET` and in pushes: never a secret, a code or a whole number.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::contact::{Email, Phone};
use crate::domain::id::UserId;
use crate::domain::locale::Locale;
use crate::domain::policy::LoginPolicy;
use crate::domain::timestamp::Timestamp;

use super::{Method, Need, User, words};

words! {
    /// How far a user is with the second step.
    UserState {
        None "none",
        Enrolled "enrolled",
        Locked "locked",
    }
}

/// A user of the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    pub id: UserId,
    pub name: String,
    pub role: String,
    /// Masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    pub state: UserState,
    /// Until when no code is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Timestamp>,
    /// By what they can sign in, backup codes aside.
    pub methods: Vec<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolled_at: Option<Timestamp>,
    pub backup_codes_left: usize,
    /// Whether this user cannot sign in without a second step.
    pub required: bool,
    /// The day from which they cannot, while it is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_from: Option<Timestamp>,
    /// Until when an admin has let them off; while it is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<Timestamp>,
}

impl User {
    pub fn view(&self, policy: &LoginPolicy, now: Timestamp) -> UserView {
        let locked_until = self.locked_until(now);
        let need = self.need(policy, now);
        let (app, text) = (self.standing.app.as_ref(), self.standing.text.as_ref());
        UserView {
            id: self.id.clone(),
            name: self.person.name.clone(),
            role: self.person.role.clone(),
            email: self.person.email.as_ref().map(Email::masked),
            mobile: self.person.mobile.as_ref().map(Phone::masked),
            locale: self.person.locale,
            state: match self.is_enrolled() {
                _ if locked_until.is_some() => UserState::Locked,
                true => UserState::Enrolled,
                false => UserState::None,
            },
            locked_until,
            methods: self.methods(),
            enrolled_at: app.map(|app| app.since).into_iter().chain(text.map(|text| text.since)).min(),
            backup_codes_left: self.standing.backup.left(),
            required: need == Need::Now,
            required_from: if let Need::From(from) = need { Some(from) } else { None },
            exempt_until: self.standing.exempt_until.filter(|_| self.is_exempt(now)),
            last_sign_in: self.standing.last_sign_in,
        }
    }
}
