//! What agents changed since the start, by client: it is the CRM's own and goes when the CRM does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::Crm;

/// One fact of a client each.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<String, String>>);

impl Kept {
    /// The fact, if it was changed.
    pub fn get(&self, client: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(client).cloned()
    }

    /// Changes it.
    pub fn set(&self, client: &str, fact: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(client.to_owned(), fact.to_owned());
    }
}

/// What the page sends when somebody has spoken with a client.
#[derive(Deserialize)]
pub struct Contacted {
    client: String,
}

/// `POST /contacted`.
pub async fn contacted(crm: web::Data<Crm>, contacted: web::Json<Contacted>) -> HttpResponse {
    let Some((client, _)) = crm.client(&contacted.client) else {
        return HttpResponse::NotFound().finish();
    };
    let now = crm.clock.wall().to_string();
    crm.contacted.set(&client.id, &now);
    HttpResponse::Ok().json(json!({ "at": now }))
}
