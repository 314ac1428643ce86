//! The composition root: configuration and ports become a running service. Tests build it the same way.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer};
use secrecy::ExposeSecret as _;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::domain::address::AddressRules;
use crate::domain::contact::Phone;
use crate::domain::key::{BadKey, KeyRing, KeySet};
use crate::domain::tenant::Tenant;
use crate::host;
use crate::host::client::PushClient;
use crate::http::{self, Passes, Recent, Screens, Site};
use crate::message::Senders;
use crate::message::render::{RenderError, Renderer};
use crate::outbox::{self, Outbox};
use crate::ports::{Clock, Random, SystemClock, SystemRandom};
use crate::store::{self, Store, StoreError, Vault};
use crate::telemetry;
use crate::usecase::audit::sealer::Sealer;
use crate::usecase::brake::Everywhere;
use crate::usecase::directory::Directory;
use crate::usecase::error::chain;
use crate::usecase::measure;
use crate::usecase::message::Post;
use crate::usecase::pin::hasher::Hasher;
use crate::usecase::stream::look::look;
use crate::usecase::stream::{Hub, TICK};
use crate::usecase::tenant::note_uses::{Uses, note_uses};
use crate::usecase::tenant::purge::purge;
use crate::usecase::time::ServiceTime;
use crate::usecase::{Bells, Changes, Desk};

/// How often a process looks for what others changed, and notes the time.
const BEAT: Duration = Duration::from_millis(500);
/// The time is noted once in so many beats; a restart learns it exactly from the newest audit entry.
const NOTE_TIME_EVERY: u64 = 10;
/// How often what is too old is deleted.
const PURGE_EVERY: Duration = Duration::from_mins(30);
/// How often the audit entries that came since get their places.
const SEAL_EVERY: Duration = Duration::from_secs(2);
/// How long the last of them may take when the service stops.
const LAST_SEAL: Duration = Duration::from_secs(5);
/// How long requests under way have when the service stops.
const DRAIN_SECONDS: u64 = 20;

