//! What stands in front of several processes: it asks each for `/readyz` and gives connections to those that are
//! ready, in turn. It tries nothing again: a process that does not take a connection has lost it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How often it asks.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Known {
    all: Mutex<BTreeSet<SocketAddr>>,
    ready: watch::Sender<Vec<SocketAddr>>,
    turn: AtomicUsize,
    lost: AtomicUsize,
}

pub struct Balancer {
    /// `http://` and where it listens.
    pub base: String,
    known: Arc<Known>,
}

fn address(base: &str) -> SocketAddr {
    base.strip_prefix("http://").unwrap().parse().unwrap()
}

impl Balancer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let known: Arc<Known> = Arc::default();
        tokio::spawn(look(Arc::clone(&known)));
        let shared = Arc::clone(&known);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, Arc::clone(&shared)));
            }
        });
        Self { base, known }
    }

    /// Adds a process and waits until it is given connections.
    pub async fn add(&self, base: &str) {
        self.known.all.lock().unwrap().insert(address(base));
        let mut ready = self.known.ready.subscribe();
        ready.wait_for(|ready| ready.contains(&address(base))).await.unwrap();
    }

    /// Waits until a process is given no more connections.
    pub async fn gone(&self, base: &str) {
        let mut ready = self.known.ready.subscribe();
        ready.wait_for(|ready| !ready.contains(&address(base))).await.unwrap();
    }

    /// How many connections nobody took.
    pub fn lost(&self) -> usize {
        self.known.lost.load(Ordering::SeqCst)
    }
}

#[expect(clippy::disallowed_methods, reason = "a balancer asks as any client would")]
async fn look(known: Arc<Known>) {
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        let all = known.all.lock().unwrap().clone();
        let mut ready = Vec::new();
        for address in all {
            let asked = http.get(format!("http://{address}/readyz")).send().await;
            ready.extend(asked.is_ok_and(|answer| answer.status() == 200).then_some(address));
        }
        known.ready.send_replace(ready);
    }
}

async fn carry(mut client: TcpStream, known: Arc<Known>) {
    let ready = known.ready.borrow().clone();
    let turn = known.turn.fetch_add(1, Ordering::SeqCst);
    let Some(next) = ready.get(turn % ready.len().max(1)) else {
        known.lost.fetch_add(1, Ordering::SeqCst);
        return;
    };
    match TcpStream::connect(next).await {
        Ok(mut server) => drop(tokio::io::copy_bidirectional(&mut client, &mut server).await),
        Err(_) => drop(known.lost.fetch_add(1, Ordering::SeqCst)),
    }
}
