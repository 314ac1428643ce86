//! A running service for one test: its own database, a clock that stands still, files for mailboxes, and a host
//! that takes pushes. Nothing runs by itself: the test drains the outbox by call.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::app::{App, Ports, Serving};
use countersign::config::{self, Config};
use countersign::domain::timestamp::Timestamp;
use countersign::host::signature::{self, WebhookSecret};
use countersign::ports::{FixedClock, FixedRandom};
use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
use serde_json::{Value, json};

use super::code::code_found;
use super::database::{Backend, Database};
use super::receiver::Receiver;

/// When every test starts.
pub const START: &str = "2026-11-20T15:04:05Z";
pub const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
pub const PUSH_SECRET: &str = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";

/// The service under test.
pub struct Service {
    pub app: App,
    pub clock: FixedClock,
    pub base: String,
    pub host: Receiver,
    pub database: Database,
    pub dir: tempfile::TempDir,
    http: reqwest::Client,
    /// Shows where it is sent on to instead of going there.
    pub no_redirects: reqwest::Client,
    pub serving: Serving,
    sent: Arc<Mutex<u32>>,
    /// How many processes there are beside this one: each has chances of its own.
    others: AtomicU64,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Reply {
    /// The body as JSON; panics where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The `code` of a problem, if the status is the expected one.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        let kind =
            self.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let body = self.expect(status);
        assert_eq!(kind, "application/problem+json");
        assert_eq!(body["status"], status);
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

/// The settings of one tenant of a test.
pub fn tenant(id: &str, callback: &str) -> Value {
    json!({
        "name": format!("{id} PEO"), "eligible": true, "time_zone": "America/New_York", "callback_url": callback,
        "allowed_origins": ["https://crm.example"],
        "brand": {"short_name": "Cornerstone", "support_phone": "800-555-0199", "color": "#0550ae"},
    })
}

/// The API key of a tenant of a test.
pub fn api_key(tenant: &str) -> String {
    format!("csk_{tenant}_key_of_a_test_and_of_nothing_else_0001")
}

#[expect(clippy::disallowed_methods, reason = "a test speaks to its own service as any client would")]
fn client(redirects: reqwest::redirect::Policy) -> reqwest::Client {
    countersign::host::install_crypto();
    reqwest::Client::builder().no_proxy().redirect(redirects).build().unwrap()
}

pub fn config(database: &Database, dir: &Path, more: &[(&str, &str)]) -> Config {
    let outbox = dir.join("outbox").display().to_string();
    let mut environment = vec![
        ("COUNTERSIGN_SERVER__DRAIN".to_owned(), "0s".to_owned()),
        ("COUNTERSIGN_DATABASE__URL".to_owned(), database.url.clone()),
        ("COUNTERSIGN_SECRETS__MASTER_KEY".to_owned(), master_key(1)),
        ("COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS".to_owned(), "127.0.0.0/8".to_owned()),
        ("COUNTERSIGN_EMAIL__DIR".to_owned(), outbox.clone()),
        ("COUNTERSIGN_SMS__DIR".to_owned(), outbox.clone()),
        ("COUNTERSIGN_VOICE__DIR".to_owned(), outbox),
    ];
    for (key, value) in more {
        environment.retain(|(known, _)| known != key);
        environment.push(((*key).to_owned(), (*value).to_owned()));
    }
    let file = dir.join("countersign.toml");
    std::fs::write(&file, "").unwrap();
    config::load(Some(&file), environment).unwrap()
}

/// A master key of a test.
pub fn master_key(first: u8) -> String {
    BASE64_STANDARD.encode((0..32).map(|i| first.wrapping_add(i)).collect::<Vec<u8>>())
}

impl Service {
    /// A service with the tenants `cornerstone` and `compeo`.
    pub async fn start(backend: Backend) -> Self {
        Self::with(Database::create(backend).await, &[]).await
    }

    /// The same on a given database, with further settings from the environment; `{port}` is where it serves.
    pub async fn with(database: Database, more: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let host = Receiver::start().await;
        let clock = FixedClock::at(Timestamp::parse(START).unwrap());
        let ports =
            Ports { clock: Arc::new(clock.clone()), random: Arc::new(FixedRandom::seeded(database.seed())) };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let more: Vec<_> = more.iter().map(|(key, value)| (*key, value.replace("{port}", &port))).collect();
        let more: Vec<_> = more.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let app = App::build(config(&database, dir.path(), &more), ports).await.unwrap();
        let serving = app.serve_requests(listener).unwrap();
        let base = format!("http://{}", serving.address);
        let service = Self {
            app,
            clock,
            base,
            host,
            database,
            dir,
            http: client(reqwest::redirect::Policy::default()),
            no_redirects: client(reqwest::redirect::Policy::none()),
            serving,
            sent: Arc::default(),
            others: AtomicU64::new(1),
        };
        for id in ["cornerstone", "compeo"] {
            service.apply(id, tenant(id, &service.host.url(id))).await;
        }
        service
    }

    /// Another process on the same database, with a clock and randomness of its own.
    pub async fn second(&self, at: Timestamp) -> App {
        let ports = Ports {
            clock: Arc::new(FixedClock::at(at)),
            random: Arc::new(FixedRandom::seeded(
                self.database.seed() + self.others.fetch_add(1, Ordering::SeqCst),
            )),
        };
        App::build(config(&self.database, self.dir.path(), &[]), ports).await.unwrap()
    }

    /// Creates or changes a tenant.
    pub async fn apply(&self, id: &str, settings: Value) {
        self.apply_with(id, settings, json!({})).await;
    }

    /// The same with providers of its own.
    pub async fn apply_with(&self, id: &str, settings: Value, providers: Value) {
        let wanted = Wanted {
            id: countersign::domain::id::TenantId::parse(id).unwrap(),
            settings,
            providers,
            webhook_secret: Some(WEBHOOK_SECRET.to_owned().into()),
            push_secret: Some(PUSH_SECRET.to_owned().into()),
            api_key: Some(api_key(id).into()),
        };
        apply_tenants(self.app.desk(), vec![wanted]).await.map(|_| ()).unwrap();
    }

    /// Changes the client policy of `cornerstone`.
    pub async fn policy(&self, policy: Value) {
        self.apply("cornerstone", json!({"policy": {"client": policy}})).await;
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn now(&self) -> Timestamp {
        self.app.desk().time.now()
    }

    /// Runs everything that is due.
    pub async fn drain(&self) -> usize {
        self.app.outbox().drain().await.unwrap()
    }

    /// One request with a credential and a JSON body.
    pub async fn call(&self, method: &str, path: &str, credential: &str, body: Option<&Value>) -> Reply {
        let mut request = self.request(method, path);
        if !credential.is_empty() {
            request = request.bearer_auth(credential);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(request).await
    }

    /// A request to finish by hand.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, text: response.text().await.unwrap() }
    }

    /// As the host `cornerstone`, by its API key.
    pub async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &api_key("cornerstone"), None).await
    }

    /// As the host `cornerstone`, by its API key.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, &api_key("cornerstone"), Some(&body)).await
    }

