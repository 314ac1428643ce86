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
use crate::{Scale, gather, on_each};

/// What the ratios of a batch and of a poll that finds nothing new should be at least.
const AIM: f64 = 0.5;
/// How many different requests take turns where the same are asked again and again.
const FEW: usize = 32;
const CLIENTS_AT_ONCE: usize = 8;

/// One kind of poll: requests to us, and the same to the bare handler.
struct Poll {
    what: String,
    aim: Option<f64>,
    status: u16,
    ours: Arc<Vec<Vec<u8>>>,
    bare: Arc<Vec<Vec<u8>>>,
}

/// What is asked for in one poll.
#[derive(Clone, Copy)]
struct Shape {
    clients: usize,
    /// So many different ones that none is asked twice within a second.
    many: usize,
}

const ONE: Shape = Shape { clients: 1, many: 20_000 };
const BATCH: Shape = Shape { clients: 500, many: 3000 };

impl Shape {
    fn request(
        self,
        table: &seed::Table,
        from: usize,
        path: Option<&str>,
        token: &str,
        more: &str,
    ) -> Vec<u8> {
        let clients = some(table, from, self.clients);
        if self.clients == 1 {
            let own = format!("/api/v1/clients/{}/status", clients.join(""));
            return request("GET", path.unwrap_or(&own), token, more, "");
        }
        let body = json!({"clients": clients}).to_string();
        request("POST", path.unwrap_or("/api/v1/status"), token, more, &body)
    }

    /// Asks once and looks whether the answer is right. Gives its tag and its size.
    async fn look(
        self,
        http: &mut Http,
        table: &seed::Table,
        token: &str,
        from: usize,
    ) -> anyhow::Result<(String, usize)> {
        let answer = http.send(&self.request(table, from, None, token, "")).await?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
        let clients = answer.body.matches("\"client\":").count();
        ensure!(clients == self.clients, "{clients} clients");
        ensure!(answer.body.matches("\"version\":3").count() == clients, "not as they were filled in");
        let tag = answer.header("etag").context("no tag")?.to_owned();
        Ok((tag, answer.body.len()))
    }
}

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    on_each(filled, "polls", async |kind, template| {
        measure_one(place, scale, kind, template, &seed::USUAL, "").await
    })
    .await
}

/// Measures polls of the clients of a table, on a copy of `template`; `note` says more of it.
pub async fn measure_one(
    place: &Place,
    scale: &Scale,
    kind: Kind,
    template: &str,
    table: &seed::Table,
    note: &str,
) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    let settings = seed::settings(&url, "127.0.0.1:1");
    let (service, _) = Process::start(Role::Requests, place.dir.path(), &settings).await?;
    let (bare, _) = Process::start(Role::Bare, place.dir.path(), &settings).await?;
    for poll in polls(&service, table).await? {
        let mut rounds = Vec::new();
        for _ in 0..scale.rounds {
            let floor = hammer(place, &bare, scale.poll, &poll.bare, poll.status).await?;
            let ours = hammer(place, &service, scale.poll, &poll.ours, poll.status).await?;
            rounds.push((floor, ours));
        }
        let what = format!("poll, {}, {}{note}", kind.name(), poll.what);
        tell(&Row::of_rounds(what, poll.aim, &rounds));
    }
    Ok(())
}

/// Clients in no order, of those that are polled.
fn some(table: &seed::Table, from: usize, many: usize) -> Vec<String> {
    (0..many).map(|at| seed::client(seed::POLLED + (from * 501 + at) * 7919 % table.polled)).collect()
}

async fn polls(service: &Process, table: &seed::Table) -> anyhow::Result<Vec<Poll>> {
    let mut http = Http::connect(&service.address).await?;
    let asked = r#"{"agent":{"id":"u-77","name":"Maria Lopez"},"clients":["lead-000001"]}"#;
    let answer = http.send(&request("POST", "/api/v1/agent-tokens", &seed::api_key(0), "", asked)).await?;
    let token = answer.field("agent_token")?.to_owned();
    let mut polls = Vec::new();
    for (what, shape) in [("one", ONE), ("500", BATCH)] {
        let mut looked = Vec::new();
        for from in 0..FEW {
            looked.push(shape.look(&mut http, table, &token, from).await?);
        }
        for (how, aim, different) in [
            ("asked anew", None, shape.many),
            ("asked again", Some(AIM), FEW),
            ("nothing new", Some(AIM), FEW),
        ] {
            let known = how == "nothing new";
            let both = (0..different).map(|from| {
                let (tag, size) = &looked[from % FEW];
                let more = if known { format!("if-none-match: {tag}\r\n") } else { String::new() };
                let ours = shape.request(table, from, None, &token, &more);
                (ours, shape.request(table, from, Some(&format!("/{size}")), &token, &more))
            });
            let (ours, bare): (Vec<_>, Vec<_>) = both.unzip();
            let (status, what) = (if known { 304 } else { 200 }, format!("{what}, {how}"));
            polls.push(Poll { what, aim, status, ours: Arc::new(ours), bare: Arc::new(bare) });
        }
    }
    Ok(polls)
}

/// Asks for some time, with several connections.
async fn hammer(
    place: &Place,
    process: &Process,
    how_long: Duration,
    requests: &Arc<Vec<Vec<u8>>>,
    status: u16,
) -> anyhow::Result<Round> {
    let done = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start(place, Some(process));
    let end = Instant::now() + how_long;
    let mut workers = JoinSet::new();
    for worker in 0..CLIENTS_AT_ONCE {
        let (requests, done, address) = (Arc::clone(requests), Arc::clone(&done), process.address.clone());
        workers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            for request in requests.iter().cycle().skip(worker * requests.len() / CLIENTS_AT_ONCE) {
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
