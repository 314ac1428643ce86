//! The status that every screen of a CRM shows: worked out from a client's standing, at a moment, in a language.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::calendar;
use super::channel::Channel;
use super::client::{Assurance, Locked, Method, Named, Outline, Pending, Verified};
use super::counted::{self, Counted};
use super::i18n;
use super::id::{ChallengeId, ClientId};
use super::locale::Locale;
use super::surface::Surface;
use super::tenant::Tenant;
use super::timestamp::Timestamp;

/// Where a client's verification stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    NotVerified,
    CodeSent,
    Verified,
    Locked,
    Reported,
}

impl State {
    pub const ALL: [Self; 5] =
        [Self::NotVerified, Self::CodeSent, Self::Verified, Self::Locked, Self::Reported];
}

/// How the button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Neutral,
    Pending,
    Success,
    Danger,
}

impl Tone {
    pub const ALL: [Self; 4] = [Self::Neutral, Self::Pending, Self::Success, Self::Danger];
}

/// What the button says, ready to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Button {
    pub tone: Tone,
    /// In the language asked for, times in the tenant's time zone.
    pub label: String,
    /// Who verified the client, when and until when, or what to do next.
    pub tooltip: String,
}

/// An agent as a status names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AgentName)]
pub struct NamedAgent {
    pub id: String,
    pub name: String,
}

/// Whether the client has a security PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    NotSet,
    Set,
    Locked,
}

impl PinState {
    pub const ALL: [Self; 3] = [Self::NotSet, Self::Set, Self::Locked];
}

/// What a tenant can demand of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    SecurityPin,
}

impl Requirement {
    pub const ALL: [Self; 1] = [Self::SecurityPin];
}

/// Where one client stands on a surface for which not just any proof will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnSurface {
    pub state: State,
    /// What is verified of what that surface requires.
    pub held: BTreeSet<Method>,
    /// What must still be verified before the client counts as verified there.
    pub missing: BTreeSet<Method>,
    /// Who got the code, or proved to be the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Named>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<NamedAgent>,
    /// The code that is out, or was last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeId>,
    /// When the newest of the proofs that count there came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// When the state ends by itself; of two proofs the one that ends first decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, counted from the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    pub button: Button,
}

/// Where one client stands: the same on every screen, but for those under `surfaces`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    pub client: ClientId,
    pub state: State,
    /// How the client was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// What carried the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Channel>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// Who got the code, or proved to be the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Named>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<NamedAgent>,
    /// Where they asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Surface>,
    /// The code that is out, or was last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// When the state ends by itself: the verification, the code, or the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, counted from the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// When the client was last verified, however long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_verified_at: Option<Timestamp>,
    pub pin: PinState,
    /// What the tenant still demands of this client.
    pub requirements: Vec<Requirement>,
    pub button: Button,
    /// For each surface whose `requires` names a proof, where the client stands there. Any other shows the rest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, OnSurface>)]
    pub surfaces: BTreeMap<Surface, OnSurface>,
    /// Grows with every change of the client, by time too: ignore a lower one than you have.
    #[schema(minimum = 0)]
    pub version: i64,
}

/// Who asks, as far as it changes the answer.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub tenant: &'a Tenant,
    pub locale: Locale,
    pub now: Timestamp,
}

impl View<'_> {
    fn time(&self, at: Timestamp) -> String {
        calendar::time(self.locale, at, self.tenant.time_zone)
    }

    fn date(&self, at: Timestamp) -> String {
        calendar::date(self.locale, at, self.tenant.time_zone)
    }

    fn fill(&self, key: &str, values: &[(&str, String)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        i18n::fill(self.locale, key, &values)
    }

    fn text(&self, key: &str) -> String {
        i18n::text(self.locale, key).to_owned()
    }
}

/// Whether a status looks the same by either settings of a tenant.
pub fn looks_alike(a: &Tenant, b: &Tenant) -> bool {
    a.time_zone == b.time_zone && a.policy.pin == b.policy.pin && a.requires == b.requires
}

/// The status of a client that the service does not know.
pub fn unknown(view: View<'_>, client: ClientId) -> Status {
    unproven(view, client, 0)
}

