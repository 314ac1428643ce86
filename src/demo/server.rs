//! One small web server of the demonstration: how it starts and how it stops.
//!
//! Knows nothing of what is served.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::middleware::Compress;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

use super::DemoError;

/// A server that runs in the background until it is stopped.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as the beginning of a link, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it and waits until it has stopped; open requests are cut short.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

/// Serves `routes` on the listener, with one worker: it is one person who looks at it.
///
/// # Errors
/// The listener cannot be used.
pub(super) fn serve<R>(listener: TcpListener, routes: R) -> Result<Running, DemoError>
where
    R: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || App::new().wrap(Compress::default()).configure(routes.clone()))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Running { address, handle })
}
