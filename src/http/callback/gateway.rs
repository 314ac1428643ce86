//! What gateways tell, by addresses with keys of their own.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::domain::id::TenantId;
use crate::domain::reply;
use crate::http::Site;
use crate::http::address::client_address;
use crate::http::problem::{Problem, failed};
use crate::message::Detail;
use crate::usecase::message::hear_reply;
use crate::usecase::message::report_delivery::{Report, authentic, report_delivery, state_of};

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    status: String,
}

/// A gateway's report. A word it does not know is kept from doing harm: logged, and answered like any other.
pub async fn report(
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    report: web::Query<Query>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (tenant, message) = path.into_inner();
    let tenant = TenantId::parse(&tenant).map_err(|_| Problem::unauthorized())?;
    let attempt = authentic(&site.desk, &tenant, &message).ok_or_else(Problem::unauthorized)?;
    let Some(state) = state_of(&report.status) else {
        let word: String = report.status.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        tracing::info!(message.id = %attempt.message, status = word, "a report in a word that is not known");
        return Ok(HttpResponse::NoContent().finish());
    };
    let from = client_address(&request, &site.trusted_proxies);
    let report = Report { attempt, state, detail: Detail::NotDelivered };
    let noted = report_delivery(&site.desk, &tenant, report, &from).await;
    noted.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
pub struct Reply {
    #[serde(default)]
    from: String,
    #[serde(default)]
    text: String,
}

/// What a contact answered, passed on by a gateway. The answer is empty, or the one confirmation that a contact who
/// stops may get: a gateway that texts answers back sends it.
pub async fn reply(
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
    let said = reply::read(&reply.text);
    let heard = hear_reply::hear_reply(&site.desk, &tenant, &reply.from, said, &from).await;
    let confirmation = heard.map_err(|failure| failed(failure, site.desk.time.now()))?;
    Ok(confirmation.map_or_else(
        || HttpResponse::NoContent().finish(),
        |text| HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text),
    ))
}
