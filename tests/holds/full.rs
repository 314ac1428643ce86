//! The disk of a SQLite database is full: nothing is half done, and it goes on by itself when there is room.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use crate::database::{Backend, Database};
use crate::ledger;
use crate::load::{Fact, Load};
use crate::process::Process;
use crate::stage::Stage;

/// What the small disk holds, in KiB: a database without clients and little more.
const ROOM: usize = 3072;

/// A disk of its own, in memory; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where nobody may mount one.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={ROOM}k");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path()).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| Self(dir))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let ballast = self.path("ballast");
        let mut file = std::fs::File::create(&ballast).unwrap();
        for size in [65_536, 4096, 512] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn is_full(answer: &(u16, Value)) -> bool {
    let full = answer.0 == 503;
    if full {
        assert_eq!(answer.1["code"], "unavailable", "{answer:?}");
        assert_eq!(answer.1.as_object().unwrap().len(), 5, "an id and nothing of what happened: {answer:?}");
    }
    full
}

/// Tells clients until that cannot be written down any more: what was written before may be written over. Gives the first
/// number that was not.
async fn clients_until_full(stage: &Stage, base: &str) -> usize {
    for number in 100..10_000 {
        let told = stage.tell_client(base, number).await.unwrap();
        if is_full(&told) {
            return number;
        }
        assert_eq!(told.0, 201, "{told:?}");
    }
    panic!("it was never full");
}

async fn challenge(stage: &Stage, base: &str, number: usize) -> (String, Vec<String>) {
    stage.tell_client(base, number).await.unwrap();
    let (status, asked) = stage.ask(base, number).await.unwrap();
    assert_eq!(status, 201, "{asked}");
    let messages = asked["messages"].as_array().unwrap();
    let messages = messages.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    (asked["id"].as_str().unwrap().to_owned(), messages)
}

async fn client_exists(stage: &Stage, base: &str, number: usize) -> bool {
    stage.call(base, "GET", &format!("/api/v1/clients/k-{number}"), None).await.unwrap().0 == 200
}

async fn whole(process: Process, load: &Load, database: &Database, disk: &Path) {
    ledger::drained(database).await;
    ledger::balance(load, database).await;
    assert_eq!(crate::stage::rows(database, "pragma integrity_check").await, ["ok"]);
    assert!(disk.exists());
    process.terminate();
    assert_eq!(process.ended().await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_nothing_is_half_done_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        return println!("not tried: nobody but root can mount a small disk");
    };
    let mut database = Database::empty(Backend::Sqlite).await;
    database.url = format!("sqlite://{}?mode=rwc", disk.path("test.db").display());
    let stage = Arc::new(Stage::on(&database, "").await);
    let load = Load::new(Arc::clone(&stage));
    let mut process = stage.serve().await;
    let base = process.base.clone();
    let (id, messages) = challenge(&stage, &base, 1).await;
    load.facts.lock().unwrap().push(Fact::Asked { challenge: id.clone(), messages });
    let code = stage.code_to(1).await;
    stage.tell_client(&base, 2).await.unwrap();
    ledger::drained(&database).await;

    let ballast = disk.fill();
    let refused = clients_until_full(&stage, &base).await;
    process.until("database or disk is full").await;
    // Whatever has to be written down is not done; what need not is.
    assert!(is_full(&stage.ask(&base, 2).await.unwrap()));
    assert!(is_full(&stage.check(&base, &id, &code).await.unwrap()));
    assert!(is_full(&stage.call(&base, "DELETE", "/api/v1/clients/k-2", None).await.unwrap()));
    let status = stage.must(&base, "GET", "/api/v1/clients/k-1/status", None, 200).await;
    assert_eq!(status["state"], "code_sent");
    for number in [1, 2].into_iter().chain(100..=refused) {
        assert_eq!(client_exists(&stage, &base, number).await, number != refused, "{number}");
    }
    assert_eq!(stage.gateway.pushes().len(), 1);

    std::fs::remove_file(ballast).unwrap();
    assert_eq!(stage.check(&base, &id, &code).await.unwrap().1["result"], "verified");
    load.facts.lock().unwrap().push(Fact::Verified(id));
    let (next, messages) = challenge(&stage, &base, refused).await;
    load.facts.lock().unwrap().push(Fact::Asked { challenge: next.clone(), messages });
    let code = stage.code_to(refused).await;
    let last = stage.check(&base, &next, &code).await.unwrap();
    assert_eq!(last.1["result"], "verified", "{last:?}");
    load.facts.lock().unwrap().push(Fact::Verified(next));
    whole(process, &load, &database, &disk.path("test.db")).await;
}
