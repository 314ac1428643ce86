//! The page of a sign-in: whose it is, while it opens. Reading changes nothing.

use std::sync::Arc;

use crate::domain::audit::{Actor, Origin};
use crate::domain::challenge::State;
use crate::domain::id::ChallengeId;
use crate::domain::login::{About, Login, User};
use crate::domain::pin::link::Token;
use crate::domain::proof::BrowserToken;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::brake;
use crate::usecase::guest::Work;

/// A sign-in whose link opens, before anybody looked how the user stands.
pub struct Ticket {
    pub tenant: Arc<Tenant>,
    pub about: About,
    link: ChallengeId,
}

/// What opened the page.
pub struct Browser {
    /// The address of the caller, for the record.
    pub address: String,
    /// As it says of itself; empty where it says nothing known.
    pub device: String,
    /// What it was given when it was trusted.
    pub token: Option<BrowserToken>,
}

/// A user at their sign-in.
pub struct Seat {
    pub user: User,
    pub login: Login,
    pub now: Timestamp,
    /// Too many wrong codes came in for the tenant.
    pub rests_until: Option<Timestamp>,
}

impl Seat {
    /// Until when no code is taken: of this user, or of nobody's.
    pub fn locked_until(&self) -> Option<Timestamp> {
        let rests = self.rests_until.filter(|_| self.user.is_enrolled());
        self.user.locked_until(self.now).max(rests)
    }
}

/// One query, whatever is wrong with the token; `None` where nothing opens, and nobody is told why.
///
/// # Errors
/// [`StoreError`]
pub async fn behind(desk: &Desk, token: &str) -> Result<Option<Ticket>, StoreError> {
    let hash = Token::parse(token).map_or_else(String::new, |token| token.hash());
    let Some((tenant, link)) = desk.store.challenge_of_link(&hash).await? else { return Ok(None) };
    let directory = desk.directory.get();
    let open =
        link.workflow == Workflow::Login && link.state(desk.time.now(), directory.epoch) == State::Active;
    let member = directory.member(&tenant).filter(|member| open && member.tenant.eligible);
    let ticket = |about| {
        let tenant = Arc::clone(&member?.tenant);
        Some(Ticket { tenant, about, link: link.id.clone() })
    };
    Ok(About::parse(&link.subject).and_then(ticket))
}

impl Ticket {
    /// The user as they are now, while the sign-in waits.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn read(&self, desk: &Desk) -> Result<Option<Seat>, StoreError> {
        let found = desk.store.of(&self.tenant.id).user(&self.about.user).await?;
        let now = desk.time.now();
        Ok(found.and_then(|user| {
            let login = self.open(&user, now)?.clone();
            let rests_until = brake::rests_until(desk, &self.tenant.id, Workflow::Login, now);
            Some(Seat { user, login, now, rests_until })
        }))
    }

    /// The user, locked, while the sign-in waits. On the record it is they who act.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn lock<'a>(
        &self,
        desk: &'a Desk,
        browser: &Browser,
    ) -> Result<Option<(Work<'a>, User)>, StoreError> {
        let actor = Actor::Agent(self.about.user.as_str().to_owned());
        let mut work =
            Work::begin(desk, &self.tenant, Origin { actor, from: browser.address.clone() }).await?;
        let found = work.tx.of(&self.tenant.id).lock_user(&self.about.user).await?;
        work.now = desk.time.now();
        let open = found.filter(|user| self.open(user, work.now).is_some());
        Ok(open.map(|user| (work, user)))
    }

    fn open<'u>(&self, user: &'u User, now: Timestamp) -> Option<&'u Login> {
        let login = user.standing.logins.iter().find(|login| login.id == self.about.login)?;
        let waits = login.link == self.link && !login.passed && login.ends_at > now;
        (waits && login.return_url.is_allowed(&self.tenant)).then_some(login)
    }
}
