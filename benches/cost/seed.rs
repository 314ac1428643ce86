//! The tenants and the hundred thousand clients that every measurement finds in its database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::domain::agent::Agent;
use countersign::domain::channel::Channel;
use countersign::domain::client::{Assurance, Client, Method, Named, Pending, Standing, Verified};
use countersign::domain::contact::{Contact, Email, Phone};
use countersign::domain::guess::Ceiling;
use countersign::domain::id::{ChallengeId, ClientId, ContactId, TenantId};
use countersign::domain::key::{KeyRing, KeySet};
use countersign::domain::pin::DIGITS;
use countersign::domain::pin::secret::Pin;
use countersign::domain::pin::tries::StoredPin;
use countersign::domain::surface::Surface;
use countersign::domain::tenant::Tenant;
use countersign::domain::timestamp::Timestamp;
use countersign::ports::{SystemClock, SystemRandom};
use countersign::store::{self, Store, Vault};
use countersign::usecase::brake::Everywhere;
use countersign::usecase::pin::hasher::{Hasher, Of, Whose};
use countersign::usecase::stream::Hub;
use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
use countersign::usecase::tenant::note_uses::Uses;
use countersign::usecase::time::ServiceTime;
use countersign::usecase::{Bells, Changes, Desk};
use sea_orm::Statement;
use serde_json::json;

use crate::place::execute;

/// The clients from here on are polled; those before are verified, one cycle each.
pub const POLLED: usize = 80_000;
/// How many clients the first tenant has.
pub struct Table {
    /// From the first on; each may have one cycle.
    pub cycled: usize,
    /// From [`POLLED`] on.
    pub polled: usize,
    /// Nobody asks for these: rows as long as the others, under other ids.
    pub others: usize,
}

impl Table {
    pub fn clients(&self) -> usize {
        self.cycled + self.polled + self.others
    }
}

/// What every measurement finds, unless it says another.
pub const USUAL: Table = Table { cycled: POLLED, polled: 20_000, others: 0 };
/// So many of those polled have a security PIN.
pub const PINS: usize = 4000;
/// Tenants of which each has pushes of its own.
pub const TENANTS: usize = 4;
const AT_A_TIME: usize = 1000;

/// A tenant's id.
pub fn tenant(number: usize) -> anyhow::Result<TenantId> {
    Ok(TenantId::parse(&format!("tenant-{number}"))?)
}

pub fn api_key(number: usize) -> String {
    format!("csk_key_of_a_measurement_and_of_nothing_else_{number:04}")
}

/// The host's id of a client.
pub fn client(number: usize) -> String {
    format!("lead-{number:06}")
}

fn master_key() -> String {
    BASE64_STANDARD.encode((0..32).collect::<Vec<u8>>())
}

pub fn keys() -> anyhow::Result<KeySet> {
    Ok(KeySet::parse(&master_key())?)
}

/// The settings of a process on this database.
pub fn settings(url: &str, gateway: &str) -> Vec<(String, String)> {
    let set = |name: &str, value: String| (format!("COUNTERSIGN_{name}"), value);
    vec![
        set("DATABASE__URL", url.to_owned()),
        set("SECRETS__MASTER_KEY", master_key()),
        set("HOST__ALLOW_PRIVATE_CALLBACKS", "127.0.0.0/8".to_owned()),
        set("SMS__PROVIDER", "http".to_owned()),
        set("SMS__URL", format!("http://{gateway}/send?to={{{{to}}}}&text={{{{text}}}}")),
    ]
}

/// What a use case needs, on this database; every statement is shown to `watch`.
pub async fn desk(url: &str, watch: impl Fn(&Statement) + Send + Sync + 'static) -> anyhow::Result<Desk> {
    let random = Arc::new(SystemRandom);
    let vault = Vault { ring: Arc::new(KeyRing::new(keys()?, Vec::new())), random: random.clone() };
    let hasher = Hasher::new(Arc::clone(&vault.ring), Arc::clone(&vault.random));
    let public_url = "http://127.0.0.1:8080".parse()?;
    let console = Tenant::console(&public_url).map_err(|_| anyhow::anyhow!("no console"))?;
    let desk = Desk {
        store: Store::watched(store::connect(&url.into()).await?, vault, watch),
        time: ServiceTime::new(Arc::new(SystemClock)),
        random,
        directory: countersign::usecase::directory::Directory::new(console),
        bells: Bells::default(),
        hub: Hub::default(),
        changes: Changes::default(),
        uses: Uses::default(),
        hasher,
        everywhere: Everywhere::new(Ceiling::of_codes(40_000)),
        public_url,
    };
    desk.refresh().await?;
    Ok(desk)
}

