//! `/api/v1/status` and `/api/v1/clients/{client}/status`: where clients stand, one query however many, and none
//! where the same was asked a moment ago and nothing has changed.

use std::sync::{Arc, Mutex};

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::status::Status;
use crate::domain::tenant::Tenant;
use crate::http::Site;
use crate::http::body;
use crate::http::caller::{Caller, language};
use crate::http::etag;
use crate::http::problem::{Problem, failed};
use crate::usecase::client::read_status::{Reading, read_status, still_holds};

use super::recent::{self, Given, Looked};
use super::wire::client_id;

/// `GET /api/v1/clients/{client}/status`
pub async fn one(
    site: web::Data<Site>,
    caller: Caller,
    client: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::One };
    poll.answer(client.as_bytes(), || Ok(vec![client_id(&client)?])).await
}

/// `GET /api/v1/status?client=a&client=b`
pub async fn many(
    site: web::Data<Site>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::Listed };
    poll.answer(request.query_string().as_bytes(), || named(&request)).await
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
    let body = body::raw(payload, body::API_LIMIT).await?;
    let poll = Poll { site: &site, caller: &caller, request: &request, form: Form::Posted };
    poll.answer(&body, || body::json::<Asked>(if body.is_empty() { b"{}" } else { &body })?.ids()).await
}

/// How the clients are written, and so how the answer looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    One,
    Listed,
    Posted,
}

#[derive(Serialize)]
struct Many<'a> {
    statuses: &'a [Status],
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Listed => "listed",
            Self::Posted => "posted",
        }
    }

    fn body(self, statuses: &[Status]) -> Vec<u8> {
        let body = match (self, statuses) {
            (Self::One, [status]) => serde_json::to_vec(status),
            _ => serde_json::to_vec(&Many { statuses }),
        };
        // A tree of strings and numbers always serialises.
        body.unwrap_or_default()
    }
}

/// One poll.
#[derive(Clone, Copy)]
struct Poll<'a> {
    site: &'a Site,
    caller: &'a Caller,
    request: &'a HttpRequest,
    form: Form,
}

impl Poll<'_> {
    fn tenant(&self) -> &Arc<Tenant> {
        self.caller.tenant()
    }

    async fn answer(
        &self,
        written: &[u8],
        clients: impl FnOnce() -> Result<Vec<ClientId>, Problem>,
    ) -> Result<HttpResponse, Problem> {
        let locale = language(self.request, self.tenant());
        let key = recent::key(&self.tenant().id, locale, self.form.as_str(), written);
        if let Some(given) = self.site.recent.find(&key)
            && self.still_holds(&given).await?
        {
            return Ok(self.give(&given));
        }
        let given = Arc::new(self.read(clients()?, locale).await?);
        if self.tenant_is_current() {
            self.site.recent.keep(key, Arc::clone(&given));
        }
        Ok(self.give(&given))
    }

    /// Where settings changed while a poll was under way, its answer is for the one who asked only.
    fn tenant_is_current(&self) -> bool {
        let directory = self.site.desk.directory.get();
        directory.member(&self.tenant().id).is_some_and(|member| Arc::ptr_eq(&member.tenant, self.tenant()))
    }

    /// What is to be noted of a look that starts now.
    fn looked(&self) -> Looked {
        Looked { at: self.site.desk.time.now(), changes: self.site.desk.changes.of(&self.tenant().id) }
    }

    /// Whether what was given before may be given again.
    async fn still_holds(&self, given: &Given) -> Result<bool, Problem> {
        let (looked, desk) = (self.looked(), &self.site.desk);
        let has_it = etag::is_known(self.request, &given.tag);
        if !given.is_same(looked.at, desk.directory.get().revision, has_it) || !self.tenant_is_current() {
            return Ok(false);
        }
        if given.is_fresh(looked.at, looked.changes) {
            return Ok(true);
        }
        let holds = still_holds(desk, self.tenant(), &given.clients, given.sum).await;
        let holds = holds.map_err(|failure| failed(failure, desk.time.now()))?;
        if holds {
            given.look(looked);
        }
        Ok(holds)
    }

    /// Reads where the clients stand; the statuses are only made for a caller who does not have them.
    async fn read(&self, clients: Vec<ClientId>, locale: Locale) -> Result<Given, Problem> {
        let (looked, desk) = (self.looked(), &self.site.desk);
        let revision = desk.directory.get().revision;
        let reading = read_status(desk, self.tenant(), &clients).await;
        let reading = reading.map_err(|failure| failed(failure, desk.time.now()))?;
        let tag = tag(revision, locale, &clients, &reading);
        let body = (!etag::is_known(self.request, &tag)).then(|| {
            let status = |client| reading.status(self.tenant(), locale, client);
            self.form.body(&clients.iter().map(status).collect::<Vec<_>>()).into()
        });
        Ok(Given {
            tag,
            body,
            clients,
            at: reading.at,
            until: reading.until,
            revision,
            sum: reading.sum,
            looked: Mutex::new(looked),
        })
    }

    /// 304 where the caller has it already.
    fn give(&self, given: &Given) -> HttpResponse {
        etag::answer(self.request, &given.tag, |mut response| {
            // Kept by the browser, but asked about each time.
            response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
            response.insert_header((header::VARY, "Authorization, Accept-Language, Origin"));
            response.insert_header(ContentType::json());
            response.body(given.body.clone().unwrap_or_default())
        })
    }
}

/// Made from the versions, the language and the settings' revision.
fn tag(revision: i64, locale: Locale, clients: &[ClientId], reading: &Reading) -> String {
    let mut hash = Sha256::new();
    hash.update(revision.to_be_bytes());
    hash.update(locale.as_str());
    for client in clients {
        hash.update((client.as_str().len() as u64).to_be_bytes());
        hash.update(client.as_str());
        hash.update(reading.version(client).to_be_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}
