//! The status of every client, for all rows of all screens at once.
//!
//! One request a tenant; a page asks every two seconds, so what was asked a moment ago is not asked again. An answer
//! older than what the CRM has seen, by its `version`, changes nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::service::{Button, Refusal, Status};
use super::tenant::Tenant;
use crate::demo::page::Lang;

const FRESH: Duration = Duration::from_millis(500);

/// What is known of all clients.
#[derive(Default)]
pub struct Board {
    rows: tokio::sync::Mutex<HashMap<Lang, Asked>>,
    versions: Mutex<HashMap<(String, String), u64>>,
}

struct Asked {
    at: Instant,
    pushes: u64,
    rows: HashMap<String, Row>,
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
}

/// `GET /status?lang=`.
pub async fn show(crm: web::Data<Crm>, query: web::Query<Query>) -> HttpResponse {
    let pushes = crm.pushes.count();
    let mut board = crm.board.rows.lock().await;
    let known = board.remove(&query.lang);
    let asked = match known {
        Some(asked) if asked.at.elapsed() < FRESH && asked.pushes == pushes => asked,
        other => Asked {
            at: Instant::now(),
            pushes,
            rows: ask(&crm, query.lang, other.map(|asked| asked.rows).unwrap_or_default()).await,
        },
    };
    let answer = HttpResponse::Ok().json(json!({ "pushes": pushes, "rows": &asked.rows }));
    board.insert(query.lang, asked);
    answer
}

async fn ask(crm: &Crm, lang: Lang, mut rows: HashMap<String, Row>) -> HashMap<String, Row> {
    let answers = crm.tenants.iter().map(|tenant| async move {
        let clients: Vec<_> = crm.book.clients.iter().filter(|client| client.tenant == tenant.id).collect();
        let ids: Vec<_> = clients.iter().map(|client| client.id.as_str()).collect();
        (tenant, crm.service.statuses(tenant, &ids, lang).await, clients)
    });
    for (tenant, answer, clients) in futures_util::future::join_all(answers).await {
        match answer {
            Ok(statuses) => statuses.into_iter().for_each(|status| take(crm, tenant, status, &mut rows)),
            Err(refusal) => {
                let row = without(crm, &refusal, lang);
                rows.extend(clients.iter().map(|client| (client.id.clone(), row.clone())));
            }
        }
    }
    rows
}

fn take(crm: &Crm, tenant: &Tenant, status: Status, rows: &mut HashMap<String, Row>) {
    if crm.board.advance(&tenant.id, &status.client, status.version) || !rows.contains_key(&status.client) {
        let lapsed = status.state == "not_verified" && status.last_verified_at.is_some();
        let row = Row { state: status.state, button: status.button, lapsed, version: status.version };
        rows.insert(status.client, row);
    }
}

/// What a row shows when there is no status: the tenant may not, or the service did not answer.
fn without(crm: &Crm, refusal: &Refusal, lang: Lang) -> Row {
    let (state, tone) = match refusal.code.as_str() {
        "tenant_not_eligible" => ("refused", "neutral"),
        _ => ("unknown", "danger"),
    };
    let word = |name| crm.pages.word(lang, "button", name).to_owned();
    let tooltip = crm.pages.word(lang, "refusal", &refusal.code).to_owned();
    let button = Button { tone: tone.into(), label: word(state), tooltip };
    Row { state: state.into(), button, lapsed: false, version: 0 }
}
