//! What each public page says: texts in one language, with the tenant's brand around them.

use actix_web::http::StatusCode;
use serde::Serialize;

use crate::domain::color::{Accent, Accents};
use crate::domain::i18n;
use crate::domain::locale::Locale;
use crate::domain::pin::link::Over;
use crate::domain::pin::secret::{PinFault, Weakness};
use crate::domain::tenant::{Brand, Tenant};
use crate::http::problem::Problem;
use crate::usecase::pin::open_link::LinkView;

use super::ask::{Ask, Step};

mod confirm;
mod guest;
mod login;

pub use guest::Trouble;
use guest::{TypeCode, Ways};
pub use login::LoginTrouble;
use login::{Codes, Manage, Number, Protect, Scan, SignIn};

/// What is wrong with a PIN that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Empty,
    Form,
    Match,
    Easy,
    Personal,
    Same,
    /// Nothing: but it could not be hashed now.
    Busy,
}

impl From<PinFault> for Fault {
    fn from(fault: PinFault) -> Self {
        match fault {
            PinFault::Empty => Self::Empty,
            PinFault::Form { .. } => Self::Form,
        }
    }
}

impl From<Weakness> for Fault {
    fn from(weakness: Weakness) -> Self {
        match weakness {
            Weakness::Easy => Self::Easy,
            Weakness::Personal => Self::Personal,
        }
    }
}

impl From<Problem> for Fault {
    /// A form that did not arrive, or with more in it than any form of ours.
    fn from(_: Problem) -> Self {
        Self::Form
    }
}

impl Fault {
    fn key(self) -> &'static str {
        match self {
            Self::Empty => "page.pin.error.empty",
            Self::Form => "page.pin.error.form",
            Self::Match => "page.pin.error.match",
            Self::Easy => "page.pin.error.easy",
            Self::Personal => "page.pin.error.personal",
            Self::Same => "page.pin.error.same",
            Self::Busy => "page.trouble.busy.do",
        }
    }
}

/// A piece of a text; the number in it can be called by touching it.
#[derive(Serialize)]
pub struct Piece {
    text: String,
    tel: Option<String>,
}

/// The link to the same page in the other language.
#[derive(Serialize)]
struct Other {
    lang: Locale,
    href: String,
    name: &'static str,
}

/// A page and how it is answered.
#[derive(Serialize)]
pub struct View {
    #[serde(skip)]
    pub template: &'static str,
    #[serde(skip)]
    pub status: StatusCode,
    #[serde(skip)]
    pub retry_after: Option<u64>,
    lang: Locale,
    title: String,
    brand: String,
    /// Where the logo is, and where it comes from.
    pub logo: Option<String>,
    #[serde(skip)]
    pub logo_origin: Option<String>,
    /// The tenant's colour, where it can be told from the page.
    pub style: Option<String>,
    /// Only to be looked at, in a frame of ours.
    pub still: bool,
    /// The origin that the answer to a form may lead on to.
    #[serde(skip)]
    pub onward: Option<String>,
    other: Other,
    help: Vec<Piece>,
    h1: String,
    #[serde(flatten)]
    content: Content,
}

/// What differs from page to page.
#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Start {
        lines: Vec<&'static str>,
        go: &'static str,
    },
    Choose {
        rules: &'static str,
        alert: Option<String>,
        pin_label: &'static str,
        pin_error: Option<String>,
        again_label: &'static str,
        again_error: Option<String>,
        show: &'static str,
        hide: &'static str,
        save: &'static str,
    },
    Ways(Ways),
    Code(TypeCode),
    Protect(Protect),
    Scan(Scan),
    Codes(Codes),
    Number(Number),
    SignIn(Box<SignIn>),
    Manage(Manage),
    Notice {
        good: bool,
        texts: Vec<Vec<Piece>>,
    },
}

