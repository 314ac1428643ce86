//! How much a cycle adds to the database, beside the same statements run bare: rows with their indexes, and what is
//! written to the log of changes on the way.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crate::cycle::{drive, record, replay};
use crate::place::{Kind, Place, count, execute, file};
use crate::process::{Process, Role};
use crate::report::{Row, tell};
use crate::seed;
use crate::{Scale, on_each};

const CLIENTS: usize = 8;

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    let cycles = scale.cycles.iter().map(|(_, cycles)| *cycles).max().unwrap_or_default() * scale.rounds;
    on_each(filled, "disk", async |kind, template| measure_one(place, cycles, kind, template).await).await
}

async fn measure_one(place: &Place, cycles: usize, kind: Kind, template: &str) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    place.hurry(&url).await?;
    let recorded = record(place, kind, template, cycles).await?;
    let before = Disk::of(kind, &url).await?;
    let db = countersign::store::connect(&url.clone().into()).await?;
    replay(place, &db, CLIENTS, recorded).await?;
    db.close().await?;
    let between = Disk::of(kind, &url).await?;
    let settings = seed::settings(&url, "127.0.0.1:1");
    let (process, _) = Process::start(Role::Requests, place.dir.path(), &settings).await?;
    let next = Arc::new(AtomicUsize::new(cycles));
    drive(place, &process, CLIENTS, cycles, &next).await?;
    drop(process);
    let after = Disk::of(kind, &url).await?;
    let each = |after: usize, before: usize| format!("{} bytes", after.saturating_sub(before) / cycles);
    let logged = match kind {
        Kind::Postgres => format!("{} of WAL", each(after.logged, between.logged)),
        Kind::Sqlite => String::new(),
    };
    tell(&Row::plain(
        &format!("disk of a cycle, {}", kind.name()),
        each(after.kept, between.kept),
        each(between.kept, before.kept),
        logged,
    ));
    Ok(())
}

/// Bytes so far.
struct Disk {
    kept: usize,
    logged: usize,
}

impl Disk {
    async fn of(kind: Kind, url: &str) -> anyhow::Result<Self> {
        if kind == Kind::Sqlite {
            execute(url, "pragma wal_checkpoint(truncate)").await?;
            return Ok(Self { kept: usize::try_from(fs::metadata(file(url))?.len())?, logged: 0 });
        }
        execute(url, "checkpoint").await?;
        Ok(Self {
            kept: count(url, "select pg_database_size(current_database())").await?,
            logged: count(url, "select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint").await?,
        })
    }
}
