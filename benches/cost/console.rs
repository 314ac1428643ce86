//! The slowest page of the console, where a company has a hundred thousand clients and years of records.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use countersign::domain::admin::{Admin, Role, Session, SessionToken, Stage};
use countersign::domain::channel::Channel;
use countersign::domain::contact::{Contact, Email};
use countersign::domain::id::{
    AdminId, AdminSessionId, AuditId, ChallengeId, ClientId, ContactId, EventId, MessageId, UserId,
};
use countersign::domain::key::KeyRing;
use countersign::domain::login::{Standing, User, as_contact};
use countersign::domain::message::{Message, MessageState, Purpose};
use countersign::domain::timestamp::Timestamp;
use countersign::ports::bytes;
use countersign::store::{self, AdminRow};
use countersign::usecase::Desk;
use sea_orm::ConnectionTrait as _;

use crate::Scale;
use crate::place::{Kind, Place, execute};
use crate::process::{Process, Role as Part};
use crate::report::{Row, median, say, tell};
use crate::seed;
use crate::wire::Http;

/// What no page may take longer than.
const MOST: f64 = 200.0;
/// How often each page is asked for; the middle one counts.
const ROUNDS: usize = 5;
const USERS: usize = 1000;
const AT_A_TIME: usize = 1000;
/// The time that the records are spread over.
const SPAN: Duration = Duration::from_hours(90 * 24);

/// Every list by every filter, those that find little among them, and the pages beside the lists.
const PAGES: [&str; 32] = [
    "",
    "/clients",
    "/clients?q=lead-09",
    "/clients?q=lead-099999",
    "/clients?q=zzz",
    "/client?id=lead-000001",
    "/users",
    "/users?view=not_enrolled&sort=role&page=5",
    "/users?q=zzz",
    "/audit",
    "/audit?client=lead-000001",
    "/audit?action=code.check",
    "/audit?action=client.revoke",
    "/audit?action=zzz",
    "/audit?actor=u-1",
    "/audit?actor=u-once",
    "/audit?actor=zzz",
    "/audit?action=code.check&actor=u-once",
    "/audit?since=TODAY",
    "/audit?since=TODAY&actor=zzz",
    "/audit?page=OLD",
    "/messages",
    "/messages?client=lead-000001",
    "/messages?state=failed",
    "/messages?channel=voice",
    "/messages?since=TODAY",
    "/events",
    "/events?state=parked",
    "/events?client=lead-000001",
    "/events?type=pin.locked",
    "/keys",
    "/settings/eligibility?try=lead-000001",
];

/// Measures each page on each database.
pub async fn measure(place: &Place, scale: &Scale, filled: &[(Kind, String)]) -> anyhow::Result<()> {
    for (kind, template) in filled {
        let url = place.copy(*kind, template).await?;
        let begun = Instant::now();
        let (cookie, now) = furnish(place, &url, scale.entries).await?;
        execute(&url, if *kind == Kind::Postgres { "vacuum analyze" } else { "analyze" }).await?;
        say(&format!(
            "{}: {} audit entries after {} s",
            kind.name(),
            scale.entries,
            begun.elapsed().as_secs()
        ));
        let settings = seed::settings(&url, "127.0.0.1:1");
        let (process, _) = Process::start(Part::Requests, place.dir.path(), &settings).await?;
        let mut http = Http::connect(&process.address).await?;
        let mut times = Vec::new();
        for page in PAGES {
            let old = AuditId::new(now - SPAN / 2, [0; 10]);
            let path = page.replace("TODAY", &now.to_string()[..10]).replace("OLD", old.as_str());
            times.push((page, time(&mut http, &path, &cookie).await?));
        }
        times.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (slowest, took) = times[0];
        let others = times[1..6].iter().map(|(page, took)| format!("{page} {took:.0}"));
        tell(&Row {
            what: format!("console, {}, {} entries", kind.name(), scale.entries),
            ours: format!("{took:.0} ms"),
            floor: format!("{MOST:.0} ms"),
            ratio: Some(MOST / took),
            aim: Some(1.0),
            more: format!("slowest \"{slowest}\"; then {}", others.collect::<Vec<_>>().join(", ")),
        });
    }
    Ok(())
}

/// Milliseconds that a page takes.
async fn time(http: &mut Http, path: &str, cookie: &str) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let path = format!("/admin/t/tenant-0{path}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\ncontent-length: 0\r\n\r\n"
        );
        let begun = Instant::now();
        let answer = http.send(request.as_bytes()).await?;
        ensure!(answer.status == 200 && answer.body.contains("</html>"), "{path}: {}", answer.head);
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(times.into_iter()))
}

/// Fills the lists. Gives the cookie of an owner who is signed in, and when the newest entry was.
async fn furnish(place: &Place, url: &str, entries: usize) -> anyhow::Result<(String, Timestamp)> {
    place.hurry(url).await?;
    let desk = seed::desk(url, |_| {}).await?;
    let now = desk.time.now();
    let cookie = sign_in(&desk, now).await?;
    users(&desk, now).await?;
    let database = store::open(&url.into()).await?;
    for from in (0..entries).step_by(AT_A_TIME) {
        let rows: Vec<_> = (from..from + AT_A_TIME).map(|n| entry(n, moment(n, entries, now))).collect();
        database.execute_unprepared(&format!("insert into audit values {}", rows.join(","))).await?;
    }
    let less = entries / 10;
    for from in (0..less).step_by(AT_A_TIME) {
        let rows: Vec<_> = (from..from + AT_A_TIME).map(|n| event(n, moment(n, less, now))).collect();
        let columns =
            "tenant_id, id, kind, client_id, body, state, attempts, last_status, created_at, changed_at";
        let insert = format!("insert into host_event ({columns}) values {}", rows.join(","));
        database.execute_unprepared(&insert).await?;
    }
    database.close().await?;
    messages(&desk, url, (less, now)).await?;
    desk.store.close().await?;
    Ok((cookie, now))
}

