//! What a form on the page of a sign-in asks for.

use actix_web::web;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::domain::id::DeviceId;
use crate::domain::login::Method;
use crate::http::body;

use super::ask::FORM_LIMIT;

/// What a form asks for.
pub enum Deed {
    ChooseApp,
    ChooseText,
    Confirm(Zeroizing<String>),
    ChooseNumber(String),
    ConfirmNumber(Zeroizing<String>),
    /// The code once more, to the number that is being set up.
    Again,
    Text,
    Check {
        code: Zeroizing<String>,
        typed: Kind,
        trusts: bool,
    },
    Renew,
    Finish {
        saved: bool,
    },
    PutOff,
    Remove(Method),
    Distrust(Option<DeviceId>),
    Leave,
    Nothing,
}

/// What kind of code a field takes.
#[derive(Clone, Copy)]
pub enum Kind {
    App,
    Text,
    Backup,
}

impl Deed {
    /// Reads a form; one that does not arrive, or is none of ours, asks for nothing.
    pub async fn read(payload: web::Payload) -> Self {
        match body::raw(payload, FORM_LIMIT).await {
            Ok(body) => Self::parse(&Zeroizing::new(Vec::from(body))),
            Err(_) => Self::Nothing,
        }
    }

    fn parse(form: &[u8]) -> Self {
        let field = |wanted: &str| {
            let found = form_urlencoded::parse(form).filter(|(name, _)| name == wanted).last();
            found.map(|(_, value)| Zeroizing::new(value.into_owned()))
        };
        let code = || field("code").unwrap_or_default();
        let check = |typed| Self::Check { code: code(), typed, trusts: field("trust").is_some() };
        match field("do").unwrap_or_default().as_str() {
            "app" => Self::ChooseApp,
            "choose_text" => Self::ChooseText,
            "confirm" => Self::Confirm(code()),
            "number" => {
                Self::ChooseNumber(field("number").map(|number| number.to_string()).unwrap_or_default())
            }
            "confirm_number" => Self::ConfirmNumber(code()),
            "again" => Self::Again,
            "text" => Self::Text,
            "check" => check(Kind::App),
            "check_text" => check(Kind::Text),
            "backup" => check(Kind::Backup),
            "renew" => Self::Renew,
            "finish" => Self::Finish { saved: field("saved").is_some() },
            "later" => Self::PutOff,
            "remove_app" => Self::Remove(Method::Authenticator),
            "remove_text" => Self::Remove(Method::Sms),
            "distrust" => match field("device").map(|id| DeviceId::parse(&id)) {
                Some(Ok(id)) => Self::Distrust(Some(id)),
                Some(Err(_)) => Self::Nothing,
                None => Self::Distrust(None),
            },
            "leave" => Self::Leave,
            _ => Self::Nothing,
        }
    }
}
