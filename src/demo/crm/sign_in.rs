//! The CRM's own users sign in: what it took to ask them for a second step after their password.
//!
//! The CRM names the user to the service, asks what comes next, sends the browser there, and lets nobody in before its
//! server has redeemed the proof that the browser brings back.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::form_urlencoded::Serializer;

use super::Crm;
use super::data::Agent;
use super::screen::{real_address, see};
use super::service::Refusal;
use super::tenant::Tenant;
use super::visit::{Visit, Waiting};
use crate::demo::page::{Lang, Tongue};
use crate::ports;

/// What the address of the page says.
#[derive(Deserialize)]
pub struct Query {
    lang: Option<String>,
    user: Option<String>,
}

/// What the form of the page sends. Whatever the password is, this CRM takes it: here, a real one checks it.
#[derive(Deserialize)]
pub struct Form {
    user: String,
    lang: Lang,
}

/// What the strip sends.
#[derive(Deserialize)]
pub struct Leave {
    lang: Lang,
}

/// What a browser brings back.
#[derive(Deserialize)]
pub struct Back {
    proof: Option<String>,
    lang: Option<String>,
}

#[derive(Serialize)]
struct Page<'a> {
    chosen: &'a str,
    users: Vec<&'a Agent>,
    langs: [Tongue; 2],
    trouble: Option<&'a str>,
}

/// What the service says a user does next.
#[derive(Deserialize)]
struct Begun {
    decision: String,
    url: Option<String>,
    login: String,
}

#[derive(Deserialize)]
struct Managed {
    url: String,
}

#[derive(Deserialize)]
struct Redeemed {
    method: String,
}

/// `GET /sign-in`.
pub async fn page(crm: web::Data<Crm>, query: web::Query<Query>, request: HttpRequest) -> HttpResponse {
    if let Some(address) = real_address(&crm, &request) {
        return see(&address);
    }
    let lang = Lang::of(query.lang.as_deref(), &request);
    draw(&crm, lang, query.user.as_deref(), None)
}

/// `POST /sign-in`: the password was right.
pub async fn begin(crm: web::Data<Crm>, form: web::Form<Form>, request: HttpRequest) -> HttpResponse {
    let lang = form.lang;
    let Some((user, tenant)) = crm.user(&form.user) else { return HttpResponse::NotFound().finish() };
    let key = drawn(&crm);
    let begun = match ask(&crm, user, tenant, &key, lang).await {
        Ok(begun) => begun,
        Err(refusal) => return refused(&crm, &refusal, Some(&user.id), lang),
    };
    let user = user.id.clone();
    match begun.url {
        _ if begun.decision == "allow" => inside(&crm, &request, Visit { user, method: None }, lang),
        Some(url) => {
            crm.visits.end(&request);
            let cookie = crm.visits.wait(drawn(&crm), Waiting { key, user, login: begun.login });
            with_cookie(see(&url), &cookie)
        }
        // A decision that this CRM does not know lets nobody in.
        None => refused(&crm, &Refusal::default(), Some(&user), lang),
    }
}

/// Names the user and asks what they do next.
async fn ask(crm: &Crm, user: &Agent, tenant: &Tenant, key: &str, lang: Lang) -> Result<Begun, Refusal> {
    let Agent { id, name, email, mobile, role, .. } = user;
    let named =
        json!({ "name": name, "email": email, "mobile": mobile, "role": role, "locale": lang.code() });
    crm.service.put(tenant, &format!("/api/v1/users/{id}"), &named, lang).await?;
    let back = format!("{}/signed-in/{key}?lang={}", crm.own_url, lang.code());
    let path = format!("/api/v1/users/{id}/logins");
    crm.service.call(tenant, &path, &json!({ "return_url": back }), lang).await
}

