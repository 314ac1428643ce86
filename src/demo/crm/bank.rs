//! The change that is protected: another bank account for a client's payroll.
//!
//! The page enables its button for a verified client, but a page can be tampered with: what counts is that the
//! server asks the service once more before it changes anything.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::Crm;
use super::verify::refused;
use crate::demo::page::Lang;

/// What the page's form sends.
#[derive(Deserialize)]
pub struct Change {
    client: String,
    account: String,
    lang: Lang,
}

/// `POST /bank`.
pub async fn change(crm: web::Data<Crm>, change: web::Json<Change>) -> HttpResponse {
    let Some((client, tenant)) = crm.client(&change.client) else {
        return HttpResponse::NotFound().finish();
    };
    let Some(ending) = ending(&change.account) else {
        let title = crm.pages.word(change.lang, "refusal", "account");
        return HttpResponse::UnprocessableEntity().json(json!({ "code": "account", "title": title }));
    };
    let status = match crm.service.status(tenant, &client.id, change.lang).await {
        Ok(status) => status,
        Err(refusal) => return refused(&crm, tenant, &refusal, change.lang),
    };
    if status.state != "verified" {
        let title = crm.pages.word(change.lang, "refusal", "not_verified");
        return HttpResponse::Forbidden().json(json!({ "code": "not_verified", "title": title }));
    }
    crm.accounts.set(&client.id, ending);
    HttpResponse::Ok().json(json!({ "account": ending }))
}

/// The last four digits of something that could be an account's number.
fn ending(account: &str) -> Option<&str> {
    let account = account.trim();
    let plausible = (6..=17).contains(&account.len()) && account.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then(|| account.get(account.len() - 4..)).flatten()
}
