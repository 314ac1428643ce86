//! A whole cycle, ask for a code and check it right, beside its own statements run bare.
//!
//! The statements are not written here: they are those that the use cases ran, recorded on a copy of the database
//! with their values, and run again with the same connections and the same commits, but no HTTP and no rules.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use countersign::domain::audit::{Actor, Origin};
use countersign::domain::client::Method;
use countersign::domain::code::{self, Binding};
use countersign::domain::id::{ClientId, ContactId, TenantId};
use countersign::domain::key::KeySet;
use countersign::domain::surface::Surface;
use countersign::domain::workflow::Workflow;
use countersign::store;
use countersign::usecase::client::check_code::check_code;
use countersign::usecase::client::request_code::{Request, request_code};
use countersign::usecase::{Caller, Desk};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, SqliteTransactionMode, SqlxPostgresConnector,
    Statement, TransactionOptions, TransactionTrait as _,
};
use tokio::task::JoinSet;

use crate::place::{Kind, Place, count};
use crate::process::{Process, Role};
use crate::report::{Meter, Round, Row, tell};
use crate::seed;
use crate::wire::{Http, request};
use crate::{Scale, gather, on_each};

/// What a ratio with eight clients should be at least.
const AIM: f64 = 0.6;

tokio::task_local! {
    static HEARD: RefCell<Vec<Statement>>;
}

/// The statements of each transaction of a cycle.
pub type Cycle = [Vec<Statement>; 2];

/// How long each cycle took.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<Duration>>>);

impl Times {
    fn note(&self, started: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(started.elapsed());
    }

    fn take(&self) -> Vec<Duration> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Measures both databases.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    on_each(filled, "cycles", async |kind, template| {
        measure_one(place, scale.rounds, &scale.cycles, kind, template, "").await
    })
    .await
}

/// Measures cycles with so many clients at once, so many of them a round, on a copy of `template`; `note` says more of it.
pub async fn measure_one(
    place: &Place,
    rounds_each: usize,
    shapes: &[(usize, usize)],
    kind: Kind,
    template: &str,
    note: &str,
) -> anyhow::Result<()> {
    let wanted: usize = shapes.iter().map(|(_, cycles)| cycles * rounds_each).sum();
    let mut recorded = record(place, kind, template, wanted).await?;
    let url = place.copy(kind, template).await?;
    let (process, _) =
        Process::start(Role::Requests, place.dir.path(), &seed::settings(&url, "127.0.0.1:1")).await?;
    let db = floor(&url).await?;
    let next = Arc::new(AtomicUsize::new(wanted));
    for (clients, cycles) in shapes {
        let mut rounds = Vec::new();
        for _ in 0..rounds_each {
            let bare = recorded.split_off(recorded.len() - cycles);
            let floor = replay(place, &db, *clients, bare).await?;
            let ours = drive(place, &process, *clients, *cycles, &next).await?;
            rounds.push((floor, ours));
        }
        let what = format!("cycle, {}, {clients} clients{note}", kind.name());
        tell(&Row::of_rounds(what, (*clients == 8).then_some(AIM), &rounds));
    }
    db.close().await?;
    drop(process);
    check(&url, wanted * 2).await
}

/// The database for the bare statements, with as many connections as the service opens in all.
async fn floor(url: &str) -> anyhow::Result<DatabaseConnection> {
    let db = store::open(&url.into()).await?;
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(db);
    }
    let pool = db.get_postgres_connection_pool();
    let threads = std::thread::available_parallelism()?.get().min(store::THREAD_POOLS);
    let connections = store::POSTGRES_CONNECTIONS + store::THREAD_CONNECTIONS * u32::try_from(threads)?;
    let options = pool.options().clone().max_connections(connections);
    let wide = options.connect_lazy_with(pool.connect_options().as_ref().clone());
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(wide))
}

/// Everything that a cycle leaves behind must be there, of those run bare too.
async fn check(url: &str, cycles: usize) -> anyhow::Result<()> {
    for (query, each) in [
        ("select count(*) from challenge where state = 'verified' and tries = 1", 1),
        ("select count(*) from client where version = 5", 1),
        ("select count(*) from message", 2),
        ("select count(*) from host_event", 2),
        ("select count(*) from audit where outcome in ('sent', 'verified')", 2),
    ] {
        let found = count(url, query).await?;
        ensure!(found == cycles * each, "{query}: {found}, not {}", cycles * each);
    }
    Ok(())
}

/// Runs the use cases on a copy of the database and keeps their statements.
pub async fn record(
    place: &Place,
    kind: Kind,
    template: &str,
    wanted: usize,
) -> anyhow::Result<VecDeque<Cycle>> {
    let url = place.copy(kind, template).await?;
    place.hurry(&url).await?;
    let desk = seed::desk(&url, |statement| {
        // Statements outside a cycle are nobody's.
        let _ = HEARD.try_with(|heard| heard.borrow_mut().push(statement.clone()));
    })
    .await?;
    let desk = Arc::new(desk);
    let next = Arc::new(AtomicUsize::new(0));
    let cycles = Arc::new(Mutex::new(VecDeque::with_capacity(wanted)));
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let (desk, next, cycles) = (Arc::clone(&desk), Arc::clone(&next), Arc::clone(&cycles));
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= wanted {
                    return anyhow::Ok(());
                }
                let cycle = HEARD.scope(RefCell::default(), run_heard(&desk, number)).await?;
                cycles.lock().unwrap_or_else(PoisonError::into_inner).push_back(cycle);
            }
        });
    }
    gather(workers).await?;
    desk.store.clone().close().await?;
    let kept = std::mem::take(&mut *cycles.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(kept)
}

