//! How long the service takes to start, and what it weighs after many cycles with everything running.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::Scale;
use crate::cycle::drive;
use crate::place::{Kind, Place, count};
use crate::process::{Process, Role, countersign};
use crate::report::{Row, median, say, tell};
use crate::seed;
use crate::wire::Receiver;

/// What the service may weigh, in MiB.
const MOST: f64 = 60.0;
const STARTS: usize = 5;
/// How many clients at once.
const CLIENTS: usize = 8;
/// How often it is weighed in all.
const WEIGHED: usize = 10;

/// Measures the start on each database, empty and filled, beside a process that only says its version.
pub async fn starts(place: &Place, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    let bare = (0..STARTS).map(|_| version(place)).collect::<anyhow::Result<Vec<_>>>()?;
    let bare = format!("{:.0} ms", median(bare.into_iter()));
    for (kind, template) in filled {
        for (what, url) in
            [("empty", place.empty(*kind).await?), ("100,000 clients", place.copy(*kind, template).await?)]
        {
            let (mut times, mut weight) = (Vec::new(), 0.0);
            for _ in 0..STARTS {
                let settings = seed::settings(&url, "127.0.0.1:1");
                let (process, took) = Process::start(Role::Whole, place.dir.path(), &settings).await?;
                times.push(milliseconds(took));
                weight = process.memory()?;
            }
            // The first start on an empty database makes its tables.
            let first = times.first().copied().unwrap_or_default();
            let more = format!("first {first:.0} ms; {weight:.0} MiB once ready");
            let ours = format!("{:.0} ms", median(times.into_iter()));
            tell(&Row::plain(&format!("start, {}, {what}", kind.name()), ours, bare.clone(), more));
        }
    }
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn version(place: &Place) -> anyhow::Result<f64> {
    let started = Instant::now();
    let ended = countersign(place.dir.path()).arg("--version").status()?;
    ensure!(ended.success(), "--version ended with {ended}");
    Ok(milliseconds(started.elapsed()))
}

/// Weighs the whole service, its outbox sending and pushing, after each tenth of the cycles.
pub async fn memory(place: &Place, scale: &Scale, template: &str, receiver: &Receiver) -> anyhow::Result<()> {
    let url = place.copy(Kind::Postgres, template).await?;
    // Weight is not a matter of the disk: this goes as fast as the processor lets it.
    place.hurry(&url).await?;
    let settings = seed::settings(&url, &receiver.address);
    let (process, _) = Process::start(Role::Whole, place.dir.path(), &settings).await?;
    let before = process.memory()?;
    let next = Arc::new(AtomicUsize::new(0));
    let (mut weights, taken, started) = (Vec::new(), receiver.taken(), Instant::now());
    for _ in 0..WEIGHED {
        drive(place, &process, CLIENTS, scale.weighed / WEIGHED, &next).await?;
        weights.push(process.memory()?);
    }
    let took = started.elapsed().as_secs_f64();
    let verified = count(&url, "select count(*) from audit where outcome = 'verified'").await?;
    ensure!(verified == scale.weighed, "{verified} of {} cycles verified", scale.weighed);
    let pushed = receiver.taken() - taken;
    ensure!(pushed > scale.weighed / 20, "only {pushed} pushes and texts came");
    let (first, last) =
        (weights.first().copied().unwrap_or(f64::NAN), weights.last().copied().unwrap_or(f64::NAN));
    let heaviest = weights.iter().copied().fold(before, f64::max);
    let each = weights.iter().map(|w| format!("{w:.0}")).collect::<Vec<_>>().join(" ");
    let verdict = if heaviest < MOST { "" } else { "  ABOVE THE AIM" };
    tell(&Row::plain(
        &format!("memory, {} cycles", scale.weighed),
        format!("{last:.1} MiB"),
        format!("{MOST} MiB"),
        format!(
            "{before:.0} at first; after each tenth {each}; grown {:+.1} from the first{verdict}",
            last - first
        ),
    ));
    say(&format!("  ({pushed} pushes and texts came meanwhile, in {took:.0} s)"));
    Ok(())
}
