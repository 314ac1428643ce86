//! What a request to a public page asks for, and whether its form is one of ours.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::domain::locale::Locale;
use crate::domain::pin::secret::Pin;
use crate::http::body;
use crate::http::problem::Problem;

use super::view::Fault;

/// More than two PINs, typed with every mark there is.
pub const FORM_LIMIT: usize = 4 * 1024;

/// Which page behind the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Start,
    Pin,
    Done,
    /// A guest types the code that was sent.
    Code,
    /// A guest types one that they were told.
    Have,
    /// A user scans the key of their app.
    App,
    /// A user types a backup code.
    Backup,
    /// A user types a code that is texted.
    Text,
    /// A user types the number that codes go to.
    Number,
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pin => "pin",
            Self::Done => "done",
            Self::Code => "code",
            Self::Have => "have",
            Self::App => "app",
            Self::Backup => "backup",
            Self::Text => "text",
            Self::Number => "number",
        }
    }
}

/// What the address and the headers say.
pub struct Ask {
    /// What stands where the token stands, whatever it is.
    pub token: String,
    pub step: Step,
    /// The language of the address.
    pub asked: Option<Locale>,
    /// The browser's own, for pages that belong to nobody known.
    pub accepted: Option<Locale>,
}

impl Ask {
    pub fn of(request: &HttpRequest) -> Self {
        let query = |name: &str| {
            let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let step = match query("step").as_deref() {
            Some("pin") => Step::Pin,
            Some("done") => Step::Done,
            Some("code") => Step::Code,
            Some("have") => Step::Have,
            Some("app") => Step::App,
            Some("backup") => Step::Backup,
            Some("text") => Step::Text,
            Some("number") => Step::Number,
            _ => Step::Start,
        };
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self {
            token: request.match_info().query("token").to_owned(),
            step,
            asked: query("lang").and_then(|lang| lang.parse().ok()),
            accepted: accepted.and_then(Locale::from_accept_language),
        }
    }
}

/// What a form behind a link to a PIN asks for.
pub enum PinDeed<'a> {
    /// A code by text, or the same once more.
    Text,
    /// To look at the code that was typed.
    Check(&'a str),
    /// To set the PIN.
    Set,
}

/// What was typed, and whether it was seen while it was.
#[derive(Default)]
pub struct Form {
    /// What its button asks for; nothing, where the PIN is what it is about.
    wish: String,
    code: Zeroizing<String>,
    pin: Zeroizing<String>,
    again: Zeroizing<String>,
    shown: bool,
}

impl Form {
    /// Reads the form; a field that is missing is empty.
    ///
    /// # Errors
    /// A body that is too long or does not arrive.
    pub async fn read(payload: web::Payload) -> Result<Self, Problem> {
        let body = Zeroizing::new(Vec::from(body::raw(payload, FORM_LIMIT).await?));
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(&body) {
            let value = Zeroizing::new(value.into_owned());
            match &*name {
                "do" => form.wish.clone_from(&value),
                "code" => form.code = value,
                "pin" => form.pin = value,
                "again" => form.again = value,
                "shown" => form.shown = *value == "1",
                _ => {}
            }
        }
        Ok(form)
    }

    /// What is asked for before the PIN is.
    pub fn deed(&self) -> PinDeed<'_> {
        match self.wish.as_str() {
            "text" | "again" => PinDeed::Text,
            "check" => PinDeed::Check(&self.code),
            _ => PinDeed::Set,
        }
    }

    /// The PIN, typed twice the same, or once where it was shown.
    ///
    /// # Errors
    /// What is wrong with it as it was typed.
    pub fn pin(&self, digits: u32) -> Result<Pin, Fault> {
        let pin = Pin::parse(&self.pin, digits)?;
        if self.shown || Pin::parse(&self.again, digits).is_ok_and(|again| again == pin) {
            return Ok(pin);
        }
        Err(Fault::Match)
    }
}

/// Whether a form comes from a page of ours, as far as the browser says. `null` is what a strict policy on referrers
/// makes of an origin; then the browser must say that it is the same. Who says nothing at all is no browser of today:
/// the token in the address is then all there is, as it is for whoever reads the page.
pub fn is_ours(request: &HttpRequest, public_url: &Url) -> bool {
    let said = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let site = said("sec-fetch-site");
    match said("origin") {
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin == public_url.origin().ascii_serialization(),
        None => matches!(site, None | Some("same-origin")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_form_of_another_origin_is_not_ours() {
        let url = Url::parse("https://verify.example/").unwrap();
        let ours = |origin: Option<&str>, site: Option<&str>| {
            let mut request = TestRequest::post();
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    request = request.insert_header((name, value));
                }
            }
            is_ours(&request.to_http_request(), &url)
        };
        for (origin, site, expected) in [
            (Some("https://verify.example"), Some("same-origin"), true),
            (Some("https://verify.example"), None, true),
            (Some("null"), Some("same-origin"), true),
            (Some("null"), Some("cross-site"), false),
            (Some("null"), Some("none"), false),
            (Some("null"), None, false),
            (Some("https://evil.example"), Some("cross-site"), false),
            (Some("https://evil.example"), None, false),
            (Some("http://verify.example"), None, false),
            (None, Some("cross-site"), false),
            (None, Some("same-site"), false),
            (None, None, true),
        ] {
            assert_eq!(ours(origin, site), expected, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn a_pin_that_was_shown_is_typed_once() {
        let form = |pin: &str, again: &str, shown: bool| {
            let of = |text: &str| Zeroizing::new(text.to_owned());
            Form { pin: of(pin), again: of(again), shown, ..Form::default() }.pin(6)
        };
        for (pin, again, shown, expected) in [
            ("482057", "482057", false, Ok(())),
            ("482 057", "482-057", false, Ok(())),
            ("482057", "", true, Ok(())),
            ("482057", "", false, Err(Fault::Match)),
            ("482057", "482058", false, Err(Fault::Match)),
            ("482057", "48205", false, Err(Fault::Match)),
            ("", "", false, Err(Fault::Empty)),
            (" ", "", true, Err(Fault::Empty)),
            ("48205", "48205", false, Err(Fault::Form)),
            ("48205a", "48205a", true, Err(Fault::Form)),
        ] {
            assert_eq!(form(pin, again, shown).map(|_| ()), expected, "{pin:?} {again:?} {shown}");
        }
    }
}
