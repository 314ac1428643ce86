//! What the CRM received, in words: the rows of its own screen, and the last few beside every other one.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::push::{Push, Totals};
use crate::demo::page::Lang;

const LATEST: usize = 5;

/// A push, with whom it is about and what it means.
#[derive(Serialize)]
pub struct Received<'a> {
    #[serde(flatten)]
    push: Push,
    client_name: &'a str,
    carrier: &'a str,
    meaning: &'a str,
    state_word: &'a str,
}

/// All that the screen shows.
#[derive(Serialize)]
pub struct Pile<'a> {
    rows: Vec<Received<'a>>,
    totals: Totals,
}

/// `?lang=`.
#[derive(Deserialize)]
pub struct Query {
    lang: Lang,
}

/// What came of one company, or of all.
pub fn pile<'a>(crm: &'a Crm, tenant: Option<&str>, lang: Lang) -> Pile<'a> {
    let mut pushes = crm.pushes.list();
    pushes.retain(|push| tenant.is_none_or(|tenant| tenant == push.tenant));
    let rows = pushes.into_iter().map(|push| told(crm, push, lang)).collect();
    Pile { rows, totals: crm.pushes.totals() }
}

/// `GET /received?lang=`: the last few.
pub async fn latest(crm: web::Data<Crm>, query: web::Query<Query>) -> HttpResponse {
    let pushes = crm.pushes.list().into_iter().take(LATEST);
    let rows: Vec<_> = pushes.map(|push| told(&crm, push, query.lang)).collect();
    HttpResponse::Ok().json(json!({ "rows": rows, "totals": crm.pushes.totals() }))
}

fn told(crm: &Crm, push: Push, lang: Lang) -> Received<'_> {
    Received {
        client_name: crm.client(&push.client).map_or("", |(client, _)| &client.name),
        carrier: crm.tenant(&push.tenant).map_or("", |tenant| &tenant.name),
        meaning: crm.pages.word(lang, "push", &push.kind),
        state_word: crm.pages.word(lang, "states", &push.state),
        push,
    }
}
