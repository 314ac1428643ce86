//! The status of every client, for all rows of all screens at once.
//!
//! One request a company, with the tag of its last answer, so that what has not changed is not sent again; a page
//! asks every two seconds, so what was asked a moment ago is not asked again. An answer older than what the CRM has
//! seen, by its `version`, changes nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::service::{Answer, Button, Refusal, Status};
use super::tenant::Tenant;
use crate::demo::page::Lang;

const FRESH: Duration = Duration::from_millis(500);

/// What is known of all clients.
#[derive(Default)]
pub struct Board {
    asked: tokio::sync::Mutex<HashMap<Lang, Asked>>,
    versions: Mutex<HashMap<(String, String), u64>>,
    answers: AtomicU64,
    unchanged: AtomicU64,
}

/// What was asked in one language, and when.
#[derive(Default)]
struct Asked {
    at: Option<Duration>,
    pushes: u64,
    rows: HashMap<String, Row>,
    tags: HashMap<String, String>,
}

/// What a row shows.
#[derive(Serialize, Clone)]
pub struct Row {
    state: String,
    #[serde(flatten)]
    button: Button,
    lapsed: bool,
    version: u64,
}

/// How often the service answered, and how often with nothing new.
#[derive(Serialize)]
pub struct Polls {
    answers: u64,
    unchanged: u64,
}

/// `?lang=`.
#[derive(Deserialize)]
pub struct Query {
    lang: Lang,
}

impl Board {
    /// Whether a version is not older than the newest seen, which it then is.
    pub fn advance(&self, tenant: &str, client: &str, version: u64) -> bool {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = versions.entry((tenant.to_owned(), client.to_owned())).or_insert(version);
        *newest = version.max(*newest);
        *newest == version
    }

    /// The figures since the start.
    pub fn polls(&self) -> Polls {
        Polls {
            answers: self.answers.load(Ordering::SeqCst),
            unchanged: self.unchanged.load(Ordering::SeqCst),
        }
    }

    fn count(&self, answer: &Result<Answer, Refusal>) {
        self.answers.fetch_add(1, Ordering::SeqCst);
        self.unchanged.fetch_add(u64::from(matches!(answer, Ok(Answer::Unchanged))), Ordering::SeqCst);
    }
}

/// `GET /status?lang=`.
pub async fn show(crm: web::Data<Crm>, query: web::Query<Query>) -> HttpResponse {
    let pushes = crm.pushes.revision();
    let mut board = crm.board.asked.lock().await;
    let asked = board.entry(query.lang).or_default();
    let now = crm.clock.running();
    let fresh = asked.at.is_some_and(|at| now.saturating_sub(at) < FRESH) && asked.pushes == pushes;
    if !fresh {
        ask(&crm, query.lang, asked).await;
        (asked.at, asked.pushes) = (Some(now), pushes);
    }
    HttpResponse::Ok().json(json!({ "rows": &asked.rows }))
}

async fn ask(crm: &Crm, lang: Lang, asked: &mut Asked) {
    let tags = &asked.tags;
    let answers = crm.tenants.iter().map(|tenant| async move {
        let clients = crm.book.clients.iter().filter(|client| client.tenant == tenant.id);
        let ids: Vec<_> = clients.map(|client| client.id.as_str()).collect();
        let tag = tags.get(&tenant.id).map(String::as_str);
        (tenant, crm.service.statuses(tenant, &ids, lang, tag).await, ids)
    });
    for (tenant, answer, ids) in futures_util::future::join_all(answers).await {
        crm.board.count(&answer);
        match answer {
            Ok(Answer::Unchanged) => {}
            Ok(Answer::Changed { statuses, tag }) => {
                for status in statuses {
                    take(crm, tenant, status, &mut asked.rows);
                }
                asked.tags.extend(tag.map(|tag| (tenant.id.clone(), tag)));
            }
            Err(refusal) => {
                // The rows are no longer those of the last answer, so its tag names nothing.
                asked.tags.remove(&tenant.id);
                let row = without(crm, tenant, &refusal, lang);
                asked.rows.extend(ids.iter().map(|id| ((*id).to_owned(), row.clone())));
            }
        }
    }
}

fn take(crm: &Crm, tenant: &Tenant, status: Status, rows: &mut HashMap<String, Row>) {
    if crm.board.advance(&tenant.id, &status.client, status.version) || !rows.contains_key(&status.client) {
        let lapsed = status.state == "not_verified" && status.last_verified_at.is_some();
        let row = Row { state: status.state, button: status.button, lapsed, version: status.version };
        rows.insert(status.client, row);
    }
}

/// What a row shows when there is no status: the company may not, or the service did not answer.
fn without(crm: &Crm, tenant: &Tenant, refusal: &Refusal, lang: Lang) -> Row {
    let (state, tone) = match refusal.code.as_str() {
        "tenant_not_eligible" => ("refused", "neutral"),
        _ => ("unknown", "danger"),
    };
    let label = crm.pages.word(lang, "button", state).to_owned();
    let button = Button { tone: tone.into(), label, tooltip: crm.why(tenant, refusal, lang) };
    Row { state: state.into(), button, lapsed: false, version: 0 }
}
