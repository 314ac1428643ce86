//! One log line a request: method, route, status and time. The route is the pattern, never the address itself,
//! which may hold a client's id or a key; the query is left out.
//!
//! An answer that nothing is new is counted, but not logged: browsers poll all day, and a log of that hides the rest.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use metrics::{Counter, Histogram};

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
            if response.status() == StatusCode::NOT_MODIFIED {
                return answered;
            }
            tracing::info!(http.method = %method, http.route = route, http.status = status, micros, "request");
        }
        Err(error) => {
            let status = error.as_response_error().status_code().as_u16();
            tracing::info!(http.method = %method, http.route = "-", http.status = status, micros, "request");
        }
    }
    answered
}

/// The figures of one route, looked up once by each thread.
struct Figures {
    seconds: Histogram,
    answers: Vec<(&'static str, u16, Counter)>,
}

thread_local! {
    static FIGURES: RefCell<HashMap<String, Figures>> = RefCell::default();
}

/// By pattern and status only: no label of a figure names a person, a client or a tenant, or is a caller's own word.
fn count(method: &Method, route: &str, status: u16, elapsed: Duration) {
    let method = word(method);
    FIGURES.with_borrow_mut(|figures| {
        if !figures.contains_key(route) {
            let seconds = metrics::histogram!("countersign_request_seconds", "route" => route.to_owned());
            figures.insert(route.to_owned(), Figures { seconds, answers: Vec::new() });
        }
        let Some(Figures { seconds, answers }) = figures.get_mut(route) else { return };
        seconds.record(elapsed.as_secs_f64());
        if let Some((.., counter)) = answers.iter().find(|(m, s, _)| (*m, *s) == (method, status)) {
            return counter.increment(1);
        }
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        let counter = metrics::counter!("countersign_requests_total", &labels);
        counter.increment(1);
        answers.push((method, status, counter));
    });
}

/// A method as a label: any that nobody knows is the same, or whoever makes them up would fill the memory.
fn word(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};
    use std::sync::Arc;

    use actix_web::middleware::from_fn;
    use actix_web::test::{self, TestRequest};
    use actix_web::{App, HttpResponse, web};

    use super::*;

    #[actix_web::test]
    async fn a_request_leaves_a_line_but_an_answer_that_nothing_is_new_leaves_none() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let logged = tracing_subscriber::fmt().with_writer(Arc::clone(&file)).finish();
        let _guard = tracing::subscriber::set_default(logged);
        let app = App::new()
            .wrap(from_fn(log))
            .route("/told", web::get().to(HttpResponse::Ok))
            .route("/same", web::get().to(HttpResponse::NotModified));
        let app = test::init_service(app).await;
        for (path, status) in [("/told", 200), ("/same", 304)] {
            let answer = test::call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), status);
        }
        let mut lines = String::new();
        (&*file).rewind().unwrap();
        (&*file).read_to_string(&mut lines).unwrap();
        assert!(lines.contains("/told") && !lines.contains("/same"), "{lines}");
    }

    #[test]
    fn a_method_that_a_caller_made_up_is_no_label() {
        assert_eq!((word(&Method::POST), word(&Method::OPTIONS)), ("POST", "OPTIONS"));
        for made_up in ["lead-10482", "GETS", "post"] {
            assert_eq!(word(&Method::from_bytes(made_up.as_bytes()).unwrap()), "other");
        }
    }
}
