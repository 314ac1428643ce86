//! `/api/v1/status/stream`: where clients stand and every change of it, as server-sent events.

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{StreamExt as _, stream};

use crate::domain::id::ClientId;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Caller, language};
use crate::http::document::{Callers, Chapter, Operation};
use crate::http::problem::{Problem, failed};
use crate::usecase::stream::watch_status::watch_status;
use crate::usecase::stream::{Listener, Told};

use super::status::{Asked, Clients, named};

fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Statuses, id, summary, text).by(Callers::HostOrAgent).in_language()
}

fn answered(operation: Operation) -> Operation {
    operation.answers_with(
        StatusCode::OK,
        "Server-sent events: `event: status`, its `id` the status's `version`, its `data` a status as any other call \
         gives it; now and then a comment, so that nobody takes the connection for dead. It ends with the token or \
         key, and when a process of the service stops: connect again then, after the `retry` it named.",
        Some("text/event-stream"),
    )
}

pub fn watching() -> Operation {
    let operation = about(
        "watch_statuses",
        "Watch statuses change",
        "For a screen that stays open: the status of every client asked for, and then each change within a second. \
         Read it with `fetch`, since a browser's `EventSource` sends no `Authorization`. 503 `unavailable` means that \
         this process holds all the streams it can: poll meanwhile.",
    )
    .query::<Clients>("client", "Your id of a client, as often as there are clients.", "lead-10482");
    answered(operation)
}

pub fn watching_posted() -> Operation {
    let operation = about(
        "watch_statuses_of",
        "Watch statuses change, by POST",
        "The same for lists too long for an address: the clients stand in the body.",
    )
    .takes::<Asked>(r#"{"clients": ["lead-10482", "lead-10483"]}"#);
    answered(operation)
}

/// `GET /api/v1/status/stream?client=a&client=b`
pub async fn get(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    open(&site, &caller, &named(&request)?, &request).await
}

/// `POST /api/v1/status/stream`: the same for lists too long for an address.
pub async fn post(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Asked = body::api(payload).await?;
    open(&site, &caller, &body.ids()?, &request).await
}

async fn open(
    site: &Site,
    caller: &Caller,
    clients: &[ClientId],
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tenant = caller.tenant();
    let listening = watch_status(&site.desk, tenant, clients, language(request, tenant), caller.pass()).await;
    let listener = listening.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Proxies that gather an answer before they pass it on must not.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(retry(site), listener)))
}

/// How long a browser waits before it connects again: not all of them at once after a restart.
fn retry(site: &Site) -> String {
    let (_, [high, low, ..]) = site.desk.draw();
    format!("retry: {}\n\n", 1000 + u16::from_be_bytes([high, low]) % 4000)
}

fn events(
    start: String,
    listener: Listener,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let told = stream::unfold(listener, |mut listener| async {
        let told = listener.next().await?;
        Some((event(&told), listener))
    });
    stream::once(async { start }).chain(told).map(|text| Ok(Bytes::from(text)))
}

fn event(told: &Told) -> String {
    match told {
        Told::Status { version, json } => format!("event: status\nid: {version}\ndata: {json}\n\n"),
        Told::Pulse => ":\n\n".to_owned(),
    }
}
