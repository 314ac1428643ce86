//! The host starts a session: everybody named is invited. The same once more changes nothing.

use std::sync::Arc;

use serde_json::json;

use crate::domain::agent::Agent;
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::return_url::ReturnUrl;
use crate::domain::session::{self, Facts, Session};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Caller, Desk, Failure};

use super::admit::admit;
use super::view_session::{Viewed, viewed};

/// What is asked for.
pub struct Request {
    pub id: SessionId,
    pub invite_by: Channel,
    pub participants: Vec<Contact>,
    pub agent: Agent,
    pub starts_at: Option<Timestamp>,
    pub return_url: String,
}

/// Starts a session. Says whether it is new.
///
/// # Errors
/// `ReturnUrlNotAllowed`; `Invalid` for an id that another session has, or one that is planned too far ahead; those of the
/// invitations, of which then none goes out.
pub async fn start_session(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    request: Request,
    caller: &Caller,
) -> Result<(Viewed, bool), Failure> {
    let return_url =
        ReturnUrl::parse(&request.return_url, tenant).map_err(|_| Refusal::ReturnUrlNotAllowed)?;
    let Request { id, invite_by, participants, agent, starts_at, .. } = request;
    let mut work = Work::begin(desk, tenant, caller.origin.clone()).await?;
    let facts = Facts { invite_by, agent, starts_at, return_url };
    let session = Session::new(id, facts, work.now);
    let session =
        session.ok_or_else(|| Failure::Invalid("starts_at is more than a year ahead".to_owned()))?;
    if !work.tx.of(&tenant.id).ensure_session(&session).await? {
        return Ok((known(&work, &session, &participants).await?, false));
    }
    let count = participants.len();
    for (position, person) in participants.into_iter().enumerate() {
        admit(&mut work, &session, person, position).await?;
    }
    let detail = json!({"invite_by": invite_by, "participants": count, "agent": session.facts.agent.id});
    work.enter("", Done("session.start", "started", ""), session_detail(&session, detail));
    let view = viewed(&work.tx.of(&tenant.id), session, work.when()).await?;
    work.commit().await?;
    Ok((view, true))
}

/// The session that has this id already, if it is the same one.
async fn known(work: &Work<'_>, asked: &Session, participants: &[Contact]) -> Result<Viewed, Failure> {
    let another =
        || Failure::Invalid("id: another session has this id; add participants to that one".to_owned());
    let scope = work.tx.of(&work.tenant.id);
    let session = scope.session(&asked.id).await?.ok_or(Refusal::NotFound("session"))?;
    let guests = scope.participants(&asked.id).await?;
    let same = |person: &Contact| {
        guests.iter().any(|g| g.person.id == person.id && !session::is_another(&g.person, person))
    };
    let whole = session.facts == asked.facts && participants.iter().all(same);
    if !whole || !session.is_running(work.now) {
        return Err(another());
    }
    viewed(&scope, session, work.when()).await
}

/// What an entry about a whole session says beside.
pub(super) fn session_detail(session: &Session, mut detail: serde_json::Value) -> serde_json::Value {
    if let serde_json::Value::Object(fields) = &mut detail {
        fields.insert("session".to_owned(), json!(session.id));
    }
    detail
}