impl View {
    /// C1: what this is about, and a button to go on.
    pub fn start(ask: &Ask, link: &LinkView) -> Self {
        let locale = ask.asked.unwrap_or(link.locale);
        let say = |key| i18n::text(locale, key);
        let (h1, more) = if link.is_reset {
            ("page.pin.reset", vec!["page.pin.current"])
        } else {
            ("page.pin.setup", vec![])
        };
        let lines = ["page.pin.minutes", "page.pin.intro"].into_iter().chain(more).map(say).collect();
        let content = Content::Start { lines, go: say("page.continue") };
        Self::new(ask, Some(&link.tenant), locale, "start", say(h1).to_owned(), content)
    }

    /// C3: the form, with what was wrong with it the last time.
    pub fn choose(ask: &Ask, link: &LinkView, fault: Option<Fault>) -> Self {
        let locale = ask.asked.unwrap_or(link.locale);
        let say = |key| i18n::text(locale, key);
        let digits = link.digits.to_string();
        let fill = |key| i18n::fill(locale, key, &[("digits", &digits)]);
        let (mut alert, mut pin_error, mut again_error) = (None, None, None);
        if let Some(fault) = fault {
            let told = match fault {
                Fault::Busy => &mut alert,
                Fault::Match => &mut again_error,
                _ => &mut pin_error,
            };
            *told = Some(fill(fault.key()));
        }
        let content = Content::Choose {
            rules: say("page.pin.rules"),
            alert,
            pin_label: say("page.pin.label"),
            pin_error,
            again_label: say("page.pin.again"),
            again_error,
            show: say("page.pin.show"),
            hide: say("page.pin.hide"),
            save: say("page.pin.save"),
        };
        let h1 = fill("page.pin.choose");
        let step = Ask { step: Step::Pin, token: String::new(), ..*ask };
        let mut view = Self::new(&step, Some(&link.tenant), locale, "choose", h1, content);
        (view.status, view.retry_after) = match fault {
            None => (StatusCode::OK, None),
            Some(Fault::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Some(BUSY_SECONDS)),
            Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        };
        if fault.is_some() {
            view.title = i18n::fill(locale, "page.error_title", &[("title", &view.title)]);
        }
        view
    }

    /// C4: the PIN is set.
    pub fn done(ask: &Ask, tenant: &Tenant, locale: Option<Locale>) -> Self {
        let keys = ["page.pin.done.use", "page.pin.done.tell", "page.pin.done.close"];
        Self::notice(ask, Some(tenant), locale, StatusCode::OK, ("page.pin.done", &keys), &[])
    }

    /// A link that does not open: which it is, and what to do.
    pub fn over(ask: &Ask, why: Over, tenant: Option<&Tenant>, locale: Option<Locale>) -> Self {
        let (h1, text) = match why {
            Over::Expired => ("page.over.expired", "page.over.expired.do"),
            Over::Used => ("page.over.used", "page.over.used.do"),
            Over::Voided => ("page.over.voided", "page.over.voided.do"),
            Over::Unknown => ("page.over.unknown", "page.over.unknown.do"),
        };
        Self::notice(ask, tenant, locale, StatusCode::NOT_FOUND, (h1, &[text]), &[])
    }

    /// A form that another site sent.
    pub fn foreign(ask: &Ask, link: &LinkView) -> Self {
        let says = ("page.trouble.foreign", &["page.trouble.foreign.do"][..]);
        Self::notice(ask, Some(&link.tenant), Some(link.locale), StatusCode::FORBIDDEN, says, &[])
    }

    /// Something of ours failed: told by its id alone.
    pub fn trouble(ask: &Ask, known: Option<(&Tenant, Locale)>, problem: &Problem) -> Self {
        let id = problem.id().unwrap_or_default();
        let keys: &[&str] =
            if id.is_empty() { &["page.trouble.do"] } else { &["page.trouble.do", "page.trouble.number"] };
        let (tenant, locale) = (known.map(|(tenant, _)| tenant), known.map(|(_, locale)| locale));
        let says = ("page.trouble", keys);
        let mut view = Self::notice(ask, tenant, locale, problem.code().status(), says, &[("id", id)]);
        view.retry_after = problem.retry_after();
        view
    }

