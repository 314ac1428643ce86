//! Checks of codes while security PINs are tried ten times as fast as they can be hashed, beside the same without.
//!
//! Both arrive at a pace of their own, as they would: neither waits for the other, so a check that gets slower does
//! not make the load lighter.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::cycle::run_over_http;
use crate::place::{Kind, Place};
use crate::process::{Process, Role};
use crate::report::{Row, tell};
use crate::seed;
use crate::wire::{Http, request};
use crate::{Scale, gather, on_each};

/// Codes asked for and checked in a second, far below what the service can do.
const PACE: f64 = 60.0;
/// How many times what the pool can do.
const FLOOD: f64 = 10.0;
/// Connections: more than may wait in the pool, so that the flood goes on.
const FLOODING: usize = 128;
const CHECKING: usize = 8;
/// The slowest check of a hundred takes at most twice as long: its speed is at least half.
const AIM: f64 = 0.5;

/// Moments at a steady pace, each for whoever comes next.
struct Pacer {
    started: Instant,
    ends: Instant,
    each: Duration,
    next: AtomicUsize,
}

impl Pacer {
    fn new(how_long: Duration, a_second: f64) -> Arc<Self> {
        let started = Instant::now();
        let each = Duration::from_secs_f64(1.0 / a_second);
        Arc::new(Self { started, ends: started + how_long, each, next: AtomicUsize::new(0) })
    }

    /// Waits for the next moment; false when there is none left.
    async fn wait(&self) -> bool {
        let number = u32::try_from(self.next.fetch_add(1, Ordering::Relaxed)).unwrap_or(u32::MAX);
        let at = self.started + self.each * number;
        if at >= self.ends {
            return false;
        }
        tokio::time::sleep_until(at.into()).await;
        true
    }
}

/// What became of the PINs of a flood.
#[derive(Default)]
struct Tried {
    sent: AtomicUsize,
    compared: AtomicUsize,
    refused: AtomicUsize,
}

/// Whose turn it is, over all rounds: no client is asked for two codes, and none is locked.
#[derive(Default)]
struct Turns {
    code: AtomicUsize,
    pin: AtomicUsize,
}

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    on_each(filled, "a flood", async |kind, template| measure_one(place, scale, kind, template).await).await
}

async fn measure_one(place: &Place, scale: &Scale, kind: Kind, template: &str) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    let settings = seed::settings(&url, "127.0.0.1:1");
    let (process, _) = Process::start(Role::Requests, place.dir.path(), &settings).await?;
    let turns = Arc::new(Turns::default());
    let can = capacity(&process, scale.flood, &turns).await?;
    let (mut quiet, mut flooded, tried) = (Vec::new(), Vec::new(), Arc::new(Tried::default()));
    for _ in 0..scale.rounds {
        quiet.extend(check_codes(&process, scale.flood, &turns).await?);
        let pacer = Pacer::new(scale.flood, can * FLOOD);
        let flood =
            tokio::spawn(flood(process.address.clone(), pacer, Arc::clone(&turns), Arc::clone(&tried)));
        flooded.extend(check_codes(&process, scale.flood, &turns).await?);
        flood.await??;
    }
    let seconds = scale.flood.as_secs_f64() * f64::from(u32::try_from(scale.rounds)?);
    let rate = |count: &AtomicUsize| {
        f64::from(u32::try_from(count.load(Ordering::Relaxed)).unwrap_or(u32::MAX)) / seconds
    };
    let refused = rate(&tried.refused);
    ensure!(refused > can, "only {refused:.0}/s were refused: that was no flood");
    let (ours, floor) = (p99(flooded), p99(quiet));
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    tell(&Row {
        what: format!("p99 of code checks, {}, PIN flood", kind.name()),
        ours: milliseconds(ours),
        floor: milliseconds(floor),
        ratio: Some(floor.as_secs_f64() / ours.as_secs_f64()),
        aim: Some(AIM),
        more: format!(
            "{:.2} times as long; PINs: {can:.0}/s can be compared, {:.0}/s sent, {:.0}/s compared, {refused:.0}/s refused",
            ours.as_secs_f64() / floor.as_secs_f64(),
            rate(&tried.sent),
            rate(&tried.compared),
        ),
    });
    Ok(())
}

/// The time that ninety-nine in a hundred stay within.
fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default()
}

/// How many PINs are compared in a second when nobody asks for more.
async fn capacity(process: &Process, how_long: Duration, turns: &Arc<Turns>) -> anyhow::Result<f64> {
    let (ends, done) = (Instant::now() + how_long, Arc::new(AtomicUsize::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..CHECKING {
        let (turns, done, address) = (Arc::clone(turns), Arc::clone(&done), process.address.clone());
        workers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            while Instant::now() < ends {
                let (status, body) = try_pin(&mut http, &turns).await?;
                ensure!(status == 200, "{status} {body}");
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    gather(workers).await?;
    Ok(f64::from(u32::try_from(done.load(Ordering::Relaxed))?) / how_long.as_secs_f64())
}

/// Tries a wrong PIN of the next client.
async fn try_pin(http: &mut Http, turns: &Turns) -> anyhow::Result<(u16, String)> {
    let client = seed::client_with_pin(turns.pin.fetch_add(1, Ordering::Relaxed));
    let path = format!("/api/v1/clients/{client}/pin/check");
    let answer = http.send(&request("POST", &path, &seed::api_key(0), "", r#"{"pin":"905173"}"#)).await?;
    Ok((answer.status, answer.body.to_owned()))
}

/// Tries PINs at a pace that nobody can keep up with.
async fn flood(
    address: String,
    pacer: Arc<Pacer>,
    turns: Arc<Turns>,
    tried: Arc<Tried>,
) -> anyhow::Result<()> {
    let mut workers = JoinSet::new();
    for _ in 0..FLOODING {
        let (pacer, turns, tried, address) =
            (Arc::clone(&pacer), Arc::clone(&turns), Arc::clone(&tried), address.clone());
        workers.spawn(async move {
            let mut http = Http::connect(&address).await?;
            while pacer.wait().await {
                tried.sent.fetch_add(1, Ordering::Relaxed);
                let (status, body) = try_pin(&mut http, &turns).await?;
                ensure!(status == 200 || status == 503, "{status} {body}");
                ensure!(status == 503 || body.contains("incorrect"), "{body}");
                // Those who still wait at the end are compared after it.
                if Instant::now() < pacer.ends {
                    let count = if status == 200 { &tried.compared } else { &tried.refused };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            anyhow::Ok(())
        });
    }
    gather(workers).await
}

/// Asks for codes and checks them, at a pace; gives how long each check took.
async fn check_codes(
    process: &Process,
    how_long: Duration,
    turns: &Arc<Turns>,
) -> anyhow::Result<Vec<Duration>> {
    let (pacer, times) = (Pacer::new(how_long, PACE), Arc::new(Mutex::new(Vec::new())));
    let mut workers = JoinSet::new();
    for _ in 0..CHECKING {
        let (pacer, turns, times) = (Arc::clone(&pacer), Arc::clone(turns), Arc::clone(&times));
        let address = process.address.clone();
        workers.spawn(async move {
            let (mut http, keys, tenant) = (Http::connect(&address).await?, seed::keys()?, seed::tenant(0)?);
            while pacer.wait().await {
                let number = turns.code.fetch_add(1, Ordering::Relaxed);
                let took = run_over_http(&mut http, &keys, &tenant, number).await?;
                times.lock().await.push(took);
            }
            anyhow::Ok(())
        });
    }
    gather(workers).await?;
    let times = std::mem::take(&mut *times.lock().await);
    Ok(times)
}