/// What the service takes from the machine it runs on.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl Ports {
    /// The real ones.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "secrets.master_key is missing; `countersign keygen` makes one, and COUNTERSIGN_SECRETS__MASTER_KEY_FILE names a file with it"
    )]
    NoMasterKey,
    #[error("secrets.{key}: {error}")]
    BadMasterKey { key: &'static str, error: BadKey },
    #[error("database: {0}")]
    Store(#[from] StoreError),
    #[error("no HTTP client can be made: {0}")]
    Client(String),
    #[error("a template is wrong: {0}")]
    Template(#[from] RenderError),
    #[error("a page is wrong: {0}")]
    Page(#[source] Box<http::PageError>),
    #[error("server.public_url cannot be the console's address")]
    Console,
    #[error("{0} cannot be listened on: {1}")]
    Bind(SocketAddr, std::io::Error),
    #[error("the server cannot start: {0}")]
    Server(std::io::Error),
}

/// The service, built but not yet serving.
pub struct App {
    config: Config,
    outbox: Outbox,
}

/// The key ring that the configuration names.
///
/// # Errors
/// [`StartError::NoMasterKey`], [`StartError::BadMasterKey`]
pub fn key_ring(config: &Config) -> Result<KeyRing, StartError> {
    let parse = |key: &'static str, secret: &secrecy::SecretString| {
        KeySet::parse(secret.expose_secret()).map_err(|error| StartError::BadMasterKey { key, error })
    };
    let current = config.secrets.master_key.as_ref().ok_or(StartError::NoMasterKey)?;
    let current = parse("master_key", current)?;
    let old = config.secrets.old_master_keys.iter().map(|k| parse("old_master_keys", k));
    Ok(KeyRing::new(current, old.collect::<Result<_, _>>()?))
}

impl App {
    /// Opens and migrates the database and reads who is who.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn build(config: Config, ports: Ports) -> Result<Self, StartError> {
        host::install_crypto();
        let vault = Vault { ring: Arc::new(key_ring(&config)?), random: Arc::clone(&ports.random) };
        let hasher = Hasher::new(Arc::clone(&vault.ring), Arc::clone(&ports.random));
        let store = Store::new(store::connect(&config.database.url).await?, vault);
        let rules = AddressRules::new(config.host.allow_private_callbacks.clone());
        let client = |error: &dyn std::error::Error| StartError::Client(error.to_string());
        let console = Tenant::console(&config.server.public_url).map_err(|_| StartError::Console)?;
        let desk = Desk {
            store,
            time: ServiceTime::new(ports.clock),
            random: ports.random,
            directory: Directory::new(console),
            bells: Bells::default(),
            hub: Hub::default(),
            changes: Changes::default(),
            uses: Uses::default(),
            hasher,
            everywhere: Everywhere::new(config.server.wrong_codes_a_day),
            public_url: config.server.public_url.clone(),
        };
        let post = Post {
            renderer: Arc::new(Renderer::new()?),
            senders: Arc::new(Senders::new(rules.clone()).map_err(|e| client(&e))?),
            providers: Arc::new(config.providers.clone()),
            turns: Arc::default(),
        };
        let pusher = Arc::new(PushClient::new(rules).map_err(|e| client(&e))?);
        let app = Self { config, outbox: Outbox { desk, post, pusher } };
        if let Some(newest) = app.desk().store.newest_entry().await? {
            app.desk().time.observe(newest);
        }
        // A process without the right master key must not come up and turn every tenant away.
        if let Some(error) = app.desk().store.keychain().await?.unreadable.pop() {
            return Err(error.into());
        }
        app.beat().await?;
        Ok(app)
    }

    /// The same; meanwhile what it draws is read, so that a start waits for the longer of the two and not for one after the
    /// other.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn ready(config: Config, ports: Ports) -> Result<(Self, Screens), StartError> {
        let public_url = config.server.public_url.clone();
        let screens = spawn_blocking(move || Screens::read(&public_url));
        let app = Self::build(config, ports).await?;
        let screens = screens.await.map_err(std::io::Error::from).map_err(StartError::Server)?;
        Ok((app, screens.map_err(StartError::Page)?))
    }

    pub fn desk(&self) -> &Desk {
        &self.outbox.desk
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Looks for what other processes changed, and notes the time.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn beat(&self) -> Result<(), StoreError> {
        beat(self.desk(), true).await
    }

    /// Serves requests on `listener`, without the outbox: a test drains that by call.
    ///
    /// # Errors
    /// [`StartError::Server`]
    pub fn serve_requests(&self, listener: TcpListener) -> Result<Serving, StartError> {
        let screens = Screens::read(&self.config.server.public_url).map_err(StartError::Page)?;
        self.serve_screens(screens, listener)
    }

    fn serve_screens(&self, screens: Screens, listener: TcpListener) -> Result<Serving, StartError> {
        let figures = telemetry::figures();
        measure::announce();
        let leaving = CancellationToken::new();
        let site = Site {
            desk: self.desk().clone(),
            leaving: leaving.clone(),
            public_url: self.config.server.public_url.clone(),
            post: self.outbox.post.clone(),
            trusted_proxies: self.config.server.trusted_proxies.clone().into(),
            figures,
            recent: Recent::default(),
            passes: Passes::default(),
        };
        let public_url = site.public_url.clone();
        let address = listener.local_addr().map_err(StartError::Server)?;
        let routes = http::routes(&site, screens);
        let leave = leaving.clone();
        let factory = move || {
            let leave = leave.clone();
            Actix::new()
                .wrap(from_fn(move |request, next| http::part(leave.clone(), request, next)))
                .wrap(http::default_headers(&public_url))
                .wrap(from_fn(http::log))
                .configure(routes.clone())
        };
        let server = HttpServer::new(factory)
            .disable_signals()
            .shutdown_timeout(DRAIN_SECONDS)
            .listen(listener)
            .map_err(StartError::Server)?
            .run();
        let hub = self.desk().hub.clone();
        Ok(Serving { address, hub, leaving, handle: server.handle(), task: tokio::spawn(server) })
    }

    /// Serves requests and runs the outbox until `stop`. Then it says that it leaves, serves for `server.drain` more,
    /// so that whoever distributes requests sends them elsewhere, and finishes what is under way.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn serve(
        self,
        screens: Screens,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), StartError> {
        let serving = self.serve_screens(screens, listener)?;
        // The first use of the telephone metadata takes a while: not in somebody's first request, nor before the first is taken.
        drop(spawn_blocking(|| drop(Phone::parse("+12025550173"))));
        tracing::info!(address = %serving.address, "serving");
        let end = CancellationToken::new();
        let jobs = tokio::spawn(outbox::run(self.outbox.clone(), end.clone()));
        let beats = tokio::spawn(beats(self.desk().clone(), end.clone()));
        let purges = tokio::spawn(purges(self.desk().clone(), end.clone()));
        let streams = tokio::spawn(streams(self.desk().clone(), end.clone()));
        let seals = tokio::spawn(seals(Sealer::new(self.desk().clone()), end.clone()));
        // Where a loop of the outbox ends by itself, nothing is left to wait for.
        let drain = self.config.server.drain;
        end.run_until_cancelled(leave(&serving, stop, drain)).await;
        tracing::info!("stopping");
        end.cancel();
        serving.stop().await;
        let (.., sealer) = tokio::join!(jobs, beats, purges, streams, seals);
        if let Ok(sealer) = sealer {
            // What this does not reach is sealed at the next start.
            let _ = tokio::time::timeout(LAST_SEAL, sealer.end()).await;
        }
        Ok(self.outbox.desk.store.close().await?)
    }

    /// Binds the configured address.
    ///
    /// # Errors
    /// [`StartError::Bind`]
    pub fn listen(&self) -> Result<TcpListener, StartError> {
        let bind = self.config.server.bind;
        TcpListener::bind(bind).map_err(|error| StartError::Bind(bind, error))
    }
}

