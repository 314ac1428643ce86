//! One client, locked, in one transaction: what changes about it, who is told, and what the record says.
//!
//! Every change of a client goes through here, so that none is without its event, its audit entry and its version.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::audit::{Entry, Origin};
use crate::domain::challenge::{Challenge, State};
use crate::domain::client::{Client, Lapse, Pending};
use crate::domain::event::{self, Event, EventType};
use crate::domain::id::{AuditId, ChallengeId, ClientId, EventId};
use crate::domain::message::Message;
use crate::domain::refusal::Refusal;
use crate::domain::status::{self, Status, View};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::{Inbound, StoreError, Tx, Writes};

use super::caller::Caller;
use super::desk::Desk;
use super::error::Failure;
use super::pin::lock_pin;

/// An open transaction on a client.
pub struct Case<'a> {
    desk: &'a Desk,
    pub tx: Tx,
    pub tenant: Arc<Tenant>,
    pub client: Client,
    /// The moment of everything in this transaction, taken once the lock was held.
    pub now: Timestamp,
    pub origin: Origin,
    challenge: Option<Challenge>,
    links: Vec<String>,
    messages: Vec<Message>,
    events: Vec<Event>,
    entries: Vec<Entry>,
}

/// What an audit entry says beside who, whom and when.
pub struct Note<'a> {
    pub action: &'static str,
    pub outcome: &'static str,
    pub contact: &'a str,
    pub object: &'a str,
    pub detail: Value,
}

impl<'a> Case<'a> {
    /// Locks a client of the caller's.
    ///
    /// # Errors
    /// `NotInToken`, `ClientNotFound`
    pub async fn open(
        desk: &'a Desk,
        tenant: &Arc<Tenant>,
        client: &ClientId,
        caller: &Caller,
    ) -> Result<Self, Failure> {
        caller.may_act_on(client)?;
        let tx = desk.store.begin().await?;
        let found = tx.of(&tenant.id).lock_client(client).await?.filter(|c| !c.removed);
        let client = found.ok_or(Refusal::ClientNotFound)?;
        Ok(Self::on(desk, tx, tenant, client, caller.origin.clone()))
    }

    /// Locks the client that a challenge is about.
    ///
    /// # Errors
    /// `NotFound`, `NotInToken`
    pub async fn of_challenge(
        desk: &'a Desk,
        tenant: &Arc<Tenant>,
        challenge: &ChallengeId,
        caller: &Caller,
    ) -> Result<Self, Failure> {
        let tx = desk.store.begin().await?;
        let found = tx.of(&tenant.id).lock_client_of(challenge).await?;
        let client = found.ok_or(Refusal::NotFound("challenge"))?;
        caller.may_act_on(&client.id)?;
        Ok(Self::on(desk, tx, tenant, client, caller.origin.clone()))
    }