fn unproven(view: View<'_>, client: ClientId, version: i64) -> Status {
    let status = blank(client, State::NotVerified, not_verified(view, None), version);
    let on = |methods: &BTreeSet<Method>| on_surface(status.clone(), methods, methods.clone());
    let surfaces = view.tenant.requires.iter().map(|(surface, methods)| (*surface, on(methods))).collect();
    Status { surfaces, ..status }
}

/// The status of a client. One that the host dropped reads like one that is not known, but for its version.
pub fn of(view: View<'_>, client: &Outline) -> Status {
    let version = client.version_at(view.now);
    if client.removed {
        return unproven(view, client.id.clone(), version);
    }
    let mut status = current(view, client, version, &BTreeSet::new());
    status.last_verified_at = client.standing.last_verified_at;
    status.pin = pin(client, view.now);
    status.requirements = requirements(view.tenant, client);
    let required = view.tenant.requires.iter();
    status.surfaces = required.map(|(surface, methods)| (*surface, on(view, client, methods))).collect();
    status
}

/// Where a client stands on a surface that requires these.
fn on(view: View<'_>, client: &Outline, required: &BTreeSet<Method>) -> OnSurface {
    let there = current(view, client, client.version, required);
    let Counted::Missing { methods, held } = counted::count(required, &client.standing, view.now) else {
        return on_surface(there, required, BTreeSet::new());
    };
    let mut there = on_surface(there, required, methods);
    if there.state == State::NotVerified && !held.is_empty() {
        let values = [("held", methods_named(view, &held)), ("missing", methods_named(view, &there.missing))];
        there.button.tooltip = view.fill("button.missing.tooltip", &values);
    }
    there
}

fn on_surface(status: Status, required: &BTreeSet<Method>, missing: BTreeSet<Method>) -> OnSurface {
    let Status { state, contact, agent, challenge, verified_at, expires_at, seconds_left, button, .. } =
        status;
    let held = required.difference(&missing).copied().collect();
    OnSurface {
        state,
        held,
        missing,
        contact,
        agent,
        challenge,
        verified_at,
        expires_at,
        seconds_left,
        button,
    }
}

/// What counts most comes first: a report, then the proofs asked for, then a code that is out, then a lock.
fn current(view: View<'_>, client: &Outline, version: i64, required: &BTreeSet<Method>) -> Status {
    let (standing, now) = (&client.standing, view.now);
    let id = client.id.clone();
    if standing.reported_until.is_some_and(|until| until > now) {
        let tooltip = view.text("button.reported.tooltip");
        let button = Button { tone: Tone::Danger, label: view.text("button.reported"), tooltip };
        return blank(id, State::Reported, button, version);
    }
    if let Counted::Verified { newest, by, until } = counted::count(required, standing, now) {
        return of_verified(view, id, (newest, &by, until), version);
    }
    let pending = standing.pending.as_ref().filter(|p| p.expires_at > now);
    let locked = standing.locked.as_ref().filter(|l| l.until > now);
    match (pending, locked) {
        (Some(pending), _) => of_pending(view, id, pending, version),
        (None, Some(locked)) => of_locked(view, id, locked, version),
        (None, None) => blank(id, State::NotVerified, not_verified(view, Some(client)), version),
    }
}

fn blank(client: ClientId, state: State, button: Button, version: i64) -> Status {
    Status {
        client,
        state,
        method: None,
        channels: None,
        assurance: None,
        contact: None,
        agent: None,
        surface: None,
        challenge: None,
        verified_at: None,
        expires_at: None,
        seconds_left: None,
        last_verified_at: None,
        pin: PinState::NotSet,
        requirements: Vec::new(),
        button,
        surfaces: BTreeMap::new(),
        version,
    }
}

fn methods_named(view: View<'_>, methods: &BTreeSet<Method>) -> String {
    let both = methods.len() > 1;
    let key = match methods.first() {
        _ if both => "method.both",
        Some(Method::Pin) => "method.pin",
        _ => "method.code",
    };
    view.text(key)
}

fn named(agent: Option<&super::agent::Agent>) -> Option<NamedAgent> {
    agent.map(|a| NamedAgent { id: a.id.as_str().to_owned(), name: a.name.clone() })
}