/// Serves until `stop`, and for `drain` more.
async fn leave(serving: &Serving, stop: CancellationToken, drain: Duration) {
    stop.cancelled().await;
    serving.leave();
    tracing::info!(seconds = drain.as_secs(), "leaving");
    tokio::time::sleep(drain).await;
}

/// A server that answers requests.
pub struct Serving {
    pub address: SocketAddr,
    hub: Hub,
    leaving: CancellationToken,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    /// Says at `/readyz` that no more requests are to come, and answers those that do.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Ends the streams, finishes the requests under way and stops.
    pub async fn stop(self) {
        self.hub.close();
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.task.await {
            tracing::error!(%error, "the server ended with an error");
        }
    }
}

/// Looks at what others changed; now and then notes the time and the uses of keys too, which are writes, and at wrong codes.
async fn beat(desk: &Desk, note_time: bool) -> Result<(), StoreError> {
    if note_time {
        desk.store.mark_time(desk.time.now()).await?;
    }
    let marks = desk.store.marks().await?;
    desk.time.observe(marks.newest);
    desk.directory.refresh(&desk.store, marks).await?;
    // After what others changed: a key that was revoked is not to wait for this.
    if note_time {
        note_uses(desk).await?;
        desk.everywhere.look(&desk.store, desk.time.now()).await?;
    }
    Ok(())
}

async fn beats(desk: Desk, stop: CancellationToken) {
    for count in 0u64.. {
        let now_and_then = count.is_multiple_of(NOTE_TIME_EVERY);
        if let Some(figures) = telemetry::figures().filter(|_| now_and_then) {
            // Samples are kept until somebody scrapes them, or until this folds them together.
            figures.run_upkeep();
        }
        if let Err(error) = beat(&desk, now_and_then).await {
            tracing::warn!(error = chain(&error), "the database cannot be looked at");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

/// Tells those who listen what time and other processes change, each at its own pace: a database that hangs holds
/// up neither the end of a code nor that of a token.
async fn streams(desk: Desk, stop: CancellationToken) {
    let reviews = async {
        loop {
            desk.hub.review(&desk.directory, desk.time.now());
            tokio::time::sleep(TICK).await;
        }
    };
    let looks = async {
        loop {
            let wait = match look(&desk).await {
                Ok(true) => Duration::ZERO,
                Ok(false) => TICK,
                Err(error) => {
                    tracing::warn!(error = chain(&error), "changes of other processes cannot be looked for");
                    BEAT
                }
            };
            tokio::time::sleep(wait).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = reviews => {}
        () = looks => {}
    }
}

/// Seals the audit log until `stop`, and gives back what does it: what is written until the end is sealed then.
async fn seals(mut sealer: Sealer, stop: CancellationToken) -> Sealer {
    loop {
        if let Some(Err(error)) = stop.run_until_cancelled(sealer.run()).await {
            tracing::warn!(error = chain(&error), "the audit log cannot be sealed; it is tried again");
        }
        if stop.run_until_cancelled(tokio::time::sleep(SEAL_EVERY)).await.is_none() {
            return sealer;
        }
    }
}

async fn purges(desk: Desk, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PURGE_EVERY)).await.is_some() {
        if let Some(Err(error)) = stop.run_until_cancelled(purge(&desk)).await {
            tracing::warn!(
                error = chain(&error),
                "what is too old was not all deleted; the next run goes on"
            );
        }
    }
}