/// The records are as far apart as they can be within their span, the first of them the oldest.
fn moment(number: usize, all: usize, now: Timestamp) -> Timestamp {
    let part = u32::try_from(all - number).unwrap_or(u32::MAX);
    now - SPAN / u32::try_from(all).unwrap_or(u32::MAX) * part
}

/// Ten bytes that no other row of its kind has.
fn own(number: usize) -> [u8; 10] {
    let number = number.to_be_bytes();
    std::array::from_fn(|at| number.get(at).copied().unwrap_or_default())
}

fn client(number: usize) -> String {
    seed::client(number * 7919 % seed::USUAL.clients())
}

/// Nine in ten are checks of codes; ten of the oldest are rare, in what was done or by whom.
fn entry(number: usize, at: Timestamp) -> String {
    let id = AuditId::new(at, own(number));
    let action = match number {
        0..5 => "client.revoke",
        _ if number.is_multiple_of(10) => "code.request",
        _ => "code.check",
    };
    let actor = if (5..10).contains(&number) { "u-once".to_owned() } else { format!("u-{}", number % USERS) };
    let client = client(number);
    format!(
        "('tenant-0','{id}',{},'agent','{actor}','203.0.113.7','{action}','{client}','c-1','','verified','{{\"channels\":[\"email\",\"sms\"]}}','k','')",
        at.millis()
    )
}

/// Few were given up, all of them long ago.
fn event(number: usize, at: Timestamp) -> String {
    let id = EventId::new(at, own(number));
    let (state, status) = if number < 20 { ("parked", 500) } else { ("delivered", 200) };
    let (client, at) = (client(number), at.millis());
    format!("('tenant-0','{id}','verification.verified','{client}','','{state}',1,{status},{at},{at})")
}

/// Few failed, all of them long ago.
async fn messages(desk: &Desk, url: &str, (count, now): (usize, Timestamp)) -> anyhow::Result<()> {
    let (tenant, at) = (seed::tenant(0)?, now.millis());
    let challenge = ChallengeId::new(now, [9; 10]);
    execute(url, &format!(
        "insert into challenge (tenant_id, id, workflow, subject, kind, state, contact_id, people, channels, digits, tries_allowed, tries, created_at, expires_at, resend_at, epoch, key_id) \
         values ('tenant-0','{challenge}','client','lead-000001','sent','verified','c-1','','sms',6,5,1,{at},{at},{at},0,'k')"
    )).await?;
    for from in (0..count).step_by(AT_A_TIME) {
        let mut rows = Vec::with_capacity(AT_A_TIME);
        for number in from..from + AT_A_TIME {
            let at = moment(number, count, now);
            rows.push(Message {
                id: MessageId::new(at, own(number)),
                challenge: challenge.clone(),
                client: ClientId::parse(&client(number))?,
                contact: ContactId::parse("c-1")?,
                purpose: Purpose::ClientCode,
                channel: if number < 10 { Channel::Voice } else { Channel::Sms },
                destination: String::new(),
                masked: "(•••) •••-••42".to_owned(),
                state: if number < 20 { MessageState::Failed } else { MessageState::Delivered },
                detail: None,
                attempts: 1,
                created_at: at,
                changed_at: at,
            });
        }
        let tx = desk.store.begin().await?;
        tx.of(&tenant).insert_messages(&rows).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn users(desk: &Desk, now: Timestamp) -> anyhow::Result<()> {
    let tenant = seed::tenant(0)?;
    let tx = desk.store.begin().await?;
    for number in 0..USERS {
        let user = person(&format!("u-{number}"), &format!("Maria Lopez {number}"), now)?;
        tx.of(&tenant).ensure_user(&user).await?;
    }
    Ok(tx.commit().await?)
}

fn person(id: &str, name: &str, now: Timestamp) -> anyhow::Result<User> {
    let id = UserId::parse(id)?;
    let person = Contact {
        id: as_contact(&id)?,
        name: name.to_owned(),
        role: "agent".to_owned(),
        email: Email::parse("maria@crm.example").ok(),
        mobile: None,
        phone: None,
        locale: None,
        email_changed_at: None,
        mobile_changed_at: None,
        phone_changed_at: None,
    };
    Ok(User { id, person, standing: Standing::default(), created_at: now })
}

/// An owner in the middle of a session.
async fn sign_in(desk: &Desk, now: Timestamp) -> anyhow::Result<String> {
    let console = desk.directory.console().id.clone();
    let admin = Admin { id: AdminId::new(now, [1; 10]), role: Role::Owner, tenants: None, created_at: now };
    let token = SessionToken::new(bytes(desk.random.as_ref()));
    let session = Session {
        id: AdminSessionId::new(now, [1; 10]),
        admin: admin.id.clone(),
        stage: Stage::Whole,
        created_at: now,
        seen_at: now,
        address: "127.0.0.1".to_owned(),
        device: String::new(),
        epoch: desk.directory.get().epoch,
    };
    let key = KeyRing::new(seed::keys()?, Vec::new()).current().id;
    let email = Email::parse("ada@acme.example").ok().context("an address is not valid")?;
    let user = person(admin.id.as_str(), "Ada Park", now)?;
    let tx = desk.store.begin().await?;
    tx.of(&console).ensure_user(&user).await?;
    tx.of(&console).insert_admin(&AdminRow { admin, password: String::new(), key }, &email).await?;
    tx.of(&console).insert_admin_session(&session, &token).await?;
    tx.commit().await?;
    Ok(format!("__Host-countersign-admin={}", token.expose()))
}