/// Fills an empty database.
pub async fn fill(url: &str, host: &str, table: &Table) -> anyhow::Result<()> {
    let desk = desk(url, |_| {}).await?;
    let callback = |number| format!("http://{host}/{number}");
    let wanted =
        (0..TENANTS).map(|number| wanted(number, &callback(number))).collect::<anyhow::Result<Vec<_>>>()?;
    apply_tenants(&desk, wanted).await?;
    let (tenant, now) = (tenant(0)?, desk.time.now());
    let numbers = (0..table.cycled).chain(POLLED..POLLED + table.polled).collect::<Vec<_>>();
    for some in numbers.chunks(AT_A_TIME) {
        let tx = desk.store.begin().await?;
        for number in some {
            tx.of(&tenant).ensure_client(&listed(&tenant, *number, now)?).await?;
        }
        tx.commit().await?;
    }
    give_pins(&desk, &tenant).await?;
    desk.store.close().await?;
    for copy in 0..table.others / numbers.len() {
        execute(url, &others(copy)).await?;
    }
    Ok(())
}

/// Makes each client once more. What a copy holds is sealed for another id, so nothing may ask for it.
fn others(copy: usize) -> String {
    format!(
        "insert into client (tenant_id, id, name, contacts, standing, created_at, listed_at, version, removed, run_at) \
         select tenant_id, 'other-{copy}-' || id, name, contacts, standing, created_at, listed_at, version, removed, run_at \
         from client where id like 'lead-%'"
    )
}

/// The first client that has a PIN, or the one so many after it.
pub fn client_with_pin(number: usize) -> String {
    client(POLLED + number % PINS)
}

/// One hash for all: it is nobody's PIN but the first client's, and takes as long to compare.
async fn give_pins(desk: &Desk, tenant: &TenantId) -> anyhow::Result<()> {
    let first = ClientId::parse(&client_with_pin(0))?;
    let pin = Pin::parse("482057", DIGITS)?;
    let hashed =
        desk.hasher.admit(tenant)?.hash(pin.expose(), Of { tenant, whose: Whose::Pin(&first) }).await?;
    let kept = StoredPin::new(hashed.text, hashed.key, desk.time.now());
    let tx = desk.store.begin().await?;
    for number in 0..PINS {
        tx.of(tenant).set_pin(&ClientId::parse(&client_with_pin(number))?, &kept).await?;
    }
    Ok(tx.commit().await?)
}

/// A tenant whose pushes go to `callback`.
pub fn wanted(number: usize, callback: &str) -> anyhow::Result<Wanted> {
    let settings = json!({
        "name": "Cornerstone PEO", "eligible": true, "callback_url": callback,
        "brand": {"short_name": "Cornerstone", "support_phone": "800-555-0199", "color": "#0550ae"},
        "policy": {"pin": {"enabled": true}},
    });
    let providers = json!({});
    let api_key = Some(api_key(number).into());
    Ok(Wanted { id: tenant(number)?, settings, providers, webhook_secret: None, push_secret: None, api_key })
}

fn listed(tenant: &TenantId, number: usize, now: Timestamp) -> anyhow::Result<Client> {
    let contact = Contact {
        id: ContactId::parse("c-1")?,
        name: format!("Ana Ruiz {number}"),
        role: "owner".to_owned(),
        email: Email::parse(&format!("ana.{number}@ruiz-landscaping.example")).ok(),
        mobile: Phone::parse(&format!("+1202{}", 2_000_000 + number)).ok(),
        phone: None,
        locale: None,
        email_changed_at: None,
        mobile_changed_at: None,
        phone_changed_at: None,
    };
    contact.email.as_ref().zip(contact.mobile.as_ref()).context("a detail of a client is not valid")?;
    Ok(Client {
        tenant: tenant.clone(),
        id: ClientId::parse(&client(number))?,
        name: format!("Ruiz Landscaping {number} LLC"),
        created_at: now,
        listed_at: now,
        standing: if number < POLLED { Standing::default() } else { standing(number, now)? },
        contacts: vec![contact],
        version: 3,
        removed: false,
    })
}

/// Of those that are polled, three in ten are verified, one has a code out, and the others are not verified.
fn standing(number: usize, now: Timestamp) -> anyhow::Result<Standing> {
    let contact = Named { id: ContactId::parse("c-1")?, name: format!("Ana Ruiz {number}") };
    let agent = Some(Agent::parse("u-77", Some("Maria Lopez"), None, None)?);
    let challenge = ChallengeId::new(now, std::array::from_fn(|at| number.to_be_bytes()[at % 8]));
    let (surface, channels) = (Some(Surface::LeadCard), vec![Channel::Email, Channel::Sms]);
    let mut standing = Standing::default();
    match number % 10 {
        0..3 => {
            standing.last_verified_at = Some(now);
            standing.last_verified_by.clone_from(&agent);
            standing.verified = Some(Verified {
                challenge: Some(challenge),
                method: Method::Code,
                assurance: Assurance::Contact,
                contact,
                agent,
                surface,
                channels,
                at: now,
                until: now + Duration::from_hours(1),
            });
        }
        3 => {
            standing.pending = Some(Pending {
                challenge,
                contact,
                agent,
                surface,
                channels,
                sent_at: now,
                expires_at: now + Duration::from_hours(1),
            });
        }
        _ => {}
    }
    Ok(standing)
}
