//! The button: a click becomes a signed webhook, and its answer the link of the window.
//!
//! The browser says which client and from where; names, contacts and the agent are the CRM's own, so that a page
//! cannot make anything up.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::data::{Agent, Client, Contact};
use super::service::{Refusal, Webhook};
use super::tenant::Tenant;
use crate::demo::page::Lang;
use crate::ports;

/// What the page sends when a button is pressed.
#[derive(Deserialize)]
pub struct Click {
    client: String,
    surface: String,
    agent: String,
    lang: Lang,
}

/// What the page sends when the window's token has ended.
#[derive(Deserialize)]
pub struct Ended {
    client: String,
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
    client: Named<'a>,
    contacts: &'a [Contact],
    agent: Caller<'a>,
}

#[derive(Serialize)]
struct Named<'a> {
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

/// `POST /verify`.
pub async fn start(crm: web::Data<Crm>, click: web::Json<Click>) -> HttpResponse {
    let Some((client, tenant)) = crm.client(&click.client) else {
        return HttpResponse::NotFound().finish();
    };
    let Some(webhook) = webhook(&crm, &click, client) else {
        return HttpResponse::InternalServerError().finish();
    };
    match crm.service.post(tenant, webhook, click.lang).await {
        Ok(opened) => HttpResponse::Ok().json(json!({ "window_url": opened.window_url })),
        Err(refusal) => refused(&crm, tenant, &refusal, click.lang),
    }
}

/// `POST /token`: the window was open for longer than its token lives, and the agent is still signed in.
pub async fn renew(crm: web::Data<Crm>, ended: web::Json<Ended>) -> HttpResponse {
    let found = crm.client(&ended.client).zip(crm.book.agent(Some(&ended.agent)));
    let Some(((client, tenant), agent)) = found else {
        return HttpResponse::NotFound().finish();
    };
    match crm.service.token(tenant, &caller(agent, ended.lang), &client.id, ended.lang).await {
        Ok(issued) => HttpResponse::Ok().json(json!({ "token": issued.agent_token })),
        Err(refusal) => refused(&crm, tenant, &refusal, ended.lang),
    }
}

fn caller(agent: &Agent, lang: Lang) -> Caller<'_> {
    Caller { id: &agent.id, name: &agent.name, email: &agent.email, locale: lang.code() }
}

fn webhook(crm: &Crm, click: &Click, client: &Client) -> Option<Webhook> {
    let now = crm.clock.wall();
    let envelope = Envelope {
        r#type: "verification.requested",
        timestamp: now.to_string(),
        data: Data {
            surface: &click.surface,
            client: Named { id: &client.id, name: &client.name, created_at: &client.created_at },
            contacts: &client.contacts,
            agent: caller(crm.book.agent(Some(&click.agent))?, click.lang),
        },
    };
    let id = URL_SAFE_NO_PAD.encode(ports::bytes::<18>(crm.random.as_ref()));
    Some(Webhook {
        id: format!("crm_{id}"),
        seconds: now.seconds(),
        body: serde_json::to_vec(&envelope).ok()?,
    })
}

/// The service's `no` in this CRM's own words, found by its code: what the service says besides is for developers, in English.
pub fn refused(crm: &Crm, tenant: &Tenant, refusal: &Refusal, lang: Lang) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_GATEWAY);
    tracing::info!(code = refusal.code, said = refusal.said(), "the service refused the CRM");
    HttpResponse::build(status).json(json!({
        "code": refusal.code,
        "status": refusal.status,
        "title": crm.why(tenant, refusal, lang),
    }))
}