fn of_verified(
    view: View<'_>,
    client: ClientId,
    (verified, by, until): (&Verified, &BTreeSet<Method>, Timestamp),
    version: i64,
) -> Status {
    let time = view.time(verified.at);
    let agent = verified.agent.as_ref().map(|a| a.name.as_str());
    let key = if agent.is_some() { "button.verified.tooltip" } else { "button.verified_no_agent.tooltip" };
    let values = [
        ("date", view.date(verified.at)),
        ("time", time.clone()),
        ("agent", agent.unwrap_or_default().to_owned()),
        ("method", methods_named(view, by)),
        ("until", view.time(until)),
    ];
    let tooltip = view.fill(key, &values);
    let label = i18n::fill(view.locale, "button.verified", &[("time", &time)]);
    Status {
        method: Some(verified.method),
        channels: (verified.method == Method::Code).then(|| verified.channels.clone()),
        assurance: Some(verified.assurance),
        contact: Some(verified.contact.clone()),
        agent: named(verified.agent.as_ref()),
        surface: verified.surface,
        challenge: verified.challenge.clone(),
        verified_at: Some(verified.at),
        expires_at: Some(until),
        seconds_left: Some(until.since(view.now).as_secs()),
        ..blank(client, State::Verified, Button { tone: Tone::Success, label, tooltip }, version)
    }
}

fn of_pending(view: View<'_>, client: ClientId, pending: &Pending, version: i64) -> Status {
    let values = [("name", pending.contact.name.as_str()), ("time", &view.time(pending.sent_at))];
    let tooltip = i18n::fill(view.locale, "button.code_sent.tooltip", &values);
    let tone = until_verified(view, Tone::Pending);
    let button = Button { tone, label: view.text("button.code_sent"), tooltip };
    Status {
        channels: Some(pending.channels.clone()),
        contact: Some(pending.contact.clone()),
        agent: named(pending.agent.as_ref()),
        surface: pending.surface,
        challenge: Some(pending.challenge.clone()),
        expires_at: Some(pending.expires_at),
        seconds_left: Some(pending.expires_at.since(view.now).as_secs()),
        ..blank(client, State::CodeSent, button, version)
    }
}

fn of_locked(view: View<'_>, client: ClientId, locked: &Locked, version: i64) -> Status {
    let key = if locked.subject { "button.locked.tooltip" } else { "button.locked_code.tooltip" };
    let tooltip = i18n::fill(view.locale, key, &[("time", &view.time(locked.until))]);
    let button = Button { tone: Tone::Danger, label: view.text("button.locked"), tooltip };
    Status {
        challenge: locked.challenge.clone(),
        expires_at: locked.subject.then_some(locked.until),
        seconds_left: locked.subject.then(|| locked.until.since(view.now).as_secs()),
        ..blank(client, State::Locked, button, version)
    }
}

/// Where a tenant uses PINs the button is red until verified, also while a code is out.
fn until_verified(view: View<'_>, otherwise: Tone) -> Tone {
    if view.tenant.policy.pin.enabled { Tone::Danger } else { otherwise }
}

fn not_verified(view: View<'_>, client: Option<&Outline>) -> Button {
    let tone = until_verified(view, Tone::Neutral);
    let last = client.and_then(|c| c.standing.last_verified_at);
    let by = client.and_then(|c| c.standing.last_verified_by.as_ref()).map(|a| a.name.clone());
    let key = match (last, &by) {
        (Some(_), Some(_)) => "button.expired.tooltip",
        (Some(_), None) => "button.expired_no_agent.tooltip",
        (None, _) => "button.not_verified.tooltip",
    };
    let (date, time) = last.map(|at| (view.date(at), view.time(at))).unwrap_or_default();
    let tooltip = view.fill(key, &[("date", date), ("time", time), ("agent", by.unwrap_or_default())]);
    Button { tone, label: view.text("button.not_verified"), tooltip }
}

/// Whether the client has a PIN.
pub fn pin(client: &Outline, now: Timestamp) -> PinState {
    match &client.standing.pin.set {
        None => PinState::NotSet,
        Some(set) if set.is_locked(now) => PinState::Locked,
        Some(_) => PinState::Set,
    }
}

/// What the tenant demands of this client before it is complete.
fn requirements(tenant: &Tenant, client: &Outline) -> Vec<Requirement> {
    let (policy, standing) = (&tenant.policy.pin, &client.standing.pin);
    let of_age = policy.required_since.is_some_and(|since| client.created_at >= since);
    let needed = policy.enabled && standing.set.is_none() && (of_age || standing.required);
    if needed { vec![Requirement::SecurityPin] } else { Vec::new() }
}
