//! One log line a request: method, route, status and time. The route is the pattern, never the address itself,
//! which may hold a client's id or a key; the query is left out.

use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

/// Logs a request once it is answered.
///
/// # Errors
/// Those of the handler, passed on.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let method = request.method().clone();
    let answered = next.call(request).await;
    let elapsed = started.elapsed();
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    match &answered {
        Ok(response) => {
            let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
            let status = response.status().as_u16();
            count(&method, &route, status, elapsed);
            tracing::info!(http.method = %method, http.route = route, http.status = status, micros, "request");
        }
        Err(error) => {
            let status = error.as_response_error().status_code().as_u16();
            tracing::info!(http.method = %method, http.route = "-", http.status = status, micros, "request");
        }
    }
    answered
}

/// By pattern and status only: no label of a figure names a person, a client or a tenant.
fn count(method: &Method, route: &str, status: u16, elapsed: Duration) {
    let labels =
        [("method", method.to_string()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!("countersign_requests_total", &labels).increment(1);
    metrics::histogram!("countersign_request_seconds", "route" => route.to_owned())
        .record(elapsed.as_secs_f64());
}