/// `GET /signed-in/{key}`: where the service sends the browser on to. Only what the proof is redeemed for counts.
pub async fn back(
    crm: web::Data<Crm>,
    key: web::Path<String>,
    query: web::Query<Back>,
    request: HttpRequest,
) -> HttpResponse {
    let lang = Lang::of(query.lang.as_deref(), &request);
    let Some(Waiting { user, login, .. }) = crm.visits.waiting(&request, &key) else {
        // Somebody who is in went back a page.
        return match crm.visits.of(&request) {
            Some(visit) => see(&home(&visit, lang)),
            None => refused(&crm, &no("elsewhere"), None, lang),
        };
    };
    let Some(proof) = query.proof.as_deref() else {
        return refused(&crm, &no("no_proof"), Some(&user), lang);
    };
    let Some((_, tenant)) = crm.user(&user) else { return HttpResponse::NotFound().finish() };
    let path = format!("/api/v1/logins/{login}/proof");
    let redeemed: Result<Redeemed, Refusal> =
        crm.service.call(tenant, &path, &json!({ "proof": proof }), lang).await;
    match redeemed {
        Ok(Redeemed { method }) => inside(&crm, &request, Visit { user, method: Some(method) }, lang),
        Err(refusal) => refused(&crm, &refusal, Some(&user), lang),
    }
}

/// `POST /second-step`: whoever is in sets a second step up, or changes it, on the service's page.
pub async fn manage(crm: web::Data<Crm>, form: web::Form<Leave>, request: HttpRequest) -> HttpResponse {
    let lang = form.lang;
    let Some(visit) = crm.visits.of(&request) else { return see(&format!("/sign-in?lang={}", lang.code())) };
    let Some((user, tenant)) = crm.user(&visit.user) else { return HttpResponse::NotFound().finish() };
    let back = format!("{}{}", crm.own_url, home(&visit, lang));
    let path = format!("/api/v1/users/{}/manage", user.id);
    let page: Result<Managed, Refusal> =
        crm.service.call(tenant, &path, &json!({ "return_url": back }), lang).await;
    match page {
        Ok(Managed { url }) => see(&url),
        Err(refusal) => refused(&crm, &refusal, Some(&visit.user), lang),
    }
}

/// `POST /sign-out`.
pub async fn leave(crm: web::Data<Crm>, form: web::Form<Leave>, request: HttpRequest) -> HttpResponse {
    crm.visits.end(&request);
    see(&format!("/sign-in?lang={}", form.lang.code()))
}

/// Lets a user in. The proof does not stay in the address.
fn inside(crm: &Crm, request: &HttpRequest, visit: Visit, lang: Lang) -> HttpResponse {
    let address = home(&visit, lang);
    let cookie = crm.visits.let_in(request, drawn(crm), visit);
    with_cookie(see(&address), &cookie)
}

fn home(visit: &Visit, lang: Lang) -> String {
    format!("/leads?lang={}&agent={}", lang.code(), visit.user)
}

fn with_cookie(mut answer: HttpResponse, cookie: &str) -> HttpResponse {
    if let Ok(cookie) = header::HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

/// A refusal of the CRM's own.
fn no(code: &str) -> Refusal {
    Refusal { status: 403, code: code.to_owned(), ..Refusal::default() }
}

/// Nobody was let in: why, and the form again.
fn refused(crm: &Crm, refusal: &Refusal, user: Option<&str>, lang: Lang) -> HttpResponse {
    tracing::info!(code = refusal.code, said = refusal.said(), "nobody was let in to the CRM");
    let mut page = draw(crm, lang, user, Some(crm.pages.word(lang, "sign_in_refused", &refusal.code)));
    if page.status().is_success() {
        // What is not there for the service, a proof, is not accepted here.
        let status = if refusal.status < 500 { StatusCode::FORBIDDEN } else { StatusCode::BAD_GATEWAY };
        *page.status_mut() = status;
    }
    page
}

fn draw(crm: &Crm, lang: Lang, chosen: Option<&str>, trouble: Option<&str>) -> HttpResponse {
    let users = crm.book.agents.iter().filter(|user| crm.tenant(&user.tenant).is_some());
    let chosen = chosen.unwrap_or_default();
    let langs = lang.links(|other| {
        let path = "/sign-in?".to_owned();
        let from = path.len();
        let mut query = Serializer::for_suffix(path, from);
        query.append_pair("lang", other.code()).append_pair("user", chosen).finish()
    });
    let page = Page { chosen, users: users.collect(), langs, trouble };
    crm.pages.html("sign-in", lang, &page)
}

fn drawn(crm: &Crm) -> String {
    URL_SAFE_NO_PAD.encode(ports::bytes::<18>(crm.random.as_ref()))
}
