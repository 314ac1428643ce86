//! Pushes by the outbox beside the same client posting in a loop to the same host.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use countersign::domain::address::AddressRules;
use countersign::domain::event::{Event, EventType};
use countersign::domain::id::EventId;
use countersign::domain::timestamp::Timestamp;
use countersign::host::client::{PushClient, PushOutcome};
use countersign::ports::{self, Clock as _, SystemClock, SystemRandom};
use countersign::store::Tx;
use tokio::task::JoinSet;
use url::Url;

use crate::place::{Kind, Place, count};
use crate::process::{Process, Role};
use crate::report::{Meter, Round, Row, tell};
use crate::seed::{self, TENANTS};
use crate::wire::Receiver;
use crate::{Scale, gather, on_each};

/// As many as the outbox has under way for a tenant.
pub const AT_ONCE: usize = 4;
/// How long pushes may stay away.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures both databases.
pub async fn measure(
    place: &Place,
    scale: &Scale,
    filled: &[(Kind, String)],
    receiver: &Receiver,
) -> anyhow::Result<()> {
    on_each(filled, "pushes", async |kind, template| {
        measure_one(place, scale, kind, template, receiver).await
    })
    .await
}

async fn measure_one(
    place: &Place,
    scale: &Scale,
    kind: Kind,
    template: &str,
    receiver: &Receiver,
) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    let settings = seed::settings(&url, &receiver.address);
    let (process, _) = Process::start(Role::Whole, place.dir.path(), &settings).await?;
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let floor = post(place, scale.pushes, receiver).await?;
        let ours = let_go(place, &process, &url, scale.pushes, receiver).await?;
        rounds.push((floor, ours));
    }
    drop(process);
    let wanted = scale.pushes * scale.rounds;
    // The last ones may have been taken without the process having come to write that down.
    let told = count(&url, "select count(*) from host_event where attempts <= 1").await?;
    ensure!(told == wanted, "{told} of {wanted} events were posted once");
    tell(&Row::of_rounds(format!("push, {}, {TENANTS} tenants", kind.name()), None, &rounds));
    Ok(())
}

fn body(number: usize) -> Vec<u8> {
    let client = seed::client(number);
    format!(
        r#"{{"type":"verification.verified","data":{{"client":"{client}","more":"{}"}}}}"#,
        "x".repeat(600)
    )
    .into_bytes()
}

/// Queues as many events of each of the first tenants, all at once.
pub async fn queue(url: &str, tenants: usize, each: usize) -> anyhow::Result<()> {
    let desk = seed::desk(url, |_| {}).await?;
    let tx = desk.store.begin().await?;
    for number in 0..tenants {
        insert(&tx, number, each).await?;
    }
    tx.commit().await?;
    Ok(desk.store.close().await?)
}

/// Queues events of one tenant.
pub async fn insert(tx: &Tx, tenant: usize, many: usize) -> anyhow::Result<()> {
    let at = SystemClock.wall();
    let event = |number| Event {
        id: EventId::new(at, ports::bytes(&SystemRandom)),
        kind: EventType::Verified,
        about: seed::client(number),
        at,
        body: body(number),
    };
    let events: Vec<_> = (0..many).map(event).collect();
    for some in events.chunks(100) {
        tx.of(&seed::tenant(tenant)?).insert_events(some).await?;
    }
    Ok(())
}

/// What posts the events, let out to this machine.
pub fn client() -> anyhow::Result<PushClient> {
    countersign::host::install_crypto();
    Ok(PushClient::new(AddressRules::new(vec!["127.0.0.0/8".parse()?]))?)
}

/// Posts one by itself.
pub async fn post_one(client: &PushClient, url: &Url, number: usize, at: Timestamp) -> anyhow::Result<()> {
    let outcome = client.post(url, &[("webhook-id", "evt_1")], body(number), at).await;
    ensure!(matches!(outcome, PushOutcome::Delivered { .. }), "{outcome:?}");
    Ok(())
}

/// Queues events of every tenant and waits until the host has them.
async fn let_go(
    place: &Place,
    process: &Process,
    url: &str,
    pushes: usize,
    receiver: &Receiver,
) -> anyhow::Result<Round> {
    let before = receiver.taken();
    queue(url, TENANTS, pushes / TENANTS).await?;
    arrive(place, process, receiver, before, pushes).await
}

/// Waits until so many more than before have come.
pub async fn arrive(
    place: &Place,
    process: &Process,
    receiver: &Receiver,
    before: usize,
    due: usize,
) -> anyhow::Result<Round> {
    // The process looks twice a second for what others wrote: the clock starts with the first push.
    let waited = Instant::now();
    while receiver.taken() == before {
        ensure!(waited.elapsed() < PATIENCE, "no push comes");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let meter = Meter::start(place, Some(process));
    let first = receiver.taken() - before;
    while receiver.taken() - before < due {
        ensure!(waited.elapsed() < PATIENCE, "{} of {due} pushes came", receiver.taken() - before);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(meter.stop(due - first))
}

/// The floor: the same client, in a loop.
async fn post(place: &Place, pushes: usize, receiver: &Receiver) -> anyhow::Result<Round> {
    let client = Arc::new(client()?);
    let next = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start(place, None);
    let mut workers = JoinSet::new();
    for worker in 0..AT_ONCE * TENANTS {
        let (client, next) = (Arc::clone(&client), Arc::clone(&next));
        let url = format!("http://{}/{}", receiver.address, worker % TENANTS).parse()?;
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= pushes {
                    return anyhow::Ok(());
                }
                post_one(&client, &url, number, SystemClock.wall()).await?;
            }
        });
    }
    gather(workers).await?;
    Ok(meter.stop(pushes))
}
