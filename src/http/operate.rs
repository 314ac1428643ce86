//! For whoever operates the service: is it up, can it work.

use actix_web::{HttpResponse, web};
use serde_json::json;

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

/// The process can do its work: the database answers.
async fn ready(site: web::Data<Site>) -> Result<HttpResponse, Problem> {
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

/// Any other address.
pub async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound).detail("there is no such address, or not by this method"))
}
