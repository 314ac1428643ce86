//! Who opened a link from an email asks for the code that is texted to the contact: one is out at a time for a link, and
//! sent again it is the same one.

use serde_json::json;

use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::contact::Destination;
use crate::domain::guest::Out;
use crate::domain::id::ChallengeId;
use crate::domain::message::{Message, MessageState, Purpose};
use crate::domain::pin::confirm;
use crate::domain::proof::BrowserToken;
use crate::message::Detail;
use crate::store::StoreError;
use crate::usecase::case::Note;
use crate::usecase::client::dispatch;
use crate::usecase::{Case, Desk, Failure};

use super::open_link::{self, Known, LinkFault};

/// Texts the code, or the same once more. Where none is asked for, nothing is done.
///
/// # Errors
/// The refusals of [`confirm::plan`], and the limit of a destination.
pub async fn text_code(
    desk: &Desk,
    token: &str,
    browser: Option<&BrowserToken>,
    address: &str,
) -> Result<(), LinkFault> {
    let known = open_link::find(desk, token).await?;
    let mut case = known.lock(desk, &open_link::client_id(&known.link)?, address).await?;
    if !known.is_asked(&case.client, browser) {
        return Ok(());
    }
    let contact = &known.link.contact;
    let to = confirm::plan(&case.tenant, &case.client, contact, case.now).map_err(Failure::from)?;
    let epoch = desk.directory.get().epoch;
    let before = case.client.standing.pin.confirm.code(&known.link.id).cloned();
    let live = before.as_ref().is_some_and(|out| out.state(case.now, epoch) == State::Active);
    let (action, code) = match before {
        Some(out) if live => ("pin.code_resend", again(&case, &out).await?),
        before => {
            if let Some(over) = before.filter(Out::is_open) {
                case.close(&over.challenge, State::Superseded).await?;
            }
            ("pin.code_request", fresh(desk, &mut case, &known))
        }
    };
    let message = queue(desk, &case, &code, &to).await?;
    case.send(std::slice::from_ref(&message));
    case.client.standing.pin.confirm.throttle.count_send(contact, case.now);
    note(&mut case, &code, (action, &message));
    dispatch::tell_failed(&mut case, std::slice::from_ref(&message));
    case.commit().await?;
    Ok(())
}

/// A new code of the link, which outlives neither.
fn fresh(desk: &Desk, case: &mut Case<'_>, known: &Known) -> Challenge {
    let rules = case.tenant.policy.pin.code();
    let link = &known.link;
    let code = Challenge {
        id: ChallengeId::new(case.now, desk.draw().1),
        // The code is about the link, and so about nobody that a host could name.
        subject: link.id.as_str().to_owned(),
        kind: Kind::Sent,
        channels: vec![Channel::Sms],
        digits: rules.digits,
        tries_allowed: rules.tries,
        tries: 0,
        created_at: case.now,
        expires_at: (case.now + rules.code_valid).min(link.expires_at),
        resend_at: case.now + rules.resend_after,
        closed_at: None,
        epoch: desk.directory.get().epoch,
        key: desk.store.vault().ring.current().id,
        stored: State::Active,
        ..link.clone()
    };
    case.challenge(&code);
    let out = Out::new(code.id.clone(), Some(Channel::Sms), code.expires_at, code.epoch);
    case.client.standing.pin.confirm.keep(&link.id, out);
    code
}

async fn again(case: &Case<'_>, out: &Out) -> Result<Challenge, StoreError> {
    let scope = case.tx.of(&case.tenant.id);
    let mut code = scope.challenge(&out.challenge).await?.ok_or(StoreError::Guard("challenge"))?;
    code.resend_at = case.now + case.tenant.policy.pin.resend_after;
    scope.note_resend(&code).await?;
    Ok(code)
}

/// The text; one that the number wants none of fails at once.
async fn queue(desk: &Desk, case: &Case<'_>, code: &Challenge, to: &Destination) -> Result<Message, Failure> {
    let mut message = dispatch::message(desk, case, code, (Channel::Sms, to), Purpose::PinCode);
    let (counted, sends) = (std::slice::from_ref(&message.destination), case.tenant.policy.pin.sends);
    let opted_out = dispatch::count_sends(&case.tx, &case.tenant, counted, sends, case.now).await?;
    if !opted_out.is_empty() {
        message.state = MessageState::Failed;
        message.detail = Some(Detail::OptedOut.as_str().to_owned());
    }
    Ok(message)
}

fn note(case: &mut Case<'_>, code: &Challenge, (action, message): (&'static str, &Message)) {
    let (contact, object) = (code.contact.as_str(), code.id.as_str());
    let outcome = if message.state == MessageState::Failed { "opted_out" } else { "sent" };
    let detail = json!({"link": code.subject, "channels": code.channels});
    case.note(Note { action, outcome, contact, object, detail });
}
