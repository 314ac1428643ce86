//! `/api/v1/status` and `/api/v1/clients/{client}/status`: where clients stand, one query however many.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::status::Status;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Caller, language};
use crate::http::etag;
use crate::http::problem::{Problem, failed};
use crate::usecase::client::read_status::read_status;

use super::wire::client_id;

/// `GET /api/v1/clients/{client}/status`
pub async fn one(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (statuses, locale) = read(&site, &caller, &[client_id(&client)?], &request).await?;
    let Some(status) = statuses.first() else { return Err(Problem::invalid("client: missing")) };
    Ok(answer(&site, &statuses, locale, &request, status))
}

#[derive(Serialize)]
struct Many<'a> {
    statuses: &'a [Status],
}

/// `GET /api/v1/status?client=a&client=b`
pub async fn many(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ids = named(&request)?;
    let (statuses, locale) = read(&site, &caller, &ids, &request).await?;
    Ok(answer(&site, &statuses, locale, &request, &Many { statuses: &statuses }))
}

/// The clients that the address names, in their order.
pub fn named(request: &HttpRequest) -> Result<Vec<ClientId>, Problem> {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.filter(|(name, _)| name == "client").map(|(_, id)| client_id(&id)).collect()
}

/// The clients that a body names.
#[derive(Deserialize)]
pub struct Asked {
    clients: Vec<String>,
}

impl Asked {
    /// In their order.
    pub fn ids(&self) -> Result<Vec<ClientId>, Problem> {
        self.clients.iter().map(|id| client_id(id)).collect()
    }
}

/// `POST /api/v1/status`: the same for lists too long for an address.
pub async fn many_posted(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: Asked = body::api(payload).await?;
    let ids = body.ids()?;
    let (statuses, locale) = read(&site, &caller, &ids, &request).await?;
    Ok(answer(&site, &statuses, locale, &request, &Many { statuses: &statuses }))
}

async fn read(
    site: &Site,
    caller: &Caller,
    ids: &[ClientId],
    request: &HttpRequest,
) -> Result<(Vec<Status>, Locale), Problem> {
    let locale = language(request, caller.tenant());
    let statuses = read_status(&site.desk, caller.tenant(), ids, locale).await;
    Ok((statuses.map_err(|f| failed(f, site.desk.time.now()))?, locale))
}

/// 304 where the caller has it already. The tag is made from the versions, the language and the settings' revision.
fn answer<T: Serialize>(
    site: &Site,
    statuses: &[Status],
    locale: Locale,
    request: &HttpRequest,
    body: &T,
) -> HttpResponse {
    let mut hash = Sha256::new();
    hash.update(site.desk.directory.get().revision.to_be_bytes());
    hash.update(locale.as_str());
    for status in statuses {
        hash.update((status.client.as_str().len() as u64).to_be_bytes());
        hash.update(status.client.as_str());
        hash.update(status.version.to_be_bytes());
    }
    etag::answer(request, &hex::encode(&hash.finalize()[..16]), |mut response| {
        // Kept by the browser, but asked about each time.
        response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
        response.insert_header((header::VARY, "Authorization, Accept-Language, Origin"));
        response.json(body)
    })
}
