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
use super::data::{Client, Contact};
use super::service::{Refusal, Webhook};
use crate::demo::page::Lang;
use crate::ports;

/// What the page sends when a button is pressed.
#[derive(Deserialize)]
pub struct Click {
    client: String,
    surface: String,
    event: Event,
    agent: String,
    lang: Lang,
}

#[derive(Deserialize, Serialize)]
enum Event {
    #[serde(rename = "verification.requested")]
    Verification,
    #[serde(rename = "pin.requested")]
    Pin,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'a Event,
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

#[derive(Serialize)]
struct Caller<'a> {
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
        Err(refusal) => refused(&crm, &refusal, click.lang),
    }
}

fn webhook(crm: &Crm, click: &Click, client: &Client) -> Option<Webhook> {
    let agent = crm.book.agent(Some(&click.agent))?;
    let now = crm.clock.wall();
    let envelope = Envelope {
        r#type: &click.event,
        timestamp: now.to_string(),
        data: Data {
            surface: &click.surface,
            client: Named { id: &client.id, name: &client.name, created_at: &client.created_at },
            contacts: &client.contacts,
            agent: Caller {
                id: &agent.id,
                name: &agent.name,
                email: &agent.email,
                locale: click.lang.code(),
            },
        },
    };
    let id = URL_SAFE_NO_PAD.encode(ports::bytes::<18>(crm.random.as_ref()));
    Some(Webhook {
        id: format!("crm_{id}"),
        seconds: now.seconds(),
        body: serde_json::to_vec(&envelope).ok()?,
    })
}

/// The service's `no` in words: ours by its code, and its own beside them.
pub fn refused(crm: &Crm, refusal: &Refusal, lang: Lang) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let said = if refusal.detail.is_empty() { &refusal.title } else { &refusal.detail };
    HttpResponse::build(status).json(json!({
        "code": refusal.code,
        "status": refusal.status,
        "title": crm.pages.word(lang, "refusal", &refusal.code),
        "detail": said,
    }))
}
