//! The CRM's own screens: leads, enrollments, payroll, documents, sessions, and what it received.
//!
//! They are drawn without any status: that is the buttons' own.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Crm;
use super::data::{Client, Contact};
use super::guests::Matter;
use super::received::pile;
use super::view::{Frame, Query};
use crate::demo::page::{self, Lang};

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/page/demo/", $name, ".hbs")))
    };
}

macro_rules! script {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/asset/demo/", $name)))
    };
}

/// The templates of the CRM.
pub const TEMPLATES: &[(&str, &str)] = &[
    template!("layout"),
    template!("icons"),
    template!("button"),
    template!("leads"),
    template!("enrolling"),
    template!("payroll"),
    template!("documents"),
    template!("sessions"),
    template!("back"),
    template!("sign-in"),
    template!("pushes"),
];

const SCRIPTS: &[(&str, &str)] = &[
    script!("crm.js"),
    script!("crm-bank.js"),
    script!("crm-feed.js"),
    script!("crm-guests.js"),
    script!("crm-list.js"),
    script!("crm-menu.js"),
    script!("crm-page.js"),
    script!("crm-tip.js"),
    script!("crm-verify.js"),
];

const STYLE: &str = include_str!("../../../templates/asset/demo/crm.css");

#[derive(Serialize)]
struct Screen<R> {
    #[serde(flatten)]
    frame: Frame,
    #[serde(flatten)]
    content: R,
}

#[derive(Serialize)]
struct Rows<'a> {
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    client: &'a Client,
    carrier: &'a str,
    /// Which of the few colours is the company's, and the letters on it.
    hue: usize,
    initials: String,
    /// Whether the company wants the button on this screen.
    offered: bool,
    /// Whether the company's clients have security PINs.
    pins: bool,
    account: String,
    contacted_at: String,
    documents: String,
    people: Vec<Person<'a>>,
    call: Option<Reach<'a>>,
    write: Option<Reach<'a>>,
    /// The newest session with the client's people.
    session: Option<Matter>,
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a str,
    name: &'a str,
    role: &'a str,
    locale: &'a str,
    email: Option<&'a str>,
    number: Option<&'a str>,
    number_shown: String,
    landline: bool,
    /// The newest signing of theirs.
    signing: Option<Matter>,
}

/// Whom an action of the bar reaches, and where.
#[derive(Serialize)]
struct Reach<'a> {
    name: &'a str,
    at: &'a str,
}

/// The pages and what they load.
pub fn routes(routes: &mut ServiceConfig) {
    routes
        .route("/", web::get().to(|| async { see("/leads") }))
        .route("/{page:leads|enrolling|payroll|documents|sessions}", web::get().to(clients))
        .route("/pushes", web::get().to(pushes))
        .route("/demo.css", web::get().to(|| async { page::file("text/css", page::STYLE) }))
        .route("/crm.css", web::get().to(|| async { page::file("text/css", STYLE) }))
        .route("/{name:crm[a-z-]*\\.js}", web::get().to(script))
        .route("/icon.svg", web::get().to(|| async { page::file("image/svg+xml", page::ICON) }));
}

async fn script(name: web::Path<String>) -> HttpResponse {
    let found = SCRIPTS.iter().find(|(known, _)| *known == name.as_str());
    found.map_or_else(|| HttpResponse::NotFound().finish(), |(_, text)| page::file("text/javascript", text))
}

/// The button's place on a screen, as the service knows it.
fn surface(page: &str) -> &'static str {
    match page {
        "enrolling" => "enrollments",
        "payroll" => "payroll_card",
        _ => "lead_card",
    }
}

async fn clients(
    crm: web::Data<Crm>,
    page: web::Path<String>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> HttpResponse {
    let lang = query.lang(&request);
    let frame = query.frame(&crm, lang, &page, crm.visits.of(&request));
    let wanted = |client: &&Client| query.tenant.as_ref().is_none_or(|tenant| *tenant == client.tenant);
    let shown = crm.book.clients.iter().filter(wanted);
    let rows = shown.filter_map(|client| row(&crm, client, lang, surface(&page))).collect();
    draw(&crm, &page, lang, &request, frame, Rows { rows })
}

async fn pushes(crm: web::Data<Crm>, query: web::Query<Query>, request: HttpRequest) -> HttpResponse {
    let lang = query.lang(&request);
    let frame = query.frame(&crm, lang, "pushes", crm.visits.of(&request));
    draw(&crm, "pushes", lang, &request, frame, pile(&crm, query.tenant.as_deref(), lang))
}

fn draw<C: Serialize>(
    crm: &Crm,
    page: &str,
    lang: Lang,
    request: &HttpRequest,
    frame: Option<Frame>,
    content: C,
) -> HttpResponse {
    if let Some(address) = real_address(crm, request) {
        return see(&address);
    }
    match frame {
        Some(frame) => crm.pages.html(page, lang, &Screen { frame, content }),
        None => HttpResponse::InternalServerError().finish(),
    }
}

/// Where the same page is to be asked for: the window may be embedded by the address in the tenants file only: `localhost` would be another origin.
pub fn real_address(crm: &Crm, request: &HttpRequest) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let loopback = host.starts_with("localhost") && crm.own_url.starts_with("http://127.0.0.1:");
    loopback.then(|| format!("{}{}", crm.own_url, request.uri()))
}

/// On to another address.
pub fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

fn row<'a>(crm: &'a Crm, client: &'a Client, lang: Lang, surface: &str) -> Option<Row<'a>> {
    let hue = crm.tenants.iter().position(|tenant| tenant.id == client.tenant)?;
    let tenant = crm.tenants.get(hue)?;
    let documents = client.enrollment.missing.iter().map(|name| crm.pages.word(lang, "document", name));
    let call = client.contacts.iter().find_map(|c| Some(Reach { name: &c.name, at: c.number()?.0 }));
    let write = client.contacts.iter().find_map(|c| Some(Reach { name: &c.name, at: c.email.as_deref()? }));
    Some(Row {
        carrier: &tenant.name,
        hue: hue % 6,
        initials: client.name.split(' ').filter_map(|word| word.chars().next()).take(2).collect(),
        offered: tenant.offers(surface),
        pins: tenant.uses_pins(),
        account: crm.accounts.get(&client.id).unwrap_or_else(|| client.payroll.account.clone()),
        contacted_at: crm.contacted.get(&client.id).unwrap_or_else(|| client.enrollment.contacted_at.clone()),
        documents: documents.collect::<Vec<_>>().join(", "),
        people: client.contacts.iter().map(|contact| person(crm, client, contact, lang)).collect(),
        session: crm.guests.newest(&client.id, None),
        call,
        write,
        client,
    })
}

fn person<'a>(crm: &'a Crm, client: &Client, contact: &'a Contact, lang: Lang) -> Person<'a> {
    let number = contact.number();
    Person {
        id: &contact.id,
        signing: crm.guests.newest(&client.id, Some(&contact.id)),
        name: &contact.name,
        role: crm.pages.word(lang, "role", &contact.role),
        locale: &contact.locale,
        email: contact.email.as_deref(),
        number: number.map(|(number, _)| number),
        number_shown: number.map(|(number, _)| spaced(number)).unwrap_or_default(),
        landline: number.is_some_and(|(_, landline)| landline),
    }
}

/// A North American number as people read it.
fn spaced(number: &str) -> String {
    match (number.get(2..5), number.get(5..8), number.get(8..)) {
        (Some(area), Some(exchange), Some(line)) => format!("({area}) {exchange}-{line}"),
        _ => number.to_owned(),
    }
}
