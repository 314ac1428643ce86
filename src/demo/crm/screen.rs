//! The CRM's own screens: leads, enrollments, payroll, and what it received.
//!
//! They are drawn without any status; the pages ask for that at once and every two seconds.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Crm;
use super::data::{Client, Contact};
use super::push::Push;
use super::view::{Frame, Query};
use crate::demo::page::{self, Lang};

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../templates/page/demo/", $name, ".hbs")))
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
    template!("pushes"),
];

#[derive(Serialize)]
struct Screen<R> {
    #[serde(flatten)]
    frame: Frame,
    rows: Vec<R>,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    client: &'a Client,
    carrier: &'a str,
    /// Which of the few colours is the tenant's, and the letters on it.
    hue: usize,
    initials: String,
    has_pin: bool,
    account: String,
    people: Vec<Person<'a>>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    role: &'a str,
    locale: &'a str,
    email: Option<&'a str>,
    number: Option<&'a str>,
    number_shown: String,
    landline: bool,
}

#[derive(Serialize)]
struct Received<'a> {
    #[serde(flatten)]
    push: Push,
    client_name: &'a str,
    carrier: &'a str,
    meaning: &'a str,
}

/// The pages and what they load.
pub fn routes(routes: &mut ServiceConfig) {
    routes
        .route("/", web::get().to(|| async { see("/leads") }))
        .route("/{page:leads|enrolling|payroll}", web::get().to(clients))
        .route("/pushes", web::get().to(pushes))
        .route("/demo.css", web::get().to(|| async { page::file("text/css", page::STYLE) }))
        .route("/crm.js", web::get().to(|| async { page::file("text/javascript", SCRIPT) }))
        .route("/icon.svg", web::get().to(|| async { page::file("image/svg+xml", page::ICON) }));
}

const SCRIPT: &str = include_str!("../../../templates/asset/demo/crm.js");

async fn clients(
    crm: web::Data<Crm>,
    page: web::Path<String>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> HttpResponse {
    let lang = query.lang(&request);
    let mut shown: Vec<_> = crm.book.clients.iter().filter_map(|client| row(&crm, client, lang)).collect();
    shown.retain(|row| query.tenant.as_ref().is_none_or(|tenant| *tenant == row.client.tenant));
    draw(&crm, &page, lang, &query, &request, shown)
}

async fn pushes(crm: web::Data<Crm>, query: web::Query<Query>, request: HttpRequest) -> HttpResponse {
    let lang = query.lang(&request);
    let mut shown: Vec<_> = crm.pushes.list().into_iter().map(|push| received(&crm, push, lang)).collect();
    shown.retain(|row| query.tenant.as_ref().is_none_or(|tenant| *tenant == row.push.tenant));
    draw(&crm, "pushes", lang, &query, &request, shown)
}

fn draw<R: Serialize>(
    crm: &Crm,
    page: &str,
    lang: Lang,
    query: &Query,
    request: &HttpRequest,
    rows: Vec<R>,
) -> HttpResponse {
    if let Some(address) = real_address(crm, request) {
        return see(&address);
    }
    match query.frame(crm, lang, page) {
        Some(frame) => crm.pages.html(page, lang, &Screen { frame, rows }),
        None => HttpResponse::InternalServerError().finish(),
    }
}

/// The window may be embedded by the address in the tenants file only: `localhost` would be another origin.
fn real_address(crm: &Crm, request: &HttpRequest) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let loopback = host.starts_with("localhost") && crm.own_url.starts_with("http://127.0.0.1:");
    loopback.then(|| format!("{}{}", crm.own_url, request.uri()))
}

fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

fn row<'a>(crm: &'a Crm, client: &'a Client, lang: Lang) -> Option<Row<'a>> {
    let hue = crm.tenants.iter().position(|tenant| tenant.id == client.tenant)?;
    let tenant = crm.tenants.get(hue)?;
    Some(Row {
        carrier: &tenant.name,
        hue: hue % 6,
        initials: client.name.split(' ').filter_map(|word| word.chars().next()).take(2).collect(),
        has_pin: tenant.has_pin(),
        account: crm.accounts.changed(&client.id).unwrap_or_else(|| client.payroll.account.clone()),
        people: client.contacts.iter().map(|contact| person(crm, contact, lang)).collect(),
        client,
    })
}

fn person<'a>(crm: &'a Crm, contact: &'a Contact, lang: Lang) -> Person<'a> {
    let number = contact.mobile.as_deref().or(contact.phone.as_deref());
    Person {
        name: &contact.name,
        role: crm.pages.word(lang, "role", &contact.role),
        locale: &contact.locale,
        email: contact.email.as_deref(),
        number,
        number_shown: number.map(spaced).unwrap_or_default(),
        landline: contact.mobile.is_none() && contact.phone.is_some(),
    }
}

/// A North American number as people read it.
fn spaced(number: &str) -> String {
    match (number.get(2..5), number.get(5..8), number.get(8..)) {
        (Some(area), Some(exchange), Some(line)) => format!("({area}) {exchange}-{line}"),
        _ => number.to_owned(),
    }
}

fn received(crm: &Crm, push: Push, lang: Lang) -> Received<'_> {
    Received {
        client_name: crm.client(&push.client).map_or("", |(client, _)| &client.name),
        carrier: crm.tenant(&push.tenant).map_or("", |tenant| &tenant.name),
        meaning: crm.pages.word(lang, "push", &push.kind),
        push,
    }
}
