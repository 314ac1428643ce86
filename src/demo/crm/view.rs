//! What every page of the CRM shows around its content, and the links that keep language, agent and filter.
//!
//! These live in the address, not in a cookie, so that two windows can show two languages side by side; who signed in is
//! the first agent.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::Crm;
use super::data::Agent;
use super::visit::Visit;
use crate::demo::page::{Lang, Tongue};

/// The screens, in the order of the tabs.
pub const PAGES: [&str; 6] = ["leads", "enrolling", "payroll", "documents", "sessions", "pushes"];

/// What the address of a page says.
#[derive(Deserialize)]
pub struct Query {
    lang: Option<String>,
    agent: Option<String>,
    pub tenant: Option<String>,
}

/// A link among several, one of them where we are.
#[derive(Serialize)]
struct Choice {
    name: String,
    href: String,
    current: bool,
}

/// Who signed in, and how.
#[derive(Serialize)]
struct Visitor {
    id: String,
    name: String,
    /// Their second step in a word, and whether there was one.
    step: String,
    stepped: bool,
}

/// What the layout needs.
#[derive(Serialize)]
pub struct Frame {
    page: String,
    title: String,
    lead: String,
    agent: Agent,
    visitor: Option<Visitor>,
    tabs: Vec<Choice>,
    langs: [Tongue; 2],
    agents: Vec<Choice>,
    tenants: Vec<Choice>,
    /// The beginnings of links to a client's card on the other screens.
    leads: String,
    payroll: String,
    pushes: u64,
    revision: u64,
    service: String,
    inbox: Option<String>,
}

/// Where a link leads, and where we are.
#[derive(Clone, Copy, PartialEq)]
struct Place<'a> {
    page: &'a str,
    lang: &'a str,
    agent: &'a str,
    tenant: Option<&'a str>,
}

impl Place<'_> {
    fn to(&self, name: &str, place: Place<'_>) -> Choice {
        Choice { name: name.to_owned(), href: place.href(), current: *self == place }
    }

    fn href(&self) -> String {
        let path = format!("/{}?", self.page);
        let from = path.len();
        let mut query = Serializer::for_suffix(path, from);
        query.append_pair("lang", self.lang).append_pair("agent", self.agent);
        query.extend_pairs(self.tenant.map(|tenant| ("tenant", tenant)));
        query.finish()
    }
}

impl Query {
    /// The page's language.
    pub fn lang(&self, request: &HttpRequest) -> Lang {
        Lang::of(self.lang.as_deref(), request)
    }

    /// The frame of a page; nothing if the CRM has no agents.
    pub fn frame(&self, crm: &Crm, lang: Lang, page: &str, visit: Option<Visit>) -> Option<Frame> {
        let visitor = visit.and_then(|visit| visitor(crm, &visit, lang));
        let asked = self.agent.as_deref().or(visitor.as_ref().map(|visitor| visitor.id.as_str()));
        let agent = crm.book.agent(asked)?;
        let here = Place { page, lang: lang.code(), agent: &agent.id, tenant: self.tenant.as_deref() };
        let word = |group: &str, name: &str| crm.pages.word(lang, group, name).to_owned();
        Some(Frame {
            page: page.to_owned(),
            title: word("title", page),
            lead: word("lead", page),
            agent: agent.clone(),
            visitor,
            tabs: PAGES.map(|tab| here.to(&word("title", tab), Place { page: tab, ..here })).into(),
            langs: lang.links(|other| Place { lang: other.code(), ..here }.href()),
            agents: agents(crm, &here),
            tenants: tenants(crm, &here, &word("filter", "all")),
            leads: Place { page: PAGES[0], tenant: None, ..here }.href(),
            payroll: Place { page: PAGES[2], tenant: None, ..here }.href(),
            pushes: crm.pushes.totals().taken,
            revision: crm.pushes.revision(),
            service: crm.service.origin().to_owned(),
            inbox: crm.inbox_url.as_ref().map(|url| format!("{url}?lang={}", lang.code())),
        })
    }
}

fn visitor(crm: &Crm, visit: &Visit, lang: Lang) -> Option<Visitor> {
    let (user, _) = crm.user(&visit.user)?;
    let step = crm.pages.word(lang, "second_step", visit.method.as_deref().unwrap_or("none")).to_owned();
    let stepped = visit.method.as_deref().is_some_and(|method| method != "later");
    Some(Visitor { id: user.id.clone(), name: user.name.clone(), step, stepped })
}

fn agents(crm: &Crm, here: &Place<'_>) -> Vec<Choice> {
    let agents = crm.book.agents.iter();
    agents.map(|one| here.to(&one.name, Place { agent: &one.id, ..*here })).collect()
}

fn tenants(crm: &Crm, here: &Place<'_>, all: &str) -> Vec<Choice> {
    let only = |name: &str, tenant| here.to(name, Place { tenant, ..*here });
    let each = crm.tenants.iter().map(|one| only(&one.name, Some(&one.id)));
    std::iter::once(only(all, None)).chain(each).collect()
}
