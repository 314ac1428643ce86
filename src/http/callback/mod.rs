//! What providers tell: reports of texts, and what contacts answer.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::domain::id::TenantId;
use crate::usecase::message::hear_reply;
use crate::usecase::message::report_delivery::{authentic, report_delivery, state_of};

use super::Site;
use super::address::client_address;
use super::problem::{Problem, failed};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sms/{tenant}/inbound/{key}", web::get().to(sms_reply))
        .route("/sms/{tenant}/inbound/{key}", web::post().to(sms_reply))
        .route("/sms/{tenant}/{message}", web::get().to(sms_report))
        .route("/sms/{tenant}/{message}", web::post().to(sms_report));
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    status: String,
}

/// A gateway's report. A word it does not know is kept from doing harm: logged, and answered like any other.
async fn sms_report(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    report: web::Query<Report>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (tenant, message) = path.into_inner();
    let tenant = TenantId::parse(&tenant).map_err(|_| Problem::unauthorized())?;
    let id = authentic(&site.desk, &tenant, &message).ok_or_else(Problem::unauthorized)?;
    let Some(state) = state_of(&report.status) else {
        let word: String = report.status.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        tracing::info!(message.id = %id, status = word, "a report in a word that is not known");
        return Ok(HttpResponse::NoContent().finish());
    };
    let from = client_address(&request, &site.trusted_proxies);
    let noted = report_delivery(&site.desk, &tenant, &id, state, &from).await;
    noted.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    from: String,
    #[serde(default)]
    text: String,
}

/// What a contact answered, passed on by a gateway. The empty answer keeps gateways from texting back.
async fn sms_reply(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    reply: web::Query<Reply>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (tenant, key) = path.into_inner();
    let tenant = TenantId::parse(&tenant).map_err(|_| Problem::unauthorized())?;
    if !hear_reply::authentic(&site.desk, &tenant, &key) {
        return Err(Problem::unauthorized());
    }
    let from = client_address(&request, &site.trusted_proxies);
    let heard = hear_reply::hear_reply(&site.desk, &tenant, &reply.from, &reply.text, &from).await;
    heard.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}
