//! `countersign audit verify`, `audit checkpoint`, `audit export`

mod export;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::domain::chain::{Checkpoint, Report};
use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;
use crate::usecase::Desk;
use crate::usecase::audit::checkpoint::checkpoints;
use crate::usecase::audit::export::Wanted;
use crate::usecase::audit::logged;
use crate::usecase::audit::verify::{Verdict, verify};

use export::Format;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Says whether every entry is as it was written and none is missing; ends with 0 only if so.
    Verify {
        /// Only this tenant.
        #[arg(long)]
        tenant: Option<String>,
        /// Checkpoints that were kept elsewhere, one a line; other lines of a log may stand between.
        #[arg(long, value_name = "FILE")]
        checkpoints: Option<PathBuf>,
    },
    /// Prints a signed line a tenant to keep elsewhere: how long the log is now, and its last link.
    Checkpoint {
        /// Only this tenant.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Prints the entries.
    Export {
        #[arg(long, value_enum)]
        format: Format,
        /// Only this tenant.
        #[arg(long)]
        tenant: Option<String>,
        /// From this moment on: 2026-11-20T15:00:00Z, or 2026-11-20 for its start in UTC.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: Option<Timestamp>,
        /// Up to this moment, itself not included.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        until: Option<Timestamp>,
    },
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let found = Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}T00:00:00Z")));
    found.map_err(|_| "write a time as 2026-11-20T15:00:00Z or 2026-11-20".to_owned())
}

/// Runs one of them.
pub async fn run(desk: &Desk, command: AuditCommand) -> anyhow::Result<String> {
    match command {
        AuditCommand::Verify { tenant, checkpoints } => {
            let tenant = known_tenant(desk, tenant).await?;
            let known = match checkpoints {
                Some(file) => read(desk, &file)?,
                None => Vec::new(),
            };
            let verdict = verify(desk, tenant.as_ref(), &known).await?;
            let told = tell(&verdict, !known.is_empty());
            if verdict.is_whole() { Ok(told) } else { Err(anyhow::anyhow!("{}", told.trim_end())) }
        }
        AuditCommand::Checkpoint { tenant } => {
            let tenant = known_tenant(desk, tenant).await?;
            let lines = checkpoints(desk, tenant.as_ref()).await?;
            Ok(lines.iter().fold(String::new(), |text, checkpoint| format!("{text}{checkpoint}\n")))
        }
        AuditCommand::Export { format, tenant, since, until } => {
            let wanted = Wanted { tenant: known_tenant(desk, tenant).await?, since, until };
            export::export(desk, format, &wanted).await?;
            Ok(String::new())
        }
    }
}

/// A tenant that exists, or of which there are entries.
async fn known_tenant(desk: &Desk, id: Option<String>) -> anyhow::Result<Option<TenantId>> {
    let Some(id) = id else { return Ok(None) };
    let tenant = TenantId::parse(&id)?;
    let is_known = desk.directory.get().member(&tenant).is_some() || logged(desk).await?.0.contains(&tenant);
    anyhow::ensure!(is_known, "there is no tenant {id}");
    Ok(Some(tenant))
}

/// The checkpoints of a file.
fn read(desk: &Desk, file: &Path) -> anyhow::Result<Vec<Checkpoint>> {
    let told = |error: &dyn std::fmt::Display| anyhow::anyhow!("{}: {error}", file.display());
    let opened = std::fs::File::open(file).map_err(|e| told(&format!("cannot be read: {e}")))?;
    let mut found = Vec::new();
    for (line, number) in BufReader::new(opened).lines().zip(1..) {
        let line = line.map_err(|e| told(&format!("cannot be read: {e}")))?;
        let checkpoint = Checkpoint::find(&line, &desk.store.vault().ring);
        found.extend(checkpoint.map_err(|e| told(&format!("line {number}: {e}")))?);
    }
    // A file that proves nothing must not look as if it did.
    anyhow::ensure!(!found.is_empty(), "{}: there is no checkpoint in it", file.display());
    Ok(found)
}

fn tell(verdict: &Verdict, compared: bool) -> String {
    let mut text = String::new();
    for stray in &verdict.strays {
        let _ = writeln!(text, "NOT WHOLE  {stray:?}: inserted: no tenant can be called so");
    }
    for report in &verdict.reports {
        let _ = writeln!(text, "{}", tell_tenant(report, compared));
    }
    text
}

fn tell_tenant(report: &Report, compared: bool) -> String {
    let Report { tenant, whole, first, size, unsealed, bad, .. } = report;
    let word = if report.bad == 0 { "ok       " } else { "NOT WHOLE" };
    let mut text = format!("{word}  {tenant}: {} whole", entries(*whole));
    if *size >= *first {
        let _ = write!(text, " in places {first} to {size}");
    }
    if *unsealed > 0 {
        let _ = write!(text, ", {} not sealed yet", entries(*unsealed));
    }
    if *first > 1 {
        let _ = write!(text, ", older ones gone by age");
    }
    if compared {
        let _ = match report.agreed {
            1 => write!(text, ", 1 checkpoint agrees"),
            many => write!(text, ", {many} checkpoints agree"),
        };
        if report.outlived > 0 {
            let _ = write!(text, " ({} older than what is kept)", report.outlived);
        }
    }
    if let Some(wrong) = &report.first_bad {
        let _ = write!(text, "\n           {bad} not whole, the first: {wrong}");
    }
    text
}

fn entries(count: i64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
