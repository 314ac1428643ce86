//! For whoever operates the service: is it up, can it work.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::usecase::measure::measure_outbox;

use super::Site;
use super::problem::{Code, Problem};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(alive))
        .route("/healthz", web::head().to(alive))
        .route("/metrics", web::get().to(figures))
        .route("/readyz", web::get().to(ready))
        .route("/readyz", web::head().to(ready));
}

/// The process answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// The process can do its work and goes on doing it: the database answers, and nobody asked it to stop.
async fn ready(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    if site.leaving.is_cancelled() {
        return Err(Problem::new(Code::Unavailable).detail("this process is about to stop; ask another"));
    }
    site.desk
        .store
        .ping()
        .await
        .map_err(|error| super::problem::failed(error.into(), site.desk.time.now()))?;
    Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
}

/// Figures for Prometheus. How much waits in the outbox is looked up now; all else was counted as it happened.
async fn figures(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    let Some(handle) = &site.figures else { return Err(Problem::new(Code::Unavailable)) };
    let measured = measure_outbox(&site.desk).await;
    measured.map_err(|failure| super::problem::failed(failure, site.desk.time.now()))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render()))
}

/// Once the process leaves, each answer ends its connection: no request is to come by one just as it is closed.
///
/// # Errors
/// Those of the handler, passed on.
pub async fn part(
    leaving: CancellationToken,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answered = next.call(request).await?;
    if leaving.is_cancelled() {
        answered.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(answered)
}

/// Any other address.
pub async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound).detail("there is no such address, or not by this method"))
}
