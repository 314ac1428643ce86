//! Processes that are measured: started, watched from outside by what the kernel says of them, and ended.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::wire::{Http, request};

/// The kernel counts CPU time in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;
/// How long a process may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which program, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `countersign serve`: everything, the outbox too.
    Whole,
    /// The service without its outbox.
    Requests,
    /// A handler that only checks the token.
    Bare,
}

/// Becomes the program that it is given, and kills it once nothing holds the other end of its input: when we drop
/// that, and when we are gone, in whatever way.
const LEASH: &str = r#"exec 3<&0
(trap "" INT HUP TERM; exec 1>&- 2>&-; while read -r _ <&3; do :; done; kill -KILL $$) &
exec "$@" </dev/null 3<&-"#;

/// Killed when dropped, and when this process ends.
pub struct Process {
    child: Child,
    pub address: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A port that is free now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The command `countersign`, with nothing of this process's environment.
pub fn countersign(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Process {
    /// Starts one and waits until it is ready. Gives how long that took.
    pub async fn start(
        role: Role,
        dir: &Path,
        settings: &[(String, String)],
    ) -> anyhow::Result<(Self, Duration)> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", LEASH, "sh"]).env_clear().current_dir(dir);
        match role {
            Role::Whole => command.args([env!("CARGO_BIN_EXE_countersign"), "serve"]),
            Role::Requests => command.arg(std::env::current_exe()?).arg("--requests"),
            Role::Bare => command.arg(std::env::current_exe()?).arg("--bare"),
        };
        let log = dir.join("service.log");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(&log)?);
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        command.env("COUNTERSIGN_SERVER__BIND", &address);
        let started = Instant::now();
        let child = command.spawn()?;
        let mut process = Self { child, address };
        while !process.is_ready().await {
            if process.child.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                bail!("{role:?} does not come up: {}", fs::read_to_string(&log).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok((process, started.elapsed()))
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut http) = Http::connect(&self.address).await else { return false };
        let answer = http.send(&request("GET", "/readyz", "none", "", "")).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// CPU seconds used so far.
    pub fn cpu(&self) -> f64 {
        ticks(self.child.id())
    }

    /// Resident memory in MiB.
    pub fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
    }
}

/// What stands after the name in `/proc/PID/stat`, from the state on.
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// CPU seconds of a process and of its children that have ended.
pub fn ticks(pid: u32) -> f64 {
    let Some(stat) = stat(pid) else { return 0.0 };
    // utime, stime, cutime, cstime
    let ticks = stat.iter().skip(11).take(4).filter_map(|n| n.parse::<f64>().ok()).sum::<f64>();
    ticks / TICKS_A_SECOND
}

/// CPU seconds of the children that still run.
pub fn ticks_of_children(parent: u32) -> f64 {
    let Ok(processes) = fs::read_dir("/proc") else { return 0.0 };
    let pids = processes.filter_map(|p| p.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let parent = parent.to_string();
    pids.filter(|pid| stat(*pid).is_some_and(|stat| stat.get(1) == Some(&parent))).map(ticks).sum()
}
