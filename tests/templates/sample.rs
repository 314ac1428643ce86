//! The values every message is tried with: the plainest, the longest, the shortest and the oddest.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign::domain::id::{MessageId, TenantId};
use countersign::domain::locale::Locale;
use countersign::domain::login::Method;
use countersign::domain::login::notice::{Change, Notice};
use countersign::domain::policy::Policies;
use countersign::domain::provider::Providers;
use countersign::domain::tenant::{Brand, Tenant};
use countersign::domain::timestamp::Timestamp;
use countersign::domain::wording::Wordings;
use countersign::message::render::{
    ClientCode, ClientReceipt, EmailBody, LoginChanged, PinChanged, PinLink, Renderer, TypedFor,
};
use regex::Regex;

pub const PHONE: &str = "800-555-0199";

pub struct Case {
    pub what: &'static str,
    pub tenant: Tenant,
    pub contact: &'static str,
    pub agent: Option<&'static str>,
    pub code: &'static str,
    /// The number as texts show it.
    pub phone: Option<&'static str>,
    /// What a code is typed for that a call says; without it, an agent hears it.
    pub typed: Option<TypedFor>,
}

pub fn tenant(brand: Brand) -> Tenant {
    Tenant {
        id: TenantId::parse("acme").unwrap(),
        name: "Acme Relief".to_owned(),
        eligible: true,
        surfaces: [].into(),
        default_locale: Locale::En,
        time_zone: time_tz::timezones::db::america::NEW_YORK,
        authorized_roles: ["owner".to_owned()].into(),
        callback_url: None,
        allowed_origins: Vec::new(),
        retention: Duration::from_hours(24),
        brand,
        policy: Policies::default(),
        requires: BTreeMap::new(),
        telephone: countersign::domain::telephone::Telephone::default(),
        providers: Providers::default(),
        wordings: Wordings::default(),
    }
}

pub fn brand(short_name: &str, phone: &str) -> Brand {
    Brand {
        short_name: Some(short_name.to_owned()),
        legal_name: Some("Acme Relief, Inc.".to_owned()),
        address: Some("1 Main St, Miami, FL 33101".to_owned()),
        support_phone: Some(phone.to_owned()),
        color: Some("#0550ae".to_owned()),
        ..Brand::default()
    }
}

pub fn case(what: &'static str, brand: Brand) -> Case {
    let phone = brand.support_phone.is_some().then_some(PHONE);
    Case {
        what,
        tenant: tenant(brand),
        contact: "Ana",
        agent: Some("Maria Lopez"),
        code: "482913",
        phone,
        typed: None,
    }
}

pub fn people(what: &'static str, brand_name: &str, contact: &'static str, agent: &'static str) -> Case {
    Case { contact, agent: Some(agent), ..case(what, brand(brand_name, PHONE)) }
}

pub fn cases() -> Vec<Case> {
    let mut silent = case("agents are not named", brand("Acme Relief", PHONE));
    silent.tenant.policy.client.agent_name = false;
    let longest = Case {
        contact: "Wolfeschlegelsteinhausenbergerdorff",
        agent: Some("Maximilianoalejandro"),
        code: "48291357",
        phone: Some("1-800-555-0199"),
        ..case("longest", brand("Cornerstone People", "1-800-555-0199"))
    };
    let written = Case {
        code: "4829135",
        phone: Some("+18005550199x123"),
        ..case("a number as people write it", brand("Cornerstone People", "+1 (800) 555-0199 x123"))
    };
    vec![
        case("sample", brand("Acme Relief", PHONE)),
        silent,
        Case { agent: None, ..case("no agent", brand("Acme Relief", PHONE)) },
        case("nothing but a name", Brand::default()),
        people("shortest", "C", "A", "B"),
        longest,
        written,
        people("accents", "Compañía Óptima", "Raúl", "Ángela"),
        people("markup", r#"Q&"A" <script>x"#, "<b>x", "\"><img src=x>"),
        people("line breaks", "Acme\r\nX: y", "Ana\r\nBcc: x@y.test", "Eve\n\n@evil.test #123456"),
        people("emoji", "Acme 😀", "😀", "😀"),
        people("addresses", "Acme", "http://evil.test", "www.evil.test"),
        people("template marks", "{{phone}}", "{{code}}", "{{{code}}}"),
    ]
}

pub fn code(case: &Case, locale: Locale) -> ClientCode<'_> {
    ClientCode {
        tenant: &case.tenant,
        locale,
        contact_name: case.contact,
        agent_name: case.agent,
        code: case.code,
        valid_for: Duration::from_mins(10),
        sent_at: Timestamp::parse("2026-03-03T18:05:00Z").unwrap(),
    }
}

