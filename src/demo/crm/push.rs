//! What the service tells the CRM: checked, kept, and passed on to the open pages.
//!
//! A push may come twice or late. Repeats are known by `webhook-id`, late ones by a lower `version`; both are
//! answered like any other, for the service did nothing wrong.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Crm;
use crate::demo::signature::{self, Headers};

const KEPT: usize = 200;
const REMEMBERED: usize = 1000;

/// What was received, newest first.
#[derive(Default)]
pub struct Pushes {
    seen: Mutex<Seen>,
    count: AtomicU64,
}

#[derive(Default)]
struct Seen {
    ids: VecDeque<(String, String)>,
    kept: VecDeque<Push>,
}

/// One push, as the page shows it.
#[derive(Serialize, Clone)]
pub struct Push {
    id: String,
    at: String,
    pub tenant: String,
    pub kind: String,
    pub client: String,
    state: String,
    version: Option<u64>,
    late: bool,
}

#[derive(Deserialize)]
struct Body {
    r#type: String,
    data: Value,
}

impl Pushes {
    /// How many came since the start.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// The last ones, newest first.
    pub fn list(&self) -> Vec<Push> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).kept.iter().cloned().collect()
    }

    /// Notes an id; false if it came before.
    fn first_time(&self, tenant: &str, id: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let id = (tenant.to_owned(), id.to_owned());
        let new = !seen.ids.contains(&id);
        if new {
            seen.ids.push_front(id);
            seen.ids.truncate(REMEMBERED);
        }
        new
    }

    fn keep(&self, push: Push) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.kept.push_front(push);
        seen.kept.truncate(KEPT);
        self.count.fetch_add(1, Ordering::SeqCst);
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
        late: version.is_some_and(|version| !crm.board.advance(tenant, &client, version)),
        state: text(&["/state", "/message/state"]),
        id: id.to_owned(),
        at: crm.clock.wall().to_string(),
        tenant: tenant.to_owned(),
        kind: body.r#type,
        client,
        version,
    }
}

/// `GET /changes`: how many pushes came, which costs the service nothing, so that a page may ask often.
pub async fn changes(crm: web::Data<Crm>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "pushes": crm.pushes.count() }))
}
