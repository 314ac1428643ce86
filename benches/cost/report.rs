//! What is measured, and the one table it is told in.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::process::{Process, ticks};

/// What one round came to.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub a_second: f64,
    /// CPU milliseconds for each piece of work: this process, the service, the database.
    pub here: f64,
    pub service: f64,
    pub database: Option<f64>,
    /// Milliseconds that the slowest of a hundred took, where each was timed.
    pub p99: Option<f64>,
}

impl Round {
    /// With how long each piece of work took.
    pub fn timed(self, mut each: Vec<Duration>) -> Self {
        each.sort_unstable();
        let slow = each.get(each.len() * 99 / 100);
        Self { p99: slow.map(|time| time.as_secs_f64() * 1000.0), ..self }
    }
}

/// A round that runs.
pub struct Meter<'a> {
    place: &'a Place,
    process: Option<&'a Process>,
    started: Instant,
    before: (f64, f64, Option<f64>),
}

impl<'a> Meter<'a> {
    pub fn start(place: &'a Place, process: Option<&'a Process>) -> Self {
        Self { place, process, before: used(place, process), started: Instant::now() }
    }

    /// Ends it after so many pieces of work.
    pub fn stop(self, done: usize) -> Round {
        let seconds = self.started.elapsed().as_secs_f64();
        let (after, before) = (used(self.place, self.process), self.before);
        let done = f64::from(u32::try_from(done).unwrap_or(u32::MAX));
        let each = |after: f64, before: f64| (after - before) * 1000.0 / done;
        Round {
            a_second: done / seconds,
            here: each(after.0, before.0),
            service: each(after.1, before.1),
            database: after.2.zip(before.2).map(|(after, before)| each(after, before)),
            p99: None,
        }
    }
}

fn used(place: &Place, process: Option<&Process>) -> (f64, f64, Option<f64>) {
    (ticks(std::process::id()), process.map_or(0.0, Process::cpu), place.cpu())
}

/// The middle one.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One line of the table.
pub struct Row {
    pub what: String,
    pub ours: String,
    pub floor: String,
    pub ratio: Option<f64>,
    /// What the ratio should be at least.
    pub aim: Option<f64>,
    pub more: String,
}

impl Row {
    /// Rounds of ours, each after one of its floor.
    pub fn of_rounds(what: String, aim: Option<f64>, rounds: &[(Round, Round)]) -> Self {
        let speed = |of: fn(&(Round, Round)) -> f64| format!("{:.0}/s", median(rounds.iter().map(of)));
        let cpu = |of: fn(&(Round, Round)) -> f64| median(rounds.iter().map(of));
        let database = rounds.iter().all(|(floor, ours)| floor.database.and(ours.database).is_some());
        let mut more = format!("service {:.3}", cpu(|r| r.1.service));
        if database {
            let _ = write!(more, " + database {:.3}", cpu(|r| r.1.database.unwrap_or_default()));
        }
        let floor = if rounds.iter().any(|r| r.0.service > 0.0) {
            format!("bare {:.3}", cpu(|r| r.0.service))
        } else {
            format!("floor {:.3}", cpu(|r| r.0.here))
        };
        let _ = write!(more, "; {floor}");
        if database && rounds.iter().all(|r| r.0.service <= 0.0) {
            let _ = write!(more, " + database {:.3}", cpu(|r| r.0.database.unwrap_or_default()));
        }
        let slow = |of: fn(&(Round, Round)) -> Option<f64>| median(rounds.iter().filter_map(of));
        if rounds.iter().any(|r| r.1.p99.is_some()) {
            let _ = write!(more, "; p99 {:.1} ms, floor {:.1}", slow(|r| r.1.p99), slow(|r| r.0.p99));
        }
        Self {
            what,
            ours: speed(|r| r.1.a_second),
            floor: speed(|r| r.0.a_second),
            ratio: Some(median(rounds.iter().map(|r| r.1.a_second / r.0.a_second))),
            aim,
            more,
        }
    }

    /// A value beside what it is held against.
    pub fn plain(what: &str, ours: String, floor: String, more: String) -> Self {
        Self { what: what.to_owned(), ours, floor, ratio: None, aim: None, more }
    }
}

/// Says a line at once: a long run is followed as it goes.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Says the head of the table.
pub fn head() {
    say(&format!(
        "{:<44} {:>10} {:>10} {:>6} {:>5}  CPU ms each, and more",
        "", "ours", "floor", "ratio", "aim"
    ));
}

/// Says one row.
pub fn tell(row: &Row) {
    let number = |n: Option<f64>| n.map_or_else(String::new, |n| format!("{n:.2}"));
    let missed = row.ratio.zip(row.aim).is_some_and(|(ratio, aim)| ratio < aim);
    say(&format!(
        "{:<44} {:>10} {:>10} {:>6} {:>5}  {}{}",
        row.what,
        row.ours,
        row.floor,
        number(row.ratio),
        number(row.aim),
        row.more,
        if missed { "  BELOW THE AIM" } else { "" }
    ));
}

/// The machine and the state of the sources, in words.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let after = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        output.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default()
    };
    let changed = if git(&["status", "--porcelain", "-uno"]).is_empty() { "" } else { " with changes" };
    format!(
        "{} x {}, {} of memory, Linux {}, load {}; commit {}{changed}",
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        after(&read("/proc/cpuinfo"), "model name"),
        after(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        read("/proc/loadavg").split(' ').next().unwrap_or_default(),
        git(&["rev-parse", "--short", "HEAD"]),
    )
}
