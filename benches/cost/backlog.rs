//! Pushes of a tenant that has very many waiting, beside the same client posting; and how long one of another tenant takes
//! meanwhile.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use countersign::ports::{Clock as _, SystemClock};
use countersign::usecase::Desk;
use countersign::usecase::tenant::apply_tenants::apply_tenants;
use tokio::task::JoinSet;

use crate::place::{Kind, Place};
use crate::process::{Process, Role};
use crate::push;
use crate::report::{Meter, Round, Row, median, tell};
use crate::seed;
use crate::wire::Receiver;
use crate::{Scale, gather, on_each};

/// Whose pushes wait, and whose come in between.
const CROWD: usize = 0;
const OTHER: usize = 1;
/// How long a push of the other tenant may stay away.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures both databases.
pub async fn measure(
    place: &Place,
    scale: &Scale,
    filled: &[(Kind, String)],
    receiver: &Receiver,
) -> anyhow::Result<()> {
    on_each(filled, "a backlog", async |kind, template| {
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
    let quiet = Receiver::start().await?;
    let desk = seed::desk(&url, |_| {}).await?;
    let to =
        |number: usize, host: &Receiver| seed::wanted(number, &format!("http://{}/{number}", host.address));
    apply_tenants(&desk, vec![to(CROWD, receiver)?, to(OTHER, &quiet)?]).await?;
    push::queue(&url, 1, scale.backlog).await?;
    let floor = post(place, scale.flood, receiver).await?;
    let before = receiver.taken();
    let (process, _) =
        Process::start(Role::Whole, place.dir.path(), &seed::settings(&url, &receiver.address)).await?;
    let meter = Meter::start(place, Some(&process));
    let (started, mut waited) = (Instant::now(), Vec::new());
    while started.elapsed() < scale.flood {
        waited.push(one_of_another(&desk, &quiet).await?);
    }
    let done = receiver.taken() - before;
    let ours = meter.stop(done);
    ensure!(done < scale.backlog, "nothing waits any more");
    let what = format!("push, {}, {} waiting", kind.name(), scale.backlog);
    let mut row = Row::of_rounds(what, None, &[(floor, ours)]);
    let _ = write!(row.more, "; another tenant's after {:.0} ms", median(waited.into_iter()));
    tell(&row);
    Ok(desk.store.close().await?)
}

/// Milliseconds until a push of the other tenant has come.
async fn one_of_another(desk: &Desk, quiet: &Receiver) -> anyhow::Result<f64> {
    let before = quiet.taken();
    let started = Instant::now();
    let tx = desk.store.begin().await?;
    push::insert(&tx, OTHER, 1).await?;
    tx.commit().await?;
    while quiet.taken() == before {
        ensure!(started.elapsed() < PATIENCE, "no push of the other tenant comes");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

/// The floor: the same client, in a loop to the same host.
async fn post(place: &Place, long: Duration, receiver: &Receiver) -> anyhow::Result<Round> {
    let (client, done) = (Arc::new(push::client()?), Arc::new(AtomicUsize::new(0)));
    let url = format!("http://{}/{CROWD}", receiver.address).parse::<url::Url>()?;
    let meter = Meter::start(place, None);
    let (started, mut workers) = (Instant::now(), JoinSet::new());
    for _ in 0..push::AT_ONCE {
        let (client, done, url) = (Arc::clone(&client), Arc::clone(&done), url.clone());
        workers.spawn(async move {
            while started.elapsed() < long {
                push::post_one(&client, &url, done.fetch_add(1, Ordering::Relaxed), SystemClock.wall())
                    .await?;
            }
            anyhow::Ok(())
        });
    }
    gather(workers).await?;
    Ok(meter.stop(done.load(Ordering::Relaxed)))
}
