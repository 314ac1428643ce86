//! What the button and the window of the CRM's pages need from its server: tokens for the agent who is signed in.
//!
//! The browser says which company or client; names, contacts and the agent are the CRM's own, so that a page cannot
//! make anything up. A token that names a client comes with a signed webhook that tells the service who that is.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Crm;
use super::data::{Agent, Client, Contact};
use super::service::{Named, Opened, Refusal, Webhook};
use super::tenant::Tenant;
use crate::demo::page::Lang;
use crate::ports;

/// What a page asks for: a token of a company, or of one client, for whom the window is to open.
#[derive(Deserialize)]
pub struct Wish {
    tenant: String,
    agent: String,
    lang: Lang,
    client: Option<String>,
    surface: Option<String>,
    tools: Option<String>,
    session: Option<String>,
    signing: Option<String>,
}

/// What a link asks for where no script runs: the window as a page of its own.
#[derive(Deserialize)]
pub struct Link {
    client: String,
    surface: String,
    agent: String,
    lang: Lang,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    surface: &'a str,
    client: Told<'a>,
    contacts: &'a [Contact],
    agent: Caller<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    name: &'a str,
    created_at: &'a str,
}

/// The agent, as the service is told of them.
#[derive(Serialize)]
pub struct Caller<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    locale: &'a str,
}

/// `POST /token`: asked for by the button, once for all rows of a company, and again for the one that is clicked.
pub async fn token(crm: web::Data<Crm>, wish: web::Json<Wish>) -> HttpResponse {
    let found = crm.tenant(&wish.tenant).zip(crm.book.agent(Some(&wish.agent)));
    let Some((tenant, agent)) = found else {
        return HttpResponse::NotFound().finish();
    };
    let token = match &wish.client {
        None => {
            let Some(named) = named(&crm, &wish) else { return HttpResponse::NotFound().finish() };
            let caller = caller(agent, wish.lang);
            crm.service.token(tenant, &caller, &named, wish.lang).await.map(|issued| issued.agent_token)
        }
        Some(id) => {
            let Some((client, own)) = crm.client(id) else { return HttpResponse::NotFound().finish() };
            let surface = wish.surface.as_deref().unwrap_or("lead_card");
            let about = About { client, surface, pin: wish.tools.as_deref() == Some("pin") };
            open(&crm, own, about, agent, wish.lang).await.map(|opened| opened.agent_token)
        }
    };
    match token {
        Ok(token) => HttpResponse::Ok().json(json!({ "token": token })),
        // Which companies may verify is for the service to say: a `no` is an answer, not an error of this page.
        Err(refusal) => HttpResponse::Ok().json(no(&crm, tenant, &refusal, wish.lang)),
    }
}

/// The session or signing that a window is to show; nothing if this company has no such one.
fn named(crm: &Crm, wish: &Wish) -> Option<Named> {
    let (sessions, signings) = (Vec::from_iter(wish.session.clone()), Vec::from_iter(wish.signing.clone()));
    let known = sessions.iter().chain(&signings).all(|id| crm.guests.knows(crm, &wish.tenant, id));
    known.then_some(Named { sessions, signings })
}

/// `GET /verify`: the link inside each button leads here until its script has run, and where it never does.
pub async fn window(crm: web::Data<Crm>, link: web::Query<Link>) -> HttpResponse {
    let found = crm.client(&link.client).zip(crm.book.agent(Some(&link.agent)));
    let Some(((client, tenant), agent)) = found else {
        return HttpResponse::NotFound().finish();
    };
    let about = About { client, surface: &link.surface, pin: false };
    match open(&crm, tenant, about, agent, link.lang).await {
        Ok(opened) => {
            HttpResponse::SeeOther().insert_header((header::LOCATION, opened.window_url.as_str())).finish()
        }
        Err(refusal) => refused(&crm, tenant, &refusal, link.lang),
    }
}

/// Whom a window is about, where it was asked for, and whether for the security PIN.
struct About<'a> {
    client: &'a Client,
    surface: &'a str,
    pin: bool,
}

/// Tells the service who the client is and who asks.
async fn open(
    crm: &Crm,
    tenant: &Tenant,
    about: About<'_>,
    agent: &Agent,
    lang: Lang,
) -> Result<Opened, Refusal> {
    let About { client, surface, pin } = about;
    let now = crm.clock.wall();
    let envelope = Envelope {
        r#type: if pin { "pin.requested" } else { "verification.requested" },
        timestamp: now.to_string(),
        data: Data {
            surface,
            client: Told { id: &client.id, name: &client.name, created_at: &client.created_at },
            contacts: &client.contacts,
            agent: caller(agent, lang),
        },
    };
    let id = URL_SAFE_NO_PAD.encode(ports::bytes::<18>(crm.random.as_ref()));
    // A tree of texts always serialises.
    let body = serde_json::to_vec(&envelope).unwrap_or_default();
    let webhook = Webhook { id: format!("crm_{id}"), seconds: now.seconds(), body };
    crm.service.post(tenant, webhook, lang).await
}

fn caller(agent: &Agent, lang: Lang) -> Caller<'_> {
    Caller { id: &agent.id, name: &agent.name, email: &agent.email, locale: lang.code() }
}

/// The service's `no` in this CRM's own words, found by its code: what the service says besides is for developers, in English.
pub fn refused(crm: &Crm, tenant: &Tenant, refusal: &Refusal, lang: Lang) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_GATEWAY);
    HttpResponse::build(status).json(no(crm, tenant, refusal, lang))
}

fn no(crm: &Crm, tenant: &Tenant, refusal: &Refusal, lang: Lang) -> Value {
    tracing::info!(code = refusal.code, said = refusal.said(), "the service refused the CRM");
    json!({ "code": refusal.code, "status": refusal.status, "title": crm.why(tenant, refusal, lang) })
}
