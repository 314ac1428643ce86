//! A transaction on guests: what changes about them, who is told, and what the record says.
//!
//! Whoever changes one locks the row first; a session is locked before its participants.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::audit::{Entry, Origin};
use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, Destination};
use crate::domain::event::{self, Event, EventType};
use crate::domain::guest::{Guest, GuestId, When};
use crate::domain::id::{AuditId, ChallengeId, ClientId, EventId, MessageId};
use crate::domain::locale::Locale;
use crate::domain::message::{Message, MessageState, Purpose};
use crate::domain::policy::CodeRules;
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::message::Detail;
use crate::store::{StoreError, Tx};
use crate::usecase::client::dispatch;
use crate::usecase::{Desk, Failure};

/// An open transaction.
pub struct Work<'a> {
    pub desk: &'a Desk,
    pub tx: Tx,
    pub tenant: Arc<Tenant>,
    /// The moment of everything in it, taken anew once a lock was held.
    pub now: Timestamp,
    pub epoch: i64,
    pub origin: Origin,
    events: Vec<Event>,
    entries: Vec<Entry>,
}

/// Whom a code or a message is for.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    pub workflow: Workflow,
    /// What stands where a client does in what is sent: the guest, or the user.
    pub row: &'a str,
    pub person: &'a Contact,
    pub locale: Locale,
    pub rules: &'a CodeRules,
}

impl<'a> Party<'a> {
    pub fn of(guest: &'a Guest, tenant: &'a Tenant) -> Self {
        Self {
            workflow: guest.matter.workflow(),
            row: guest.id.as_str(),
            person: &guest.person,
            locale: guest.locale(tenant),
            rules: guest.rules(tenant),
        }
    }
}

/// What was done, for the record: the deed, what came of it, and the challenge or message it concerned.
pub struct Done<'a>(pub &'static str, pub &'static str, pub &'a str);

impl<'a> Work<'a> {
    /// # Errors
    /// [`StoreError`]
    pub async fn begin(desk: &'a Desk, tenant: &Arc<Tenant>, origin: Origin) -> Result<Self, StoreError> {
        let tx = desk.store.begin().await?;
        Ok(Self {
            desk,
            tx,
            tenant: Arc::clone(tenant),
            now: desk.time.now(),
            epoch: desk.directory.get().epoch,
            origin,
            events: Vec::new(),
            entries: Vec::new(),
        })
    }

