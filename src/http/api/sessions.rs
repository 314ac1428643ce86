//! `/api/v1/sessions`: starting a live session, seeing how far everybody is, ending it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::agent::{self, Agent};
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, Email, Phone};
use crate::domain::guest::ParticipantView;
use crate::domain::id::{ContactId, SessionId};
use crate::domain::session::{INVITE_BY, MOST_PARTICIPANTS, SessionState};
use crate::domain::status::NamedAgent;
use crate::domain::timestamp::Timestamp;
use crate::http::Site;
use crate::http::body::{self, only_objects};
use crate::http::caller::{Caller, Host};
use crate::http::document::{Callers, Chapter, LanguageTag, Operation, example};
use crate::http::problem::{Code, Problem, failed};
use crate::usecase::Caller as Acting;
use crate::usecase::session::end_session::end_session;
use crate::usecase::session::start_session::{Request, start_session};
use crate::usecase::session::view_session::{Viewed, view_session};

use super::wire::{self, AgentBody, detail};

pub fn about(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    Operation::new(Chapter::Sessions, id, summary, text).by(Callers::Host)
}

pub fn about_one(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about(id, summary, text)
        .part::<SessionId>("id", "Your id of the session.", "ses-7")
        .refuses(&[Code::NotFound])
}

/// What an agent whose token names the session may do, too.
pub fn by_agents(id: &'static str, summary: &'static str, text: &'static str) -> Operation {
    about_one(id, summary, text).by(Callers::HostOrAgent).refuses(&[Code::ClientNotInToken])
}

/// A person who takes part. An empty text counts as left out.
#[derive(Deserialize, ToSchema)]
#[serde(remote = "Self")]
#[schema(as = ParticipantNamed)]
pub struct ParticipantBody {
    #[schema(value_type = ContactId)]
    id: String,
    #[schema(example = "Ana Ruiz")]
    name: String,
    /// Your own word, such as `primary` or `cosigner`.
    #[schema(example = "primary")]
    role: String,
    #[serde(default)]
    #[schema(max_length = 254, example = "ana@ruiz-landscaping.example")]
    email: Option<String>,
    #[serde(default)]
    #[schema(max_length = 40, example = "+13055550142")]
    mobile: Option<String>,
    /// The language of pages and messages. Left out, the tenant's.
    #[serde(default)]
    #[schema(value_type = Option<LanguageTag>)]
    locale: Option<String>,
}

only_objects!(ParticipantBody);

impl ParticipantBody {
    fn parse(&self) -> Result<Contact, Problem> {
        let id = ContactId::parse(&self.id).map_err(|e| Problem::invalid(format!("participants.id: {e}")))?;
        Ok(Contact {
            name: agent::clean(&self.name),
            role: agent::clean(&self.role),
            email: detail(&id, "email", self.email.as_deref(), Email::parse)?,
            mobile: detail(&id, "mobile", self.mobile.as_deref(), Phone::parse)?,
            phone: None,
            locale: self.locale.as_deref().map(|l| wire::locale("participants.locale", l)).transpose()?,
            email_changed_at: None,
            mobile_changed_at: None,
            phone_changed_at: None,
            id,
        })
    }
}

/// Everybody who is named at once: at least one, and nobody twice.
///
/// # Errors
/// `invalid_request`, `contact_invalid`, `unknown_value`
pub fn participants(list: &[ParticipantBody]) -> Result<Vec<Contact>, Problem> {
    let all: Vec<Contact> = list.iter().map(ParticipantBody::parse).collect::<Result<_, _>>()?;
    if all.is_empty() || all.len() > MOST_PARTICIPANTS {
        return Err(Problem::invalid(format!("participants: a session has 1 to {MOST_PARTICIPANTS}")));
    }
    let twice = |(at, person): (usize, &Contact)| all.iter().take(at).any(|other| other.id == person.id);
    if all.iter().enumerate().any(twice) {
        return Err(Problem::invalid("participants: each id stands there once"));
    }
    Ok(all)
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SessionRequest)]
struct StartBody {
    #[schema(value_type = SessionId)]
    id: String,
    /// How invitations go, `sms` or `email`; the code goes the other way.
    #[schema(value_type = Channel)]
    invite_by: String,
    #[schema(min_items = 1, max_items = 50)]
    participants: Vec<ParticipantBody>,
    /// Who leads the session.
    agent: AgentBody,
    /// When it begins, for the invitation.
    #[serde(default)]
    starts_at: Option<Timestamp>,
    /// Where participants go on to, with `proof=` in its query. Within one of the tenant's `allowed_origins`.
    #[schema(max_length = 2000, example = "https://crm.example/sessions/7")]
    return_url: String,
}

/// A session with its participants.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionShape {
    id: SessionId,
    state: SessionState,
    invite_by: Channel,
    agent: NamedAgent,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    /// In the order in which you named them.
    participants: Vec<ParticipantView>,
}

