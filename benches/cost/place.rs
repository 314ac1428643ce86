//! Where everything runs: a temporary folder, a PostgreSQL of its own with durable commits, and a database for each
//! measurement, copied from one that holds the clients.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use countersign::store;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

use crate::process::{ticks, ticks_of_children};

/// The two that everything runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    Sqlite,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Sqlite];

    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        }
    }
}

/// The folder and the cluster; both are gone when it is dropped, the cluster first.
pub struct Place {
    cluster: Cluster,
    pub dir: tempfile::TempDir,
    number: AtomicUsize,
}

/// A PostgreSQL, ours if `own` is set.
struct Cluster {
    /// Up to the last slash.
    base: String,
    own: Option<Own>,
}

/// The data of our own, and who waits to stop it.
struct Own {
    data: PathBuf,
    warden: Child,
}

/// Runs what it is given, and then removes a folder, once nothing holds the other end of its input: when we drop
/// that, and when we are gone, in whatever way.
const WARDEN: &str = r#"trap "" INT HUP TERM
while read -r _; do :; done
dir=$1; shift
"$@"; rm -rf "$dir""#;

impl Own {
    fn guard(bin: &Path, dir: &Path, data: PathBuf) -> anyhow::Result<Self> {
        let stop = as_postgres(&bin.join("pg_ctl"), data.parent().unwrap_or(&data));
        let mut warden = Command::new("/bin/sh");
        warden.args(["-c", WARDEN, "sh"]).arg(dir).arg(stop.get_program()).args(stop.get_args());
        warden.arg("-D").arg(&data).args(["-m", "immediate", "-w", "stop"]).current_dir("/");
        warden.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // What ends a group of processes, as `timeout` does, ends us and not the warden.
        warden.process_group(0);
        Ok(Self { warden: warden.spawn()?, data })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.warden.stdin.take());
        let _ = self.warden.wait();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path, dir: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n");
    let mut command = Command::new(if root { Path::new("runuser") } else { program });
    if root {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir(dir);
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if output.status.success() {
        return Ok(());
    }
    bail!(
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The newest `initdb` of Debian's packages.
fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let bins = versions.filter_map(|v| Some(v.ok()?.path().join("bin")));
    bins.filter(|bin| bin.join("initdb").exists()).max_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).map(|v| v.to_string_lossy().into_owned());
        version.and_then(|v| v.parse::<u32>().ok())
    })
}

#[expect(clippy::disallowed_methods, reason = "the harness is told of another cluster by its environment")]
fn named_cluster() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

impl Cluster {
    /// One of our own; where PostgreSQL is not installed, the one that `TEST_POSTGRES_URL` names.
    fn start(dir: &Path) -> anyhow::Result<Self> {
        let Some(bin) = installed() else {
            let url =
                named_cluster().context("PostgreSQL is not installed and TEST_POSTGRES_URL is not set")?;
            let (base, _) = url.rsplit_once('/').context("TEST_POSTGRES_URL ends with no database")?;
            return Ok(Self { base: base.to_owned(), own: None });
        };
        let own = dir.join("postgres");
        fs::create_dir(&own)?;
        run(Command::new("chmod").arg("755").arg(dir))?;
        if as_postgres(&bin, dir).get_program() == "runuser" {
            run(Command::new("chown").arg("postgres").arg(&own))?;
        }
        let data = own.join("data");
        let auth = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"];
        run(as_postgres(&bin.join("initdb"), &own).arg("-D").arg(&data).args(auth))?;
        let port = crate::process::free_port()?;
        // Commits are durable, as in production; the rest keeps check-points out of a short measurement.
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{}' -c shared_buffers=256MB \
             -c max_wal_size=4GB -c checkpoint_timeout=1h",
            own.display()
        );
        let log = own.join("log");
        let mut start = as_postgres(&bin.join("pg_ctl"), &own);
        start.arg("-D").arg(&data).arg("-w").arg("-l").arg(log).arg("-o").arg(options).arg("start");
        let own = Own::guard(&bin, dir, data)?;
        run(start.stdout(Stdio::null()))?;
        Ok(Self { base: format!("postgres://postgres@127.0.0.1:{port}"), own: Some(own) })
    }

    fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Runs statements that concern the cluster.
    async fn admin(&self, statement: &str) -> anyhow::Result<()> {
        execute(&self.url("postgres"), statement).await
    }
}