    /// Locks a guest until the end.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn lock(&mut self, id: &GuestId) -> Result<Option<Guest>, StoreError> {
        let found = self.tx.of(&self.tenant.id).lock_guest(id).await?;
        self.now = self.desk.time.now();
        Ok(found)
    }

    pub fn when(&self) -> When {
        When { now: self.now, epoch: self.epoch }
    }

    /// A new challenge, under the rules of whom it is for, that lives until then.
    pub fn challenge(
        &self,
        party: &Party<'_>,
        (kind, subject): (Kind, String),
        channel: Option<Channel>,
        expires_at: Timestamp,
    ) -> Challenge {
        Challenge {
            id: ChallengeId::new(self.now, self.desk.draw().1),
            workflow: party.workflow,
            subject,
            kind,
            contact: party.person.id.clone(),
            contact_name: party.person.name.clone(),
            agent: None,
            surface: None,
            locale: Some(party.locale),
            channels: channel.into_iter().collect(),
            digits: party.rules.digits,
            tries_allowed: party.rules.tries,
            tries: 0,
            created_at: self.now,
            expires_at,
            resend_at: self.now + party.rules.resend_after,
            closed_at: None,
            epoch: self.epoch,
            key: self.desk.store.vault().ring.current().id,
            stored: State::Active,
        }
    }

    /// Ends a challenge of a guest that nothing has ended, and drops what is queued of it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn end(&mut self, guest: &Guest, id: &ChallengeId, state: State) -> Result<(), StoreError> {
        for message in self.close(id, state).await? {
            self.note_message(guest, &message);
        }
        Ok(())
    }

    /// Ends a challenge that nothing has ended. Gives what was queued of it and is dropped, to be put on the record.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn close(&self, id: &ChallengeId, state: State) -> Result<Vec<Message>, StoreError> {
        let scope = self.tx.of(&self.tenant.id);
        scope.close_challenge(id, state, self.now).await?;
        scope.drop_queued(id, self.now).await
    }

    /// Sends a message to a guest, when the transaction commits; one whose number wants no texts fails at once.
    ///
    /// # Errors
    /// `TooManySends`
    pub async fn send(
        &mut self,
        guest: &Guest,
        challenge: &ChallengeId,
        way: (Channel, &Destination),
        purpose: Purpose,
    ) -> Result<(), Failure> {
        let tenant = Arc::clone(&self.tenant);
        let message = self.queue(&Party::of(guest, &tenant), challenge, way, purpose).await?;
        if message.state == MessageState::Failed {
            self.events.extend(event::message(self.event_id(), &message, Some(guest)));
            self.note_message(guest, &message);
        }
        Ok(())
    }

    /// Queues a message, or keeps it as failed where its number wants no texts, or is none that the tenant serves.
    ///
    /// # Errors
    /// `TooManySends`
    pub async fn queue(
        &mut self,
        party: &Party<'_>,
        challenge: &ChallengeId,
        way: (Channel, &Destination),
        purpose: Purpose,
    ) -> Result<Message, Failure> {
        let mut message = self.message(party, challenge, way, purpose)?;
        let counted = std::slice::from_ref(&message.destination);
        let opted_out =
            dispatch::count_sends(&self.tx, &self.tenant, counted, party.rules.sends, self.now).await?;
        let (_, to) = way;
        let served = !matches!(to, Destination::Phone(phone) if !self.tenant.telephone.serves(phone));
        let why = if !served {
            Some(Detail::NotServed)
        } else if message.channel == Channel::Sms && !opted_out.is_empty() {
            Some(Detail::OptedOut)
        } else {
            None
        };
        if let Some(why) = why {
            message.state = MessageState::Failed;
            message.detail = Some(why.as_str().to_owned());
        }
        self.tx.of(&self.tenant.id).insert_messages(std::slice::from_ref(&message)).await?;
        Ok(message)
    }

    /// A message that waits to be sent.
    ///
    /// # Errors
    /// A row that cannot stand where a client does.
    pub fn message(
        &self,
        party: &Party<'_>,
        challenge: &ChallengeId,
        (channel, to): (Channel, &Destination),
        purpose: Purpose,
    ) -> Result<Message, StoreError> {
        let keys = self.desk.store.vault().ring.current();
        Ok(Message {
            id: MessageId::new(self.now, self.desk.draw().1),
            challenge: challenge.clone(),
            client: ClientId::parse(party.row).map_err(|_| StoreError::Guard("message"))?,
            contact: party.person.id.clone(),
            purpose,
            channel,
            destination: seal::index(keys, &self.tenant.id, &to.normal()),
            masked: to.masked(),
            state: MessageState::Queued,
            detail: None,
            attempts: 0,
            created_at: self.now,
            changed_at: self.now,
        })
    }

    /// Tells the host how a guest stands now, when the transaction commits.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn tell(&mut self, kind: EventType, guest: &Guest) -> Result<(), StoreError> {
        let messages = self.tx.of(&self.tenant.id).messages_of_all(&guest.shown()).await?;
        self.events.push(event::guest(self.event_id(), kind, guest, self.when(), &messages));
        Ok(())
    }

    /// Tells the host something else, when the transaction commits.
    pub fn push(&mut self, make: impl FnOnce(EventId, Timestamp) -> Event) {
        let event = make(self.event_id(), self.now);
        self.events.push(event);
    }

    /// Puts something on the record, when the transaction commits.
    pub fn note(&mut self, guest: &Guest, Done(action, outcome, object): Done<'_>, detail: Value) {
        let mut detail = detail;
        if let Value::Object(fields) = &mut detail {
            fields.insert("guest".to_owned(), json!(guest.id.as_str()));
            fields.extend(guest.matter.session().map(|session| ("session".to_owned(), json!(session))));
        }
        self.enter(guest.person.id.as_str(), Done(action, outcome, object), detail);
    }

    /// Puts something about no guest on the record.
    pub fn enter(&mut self, contact: &str, Done(action, outcome, object): Done<'_>, detail: Value) {
        self.entries.push(Entry {
            id: AuditId::new(self.now, self.in_order(self.entries.len())),
            tenant: self.tenant.id.clone(),
            at: self.now,
            origin: self.origin.clone(),
            action,
            client: String::new(),
            contact: contact.to_owned(),
            object: object.to_owned(),
            outcome,
            detail,
        });
    }

    fn note_message(&mut self, guest: &Guest, message: &Message) {
        let done = Done("message.send", message.state.as_str(), message.id.as_str());
        self.note(guest, done, of_message(message));
    }

    fn event_id(&self) -> EventId {
        EventId::new(self.now, self.in_order(self.events.len()))
    }

    /// What happens in one transaction has one time: the ids keep its order.
    pub fn in_order(&self, position: usize) -> [u8; 10] {
        let mut chance = self.desk.draw().1;
        chance[0] = u8::try_from(position).unwrap_or(u8::MAX);
        chance
    }

    /// Writes what is told and noted, and commits; then wakes the outbox.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        let scope = self.tx.of(&self.tenant.id);
        // The console is nobody's host: there is nobody to tell.
        let told = if self.tenant.id.is_console() { &[][..] } else { &self.events };
        scope.insert_events(told).await?;
        scope.insert_audit(&self.entries).await?;
        self.tx.commit().await?;
        self.desk.bells.ring();
        Ok(())
    }
}

/// What the record says of a message.
pub fn of_message(message: &Message) -> Value {
    json!({"challenge": message.challenge, "channel": message.channel, "detail": message.detail})
}