impl From<Viewed> for SessionShape {
    fn from(viewed: Viewed) -> Self {
        let Viewed { session, participants, now } = viewed;
        let state = session.state(now);
        let agent = session.facts.agent;
        Self {
            id: session.id,
            state,
            invite_by: session.facts.invite_by,
            agent: NamedAgent { id: agent.id.as_str().to_owned(), name: agent.name },
            starts_at: session.facts.starts_at,
            created_at: session.created_at,
            ended_at: session.ended_at,
            participants,
        }
    }
}

pub fn starting() -> Operation {
    about(
        "create_session",
        "Invite people to a live session",
        "Everybody gets a link by `invite_by`. Once they reach the page for it a code goes to them by the other channel, \
         if you know a detail for that; else the agent tells it, where the tenant allows (`agent_sees_code`). After the \
         right code the browser goes on to `return_url` with a `proof`. The same request once more changes nothing and \
         is answered with 200.",
    )
    .takes::<StartBody>(r#"{
  "id": "ses-7",
  "invite_by": "email",
  "participants": [
    {"id": "p-1", "name": "Ana Ruiz", "role": "primary", "email": "ana@ruiz-landscaping.example", "mobile": "+13055550142"}
  ],
  "agent": {"id": "u-77", "name": "Maria Lopez"},
  "return_url": "https://crm.example/sessions/7"
}"#)
    .answers::<SessionShape>(StatusCode::CREATED, "The invitations are on their way.", example::SESSION)
    .answers::<SessionShape>(StatusCode::OK, "This session runs already.", example::SESSION)
    .refuses(&[
        Code::ReturnUrlNotAllowed,
        Code::ContactInvalid,
        Code::ContactUnreachable,
        Code::UnknownValue,
        Code::TooManySends,
    ])
}

/// `POST /api/v1/sessions`
pub async fn start(
    site: web::Data<Site>,
    host: Host,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body: StartBody = body::api(payload).await?;
    let request = Request {
        id: session(&body.id)?,
        invite_by: invite_by(&body.invite_by)?,
        participants: participants(&body.participants)?,
        agent: body.agent.parse()?,
        starts_at: body.starts_at,
        return_url: body.return_url,
    };
    let acting = host.acting(Some(&request.agent));
    let started = start_session(&site.desk, &host.tenant, request, &acting).await;
    let (viewed, new) = started.map_err(|f| failed(f, site.desk.time.now()))?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(SessionShape::from(viewed)))
}

fn invite_by(word: &str) -> Result<Channel, Problem> {
    let found = Channel::parse(word).filter(|channel| INVITE_BY.contains(channel));
    found.ok_or_else(|| Problem::unknown_value("invite_by", &INVITE_BY.map(Channel::as_str)))
}

pub fn getting() -> Operation {
    by_agents("get_session", "See how far everybody is", "Each participant's state, and their messages.")
        .answers::<SessionShape>(StatusCode::OK, "The session.", example::SESSION)
}

/// `GET /api/v1/sessions/{id}`
pub async fn get(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(shown(&site, &caller, &id).await?))
}

/// A session as whoever leads it sees it.
///
/// # Errors
/// `invalid_request`, `client_not_in_token`, `not_found`
pub async fn shown(site: &Site, caller: &Caller, id: &str) -> Result<SessionShape, Problem> {
    let id = session(id)?;
    leading(site, caller, None, &id)?;
    let viewed = view_session(&site.desk, caller.tenant(), &id).await;
    Ok(viewed.map_err(|f| failed(f, site.desk.time.now()))?.into())
}

pub fn ending() -> Operation {
    by_agents("delete_session", "End a session", "Every link and every code of it is void at once.")
        .answers_with(StatusCode::NO_CONTENT, "It has ended.", None)
}

/// `DELETE /api/v1/sessions/{id}`
pub async fn end(
    site: web::Data<Site>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = session(&id)?;
    let acting = leading(&site, &caller, None, &id)?;
    let done = end_session(&site.desk, caller.tenant(), &id, &acting).await;
    done.map_err(|f| failed(f, site.desk.time.now()))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whoever acts on this session: the host, or an agent whose token names it.
///
/// # Errors
/// `client_not_in_token`
pub fn leading(
    site: &Site,
    caller: &Caller,
    agent: Option<&Agent>,
    id: &SessionId,
) -> Result<Acting, Problem> {
    let acting = caller.acting(agent);
    acting.may_lead(id).map_err(|refusal| Problem::refused(&refusal, site.desk.time.now()))?;
    Ok(acting)
}

/// # Errors
/// `invalid_request`
pub fn session(text: &str) -> Result<SessionId, Problem> {
    SessionId::parse(text).map_err(|e| Problem::invalid(format!("session: {e}")))
}
