//! What asking and sending again share: the limit per destination, and the messages of a send.

use serde_json::json;

use crate::domain::challenge::{Challenge, State};
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::contact::Destination;
use crate::domain::event;
use crate::domain::id::MessageId;
use crate::domain::message::{Message, MessageState, Purpose};
use crate::domain::policy::{DESTINATION_FACTOR, SENDS_WINDOW};
use crate::domain::refusal::Refusal;
use crate::domain::request::{self, Plan, Reach};
use crate::domain::seal;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::Detail;
use crate::store::{Taken, Tx};
use crate::usecase::case::Note;
use crate::usecase::{Case, Desk, Failure};

/// A challenge with its messages, as an answer shows it.
pub struct Answer {
    pub challenge: Challenge,
    pub state: State,
    /// What is left on the code and on its subject.
    pub tries_left: u32,
    pub messages: Vec<Message>,
}

/// Wrong tries left on a challenge: the fewer of its own and of its subject's.
pub fn tries_left(tenant: &Tenant, client: &Client, challenge: &Challenge, now: Timestamp) -> u32 {
    let rules = &tenant.policy.client.code;
    challenge.tries_left().min(client.standing.throttle.tries_left(&challenge.contact, rules, now))
}

/// The messages that carry a challenge's code or link the planned ways, and those that numbers want none of: failed at
/// once.
pub fn messages(
    desk: &Desk,
    case: &Case<'_>,
    challenge: &Challenge,
    plan: &Plan,
    unwanted: &[Reach],
    purpose: Purpose,
) -> Vec<Message> {
    let one = |way: &Reach| message(desk, case, challenge, (way.channel, &way.destination), purpose);
    let failed = |message| Message {
        state: MessageState::Failed,
        detail: Some(Detail::OptedOut.as_str().to_owned()),
        ..message
    };
    plan.ways.iter().map(one).chain(unwanted.iter().map(one).map(failed)).collect()
}

/// Puts the messages that failed at once on the record, and tells the host.
pub fn tell_failed(case: &mut Case<'_>, messages: &[Message]) {
    for message in messages.iter().filter(|message| message.state == MessageState::Failed) {
        if let Some(told) = event::message(case.event_id(), message, None) {
            case.tell_event(told);
        }
        case.note(Note {
            action: "message.send",
            outcome: message.state.as_str(),
            contact: message.contact.as_str(),
            object: message.id.as_str(),
            detail: json!({"challenge": message.challenge, "channel": message.channel, "detail": message.detail}),
        });
    }
}

/// The receipts of a verification, by the ways that the code went, if the tenant sends any. Nobody is called for
/// one: after a call it is a text, where the telephone takes texts.
pub fn receipts(desk: &Desk, case: &Case<'_>, challenge: &Challenge) -> Vec<Message> {
    let policy = &case.tenant.policy.client;
    let Some(contact) = case.client.contact(&challenge.contact).filter(|_| policy.receipt) else {
        return Vec::new();
    };
    let ways = request::reach(contact, &case.tenant, case.now).into_iter().filter(|way| !way.not_served);
    let went = |channel| challenge.channels.contains(&channel);
    let used = ways.filter(|way| match way.channel {
        Channel::Email => went(Channel::Email),
        Channel::Sms => went(Channel::Sms) || went(Channel::Voice),
        Channel::Voice => false,
    });
    let receipt =
        |way: Reach| message(desk, case, challenge, (way.channel, &way.destination), Purpose::ClientReceipt);
    used.map(receipt).collect()
}

/// A message to be sent one way to the challenge's contact.
pub fn message(
    desk: &Desk,
    case: &Case<'_>,
    challenge: &Challenge,
    way: (Channel, &Destination),
    purpose: Purpose,
) -> Message {
    let (channel, destination) = way;
    let keys = desk.store.vault().ring.current();
    Message {
        id: MessageId::new(case.now, desk.draw().1),
        challenge: challenge.id.clone(),
        client: case.client.id.clone(),
        contact: challenge.contact.clone(),
        purpose,
        channel,
        destination: seal::index(keys, &case.tenant.id, &destination.normal()),
        masked: destination.masked(),
        state: MessageState::Queued,
        detail: None,
        attempts: 0,
        created_at: case.now,
        changed_at: case.now,
    }
}

/// Counts one send to each destination of the tenant, of so many that a contact may have, and takes out of the plan what a number wants no more of.
///
/// # Errors
/// `TooManySends`, where one of them has had its limit over all clients, `ContactUnreachable`, where nothing is
/// left; the caller lets go of the transaction.
pub async fn take_sends(
    desk: &Desk,
    case: &Case<'_>,
    plan: &mut Plan,
    sends: u32,
) -> Result<Vec<Reach>, Failure> {
    let index =
        |to: &Destination| seal::index(desk.store.vault().ring.current(), &case.tenant.id, &to.normal());
    let destinations: Vec<_> = plan.ways.iter().map(|way| index(&way.destination)).collect();
    let opted_out = count_sends(&case.tx, &case.tenant, &destinations, sends, case.now).await?;
    Ok(plan.heed(|to| opted_out.contains(&index(to)))?)
}

/// Counts one send to each of these destinations, by their indexes. Gives those that want no texts.
///
/// # Errors
/// `TooManySends`; the caller lets go of the transaction.
pub async fn count_sends(
    tx: &Tx,
    tenant: &Tenant,
    destinations: &[String],
    sends: u32,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    let limit = sends * DESTINATION_FACTOR;
    match tx.of(&tenant.id).take_sends(destinations, limit, SENDS_WINDOW, now).await? {
        Taken::Allowed { opted_out } => Ok(opted_out),
        Taken::Full { until } => Err(Refusal::TooManySends { until }.into()),
    }
}

/// Puts an attempt on a contact who may not be sent anything on the record, and passes the refusal on.
pub async fn refuse(mut case: Case<'_>, refusal: Refusal, contact: &str, action: &'static str) -> Failure {
    if refusal == Refusal::ContactNotAuthorized {
        case.note(Note { action, outcome: "contact_not_authorized", contact, object: "", detail: json!({}) });
        if let Err(error) = case.commit_notes().await {
            return error.into();
        }
    }
    refusal.into()
}
