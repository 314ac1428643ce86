//! Whoever is named takes part: somebody new is invited, somebody else in a known place too, and nobody twice.

use serde_json::json;

use crate::domain::challenge::State;
use crate::domain::contact::Contact;
use crate::domain::event::EventType;
use crate::domain::guest::{Guest, GuestId, Out, Standing};
use crate::domain::id::{ContactId, ParticipantId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::session::{self, Session};
use crate::store::StoreError;
use crate::usecase::Failure;
use crate::usecase::guest::invite::invite;
use crate::usecase::guest::link::make_link;
use crate::usecase::guest::{Done, Work};

/// Locks a session that still runs.
///
/// # Errors
/// `NotFound`, `SessionOver`
pub async fn lock_running(work: &mut Work<'_>, id: &SessionId) -> Result<Session, Failure> {
    let found = work.tx.of(&work.tenant.id).lock_session(id).await?;
    work.now = work.desk.time.now();
    let session = found.ok_or(Refusal::NotFound("session"))?;
    if session.is_running(work.now) { Ok(session) } else { Err(Refusal::SessionOver.into()) }
}

/// Locks a participant.
///
/// # Errors
/// `NotFound`
pub async fn lock_participant(
    work: &Work<'_>,
    session: &SessionId,
    person: &ContactId,
) -> Result<Guest, Failure> {
    let found = work.tx.of(&work.tenant.id).lock_participant(session, person).await?;
    Ok(found.ok_or(Refusal::NotFound("participant"))?)
}

/// Lets a person take part in a locked session, at that position of those who are named at once.
///
/// # Errors
/// As for an invitation.
pub async fn admit(
    work: &mut Work<'_>,
    session: &Session,
    person: Contact,
    position: usize,
) -> Result<(), Failure> {
    let scope = work.tx.of(&work.tenant.id);
    if let Some(mut known) = scope.lock_participant(&session.id, &person.id).await? {
        let another = session::is_another(&known.person, &person);
        known.person = person;
        return if another {
            reassign(work, &mut known).await
        } else if known.standing.left_at.is_some() {
            known.standing.start_over();
            invite_anew(work, &mut known, "participant.return").await
        } else {
            Ok(scope.update_guest(&known).await?)
        };
    }
    let mut guest = Guest {
        id: GuestId::Participant(ParticipantId::new(work.now, work.in_order(position))),
        person,
        matter: session.matter(),
        standing: Standing::default(),
        created_at: work.now,
        ends_at: session.ends_at,
    };
    make_link(work, &mut guest).await?;
    invite(work, &mut guest).await?;
    work.tx.of(&work.tenant.id).insert_guest(&guest).await?;
    work.note(
        &guest,
        Done("participant.add", "invited", guest.id.as_str()),
        json!({"role": guest.person.role}),
    );
    Ok(())
}

/// Another person, or the same one with another detail, in a locked participant's place: whatever the one before held is
/// void, and an invitation goes out.
///
/// # Errors
/// As for an invitation.
pub async fn reassign(work: &mut Work<'_>, guest: &mut Guest) -> Result<(), Failure> {
    end_code(work, guest).await?;
    guest.standing.pass_on();
    invite_anew(work, guest, "participant.reassign").await
}

async fn invite_anew(work: &mut Work<'_>, guest: &mut Guest, deed: &'static str) -> Result<(), Failure> {
    make_link(work, guest).await?;
    invite(work, guest).await?;
    work.tx.of(&work.tenant.id).update_guest(guest).await?;
    work.note(guest, Done(deed, "invited", guest.id.as_str()), json!({}));
    Ok(())
}

/// A locked participant leaves, or is made to: link, code and proof are void.
///
/// # Errors
/// [`StoreError`]
pub async fn leave(work: &mut Work<'_>, guest: &mut Guest) -> Result<(), StoreError> {
    if guest.standing.left_at.is_some() {
        return Ok(());
    }
    end_code(work, guest).await?;
    if let Some(link) = guest.standing.link.clone() {
        work.end(guest, &link, State::Cancelled).await?;
    }
    guest.standing.left_at = Some(work.now);
    guest.standing.proofs.clear();
    work.tx.of(&work.tenant.id).update_guest(guest).await?;
    work.note(guest, Done("participant.leave", "left", guest.id.as_str()), json!({}));
    work.tell(EventType::ParticipantLeft, guest).await
}

async fn end_code(work: &mut Work<'_>, guest: &mut Guest) -> Result<(), StoreError> {
    let open = guest.standing.code.clone().filter(Out::is_open);
    let Some(open) = open else { return Ok(()) };
    work.end(guest, &open.challenge, State::Cancelled).await?;
    if let Some(out) = &mut guest.standing.code {
        out.end(State::Cancelled);
    }
    Ok(())
}
