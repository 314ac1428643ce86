//! Documents to sign and live sessions: what it took to have their people prove who they are.
//!
//! The CRM names them to the service, shows each signer's link as an e-mail of its own would carry it, and redeems what
//! their browsers bring back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::data::{Client, Contact};
use super::service::Refusal;
use super::tenant::Tenant;
use super::verify::refused;
use crate::demo::page::Lang;
use crate::ports;

/// So many are remembered, the newest.
const REMEMBERED: usize = 200;
/// When a session begins that is not now.
const LATER: Duration = Duration::from_hours(2);

/// What was asked for since the start, newest first.
#[derive(Default)]
pub struct Guests(Mutex<Vec<Matter>>);

/// One signing of a document, or one session.
#[derive(Clone, Serialize)]
pub struct Matter {
    /// Ours, in the address that browsers come back to.
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    client: String,
    /// Who signs; nobody for a session.
    #[serde(skip)]
    signer: Option<String>,
    /// Who may have come back with a proof.
    #[serde(skip)]
    people: Vec<String>,
    /// The service's id of the signing, or ours of the session.
    pub id: String,
    url: Option<String>,
    /// Who has proven it, and when.
    pub proven: Vec<Proven>,
}

#[derive(Clone, Serialize)]
pub struct Proven {
    name: String,
    at: String,
}

impl Guests {
    fn all(&self) -> MutexGuard<'_, Vec<Matter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, matter: Matter) {
        let mut all = self.all();
        all.insert(0, matter);
        all.truncate(REMEMBERED);
    }

    /// The newest signing of this person, or, of nobody, the newest session of the client.
    pub fn newest(&self, client: &str, signer: Option<&str>) -> Option<Matter> {
        self.all().iter().find(|one| one.client == client && one.signer.as_deref() == signer).cloned()
    }

    /// Whether the CRM knows a session or signing of this company: a page cannot make one up.
    pub fn knows(&self, crm: &Crm, tenant: &str, id: &str) -> bool {
        let client = self.all().iter().find(|one| one.id == id).map(|one| one.client.clone());
        client.and_then(|client| crm.client(&client)).is_some_and(|(_, own)| own.id == tenant)
    }
}

/// What the form of a document sends.
#[derive(Deserialize)]
pub struct Document {
    client: String,
    signer: String,
    #[serde(flatten)]
    place: Place,
}