    /// A signed webhook to `cornerstone` under a fresh id.
    pub async fn webhook(&self, body: &Value) -> Reply {
        let id = {
            let mut sent = self.sent.lock().unwrap();
            *sent += 1;
            format!("msg_{sent}")
        };
        self.webhook_as("cornerstone", &id, body).await
    }

    /// A signed webhook under a given id.
    pub async fn webhook_as(&self, tenant: &str, id: &str, body: &Value) -> Reply {
        self.send(self.signed(tenant, id, body.to_string().as_bytes(), self.clock_seconds())).await
    }

    /// The clock on the wall, in seconds.
    pub fn clock_seconds(&self) -> i64 {
        self.app.desk().time.wall().seconds()
    }

    /// A signed request, ready to send.
    pub fn signed(&self, tenant: &str, id: &str, body: &[u8], seconds: i64) -> reqwest::RequestBuilder {
        let secret = WebhookSecret::parse(WEBHOOK_SECRET).unwrap();
        self.request("POST", &format!("/webhooks/{tenant}"))
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature::sign(&[secret], id, seconds, body))
            .body(body.to_vec())
    }

    /// Messages sent so far, oldest first.
    pub fn mail(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> = match std::fs::read_dir(self.dir.path().join("outbox")) {
            Ok(entries) => entries.map(|e| e.unwrap().path()).collect(),
            Err(_) => Vec::new(),
        };
        files.sort();
        files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
    }

    /// The code in the newest message that holds one, its digits together.
    pub fn code(&self) -> String {
        let mail = self.mail();
        let mut texts = mail.iter().rev().filter_map(|mail| mail["text"].as_str());
        texts.find_map(code_found).expect("a message with a code was sent")
    }

    /// Stops the server; the database stays as it is.
    pub async fn stop(self) -> (App, Database) {
        self.serving.stop().await;
        (self.app, self.database)
    }
}

/// The example client with its three contacts.
pub fn ruiz() -> Value {
    json!({"name": "Ruiz Landscaping LLC", "contacts": [
        {"id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": "ana@ruiz-landscaping.example", "mobile": "+13055550142", "locale": "es"},
        {"id": "c-2", "name": "Luis Ruiz", "role": "authorized_representative", "email": "luis@ruiz-landscaping.example", "phone": "+13055550143", "locale": "en"},
        {"id": "c-3", "name": "Mark Dane", "role": "bookkeeper", "email": "mark@ruiz-landscaping.example", "mobile": "+13055550144", "locale": "en"},
    ]})
}

/// The example webhook.
pub fn requested() -> Value {
    let mut data = json!({"surface": "lead_card", "client": {"id": "lead-10482", "name": "Ruiz Landscaping LLC", "created_at": "2026-10-02T14:00:00Z"},
        "agent": {"id": "u-77", "name": "Maria Lopez", "email": "maria@host-crm.example", "locale": "en"}});
    data["contacts"] = ruiz()["contacts"].clone();
    json!({"type": "verification.requested", "timestamp": START, "data": data})
}
