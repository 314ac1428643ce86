//! What the service tells the CRM: checked, kept, and passed on to the open pages.
//!
//! A push may come twice or late. Repeats are known by `webhook-id`, late ones by a lower `version`; both are
//! answered like any other, for the service did nothing wrong. One that is not signed is counted and nothing else.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Crm;
use crate::demo::signature::{self, Headers};

const KEPT: usize = 200;
const REMEMBERED: usize = 1000;

/// What was received, newest first.
#[derive(Default)]
pub struct Pushes(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    ids: VecDeque<(String, String)>,
    kept: VecDeque<Push>,
    totals: Totals,
}

/// How many came since the start, by what became of them.
#[derive(Serialize, Clone, Copy, Default)]
pub struct Totals {
    pub taken: u64,
    pub repeated: u64,
    pub older: u64,
    pub refused: u64,
}

/// One push, as the page shows it.
#[derive(Serialize, Clone)]
pub struct Push {
    id: String,
    at: String,
    pub tenant: String,
    pub kind: String,
    pub client: String,
    pub state: String,
    version: Option<u64>,
    /// Older than what is known: nothing was changed by it.
    older: bool,
    /// How often it came.
    times: u32,
    body: String,
}

#[derive(Deserialize)]
struct Body {
    r#type: String,
    data: Value,
}

impl Pushes {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many came since the start.
    pub fn totals(&self) -> Totals {
        self.seen().totals
    }

    /// A number that changes with everything that comes.
    pub fn revision(&self) -> u64 {
        let Totals { taken, repeated, refused, .. } = self.totals();
        taken + repeated + refused
    }

    /// The last ones, newest first.
    pub fn list(&self) -> Vec<Push> {
        self.seen().kept.iter().cloned().collect()
    }

    fn refuse(&self) {
        self.seen().totals.refused += 1;
    }

    /// Whether an id is new; if it is not, the repeat is noted.
    fn first_time(&self, tenant: &str, id: &str) -> bool {
        let mut seen = self.seen();
        let known = (tenant.to_owned(), id.to_owned());
        if !seen.ids.contains(&known) {
            seen.ids.push_front(known);
            seen.ids.truncate(REMEMBERED);
            return true;
        }
        seen.totals.repeated += 1;
        if let Some(kept) = seen.kept.iter_mut().find(|push| push.tenant == tenant && push.id == id) {
            kept.times += 1;
        }
        false
    }

    fn keep(&self, push: Push) {
        let mut seen = self.seen();
        seen.totals.taken += 1;
        seen.totals.older += u64::from(push.older);
        seen.kept.push_front(push);
        seen.kept.truncate(KEPT);
    }
}

/// `POST /countersign/{tenant}`.
pub async fn receive(
    crm: web::Data<Crm>,
    tenant: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let Some(tenant) = crm.tenant(&tenant) else {
        return HttpResponse::NotFound().finish();
    };
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let id = header("webhook-id");
    let headers =
        Headers { id, timestamp: header("webhook-timestamp"), signature: header("webhook-signature") };
    if !signature::verify(&tenant.push_secret, &headers, &body, crm.clock.wall().seconds()) {
        crm.pushes.refuse();
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    if crm.pushes.first_time(&tenant.id, id) {
        crm.pushes.keep(read(&crm, &tenant.id, id, body));
    }
    HttpResponse::NoContent().finish()
}

fn read(crm: &Crm, tenant: &str, id: &str, body: Body) -> Push {
    let text = |paths: &[&str]| {
        paths.iter().find_map(|path| body.data.pointer(path)?.as_str()).unwrap_or_default().to_owned()
    };
    let client = text(&["/client", "/client/id", "/id"]);
    let version = body.data["version"].as_u64();
    Push {
        older: version.is_some_and(|version| !crm.versions.advance(tenant, &client, version)),
        state: text(&["/state", "/message/state"]),
        id: id.to_owned(),
        at: crm.clock.wall().to_string(),
        tenant: tenant.to_owned(),
        kind: body.r#type,
        client,
        version,
        times: 1,
        body: serde_json::to_string_pretty(&body.data).unwrap_or_default(),
    }
}

/// `GET /changes`: whether anything came, which costs the service nothing, so that a page may ask often.
pub async fn changes(crm: web::Data<Crm>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "revision": crm.pushes.revision(), "pushes": crm.pushes.totals().taken }))
}