    /// Locks a client that may be new, after claiming a webhook's id if it came by one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn open_or_create(
        desk: &'a Desk,
        tenant: &Arc<Tenant>,
        blank: Client,
        webhook: Option<&str>,
        origin: Origin,
    ) -> Result<Opened<'a>, StoreError> {
        let tx = desk.store.begin().await?;
        let scope = tx.of(&tenant.id);
        if let Some(id) = webhook
            && let Inbound::Seen(answer) = scope.claim_inbound(id, desk.time.now()).await?
        {
            return Ok(Opened::Seen(answer));
        }
        let (client, known) = if let Some(client) = scope.lock_client(&blank.id).await? {
            let known = if client.removed { Known::Removed } else { Known::Yes };
            (client, known)
        } else {
            let new = scope.ensure_client(&blank).await?;
            let client = scope.lock_client(&blank.id).await?.ok_or(StoreError::Guard("client"))?;
            (client, if new { Known::No } else { Known::Yes })
        };
        Ok(Opened::Case { case: Box::new(Self::on(desk, tx, tenant, client, origin)), known })
    }

    /// Takes over a client that is locked in `tx`.
    pub fn on(desk: &'a Desk, tx: Tx, tenant: &Arc<Tenant>, client: Client, origin: Origin) -> Self {
        let now = desk.time.now();
        Self {
            desk,
            tx,
            tenant: Arc::clone(tenant),
            client,
            now,
            origin,
            challenge: None,
            links: Vec::new(),
            messages: Vec::new(),
            events: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// What it works with.
    pub fn desk(&self) -> &'a Desk {
        self.desk
    }

    /// Lets time pass for the client: what is over is closed, told and noted.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn settle(&mut self) -> Result<(), StoreError> {
        for lapse in self.client.settle(self.now) {
            match lapse {
                Lapse::CodeExpired(pending) => {
                    let scope = self.tx.of(&self.tenant.id);
                    scope.close_challenge(&pending.challenge, State::Expired, self.now).await?;
                    self.note_lapse("code.expire", pending.contact.id.as_str(), pending.challenge.as_str());
                    self.tell(EventType::CodeExpired, Some(&pending.challenge));
                }
                Lapse::LinkExpired(link) => {
                    let scope = self.tx.of(&self.tenant.id);
                    scope.close_challenge(&link.challenge, State::Expired, self.now).await?;
                    self.end_confirm(State::Expired).await?;
                    self.note_lapse("pin.link_expire", link.contact.id.as_str(), link.challenge.as_str());
                }
                Lapse::PinLocked => lock_pin::lock_lapsed(self).await?,
                Lapse::VerificationOver(verified) => {
                    let challenge = verified.challenge.as_ref();
                    let object = challenge.map_or("", ChallengeId::as_str);
                    self.note_lapse("verification.expire", verified.contact.id.as_str(), object);
                    self.tell(EventType::Expired, challenge);
                }
            }
        }
        Ok(())
    }

    fn note_lapse(&mut self, action: &'static str, contact: &str, object: &str) {
        self.note_by_time(Note { action, outcome: "expired", contact, object, detail: json!({}) });
    }

    /// Writes an audit entry about something that nobody did but time.
    pub fn note_by_time(&mut self, note: Note<'_>) {
        let origin = std::mem::replace(&mut self.origin, Origin::service("time"));
        self.note(note);
        self.origin = origin;
    }

    /// Ends the code that is out, if there is one: closed as `state`, what is queued of it dropped.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn end_pending(&mut self, state: State) -> Result<Option<ChallengeId>, StoreError> {
        let pending = self.client.standing.pending.take();
        self.end(pending, state).await
    }

    /// Ends the link that is out, in the same way, and the code that it asked for.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn end_link(&mut self, state: State) -> Result<Option<ChallengeId>, StoreError> {
        let link = self.client.standing.pin.link.take();
        self.end_confirm(State::Cancelled).await?;
        self.end(link, state).await
    }

    async fn end_confirm(&mut self, state: State) -> Result<(), StoreError> {
        if let Some(code) = self.client.standing.pin.confirm.end() {
            self.close(&code.challenge, state).await?;
        }
        Ok(())
    }

    async fn end(
        &mut self,
        pending: Option<Pending>,
        state: State,
    ) -> Result<Option<ChallengeId>, StoreError> {
        let Some(pending) = pending else { return Ok(None) };
        let was_open = self.close(&pending.challenge, state).await?;
        if was_open { Ok(Some(pending.challenge)) } else { Err(StoreError::Guard("challenge")) }
    }

    /// Closes a challenge that nothing has ended, and drops what is queued of it. Says whether it was open.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn close(&mut self, challenge: &ChallengeId, state: State) -> Result<bool, StoreError> {
        let scope = self.tx.of(&self.tenant.id);
        let was_open = scope.close_challenge(challenge, state, self.now).await?;
        for message in scope.drop_queued(challenge, self.now).await? {
            self.note(Note {
                action: "message.send",
                outcome: message.state.as_str(),
                contact: message.contact.as_str(),
                object: message.id.as_str(),
                detail: json!({
                    "challenge": message.challenge, "channel": message.channel, "detail": message.detail,
                }),
            });
        }
        Ok(was_open)
    }

    /// Counts a change: the version that everything told from here on carries.
    pub fn changed(&mut self) {
        self.client.version += 1;
    }

    /// The status as it stands now, in the tenant's language.
    pub fn status(&self) -> Status {
        status::of(
            View { tenant: &self.tenant, locale: self.tenant.default_locale, now: self.now },
            &self.client.outline(),
        )
    }

    /// Makes a challenge, when the transaction commits: the client's only active one.
    pub fn challenge(&mut self, challenge: &Challenge) {
        self.challenge = Some(challenge.clone());
    }

    /// Lets a link stand for that challenge, by the hash of its token.
    pub fn link(&mut self, hash: String) {
        self.links.push(hash);
    }

    /// Sends messages, when the transaction commits.
    pub fn send(&mut self, messages: &[Message]) {
        self.messages.extend_from_slice(messages);
    }

    /// Tells the host, when the transaction commits.
    pub fn tell(&mut self, kind: EventType, challenge: Option<&ChallengeId>) {
        let id = self.event_id();
        let event = event::verification(id, kind, self.now, &self.status(), challenge);
        self.events.push(event);
    }

    /// Tells the host something ready made.
    pub fn tell_event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// A fresh id for an event. What happens in one transaction has one time: the ids keep its order.
    pub fn event_id(&self) -> EventId {
        EventId::new(self.now, self.in_order(self.events.len()))
    }

    fn in_order(&self, position: usize) -> [u8; 10] {
        let mut chance = self.desk.draw().1;
        chance[0] = u8::try_from(position).unwrap_or(u8::MAX);
        chance
    }

    /// Writes an audit entry, when the transaction commits.
    pub fn note(&mut self, note: Note<'_>) {
        self.entries.push(Entry {
            id: AuditId::new(self.now, self.in_order(self.entries.len())),
            tenant: self.tenant.id.clone(),
            at: self.now,
            origin: self.origin.clone(),
            action: note.action,
            client: self.client.id.as_str().to_owned(),
            contact: note.contact.to_owned(),
            object: note.object.to_owned(),
            outcome: note.outcome,
            detail: note.detail,
        });
    }

    /// Writes all of it and commits, then wakes the outbox.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing happened.
    pub async fn commit(mut self) -> Result<Client, StoreError> {
        let window = self.tenant.policy.client.code.subject_window;
        self.client.standing.throttle.prune(window, self.now);
        self.client.standing.pin.sends.prune(window, self.now);
        let window = self.tenant.policy.pin.code().subject_window;
        self.client.standing.pin.confirm.throttle.prune(window, self.now);
        let writes = Writes {
            challenge: self.challenge.as_ref(),
            links: &self.links,
            messages: &self.messages,
            events: &self.events,
            entries: &self.entries,
            client: &self.client,
        };
        self.tx.of(&self.tenant.id).write(writes).await?;
        self.tx.commit().await?;
        self.desk.changes.count(&self.tenant.id);
        self.desk.bells.ring();
        self.desk.hub.announce(&self.client, self.entries.iter().map(|e| e.id.as_str()), self.now);
        Ok(self.client)
    }

    /// Commits the audit entries alone: a refusal that must be on the record.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn commit_notes(self) -> Result<(), StoreError> {
        self.tx.of(&self.tenant.id).insert_audit(&self.entries).await?;
        self.tx.commit().await
    }
}

/// Whether a client was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    Yes,
    /// It was, and the host dropped it since: what it is told with now is no first list.
    Removed,
    No,
}

/// What opening a client by a webhook came to.
pub enum Opened<'a> {
    Case {
        case: Box<Case<'a>>,
        known: Known,
    },
    /// The webhook was taken before; this is the answer it got.
    Seen(Vec<u8>),
}
