//! A signed webhook of the host, each id once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::agent::Agent;
use crate::domain::audit::Origin;
use crate::domain::client::Client;
use crate::domain::id::ClientId;
use crate::domain::locale::Locale;
use crate::domain::request;
use crate::domain::status::{self, View};
use crate::domain::surface::Surface;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::token::Claims;
use crate::store::StoreError;
use crate::usecase::case::{Known, Opened};
use crate::usecase::{Case, Desk, Failure};

use super::put_client::{self, Told};
use super::{issue_token, remove_client};

/// What the window opens on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tools {
    #[default]
    Code,
    Pin,
}

/// What a webhook says.
pub enum Webhook {
    Requested { tools: Tools, surface: Surface, told: Told, agent: Agent },
    ClientUpdated { told: Told },
    ClientRemoved { client: ClientId, at: Timestamp },
}

/// The answer as it is kept: everything but the token, which is made again from its claims.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Window {
        claims: Box<Claims>,
        surface: Surface,
        locale: Locale,
        status: serde_json::Value,
        #[serde(default)]
        tools: Tools,
    },
    Done,
}

/// Takes a webhook that was signed with the secret `via`.
///
/// # Errors
/// The refusals of starting a verification; nothing is kept of a webhook that is refused.
pub async fn take_webhook(
    desk: &Desk,
    tenant: &Arc<Tenant>,
    id: &str,
    via: &str,
    webhook: Webhook,
    origin: Origin,
) -> Result<Answer, Failure> {
    let told = match &webhook {
        Webhook::Requested { tools, surface, told, .. } => {
            request::may_start(tenant, *surface)?;
            if *tools == Tools::Pin {
                request::uses_pins(tenant)?;
            }
            told.clone()
        }
        Webhook::ClientUpdated { told } => told.clone(),
        Webhook::ClientRemoved { client, .. } => nobody(client),
    };
    put_client::check(&told)?;
    let blank = put_client::blank(tenant, &told, desk.time.now());
    match Case::open_or_create(desk, tenant, blank, Some(id), origin).await? {
        Opened::Seen(answer) => Ok(serde_json::from_slice(&answer).map_err(|e| unreadable(id, &e))?),
        Opened::Case { mut case, known } => {
            let answer = effect(desk, &mut case, webhook, via, known).await?;
            let kept = serde_json::to_vec(&answer).map_err(|e| unreadable(id, &e))?;
            case.tx.of(&tenant.id).keep_answer(id, &kept).await?;
            case.commit().await?;
            Ok(answer)
        }
    }
}

async fn effect(
    desk: &Desk,
    case: &mut Case<'_>,
    webhook: Webhook,
    via: &str,
    known: Known,
) -> Result<Answer, Failure> {
    match webhook {
        Webhook::Requested { tools, surface, told, agent } => {
            put_client::apply(case, told, known).await?;
            window(desk, case, (tools, surface), agent, via)
        }
        Webhook::ClientUpdated { told } => {
            put_client::apply(case, told, known).await?;
            Ok(Answer::Done)
        }
        Webhook::ClientRemoved { at, .. } => {
            remove_client::remove(case, Some(at)).await?;
            Ok(Answer::Done)
        }
    }
}

fn window(
    desk: &Desk,
    case: &Case<'_>,
    (tools, surface): (Tools, Surface),
    agent: Agent,
    via: &str,
) -> Result<Answer, Failure> {
    let locale = agent.locale.unwrap_or(case.tenant.default_locale);
    let client: &Client = &case.client;
    let status = status::of(View { tenant: &case.tenant, locale, now: case.now }, &client.outline());
    let claims = issue_token::claims(desk, &case.tenant.id, agent, client.id.clone().into(), via, case.now)?;
    let status = serde_json::to_value(status).unwrap_or_default();
    Ok(Answer::Window { claims: Box::new(claims), surface, locale, status, tools })
}

fn nobody(client: &ClientId) -> Told {
    let (name, contacts) = (String::new(), Vec::new());
    Told { id: client.clone(), name, created_at: None, pin_required: None, contacts, at: None }
}

fn unreadable(id: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Row { table: "inbound", column: "answer", id: id.to_owned(), reason: error.to_string() }
}