pub fn receipt(case: &Case, locale: Locale) -> ClientReceipt<'_> {
    ClientReceipt {
        tenant: &case.tenant,
        locale,
        agent_name: case.agent,
        destination: "a•••@gmail.com",
        verified_at: Timestamp::parse("2026-12-30T15:59:00Z").unwrap(),
    }
}

/// The longest address that every text has room for beside all it says.
pub const LINK: &str = "https://verify.cornerstone-peo.com/p/4Zk_0-wQeXv71TbyLm29sA";

pub fn pin_link(case: &Case, locale: Locale, is_reset: bool) -> PinLink<'_> {
    PinLink {
        tenant: &case.tenant,
        locale,
        contact_name: case.contact,
        link: LINK,
        is_reset,
        requested_at: Timestamp::parse("2026-12-30T15:59:00Z").unwrap(),
        expires_at: Timestamp::parse("2026-12-31T15:59:00Z").unwrap(),
        sent_at: Timestamp::parse("2026-12-30T15:59:02Z").unwrap(),
    }
}

pub fn pin_changed(case: &Case, locale: Locale, is_first: bool) -> PinChanged<'_> {
    PinChanged {
        tenant: &case.tenant,
        locale,
        is_first,
        changed_at: Timestamp::parse("2026-12-30T15:59:00Z").unwrap(),
        device: case.agent.map(|_| "iPhone, Safari"),
    }
}

/// The messages about a PIN: first link, later link, and the notice of each.
pub fn pin_emails(renderer: &Renderer, case: &Case, locale: Locale) -> [EmailBody; 4] {
    [
        renderer.pin_link_email(&pin_link(case, locale, false)).unwrap(),
        renderer.pin_link_email(&pin_link(case, locale, true)).unwrap(),
        renderer.pin_changed_email(&pin_changed(case, locale, true)).unwrap(),
        renderer.pin_changed_email(&pin_changed(case, locale, false)).unwrap(),
    ]
}

pub fn pin_texts(renderer: &Renderer, case: &Case, locale: Locale) -> [String; 4] {
    [
        renderer.pin_link_sms(&pin_link(case, locale, false)).unwrap(),
        renderer.pin_link_sms(&pin_link(case, locale, true)).unwrap(),
        renderer.pin_changed_sms(&pin_changed(case, locale, true)).unwrap(),
        renderer.pin_changed_sms(&pin_changed(case, locale, false)).unwrap(),
    ]
}

/// Every email that there is.
pub fn all_emails(renderer: &Renderer, case: &Case, locale: Locale) -> Vec<EmailBody> {
    let of_clients = emails(renderer, case, locale).into_iter().chain(pin_emails(renderer, case, locale));
    let of_users =
        login_emails(renderer, case, locale).into_iter().chain(reminder_emails(renderer, case, locale));
    of_clients.chain(of_users).collect()
}

/// The news of every change of a second step.
pub fn login_emails(renderer: &Renderer, case: &Case, locale: Locale) -> Vec<EmailBody> {
    login_news(case, locale, |news| renderer.login_changed_email(news).unwrap())
}