    fn notice(
        ask: &Ask,
        tenant: Option<&Tenant>,
        locale: Option<Locale>,
        status: StatusCode,
        (h1, texts): (&str, &[&str]),
        values: &[(&str, &str)],
    ) -> Self {
        let locale = ask.asked.or(locale).or(ask.accepted).unwrap_or_default();
        let phone = phone(tenant);
        let texts = texts.iter().map(|key| phoned(locale, key, phone, values)).collect();
        let content = Content::Notice { good: status == StatusCode::OK, texts };
        let h1 = i18n::fill(locale, h1, values);
        Self { status, ..Self::new(ask, tenant, locale, "notice", h1, content) }
    }

    fn new(
        ask: &Ask,
        tenant: Option<&Tenant>,
        locale: Locale,
        template: &'static str,
        h1: String,
        content: Content,
    ) -> Self {
        let other = if locale == Locale::En { Locale::Es } else { Locale::En };
        let logo = tenant.and_then(|tenant| tenant.brand.logo_url());
        Self {
            template,
            status: StatusCode::OK,
            retry_after: None,
            lang: locale,
            title: h1.clone(),
            brand: tenant.map_or_else(String::new, |tenant| tenant.short_name().to_owned()),
            logo_origin: logo.as_ref().map(|url| url.origin().ascii_serialization()),
            logo: logo.map(Into::into),
            style: tenant.and_then(|tenant| style(&tenant.brand)),
            still: false,
            onward: None,
            other: Other {
                lang: other,
                href: format!("?step={}&lang={other}", ask.step.as_str()),
                name: i18n::text(locale, "page.other_language"),
            },
            help: phoned(locale, "page.help", phone(tenant), &[]),
            h1,
            content,
        }
    }
}

/// What a flood of PINs is asked to wait.
const BUSY_SECONDS: u64 = 5;

fn phone(tenant: Option<&Tenant>) -> Option<&str> {
    tenant.and_then(|tenant| tenant.brand.support_phone.as_deref())
}

/// A text with the number to call in it, or the text for those who have none.
fn phoned(locale: Locale, key: &str, phone: Option<&str>, values: &[(&str, &str)]) -> Vec<Piece> {
    let plain = |text: String| Piece { text, tel: None };
    let text = i18n::text(locale, key);
    match (text.split_once("{phone}"), phone) {
        (None, _) => vec![plain(i18n::fill(locale, key, values))],
        (Some(_), None) => {
            let without = format!("{key}.no_phone");
            vec![plain(i18n::fill(locale, &without, values))]
        }
        (Some((before, after)), Some(phone)) => {
            let tel = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            let number = Piece { text: phone.to_owned(), tel: Some(tel) };
            // What is no key is its own text.
            let filled = |text| plain(i18n::fill(locale, text, values));
            vec![filled(before), number, filled(after)]
        }
    }
}

/// The tenant's colour as the accent, by day and by night, where it can be told from the page.
fn style(brand: &Brand) -> Option<String> {
    let Accents { light, dark } = Accents::of(brand.color.as_deref());
    let rule = |Accent { fill, letters }: Accent| {
        format!(":root{{--accent:{};--on-accent:{}}}", fill.to_hex(), letters.to_hex())
    };
    let by_day = light.map(rule).map(|rule| format!("@media not (prefers-color-scheme:dark){{{rule}}}"));
    let by_night = dark.map(rule).map(|rule| format!("@media (prefers-color-scheme:dark){{{rule}}}"));
    let both: String = [by_day, by_night].into_iter().flatten().collect();
    Some(both).filter(|rules| !rules.is_empty())
}