/// What the form of a session sends.
#[derive(Deserialize)]
pub struct Session {
    client: String,
    invite_by: String,
    #[serde(default)]
    starts: Starts,
    #[serde(flatten)]
    place: Place,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Starts {
    #[default]
    Now,
    Later,
}

/// Where a form stood.
#[derive(Deserialize)]
struct Place {
    agent: String,
    lang: Lang,
}

#[derive(Deserialize)]
struct Signing {
    id: String,
    url: String,
}

/// `POST /documents`: a signer is named, and their link comes back.
pub async fn sign(crm: web::Data<Crm>, form: web::Form<Document>) -> HttpResponse {
    let lang = form.place.lang;
    let found = crm.client(&form.client);
    let signer = |client: &Client| client.contacts.iter().position(|one| one.id == form.signer);
    let Some((client, tenant, at)) = found.and_then(|(client, own)| Some((client, own, signer(client)?)))
    else {
        return HttpResponse::NotFound().finish();
    };
    let Some(signer) = client.contacts.get(at) else { return HttpResponse::NotFound().finish() };
    let key = key(&crm);
    let body = json!({
        "document": {"id": format!("agreement-{}", client.id), "name": crm.pages.word(Lang::of_locale(&signer.locale), "document", "service")},
        "signer": {
            "id": signer.id, "name": signer.name, "mobile": signer.mobile, "phone": signer.phone, "locale": signer.locale,
        },
        "return_url": format!("{}/back/{key}?lang={}", crm.own_url, signer.locale),
    });
    let made: Result<Signing, Refusal> = crm.service.call(tenant, "/api/v1/signings", &body, lang).await;
    match made {
        Ok(Signing { id, url }) => {
            let people = vec![signer.id.clone()];
            crm.guests.keep(Matter {
                key,
                client: client.id.clone(),
                signer: Some(signer.id.clone()),
                people,
                id,
                url: Some(url),
                proven: vec![],
            });
            back_to("documents", &form.client, &form.place)
        }
        Err(refusal) => refused(&crm, tenant, &refusal, lang),
    }
}

/// `POST /sessions`: everybody of a client is invited.
pub async fn start(crm: web::Data<Crm>, form: web::Form<Session>) -> HttpResponse {
    let lang = form.place.lang;
    let Some(((client, tenant), agent)) =
        crm.client(&form.client).zip(crm.book.agent(Some(&form.place.agent)))
    else {
        return HttpResponse::NotFound().finish();
    };
    let reachable = |one: &&Contact| match form.invite_by.as_str() {
        "email" => one.email.is_some(),
        _ => one.mobile.is_some(),
    };
    let people: Vec<&Contact> = client.contacts.iter().filter(reachable).collect();
    let (key, id) = (key(&crm), format!("S-{}", key(&crm)));
    let participant = |(at, one): (usize, &&Contact)| {
        json!({
            "id": one.id, "name": one.name, "role": if at == 0 { "primary" } else { "cosigner" }, "email": one.email,
            "mobile": one.mobile, "locale": one.locale,
        })
    };
    let starts_at = match form.starts {
        Starts::Now => None,
        Starts::Later => Some((crm.clock.wall() + LATER).to_string()),
    };
    let body = json!({
        "id": id,
        "invite_by": form.invite_by,
        "participants": people.iter().enumerate().map(participant).collect::<Vec<_>>(),
        "agent": {"id": agent.id, "name": agent.name},
        "starts_at": starts_at,
        "return_url": format!("{}/back/{key}?lang={}", crm.own_url, lang.code()),
    });
    let made: Result<serde_json::Value, Refusal> =
        crm.service.call(tenant, "/api/v1/sessions", &body, lang).await;
    match made {
        Ok(_) => {
            let people = people.iter().map(|one| one.id.clone()).collect();
            crm.guests.keep(Matter {
                key,
                client: client.id.clone(),
                signer: None,
                people,
                id,
                url: None,
                proven: vec![],
            });
            back_to("sessions", &form.client, &form.place)
        }
        Err(refusal) => refused(&crm, tenant, &refusal, lang),
    }
}

#[derive(Deserialize)]
pub struct Back {
    proof: Option<String>,
    lang: Option<String>,
}

#[derive(Serialize)]
struct Page {
    kind: &'static str,
    known: bool,
    client: String,
    name: String,
    session: bool,
}

#[derive(Deserialize)]
struct Redeemed {
    verified_at: String,
}

/// `GET /back/{key}`: where the service sends a signer or participant on to. Only what their proof is redeemed for counts.
pub async fn back(
    crm: web::Data<Crm>,
    key: web::Path<String>,
    query: web::Query<Back>,
    request: HttpRequest,
) -> HttpResponse {
    let lang = Lang::of(query.lang.as_deref(), &request);
    let matter = crm.guests.all().iter().find(|one| one.key == *key).cloned();
    let proof = query.proof.as_deref().unwrap_or_default();
    let found = matter.as_ref().and_then(|matter| crm.client(&matter.client));
    let mut page =
        Page { kind: "back", known: false, client: String::new(), name: String::new(), session: false };
    if let (Some(matter), Some((client, tenant))) = (matter, found) {
        page.session = matter.signer.is_none();
        page.client.clone_from(&client.name);
        if let Some((person, at)) = redeem(&crm, tenant, &matter, proof, lang).await {
            let name = client.contacts.iter().find(|one| one.id == person).map(|one| one.name.clone());
            page.name = name.unwrap_or_default();
            page.known = true;
            let mut all = crm.guests.all();
            if let Some(own) = all.iter_mut().find(|one| one.key == *key) {
                own.proven.push(Proven { name: page.name.clone(), at });
            }
        }
    }
    crm.pages.html("back", lang, &page)
}

/// Whose proof it is, and when it was made. A proof is good for one person, once.
async fn redeem(
    crm: &Crm,
    tenant: &Tenant,
    matter: &Matter,
    proof: &str,
    lang: Lang,
) -> Option<(String, String)> {
    let body = json!({ "proof": proof });
    for person in &matter.people {
        let path = match matter.signer {
            Some(_) => format!("/api/v1/signings/{}/proof", matter.id),
            None => format!("/api/v1/sessions/{}/participants/{person}/proof", matter.id),
        };
        let redeemed: Result<Redeemed, Refusal> = crm.service.call(tenant, &path, &body, lang).await;
        if let Ok(Redeemed { verified_at }) = redeemed {
            return Some((person.clone(), verified_at));
        }
    }
    None
}

fn key(crm: &Crm) -> String {
    URL_SAFE_NO_PAD.encode(ports::bytes::<9>(crm.random.as_ref()))
}

fn back_to(page: &str, client: &str, place: &Place) -> HttpResponse {
    let address = format!("/{page}?lang={}&agent={}#card-{client}", place.lang.code(), place.agent);
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
