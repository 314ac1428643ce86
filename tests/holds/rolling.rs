//! A new version is brought in: three processes behind a balancer, restarted one after another under load.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::balancer::Balancer;
use crate::database::{Backend, Database};
use crate::ledger;
use crate::length::either;
use crate::load::Load;
use crate::stage::Stage;

/// A hundred times as long as the balancer waits between two looks.
const DRAIN: &str = "5s";
/// How long a client keeps a connection that it has no use for: it then never uses one that it got before a process
/// began to leave, by whose answers it is told to close it.
const IDLE: Duration = Duration::from_secs(1);
const AGENTS: usize = 4;

/// A client that sends each request once.
#[expect(clippy::disallowed_methods, reason = "a test speaks to its own service as any client would")]
fn once(most_idle: usize) -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never());
    client.pool_max_idle_per_host(most_idle).pool_idle_timeout(IDLE).build().unwrap()
}

/// Asks for a status over a new connection each time, until `stop`. Gives how often it was answered.
async fn poll(stage: Arc<Stage>, base: String, stop: CancellationToken) -> usize {
    let (http, url) = (once(0), format!("{base}/api/v1/clients/k-1/status"));
    let mut answered = 0;
    while !stop.is_cancelled() {
        let answer = http.get(&url).bearer_auth(&stage.key).send().await;
        assert_eq!(answer.expect("an answer to a poll").status(), 200);
        answered += 1;
    }
    answered
}

/// Listens to a client's status until it is ended. Gives all that was said.
async fn listen(stage: &Stage, base: &str) -> tokio::task::JoinHandle<String> {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    let path = "/api/v1/status/stream?client=k-1";
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", stage.key);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begun = vec![0; 12];
    stream.read_exact(&mut begun).await.unwrap();
    assert_eq!(begun, b"HTTP/1.1 200");
    tokio::spawn(async move {
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_restarted_in_turn_behind_a_balancer_lose_no_request() {
    let database = Database::empty(Backend::Postgres).await;
    let mut stage = Stage::on(&database, "").await;
    stage.place.set("SERVER__DRAIN", DRAIN);
    stage.http = once(AGENTS);
    let stage = Arc::new(stage);
    let balancer = Balancer::start().await;
    let mut processes = Vec::new();
    for _ in 0..3 {
        let process = stage.serve().await;
        balancer.add(&process.base).await;
        processes.push(process);
    }
    let load = Load::new(Arc::clone(&stage));
    let (_here, bases) = watch::channel(vec![balancer.base.clone()]);
    let stop = CancellationToken::new();
    let agents: Vec<_> =
        (0..AGENTS).map(|_| tokio::spawn(Arc::clone(&load).work(bases.clone(), stop.clone()))).collect();
    let polls = tokio::spawn(poll(Arc::clone(&stage), balancer.base.clone(), stop.clone()));

    for _ in 0..either(3, 30) {
        let mut leaving = processes.remove(0);
        let stream = listen(&stage, &leaving.base).await;
        load.more(20).await;
        leaving.terminate();
        leaving.until("\"message\":\"leaving\"").await;
        // The balancer sees it go; whoever comes nevertheless is served, and streams stay.
        assert_eq!(leaving.call("GET", "/readyz", "", None).await.0, 503);
        stage.must(&leaving.base, "GET", "/api/v1/clients/k-1/status", None, 200).await;
        assert!(!stream.is_finished());
        balancer.gone(&leaving.base).await;
        let ended = leaving.ended().await;
        assert_eq!(ended.code, 0, "{}", ended.err);
        let said = stream.await.unwrap();
        assert!(said.contains("\nretry: ") && said.ends_with("0\r\n\r\n"), "{said:?}");
        let next = stage.serve().await;
        balancer.add(&next.base).await;
        processes.push(next);
        load.more(20).await;
    }
    stop.cancel();
    for agent in agents {
        agent.await.unwrap();
    }
    assert!(polls.await.unwrap() > 100);
    assert_eq!(*load.failed.lock().unwrap(), [""; 0], "every request was answered, by a process that could");
    assert_eq!(balancer.lost(), 0);
    ledger::drained(&database).await;
    ledger::balance(&load, &database).await;
}
