//! The link of a guest: what is behind one, and making one. Reading changes nothing, however often scanners do.

use std::sync::Arc;

use crate::domain::audit::{Actor, Origin};
use crate::domain::challenge::{Kind, State};
use crate::domain::guest::{Guest, GuestId};
use crate::domain::id::ChallengeId;
use crate::domain::locale::Locale;
use crate::domain::pin::link::Token;
use crate::domain::tenant::Tenant;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::pin::send_link;

use super::work::{Party, Work};

/// What stands behind a token.
pub enum Behind {
    /// The page where a client sets a PIN.
    Pin,
    Guest(Ticket),
    /// A session that is over, once the reader's own.
    Over(Arc<Tenant>, Locale),
    /// Nothing, or nothing any more: nobody is told which.
    Nothing,
}

/// A link that opens, before anybody looked whose it is.
pub struct Ticket {
    pub tenant: Arc<Tenant>,
    pub guest: GuestId,
    link: ChallengeId,
}

/// One query, whatever is wrong with the token; more only for who once had a link that opened.
///
/// # Errors
/// [`StoreError`]
pub async fn behind(desk: &Desk, token: &str) -> Result<Behind, StoreError> {
    let hash = Token::parse(token).map_or_else(String::new, |token| token.hash());
    let Some((tenant, link)) = desk.store.challenge_of_link(&hash).await? else { return Ok(Behind::Nothing) };
    if link.workflow == Workflow::Pin {
        return Ok(Behind::Pin);
    }
    let directory = desk.directory.get();
    let open = link.state(desk.time.now(), directory.epoch) == State::Active;
    let tenant = directory.member(&tenant).map(|member| Arc::clone(&member.tenant));
    let tenant = tenant.filter(|tenant| tenant.eligible);
    let (Some(tenant), Some(guest)) = (tenant, GuestId::from_link(&link.subject)) else {
        return Ok(Behind::Nothing);
    };
    let ticket = Ticket { tenant, guest, link: link.id };
    if open { Ok(Behind::Guest(ticket)) } else { ticket.over(desk).await }
}

impl Ticket {
    /// The guest as they are now, while the link is theirs.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn read(&self, desk: &Desk) -> Result<Option<Guest>, StoreError> {
        let found = desk.store.of(&self.tenant.id).guest(&self.guest).await?;
        Ok(found.filter(|guest| self.opens(guest)))
    }

    /// The guest, locked, while the link is theirs. On the record it is they who act.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn lock<'a>(
        &self,
        desk: &'a Desk,
        address: &str,
    ) -> Result<Option<(Work<'a>, Guest)>, StoreError> {
        let origin = Origin { actor: Actor::Contact(String::new()), from: address.to_owned() };
        let mut work = Work::begin(desk, &self.tenant, origin).await?;
        let found = work.lock(&self.guest).await?.filter(|guest| self.opens(guest));
        let Some(guest) = found.filter(|guest| work.now < guest.ends_at) else { return Ok(None) };
        work.origin.actor = Actor::Contact(guest.person.id.as_str().to_owned());
        Ok(Some((work, guest)))
    }

    /// What a link that does not open shows: whoever was in a session at its end is told that it is over.
    async fn over(self, desk: &Desk) -> Result<Behind, StoreError> {
        let scope = desk.store.of(&self.tenant.id);
        let guest = scope.guest(&self.guest).await?;
        let guest = guest.filter(|guest| guest.standing.link.as_ref() == Some(&self.link));
        let session = match guest.as_ref().and_then(|guest| guest.matter.session()) {
            Some(id) => scope.session(id).await?,
            None => None,
        };
        let over = session.is_some_and(|session| !session.is_running(desk.time.now()));
        Ok(match guest.filter(|_| over) {
            Some(guest) => {
                let locale = guest.locale(&self.tenant);
                Behind::Over(self.tenant, locale)
            }
            None => Behind::Nothing,
        })
    }

    fn opens(&self, guest: &Guest) -> bool {
        let own = guest.standing.link.as_ref() == Some(&self.link) && guest.standing.left_at.is_none();
        own && guest.matter.return_url().is_allowed(&self.tenant)
    }
}

/// Makes a guest's link, in place of the one before it. Gives the token.
///
/// # Errors
/// [`StoreError`]
pub async fn make_link(work: &mut Work<'_>, guest: &mut Guest) -> Result<Token, StoreError> {
    if let Some(before) = guest.standing.link.take() {
        work.end(guest, &before, State::Superseded).await?;
    }
    let link = work.challenge(
        &Party::of(guest, &work.tenant),
        (Kind::Sent, guest.id.of_link()),
        None,
        guest.ends_at,
    );
    let token = send_link::token(work.desk, &work.tenant, &link)?;
    work.tx.of(&work.tenant.id).insert_challenge(&link, Some(&token.hash())).await?;
    guest.standing.link = Some(link.id);
    Ok(token)
}