async fn run_heard(desk: &Desk, number: usize) -> anyhow::Result<Cycle> {
    let tenant = seed::tenant(0)?;
    let member = desk.directory.get().member(&tenant).cloned().context("no tenant")?;
    let caller =
        Caller::unbound(Origin { actor: Actor::Host("key".to_owned()), from: "127.0.0.1".to_owned() });
    let asked = Request {
        client: ClientId::parse(&seed::client(number))?,
        contact: ContactId::parse("c-1")?,
        surface: Surface::LeadCard,
        channels: None,
        locale: None,
        agent: None,
    };
    let answer = request_code(desk, &member.tenant, asked, &caller).await?;
    let first = HEARD.with(RefCell::take);
    let code = code_of(&seed::keys()?, &tenant, &seed::client(number), answer.challenge.id.as_str());
    let checked = check_code(desk, &member.tenant, &answer.challenge.id, &code, None, &caller).await?;
    ensure!(checked.verified.is_some_and(|v| v.method == Method::Code), "not verified");
    Ok([first, HEARD.with(RefCell::take)])
}

/// The code that the client would read out.
fn code_of(keys: &KeySet, tenant: &TenantId, client: &str, challenge: &str) -> String {
    let binding =
        Binding { tenant, workflow: Workflow::Client, subject: client, challenge, epoch: 0, digits: 6 };
    code::derive(keys, binding).expose().to_owned()
}

/// The floor: recorded statements, nothing else.
pub async fn replay(
    place: &Place,
    db: &DatabaseConnection,
    clients: usize,
    cycles: VecDeque<Cycle>,
) -> anyhow::Result<Round> {
    let done = cycles.len();
    let left = Arc::new(Mutex::new(cycles));
    let times = Times::default();
    let meter = Meter::start(place, None);
    let mut workers = JoinSet::new();
    for _ in 0..clients {
        let (db, left, times) = (db.clone(), Arc::clone(&left), times.clone());
        workers.spawn(async move {
            loop {
                let cycle = left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(cycle) = cycle else { return anyhow::Ok(()) };
                let started = Instant::now();
                for statements in cycle {
                    run_bare(&db, statements).await?;
                }
                times.note(started);
            }
        });
    }
    gather(workers).await?;
    Ok(meter.stop(done).timed(times.take()))
}

async fn run_bare(db: &DatabaseConnection, statements: Vec<Statement>) -> anyhow::Result<()> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.begin_with_options(options).await?;
    for statement in statements {
        tx.query_all_raw(statement).await?;
    }
    Ok(tx.commit().await?)
}

/// Ours: the same through the whole service.
pub async fn drive(
    place: &Place,
    process: &Process,
    clients: usize,
    cycles: usize,
    next: &Arc<AtomicUsize>,
) -> anyhow::Result<Round> {
    let end = next.load(Ordering::Relaxed) + cycles;
    let times = Times::default();
    let meter = Meter::start(place, Some(process));
    let mut workers = JoinSet::new();
    for _ in 0..clients {
        let (next, address, times) = (Arc::clone(next), process.address.clone(), times.clone());
        workers.spawn(async move {
            let (mut http, keys, tenant) = (Http::connect(&address).await?, seed::keys()?, seed::tenant(0)?);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return anyhow::Ok(());
                }
                let started = Instant::now();
                run_over_http(&mut http, &keys, &tenant, number).await?;
                times.note(started);
            }
        });
    }
    gather(workers).await?;
    next.store(end, Ordering::Relaxed);
    Ok(meter.stop(cycles).timed(times.take()))
}

/// One cycle. Gives how long the check took.
pub async fn run_over_http(
    http: &mut Http,
    keys: &KeySet,
    tenant: &TenantId,
    number: usize,
) -> anyhow::Result<Duration> {
    let (client, key) = (seed::client(number), seed::api_key(0));
    let asked = r#"{"contact":"c-1","surface":"lead_card"}"#;
    let path = format!("/api/v1/clients/{client}/codes");
    let answer = http.send(&request("POST", &path, &key, "", asked)).await?;
    ensure!(answer.status == 201, "{path}: {} {}", answer.status, answer.body);
    let challenge = answer.field("id")?.to_owned();
    let typed = format!(r#"{{"code":"{}"}}"#, code_of(keys, tenant, &client, &challenge));
    let path = format!("/api/v1/challenges/{challenge}/check");
    let started = Instant::now();
    let answer = http.send(&request("POST", &path, &key, "", &typed)).await?;
    let verified = answer.status == 200 && answer.field("result")? == "verified";
    ensure!(verified, "{path}: {} {}", answer.status, answer.body);
    Ok(started.elapsed())
}
