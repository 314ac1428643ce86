//! What a cycle, a poll, a push and a start cost, each beside its floor in the same run.
//!
//! `cargo bench --bench cost` takes about a quarter of an hour, `cargo bench --bench cost -- --quick` a few minutes; a word
//! after it (`cycle`, `table`, `disk`, `flood`, `poll`, `push`, `hosts`, `backlog`, `start`, `memory`, `console`) measures that alone. Starts all it needs: processes, a
//! PostgreSQL with durable commits, a host that takes pushes. Rounds of ours and of the floor take turns, so that
//! what else the machine does falls on both; a ratio is the median of theirs. Fails if the work was not done.

mod backlog;
mod console;
mod cycle;
mod disk;
mod flood;
mod hosts;
mod life;
mod place;
mod poll;
mod process;
mod push;
mod report;
mod role;
mod seed;
mod table;
mod wire;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use place::{Kind, Place};
use report::say;
use wire::Receiver;

/// How much is measured.
pub struct Scale {
    rounds: usize,
    /// Clients at once, and cycles a round.
    cycles: Vec<(usize, usize)>,
    /// How long a round of a flood takes.
    flood: Duration,
    /// How long a round of polls takes.
    poll: Duration,
    /// Pushes a round.
    pushes: usize,
    /// Pushes a round to each of many hosts.
    pushes_a_host: usize,
    /// Pushes of one tenant that wait.
    backlog: usize,
    /// Cycles after which memory is looked at the last time.
    weighed: usize,
    /// Entries of the audit log that the console's pages are made of.
    entries: usize,
}

impl Scale {
    fn full() -> Self {
        Self {
            rounds: 5,
            cycles: vec![(1, 300), (8, 1000), (64, 1500)],
            flood: Duration::from_secs(6),
            poll: Duration::from_millis(1500),
            pushes: 4000,
            pushes_a_host: 10,
            backlog: 100_000,
            weighed: 100_000,
            entries: 1_000_000,
        }
    }

    fn quick() -> Self {
        Self {
            rounds: 3,
            cycles: vec![(1, 100), (8, 400), (64, 400)],
            flood: Duration::from_secs(3),
            poll: Duration::from_millis(400),
            pushes: 800,
            pushes_a_host: 3,
            backlog: 20_000,
            weighed: 3000,
            entries: 100_000,
        }
    }
}

/// Measures on each database that was filled, and says which one it failed on.
pub async fn on_each(
    filled: &[(Kind, String)],
    what: &str,
    measure: impl AsyncFn(Kind, &str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (kind, template) in filled {
        measure(*kind, template).await.with_context(|| format!("{what} on {}", kind.name()))?;
    }
    Ok(())
}

/// Waits for all workers; the first that fails fails all.
pub async fn gather(mut workers: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if has("--requests") {
        return role::requests().await;
    }
    if has("--bare") {
        return role::bare().await;
    }
    let words = arguments.iter().filter(|argument| !argument.starts_with("--")).count();
    let wanted = |word: &str| words == 0 || has(word);
    let scale = if has("--quick") { Scale::quick() } else { Scale::full() };
    let started = Instant::now();
    let place = Place::make()?;
    say(&report::machine());
    say(&format!("PostgreSQL: {}; SQLite: WAL, synchronous=FULL", place.settings().await?));
    let receiver = Receiver::start().await?;
    let mut filled = Vec::new();
    for kind in Kind::ALL {
        let url = place.empty(kind).await?;
        seed::fill(&url, &receiver.address, &seed::USUAL).await?;
        filled.push((kind, url));
    }
    say(&format!("{} clients filled in after {} s\n", seed::USUAL.clients(), started.elapsed().as_secs()));
    report::head();
    if wanted("cycle") {
        cycle::measure(&place, &scale, &filled).await?;
    }
    if wanted("table") {
        table::measure(&place, &scale, &receiver).await?;
    }
    if wanted("disk") {
        disk::measure(&place, &scale, &filled).await?;
    }
    if wanted("flood") {
        flood::measure(&place, &scale, &filled).await?;
    }
    if wanted("poll") {
        poll::measure(&place, &scale, &filled).await?;
    }
    if wanted("push") {
        push::measure(&place, &scale, &filled, &receiver).await?;
    }
    if wanted("hosts") {
        hosts::measure(&place, &scale, &filled, &receiver).await?;
    }
    if wanted("backlog") {
        backlog::measure(&place, &scale, &filled, &receiver).await?;
    }
    if wanted("start") {
        life::starts(&place, &filled).await?;
    }
    if wanted("memory") {
        let (_, template) = &filled[0];
        life::memory(&place, &scale, template, &receiver).await?;
    }
    if wanted("console") {
        console::measure(&place, &scale, &filled).await?;
    }
    say(&format!("\nin {} s", started.elapsed().as_secs()));
    Ok(())
}
