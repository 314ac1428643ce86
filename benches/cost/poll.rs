//! Polls of statuses beside a handler that checks the same token and answers as many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::json;
use tokio::task::JoinSet;

use crate::place::{Kind, Place};
use crate::process::{Process, Role};
use crate::report::{Meter, Round, Row, tell};
use crate::seed;
use crate::wire::{Http, request};
use crate::{Scale, gather};

/// What the ratios of a batch and of a poll that finds nothing new should be at least.
const AIM: f64 = 0.5;
/// How many different requests take turns.
const DIFFERENT: usize = 32;
const CLIENTS_AT_ONCE: usize = 8;

/// One kind of poll: requests to us, and the same to the bare handler.
struct Poll {
    what: &'static str,
    aim: Option<f64>,
    status: u16,
    ours: Vec<Vec<u8>>,
    bare: Vec<Vec<u8>>,
}

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    for (kind, template) in filled {
        measure_one(place, scale, *kind, template)
            .await
            .with_context(|| format!("polls on {}", kind.name()))?;
    }
    Ok(())
}

async fn measure_one(place: &Place, scale: &Scale, kind: Kind, template: &str) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    let settings = seed::settings(&url, "127.0.0.1:1");
    let (service, _) = Process::start(Role::Requests, place.dir.path(), &settings).await?;
    let (bare, _) = Process::start(Role::Bare, place.dir.path(), &settings).await?;
    for poll in polls(&service).await? {
        let mut rounds = Vec::new();
        for _ in 0..scale.rounds {
            let floor = hammer(place, &bare, scale.poll, &poll.bare, poll.status).await?;
            let ours = hammer(place, &service, scale.poll, &poll.ours, poll.status).await?;
            rounds.push((floor, ours));
        }
        let what = format!("poll, {}, {}", kind.name(), poll.what);
        tell(&Row::of_rounds(what, poll.aim, &rounds));
    }
    Ok(())
}

/// Clients in no order, of those that are polled.
fn some(from: usize, many: usize) -> Vec<String> {
    let polled = seed::CLIENTS - seed::POLLED;
    (0..many).map(|at| seed::client(seed::POLLED + (from * 501 + at) * 7919 % polled)).collect()
}

async fn polls(service: &Process) -> anyhow::Result<Vec<Poll>> {
    let mut http = Http::connect(&service.address).await?;
    let asked = r#"{"agent":{"id":"u-77","name":"Maria Lopez"},"clients":["lead-000001"]}"#;
    let answer = http.send(&request("POST", "/api/v1/agent-tokens", &seed::api_key(0), "", asked)).await?;
    let token = answer.field("agent_token")?.to_owned();
    let single = |from: usize| {
        let path = format!("/api/v1/clients/{}/status", some(from, 1).join(""));
        ("GET", path, String::new())
    };
    let batch = |from: usize| {
        let clients = json!({"clients": some(from, 500)}).to_string();
        ("POST", "/api/v1/status".to_owned(), clients)
    };
    let mut polls = Vec::new();
    for (what, aim, known, wanted) in [
        ("one", None, false, &single as &dyn Fn(usize) -> (&'static str, String, String)),
        ("one, nothing new", Some(AIM), true, &single),
        ("500", Some(AIM), false, &batch),
        ("500, nothing new", Some(AIM), true, &batch),
    ] {
        let status = if known { 304 } else { 200 };
        let mut poll = Poll { what, aim, status, ours: Vec::new(), bare: Vec::new() };
        for from in 0..DIFFERENT {
            let (method, path, body) = wanted(from);
            let answer = http.send(&request(method, &path, &token, "", &body)).await?;
            ensure!(answer.status == 200, "{path}: {} {}", answer.status, answer.body);
            let clients = answer.body.matches("\"client\":").count();
            ensure!(clients == if method == "POST" { 500 } else { 1 }, "{path}: {clients} clients");
            ensure!(
                answer.body.matches("\"version\":3").count() == clients,
                "{path}: not as they were filled"
            );
            let size = answer.body.len();
            let more = answer.header("etag").filter(|_| known).map(|tag| format!("if-none-match: {tag}\r\n"));
            let more = more.unwrap_or_default();
            poll.ours.push(request(method, &path, &token, &more, &body));
            poll.bare.push(request(method, &format!("/{size}"), &token, &more, &body));
        }
        polls.push(poll);
    }
    Ok(polls)
}

/// Asks for some time, with several connections.
async fn hammer(
    place: &Place,
    process: &Process,
    how_long: Duration,
    requests: &[Vec<u8>],
    status: u16,
) -> anyhow::Result<Round> {
    let (requests, done) = (Arc::new(requests.to_vec()), Arc::new(AtomicUsize::new(0)));
    let meter = Meter::start(place, Some(process));
    let end = Instant::now() + how_long;
    let mut workers = JoinSet::new();
    for worker in 0..CLIENTS_AT_ONCE {
        let (requests, done, address) = (Arc::clone(&requests), Arc::clone(&done), process.address.clone());
        workers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            for request in requests.iter().cycle().skip(worker * DIFFERENT / CLIENTS_AT_ONCE) {
                if Instant::now() >= end {
                    break;
                }
                let answer = http.send(request).await?;
                ensure!(answer.status == status, "{} instead of {status}: {}", answer.status, answer.body);
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    gather(workers).await?;
    Ok(meter.stop(done.load(Ordering::Relaxed)))
}
