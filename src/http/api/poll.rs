//! One poll of statuses: given again where the same was asked a moment ago and nothing has changed, else read anew.

use std::sync::{Arc, Mutex};

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex as Turn;

use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::status::Status;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::caller::{Caller, language};
use crate::http::etag::{self, Tag};
use crate::http::problem::{Problem, failed};
use crate::usecase::client::read_status::{Reading, read_status, still_holds};

use super::recent::{Asked, Given, Looked};
use super::status::Many;

/// How the clients are written, and so how the answer looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    One,
    Listed,
    Posted,
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
pub struct Poll<'a> {
    pub site: &'a Site,
    pub caller: &'a Caller,
    pub request: &'a HttpRequest,
    pub form: Form,
}

impl Poll<'_> {
    fn tenant(&self) -> &Arc<Tenant> {
        self.caller.tenant()
    }

    /// Answers: from what was given a moment ago where that still holds, else anew. `written` is the list of clients
    /// as it came, `clients` reads it.
    ///
    /// # Errors
    /// Those of reading the list; `invalid_request` for too many clients; the database's.
    pub async fn answer(
        &self,
        written: &[u8],
        clients: impl FnOnce() -> Result<Vec<ClientId>, Problem>,
    ) -> Result<HttpResponse, Problem> {
        let locale = language(self.request, self.tenant());
        let asked = Asked { tenant: &self.tenant().id, locale, form: self.form.as_str(), written };
        let Some(given) = self.site.recent.find(asked) else {
            return self.answer_anew(asked, clients).await;
        };
        if self.is_good(&given) {
            return Ok(self.give(&given));
        }
        // One looks for all who ask the same meanwhile. Who waited in vain looks too, and keeps nobody waiting.
        let Ok(_turn) = given.turn.try_lock() else {
            drop(given.turn.lock().await);
            let found = self.site.recent.find(asked).filter(|given| self.is_good(given));
            return match found {
                Some(found) => Ok(self.give(&found)),
                None => self.answer_anew(asked, clients).await,
            };
        };
        if self.is_good(&given) || self.still_holds(&given).await? {
            return Ok(self.give(&given));
        }
        self.answer_anew(asked, clients).await
    }

    async fn answer_anew(
        &self,
        asked: Asked<'_>,
        clients: impl FnOnce() -> Result<Vec<ClientId>, Problem>,
    ) -> Result<HttpResponse, Problem> {
        let given = Arc::new(self.read(clients()?, asked.locale).await?);
        if self.tenant_is_current() {
            self.site.recent.keep(asked, Arc::clone(&given));
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

    /// Whether time and settings leave what was given before as it is, for this caller.
    fn is_same(&self, given: &Given, now: Timestamp) -> bool {
        let has_it = etag::is_known(self.request, &given.tag);
        given.is_same(now, self.site.desk.directory.get().revision, has_it) && self.tenant_is_current()
    }

    /// Whether what was given before may be given again without looking.
    fn is_good(&self, given: &Given) -> bool {
        let looked = self.looked();
        given.is_fresh(looked.at, looked.changes) && self.is_same(given, looked.at)
    }

    /// Looks whether what was given before may be given again.
    async fn still_holds(&self, given: &Given) -> Result<bool, Problem> {
        let (looked, desk) = (self.looked(), &self.site.desk);
        if !self.is_same(given, looked.at) {
            return Ok(false);
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
            turn: Turn::default(),
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
fn tag(revision: i64, locale: Locale, clients: &[ClientId], reading: &Reading) -> Tag {
    let mut hash = Sha256::new();
    hash.update(revision.to_be_bytes());
    hash.update(locale.as_str());
    for client in clients {
        hash.update((client.as_str().len() as u64).to_be_bytes());
        hash.update(client.as_str());
        hash.update(reading.version(client).to_be_bytes());
    }
    Tag::of(&hash.finalize()[..16])
}