impl Place {
    pub fn make() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let cluster = Cluster::start(dir.path())?;
        Ok(Self { cluster, dir, number: AtomicUsize::new(0) })
    }

    fn fresh_name(&self) -> String {
        format!("cost_{}_{}", std::process::id(), self.number.fetch_add(1, Ordering::Relaxed))
    }

    /// The address of an empty database.
    pub async fn empty(&self, kind: Kind) -> anyhow::Result<String> {
        let name = self.fresh_name();
        if kind == Kind::Sqlite {
            return Ok(format!("sqlite://{}?mode=rwc", self.dir.path().join(name).display()));
        }
        self.cluster.admin(&format!("create database {name}")).await?;
        Ok(self.cluster.url(&name))
    }

    /// The address of a copy of a database that nobody has open.
    pub async fn copy(&self, kind: Kind, of: &str) -> anyhow::Result<String> {
        let name = self.fresh_name();
        if kind == Kind::Sqlite {
            let url = format!("sqlite://{}?mode=rwc", self.dir.path().join(name).display());
            fs::copy(file(of), file(&url))?;
            return Ok(url);
        }
        let template = of.rsplit('/').next().unwrap_or_default();
        self.cluster.admin(&format!("create database {name} template {template}")).await?;
        let url = self.cluster.url(&name);
        // Counted rows and their places are known before anything is measured.
        execute(&url, "vacuum analyze").await?;
        Ok(url)
    }

    /// Lets commits of a database go without waiting for the disk: for what is not timed.
    pub async fn hurry(&self, url: &str) -> anyhow::Result<()> {
        let name = url.rsplit('/').next().unwrap_or_default();
        if url.starts_with("postgres") {
            self.cluster.admin(&format!("alter database {name} set synchronous_commit = off")).await?;
        }
        Ok(())
    }

    /// CPU seconds that PostgreSQL has used so far; nothing is known of one that is not ours.
    pub fn cpu(&self) -> Option<f64> {
        let pid = fs::read_to_string(self.cluster.own.as_ref()?.data.join("postmaster.pid")).ok()?;
        let pid = pid.lines().next()?.trim().parse().ok()?;
        Some(ticks(pid) + ticks_of_children(pid))
    }

    /// How commits are made, in words.
    pub async fn settings(&self) -> anyhow::Result<String> {
        let db = store::open(&self.cluster.url("postgres").into()).await?;
        let mut said = Vec::new();
        for name in ["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"] {
            said.push(format!("{name}={}", text(&db, &format!("show {name}")).await?));
        }
        Ok(said.join(" "))
    }
}

/// Where a SQLite database lies.
pub fn file(url: &str) -> &str {
    url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc")
}

/// Runs one statement.
pub async fn execute(url: &str, statement: &str) -> anyhow::Result<()> {
    let db = store::open(&url.into()).await?;
    db.execute_unprepared(statement).await?;
    Ok(db.close().await?)
}

async fn text(db: &DatabaseConnection, query: &str) -> anyhow::Result<String> {
    let statement = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(statement).await?.context("no row")?;
    Ok(row.try_get_by_index(0)?)
}

/// One number.
pub async fn count(url: &str, query: &str) -> anyhow::Result<usize> {
    let db = store::open(&url.into()).await?;
    let statement = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(statement).await?.context("no row")?;
    let count: i64 = row.try_get_by_index(0)?;
    db.close().await?;
    Ok(usize::try_from(count)?)
}
