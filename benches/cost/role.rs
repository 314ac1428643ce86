//! What this program is when it starts itself: the service without its outbox, or a handler that does nothing.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, web};
use countersign::app::{App, Ports};
use countersign::config;
use countersign::domain::contact::Phone;
use countersign::domain::key::KeyRing;
use countersign::domain::token;
use countersign::ports::{Clock as _, SystemClock};
use countersign::telemetry::{self, Form};

use crate::seed;

/// Looks for what other processes changed, as often as the service does.
const BEAT: Duration = Duration::from_millis(500);

/// Serves requests; messages and events are written and wait.
pub async fn requests() -> anyhow::Result<()> {
    telemetry::start(Form::Json);
    let app = App::build(config::load(None, std::env::vars())?, Ports::system()).await?;
    drop(Phone::parse("+12025550173"));
    let serving = app.serve_requests(app.listen()?)?;
    tracing::info!(address = %serving.address, "serving");
    loop {
        tokio::time::sleep(BEAT).await;
        app.desk().refresh().await?;
    }
}

/// Checks the token and answers as many bytes as the path says.
async fn answer(
    ring: web::Data<KeyRing>,
    size: web::Path<usize>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    drop(body);
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let token = header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let claims = token.and_then(|token| token::verify(&ring, token, SystemClock.wall()));
    match (claims, header(header::IF_NONE_MATCH)) {
        (None, _) => HttpResponse::Unauthorized().finish(),
        (Some(_), Some(tag)) => HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish(),
        (Some(_), None) => HttpResponse::Ok().content_type("application/json").body("x".repeat(*size)),
    }
}

/// Serves the handler that everything else is measured against.
pub async fn bare() -> anyhow::Result<()> {
    let address: SocketAddr = config::load(None, std::env::vars())?.server.bind;
    let ring = web::Data::new(KeyRing::new(seed::keys()?, Vec::new()));
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(ring.clone())
            .route("/readyz", web::get().to(HttpResponse::Ok))
            .route("/{size}", web::route().to(answer))
    });
    Ok(server.bind(address)?.run().await?)
}
