//! What the service asks for, as it asks Twilio: one text, or one call.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Carrier, NUMBER};

/// The form of a request.
pub struct Asked(Vec<(String, String)>);

impl Asked {
    /// A field; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Where it comes from.
    pub fn from(&self) -> &str {
        Some(self.field("From")).filter(|from| !from.is_empty()).unwrap_or(NUMBER)
    }

    /// A number of seconds.
    pub fn seconds(&self, name: &str, otherwise: u64) -> u64 {
        self.field(name).parse().unwrap_or(otherwise)
    }
}

/// `GET …/{account}.json`: whether account and token are right.
pub async fn account(
    carrier: web::Data<Carrier>,
    account: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    if is_known(&carrier, &account, &request) {
        return HttpResponse::Ok().json(json!({ "sid": carrier.account.sid, "status": "active" }));
    }
    unknown()
}

/// `POST …/Messages.json`
pub async fn message(
    carrier: web::Data<Carrier>,
    account: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
    request: HttpRequest,
) -> HttpResponse {
    let asked = Asked(form.into_inner());
    if let Some(refusal) = refusal(&carrier, &account, &request, &asked, &["Body"]) {
        return refusal;
    }
    if carrier.has_stopped(asked.field("To")) {
        return error(400, 21610, "Attempt to send to unsubscribed recipient");
    }
    match carrier.into_inner().take_text(&asked).await {
        Ok(sid) => taken(&sid, "queued", &asked),
        Err(_) => error(500, 20500, "Internal Server Error"),
    }
}

/// `POST …/Calls.json`
pub async fn call(
    carrier: web::Data<Carrier>,
    account: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
    request: HttpRequest,
) -> HttpResponse {
    let asked = Asked(form.into_inner());
    if let Some(refusal) = refusal(&carrier, &account, &request, &asked, &["Url", "Twiml"]) {
        return refusal;
    }
    taken(&carrier.into_inner().ring(&asked), "queued", &asked)
}

fn refusal(
    carrier: &Carrier,
    account: &str,
    request: &HttpRequest,
    asked: &Asked,
    one_of: &[&str],
) -> Option<HttpResponse> {
    if !is_known(carrier, account, request) {
        return Some(unknown());
    }
    let to = asked.field("To");
    if !to.starts_with('+') || to.len() < 8 || !to[1..].bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(error(400, 21211, "Invalid 'To' Phone Number"));
    }
    let missing = one_of.iter().all(|name| asked.field(name).is_empty());
    missing.then(|| error(400, 21602, "A required parameter is missing"))
}

fn is_known(carrier: &Carrier, account: &str, request: &HttpRequest) -> bool {
    let known = STANDARD.encode(format!("{}:{}", carrier.account.sid, carrier.account.token));
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Basic ")) == Some(known.as_str())
        && account == carrier.account.sid
}

fn unknown() -> HttpResponse {
    error(401, 20003, "Authenticate")
}

fn error(status: u16, code: u32, message: &str) -> HttpResponse {
    let status_code = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    HttpResponse::build(status_code).json(json!({ "code": code, "message": message, "status": status }))
}

fn taken(sid: &str, status: &str, asked: &Asked) -> HttpResponse {
    let (to, from) = (asked.field("To"), asked.from());
    HttpResponse::Created()
        .json(json!({ "sid": sid, "status": status, "to": to, "from": from, "error_code": null }))
}
