//! A host that takes pushes and keeps them, and can be told to answer otherwise.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use tokio::sync::watch;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(120);

/// One push as it came.
#[derive(Clone, Debug)]
pub struct Push {
    pub tenant: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Push {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

#[derive(Default)]
struct Kept {
    pushes: Vec<Push>,
    /// What the next ones are answered, by tenant: status and headers.
    answers: HashMap<String, (u16, Vec<(String, String)>)>,
    /// Tenants whose pushes are read and left unanswered.
    held: watch::Sender<HashSet<String>>,
    /// Grows with every push.
    arrived: watch::Sender<usize>,
}

/// The host.
#[derive(Clone)]
pub struct Receiver {
    base: String,
    kept: Arc<Mutex<Kept>>,
}

async fn take(
    kept: web::Data<Mutex<Kept>>,
    tenant: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let headers = request
        .headers()
        .iter()
        .map(|(k, v)| (k.to_string(), v.to_str().unwrap_or_default().to_owned()))
        .collect();
    let mut held = {
        let mut kept = kept.lock().unwrap();
        kept.pushes.push(Push { tenant: tenant.clone(), headers, body: body.to_vec() });
        kept.arrived.send_modify(|count| *count += 1);
        kept.held.subscribe()
    };
    held.wait_for(|held| !held.contains(tenant.as_str())).await.unwrap();
    let kept = kept.lock().unwrap();
    let (status, more) = kept.answers.get(tenant.as_str()).cloned().unwrap_or((204, Vec::new()));
    let mut response = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap());
    for (name, value) in more {
        response.insert_header((name, value));
    }
    response.finish()
}

impl Receiver {
    #[expect(clippy::unused_async, reason = "it spawns, which only works where something can await")]
    pub async fn start() -> Self {
        let kept = web::Data::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).route("/{tenant}", web::post().to(take))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let base = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { base, kept: kept.into_inner() }
    }

    pub fn url(&self, tenant: &str) -> String {
        format!("{}/{tenant}", self.base)
    }

    /// What the pushes of a tenant are answered from now on.
    pub fn answer(&self, tenant: &str, status: u16, headers: &[(&str, &str)]) {
        let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.kept.lock().unwrap().answers.insert(tenant.to_owned(), (status, headers));
    }

    /// Reads the pushes of a tenant from now on without answering them.
    pub fn hold(&self, tenant: &str) {
        self.kept.lock().unwrap().held.send_modify(|held| {
            held.insert(tenant.to_owned());
        });
    }

    /// Answers what was held back, and what comes.
    pub fn release(&self, tenant: &str) {
        self.kept.lock().unwrap().held.send_modify(|held| {
            held.remove(tenant);
        });
    }

    /// Waits until the pushes that came are what is waited for, and gives them.
    pub async fn until(&self, enough: impl Fn(&[Push]) -> bool) -> Vec<Push> {
        let mut arrived = self.kept.lock().unwrap().arrived.subscribe();
        loop {
            arrived.mark_unchanged();
            let pushes = self.pushes();
            if enough(&pushes) {
                return pushes;
            }
            // Only so that a test that waits in vain fails instead of hanging.
            let more = tokio::time::timeout(PATIENCE, arrived.changed()).await;
            more.unwrap_or_else(|_| panic!("waited in vain; what came is {pushes:?}")).unwrap();
        }
    }

    /// Every push so far, in the order they came.
    pub fn pushes(&self) -> Vec<Push> {
        self.kept.lock().unwrap().pushes.clone()
    }

    /// The types of the pushes so far, and forgets them.
    pub fn take_kinds(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().unwrap().pushes).iter().map(Push::kind).collect()
    }
}
