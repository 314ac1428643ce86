//! What the templates are given: the contexts, with every value already as a reader sees it.
//!
//! Conditions in templates test the `named` and `greeted` flags rather than names, and never the code: the
//! template engine writes a condition's value to its debug log.

use serde::Serialize;

use super::speech::CODE;
use super::value::{brand_in_text, color, one_line, person, person_in_text, phone_aloud, phone_in_text};
use super::{ClientCode, ClientReceipt};
use crate::domain::calendar;
use crate::domain::locale::Locale;
use crate::domain::spoken::spoken;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;

/// What every email shows of its tenant.
#[derive(Serialize)]
pub(super) struct Frame<'a> {
    lang: &'static str,
    es: bool,
    brand: String,
    /// Legal name and address, for the footer, without a closing full stop.
    sender: String,
    phone: Option<String>,
    color: &'a str,
    logo: Option<String>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(tenant: &'a Tenant, locale: Locale) -> Self {
        let brand = &tenant.brand;
        let name = one_line(brand.legal_name.as_deref().unwrap_or(&tenant.name));
        let address = brand.address.as_deref().map(one_line).filter(|address| !address.is_empty());
        let sender = [Some(name), address].into_iter().flatten().collect::<Vec<_>>().join(", ");
        Self {
            lang: locale.as_str(),
            es: locale == Locale::Es,
            brand: one_line(tenant.short_name()),
            sender: sender.trim_end_matches('.').to_owned(),
            phone: brand.support_phone.as_deref().map(one_line).filter(|phone| !phone.is_empty()),
            color: color(brand.color.as_deref()),
            logo: brand.logo_url().map(Into::into),
        }
    }
}

/// A moment in the tenant's zone.
#[derive(Serialize)]
pub(super) struct Moment {
    date: String,
    time: String,
    /// `at 2:41 PM`, `a la 1:05 p.m.`
    at_time: String,
    zone: String,
}

impl Moment {
    pub(super) fn new(at: Timestamp, tenant: &Tenant, locale: Locale) -> Self {
        let zone = tenant.time_zone;
        Self {
            date: calendar::date(locale, at, zone),
            time: calendar::time(locale, at, zone),
            at_time: calendar::at_time(locale, at, zone),
            zone: calendar::zone_name(at, zone),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CodeEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    #[serde(flatten)]
    sent: Moment,
    greeted: bool,
    first_name: String,
    named: bool,
    agent: String,
    code: String,
    valid_for: String,
}

impl<'a> CodeEmail<'a> {
    pub(super) fn new(message: &ClientCode<'a>) -> Self {
        let first_name = person(message.contact_name);
        let agent = agent(message.tenant, message.agent_name, person);
        Self {
            frame: Frame::new(message.tenant, message.locale),
            sent: Moment::new(message.sent_at, message.tenant, message.locale),
            greeted: !first_name.is_empty(),
            first_name,
            named: !agent.is_empty(),
            agent,
            code: spoken(message.code),
            valid_for: calendar::length(message.locale, message.valid_for),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ReceiptEmail<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    #[serde(flatten)]
    verified: Moment,
    named: bool,
    agent: String,
    destination: String,
}

impl<'a> ReceiptEmail<'a> {
    pub(super) fn new(message: &ClientReceipt<'a>) -> Self {
        let agent = agent(message.tenant, message.agent_name, person);
        Self {
            frame: Frame::new(message.tenant, message.locale),
            verified: Moment::new(message.verified_at, message.tenant, message.locale),
            named: !agent.is_empty(),
            agent,
            destination: one_line(message.destination),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CodeText {
    brand: String,
    phone: Option<String>,
    pub(super) agent: String,
    code: String,
}

impl CodeText {
    pub(super) fn new(message: &ClientCode<'_>) -> Self {
        let (brand, phone) = sender_in_text(message.tenant);
        let agent = agent(message.tenant, message.agent_name, person_in_text);
        Self { brand, phone, agent, code: spoken(message.code) }
    }
}

#[derive(Serialize)]
pub(super) struct ReceiptText {
    brand: String,
    phone: Option<String>,
    #[serde(flatten)]
    verified: Moment,
}

impl ReceiptText {
    pub(super) fn new(message: &ClientReceipt<'_>) -> Self {
        let (brand, phone) = sender_in_text(message.tenant);
        let verified = Moment::new(message.verified_at, message.tenant, message.locale);
        Self { brand, phone, verified }
    }
}

/// What is said in a call. The code is not among it: only the place where it goes.
#[derive(Serialize)]
pub(super) struct Aloud {
    brand: String,
    phone: Option<String>,
    code: char,
}

impl Aloud {
    pub(super) fn new(tenant: &Tenant) -> Self {
        let phone = tenant.brand.support_phone.as_deref().and_then(phone_aloud);
        Self { brand: one_line(tenant.short_name()), phone, code: CODE }
    }
}

pub(super) fn sender_in_text(tenant: &Tenant) -> (String, Option<String>) {
    let brand = brand_in_text(tenant.short_name(), tenant.id.as_str());
    (brand, tenant.brand.support_phone.as_deref().and_then(phone_in_text))
}

/// The agent's name, unless the tenant leaves it out of messages.
fn agent(tenant: &Tenant, name: Option<&str>, shown: fn(&str) -> String) -> String {
    name.filter(|_| tenant.policy.client.agent_name).map(shown).unwrap_or_default()
}
