//! Challenges: inserted, counted and closed by guarded updates only.

use entity::challenge;
use sea_orm::sea_query::{Expr, InsertStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::domain::agent::Agent;
use crate::domain::challenge::{Challenge, Kind, State};
use crate::domain::channel::Channel;
use crate::domain::id::{ChallengeId, ContactId};
use crate::domain::key::KeyId;
use crate::domain::locale::Locale;
use crate::domain::surface::Surface;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;

use super::Scope;
use super::error::StoreError;
use super::row::{Row, int, millis, moment};
use super::shape::padded;

/// Who is named on a challenge, sealed as one value.
#[derive(Serialize, Deserialize)]
struct People {
    contact: String,
    agent: Option<Agent>,
}

fn channels(list: &[Channel]) -> String {
    list.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(",")
}

fn kind(word: &str) -> Option<Kind> {
    [Kind::Sent, Kind::Told].into_iter().find(|k| k.as_str() == word)
}

impl<C: ConnectionTrait> Scope<'_, C> {
    fn challenge_row<'a>(&'a self, id: &'a str) -> Row<'a> {
        Row { vault: self.vault, tenant: self.tenant, table: "challenge", id }
    }

    pub(super) fn parse_challenge(&self, model: &challenge::Model) -> Result<Challenge, StoreError> {
        let row = self.challenge_row(&model.id);
        let people: People = row.open_json("people", &model.people)?;
        let channel = |word: &str| row.word("channels", word, Channel::parse);
        let surface = model.surface.as_deref().map(|word| row.word("surface", word, Surface::parse));
        Ok(Challenge {
            id: row.id("id", ChallengeId::parse(&model.id))?,
            workflow: row.word("workflow", &model.workflow, Workflow::parse)?,
            subject: model.subject.clone(),
            kind: row.word("kind", &model.kind, kind)?,
            contact: row.id("contact_id", ContactId::parse(&model.contact_id))?,
            contact_name: people.contact,
            agent: people.agent,
            surface: surface.transpose()?,
            locale: model.locale.as_deref().and_then(|l| l.parse::<Locale>().ok()),
            channels: model
                .channels
                .split(',')
                .filter(|word| !word.is_empty())
                .map(channel)
                .collect::<Result<_, _>>()?,
            digits: row.count("digits", model.digits)?,
            tries_allowed: row.count("tries_allowed", model.tries_allowed)?,
            tries: row.count("tries", model.tries)?,
            created_at: Timestamp::from_millis(model.created_at),
            expires_at: Timestamp::from_millis(model.expires_at),
            resend_at: Timestamp::from_millis(model.resend_at),
            closed_at: moment(model.closed_at),
            epoch: model.epoch,
            key: row.word("key_id", &model.key_id, KeyId::parse)?,
            stored: row.word("state", &model.state, State::parse)?,
        })
    }

    /// A new challenge. A second active one of a subject is refused by the database.
    pub(super) fn challenge_insert(&self, challenge: &Challenge) -> Result<InsertStatement, StoreError> {
        let row = self.challenge_row(challenge.id.as_str());
        let people = People { contact: challenge.contact_name.clone(), agent: challenge.agent.clone() };
        let model = challenge::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            id: Set(challenge.id.as_str().to_owned()),
            workflow: Set(challenge.workflow.as_str().to_owned()),
            subject: Set(challenge.subject.clone()),
            kind: Set(challenge.kind.as_str().to_owned()),
            state: Set(challenge.stored.as_str().to_owned()),
            contact_id: Set(challenge.contact.as_str().to_owned()),
            people: Set(row.seal_json("people", &people)?),
            surface: Set(challenge.surface.map(|s| s.as_str().to_owned())),
            locale: Set(challenge.locale.map(|l| l.as_str().to_owned())),
            channels: Set(channels(&challenge.channels)),
            digits: Set(int(challenge.digits)),
            tries_allowed: Set(int(challenge.tries_allowed)),
            tries: Set(int(challenge.tries)),
            created_at: Set(challenge.created_at.millis()),
            expires_at: Set(challenge.expires_at.millis()),
            resend_at: Set(challenge.resend_at.millis()),
            closed_at: Set(millis(challenge.closed_at)),
            epoch: Set(challenge.epoch),
            key_id: Set(challenge.key.to_string()),
        };
        Ok(challenge::Entity::insert(model).into_query())
    }

    /// Keeps a new challenge, and by the hash of its token the link that stands for it, if one does.
    pub async fn insert_challenge(
        &self,
        challenge: &Challenge,
        link: Option<&str>,
    ) -> Result<(), StoreError> {
        self.insert(Some(self.challenge_insert(challenge)?)).await?;
        self.insert(self.links_insert(&challenge.id, link)).await
    }

    /// A challenge, whatever its state.
    pub async fn challenge(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        let key = (self.tenant.as_str().to_owned(), id.as_str().to_owned());
        let found = challenge::Entity::find_by_id(key).one(self.conn).await?;
        found.map(|model| self.parse_challenge(&model)).transpose()
    }

    /// Those of these that are kept, whatever their state.
    pub async fn challenges(&self, ids: &[ChallengeId]) -> Result<Vec<Challenge>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = challenge::Entity::find()
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.is_in(padded(ids.iter().map(ChallengeId::as_str))))
            .all(self.conn)
            .await?;
        found.iter().map(|model| self.parse_challenge(model)).collect()
    }

    /// Counts one try on an active challenge that has one left, and reads it; `None` if there is nothing to count on.
    pub async fn count_try(&self, id: &ChallengeId) -> Result<Option<Challenge>, StoreError> {
        let counted = challenge::Entity::update_many()
            .col_expr(challenge::Column::Tries, Expr::col(challenge::Column::Tries).add(1))
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.eq(id.as_str()))
            .filter(challenge::Column::State.eq(State::Active.as_str()))
            .filter(Expr::col(challenge::Column::Tries).lt(Expr::col(challenge::Column::TriesAllowed)))
            .exec_with_returning(self.conn)
            .await?;
        counted.first().map(|model| self.parse_challenge(model)).transpose()
    }

    /// Takes a counted try back that came to nothing. Says whether the challenge still is active.
    pub async fn uncount_try(&self, id: &ChallengeId) -> Result<bool, StoreError> {
        let uncounted = challenge::Entity::update_many()
            .col_expr(challenge::Column::Tries, Expr::col(challenge::Column::Tries).sub(1))
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.eq(id.as_str()))
            .filter(challenge::Column::State.eq(State::Active.as_str()))
            .filter(challenge::Column::Tries.gt(0))
            .exec(self.conn)
            .await?;
        Ok(uncounted.rows_affected == 1)
    }

    /// Ends an active challenge. Says whether it was active.
    pub async fn close_challenge(
        &self,
        id: &ChallengeId,
        state: State,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let closed = challenge::Entity::update_many()
            .col_expr(challenge::Column::State, Expr::value(state.as_str()))
            .col_expr(challenge::Column::ClosedAt, Expr::value(at.millis()))
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.eq(id.as_str()))
            .filter(challenge::Column::State.eq(State::Active.as_str()))
            .exec(self.conn)
            .await?;
        Ok(closed.rows_affected == 1)
    }

    /// Notes that an active challenge's code was sent once more.
    pub async fn note_resend(&self, challenge: &Challenge) -> Result<(), StoreError> {
        let noted = challenge::Entity::update_many()
            .col_expr(challenge::Column::ResendAt, Expr::value(challenge.resend_at.millis()))
            .col_expr(challenge::Column::Channels, Expr::value(channels(&challenge.channels)))
            .filter(challenge::Column::TenantId.eq(self.tenant.as_str()))
            .filter(challenge::Column::Id.eq(challenge.id.as_str()))
            .filter(challenge::Column::State.eq(State::Active.as_str()))
            .exec(self.conn)
            .await?;
        if noted.rows_affected == 1 { Ok(()) } else { Err(StoreError::Guard("challenge")) }
    }
}
