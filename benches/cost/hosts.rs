//! Pushes to a thousand hosts, some of which take a request and never answer, beside the same client posting to those that do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::ports::{Clock as _, SystemClock};
use countersign::usecase::tenant::apply_tenants::apply_tenants;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::place::{Kind, Place};
use crate::process::{Process, Role};
use crate::push;
use crate::report::{Meter, Round, Row, tell};
use crate::seed;
use crate::wire::Receiver;
use crate::{Scale, gather, on_each};

const HOSTS: usize = 1000;
/// One in so many is dead.
const ONE_IN: usize = 100;
/// As many as the outbox has under way in all.
const AT_ONCE: usize = 256;

/// Measures both databases.
pub async fn measure(
    place: &Place,
    scale: &Scale,
    filled: &[(Kind, String)],
    receiver: &Receiver,
) -> anyhow::Result<()> {
    // Connections wait in its queue, and nobody takes them.
    let dead = TcpListener::bind("0.0.0.0:0").await?;
    let hosts = Hosts { live: receiver.port, dead: dead.local_addr()?.port() };
    on_each(filled, "pushes to many hosts", async |kind, template| {
        measure_one(place, scale, kind, template, receiver, hosts).await
    })
    .await
}

/// Where the hosts listen: each on an address of its own.
#[derive(Clone, Copy)]
struct Hosts {
    live: u16,
    dead: u16,
}

impl Hosts {
    fn is_dead(number: usize) -> bool {
        number.is_multiple_of(ONE_IN)
    }

    fn url(self, number: usize) -> String {
        let port = if Self::is_dead(number) { self.dead } else { self.live };
        format!("http://127.0.{}.{}:{port}/{number}", 1 + number / 250, 1 + number % 250)
    }
}

async fn measure_one(
    place: &Place,
    scale: &Scale,
    kind: Kind,
    template: &str,
    receiver: &Receiver,
    hosts: Hosts,
) -> anyhow::Result<()> {
    let url = place.copy(kind, template).await?;
    let desk = seed::desk(&url, |_| {}).await?;
    let wanted = (0..HOSTS).map(|number| seed::wanted(number, &hosts.url(number)));
    apply_tenants(&desk, wanted.collect::<anyhow::Result<_>>()?).await?;
    desk.store.close().await?;
    let (process, _) =
        Process::start(Role::Whole, place.dir.path(), &seed::settings(&url, &receiver.address)).await?;
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let floor = post(place, scale.pushes_a_host, receiver, hosts).await?;
        let ours = let_go(place, &process, &url, scale.pushes_a_host, receiver).await?;
        rounds.push((floor, ours));
    }
    let what = format!("push, {}, {HOSTS} hosts, {} dead", kind.name(), HOSTS / ONE_IN);
    tell(&Row::of_rounds(what, None, &rounds));
    Ok(())
}

/// Queues as many events for every host and waits until those that live have theirs.
async fn let_go(
    place: &Place,
    process: &Process,
    url: &str,
    each: usize,
    receiver: &Receiver,
) -> anyhow::Result<Round> {
    let due = (0..HOSTS).filter(|number| !Hosts::is_dead(*number)).count() * each;
    let before = receiver.taken();
    push::queue(url, HOSTS, each).await?;
    push::arrive(place, process, receiver, before, due).await
}

/// The floor: the same client, in a loop over the hosts that live.
async fn post(place: &Place, each: usize, receiver: &Receiver, hosts: Hosts) -> anyhow::Result<Round> {
    let client = Arc::new(push::client()?);
    let next = Arc::new(AtomicUsize::new(0));
    let before = receiver.taken();
    let meter = Meter::start(place, None);
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, next) = (Arc::clone(&client), Arc::clone(&next));
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= HOSTS * each {
                    return anyhow::Ok(());
                }
                if Hosts::is_dead(number % HOSTS) {
                    continue;
                }
                let url = hosts.url(number % HOSTS).parse()?;
                push::post_one(&client, &url, number, SystemClock.wall()).await?;
            }
        });
    }
    gather(workers).await?;
    Ok(meter.stop(receiver.taken() - before))
}