/// The same as texts.
pub fn login_texts(renderer: &Renderer, case: &Case, locale: Locale) -> Vec<String> {
    login_news(case, locale, |news| renderer.login_changed_sms(news).unwrap())
}

fn login_news<T>(case: &Case, locale: Locale, render: impl Fn(&LoginChanged<'_>) -> T) -> Vec<T> {
    let (app, text) = (Method::Authenticator, Method::Sms);
    let changes = [
        Change::Added { method: app },
        Change::Added { method: text },
        Change::Removed { method: app },
        Change::Removed { method: text },
        Change::BackupCodeUsed { left: 3 },
        Change::CodesRenewed,
        Change::BackupCodeUsed { left: 1 },
        Change::DevicesRemoved,
        Change::Reset,
        Change::PasswordSet,
        Change::DeviceTrusted { days: 30 },
        Change::DeviceTrusted { days: 1 },
    ];
    let at = Timestamp::parse("2026-12-30T15:59:00Z").unwrap();
    let device = "Samsung Internet, Android".to_owned();
    let message = MessageId::new(at, [7; 10]);
    let notice = |change| Notice { message: message.clone(), text: None, at, device: device.clone(), change };
    let news = |notice: Notice| render(&LoginChanged { tenant: &case.tenant, locale, notice: &notice });
    changes.into_iter().map(notice).map(news).collect()
}

/// The reminders to set a second step up: for one that is needed from a day on, and for one that is needed already.
pub fn reminder_emails(renderer: &Renderer, case: &Case, locale: Locale) -> Vec<EmailBody> {
    let at = Timestamp::parse("2026-12-30T15:59:00Z").unwrap();
    let email = |required_from| {
        let change = Change::Reminder { required_from };
        let notice =
            Notice { message: MessageId::new(at, [7; 10]), text: None, at, device: String::new(), change };
        renderer.login_changed_email(&LoginChanged { tenant: &case.tenant, locale, notice: &notice }).unwrap()
    };
    vec![email(Some(Timestamp::parse("2027-03-10T05:00:00Z").unwrap())), email(None)]
}

/// Runs a check on every case in both languages.
pub fn each(check: impl Fn(&Renderer, &Case, Locale, &str)) {
    let renderer = Renderer::new().unwrap();
    for case in cases() {
        for locale in Locale::ALL {
            check(&renderer, &case, locale, &format!("{} ({locale})", case.what));
        }
    }
}

pub fn emails(renderer: &Renderer, case: &Case, locale: Locale) -> [EmailBody; 2] {
    [
        renderer.client_code_email(&code(case, locale)).unwrap(),
        renderer.client_receipt_email(&receipt(case, locale)).unwrap(),
    ]
}

pub fn texts(renderer: &Renderer, case: &Case, locale: Locale) -> [String; 2] {
    [
        renderer.client_code_sms(&code(case, locale)).unwrap(),
        renderer.client_receipt_sms(&receipt(case, locale)).unwrap(),
    ]
}

pub fn preheader(html: &str) -> String {
    let hidden = Regex::new(r#"(?s)<div style="display:none[^>]*>(.*?)</div>"#).unwrap();
    let inside = &hidden.captures(html).unwrap()[1];
    inside.replace("&#847;", "").replace("&zwnj;", "").replace("&nbsp;", "").replace("&#x27;", "'")
}

/// Every element that is opened is closed, in order.
pub fn assert_balanced(html: &str, what: &str) {
    let tag = Regex::new(r"(?s)<!--.*?-->|<(/?)([a-z][a-z0-9]*)[^>]*>").unwrap();
    let mut open = Vec::new();
    for found in tag.captures_iter(html).filter(|found| found.get(2).is_some()) {
        match (&found[1], &found[2]) {
            (_, "meta" | "img" | "br") => {}
            ("", name) => open.push(name.to_owned()),
            (_, name) => assert_eq!(open.pop().as_deref(), Some(name), "{what}"),
        }
    }
    assert!(open.is_empty(), "{what}: {open:?} left open");
}
