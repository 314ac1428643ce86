//! What is behind a link: reading it changes nothing, however often mail scanners do.

use std::sync::Arc;

use crate::domain::audit::{Actor, Origin};
use crate::domain::challenge::{Challenge, State};
use crate::domain::client::Client;
use crate::domain::contact::{Destination, Phone};
use crate::domain::guest::{Out, When};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::message::MessageState;
use crate::domain::pin;
use crate::domain::pin::confirm::{self, Came};
use crate::domain::pin::link::{self, Over, Token};
use crate::domain::proof::BrowserToken;
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::{StoreError, Tx};
use crate::usecase::{Case, Desk, Failure};

use super::send_link;

/// What the page behind a link that still opens shows.
pub struct LinkView {
    pub tenant: Arc<Tenant>,
    pub client: ClientId,
    pub client_name: String,
    pub contact_name: String,
    /// The language that the contact is written to in.
    pub locale: Locale,
    /// Whether the client has a PIN already.
    pub is_reset: bool,
    pub expires_at: Timestamp,
    pub digits: u32,
    /// The client's own numbers, of which a PIN must be no part.
    pub phones: Vec<Phone>,
    /// The code that must be typed in this browser before a PIN is set, where one is asked for.
    pub asked: Option<Asked>,
}

/// A code that is asked for before a PIN is set.
pub struct Asked {
    pub at: When,
    /// The number that it goes to, where there is one that it may go to.
    pub to: Option<Destination>,
    /// The newest one of this link.
    pub code: Option<Out>,
    /// Whether its last text is known not to arrive.
    pub failed: bool,
    /// Until when none can be typed or asked for.
    pub locked_until: Option<Timestamp>,
    pub digits: u32,
}

/// Why a link does not open.
#[derive(Debug)]
pub enum LinkFault {
    /// The link is over; the tenant and the contact's language where they are known, for the page that says so.
    Over { why: Over, tenant: Option<Arc<Tenant>>, locale: Option<Locale> },
    /// The database's.
    Failed(Failure),
}

impl From<StoreError> for LinkFault {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for LinkFault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A link that is known, with whose it is.
pub struct Known {
    pub tenant: Arc<Tenant>,
    pub link: Challenge,
    /// How it came to whoever opened it.
    pub came: Came,
}

impl Known {
    /// The language that the contact is written to in.
    pub fn locale(&self) -> Locale {
        self.link.locale.unwrap_or(self.tenant.default_locale)
    }

    /// The fault of this link.
    pub fn over(&self, why: Over) -> LinkFault {
        LinkFault::Over { why, tenant: Some(Arc::clone(&self.tenant)), locale: Some(self.locale()) }
    }

    /// The client, where the link still is for one of its contacts and nobody reported anything meanwhile.
    ///
    /// # Errors
    /// `Voided`
    pub fn of(&self, client: Option<Client>, now: Timestamp) -> Result<Client, LinkFault> {
        let client = client.filter(|client| !client.removed).ok_or_else(|| self.over(Over::Voided))?;
        let listed = request::authorized(&self.tenant, &client, &self.link.contact);
        let may = request::may_use_pin(&self.tenant, &client, now);
        if listed.is_err() || may.is_err() || !self.tenant.eligible {
            return Err(self.over(Over::Voided));
        }
        Ok(client)
    }

    /// What the contact of the link does to the client.
    pub fn case<'a>(&self, desk: &'a Desk, tx: Tx, client: Client, address: &str) -> Case<'a> {
        let contact = Actor::Contact(self.link.contact.as_str().to_owned());
        Case::on(desk, tx, &self.tenant, client, Origin { actor: contact, from: address.to_owned() })
    }

    /// Looks at the link again.
    ///
    /// # Errors
    /// Why it opens no more.
    pub async fn still_opens(&self, desk: &Desk, tx: &Tx) -> Result<(), LinkFault> {
        let current = tx.of(&self.tenant.id).challenge(&self.link.id).await?;
        let epoch = desk.directory.get().epoch;
        let state = current.map_or(State::Cancelled, |link| link.state(desk.time.now(), epoch));
        link::may_open(state).map_err(|why| self.over(why))
    }

    /// Locks the client, if the link still is what it was.
    ///
    /// # Errors
    /// Why it is not.
    pub async fn lock<'a>(
        &self,
        desk: &'a Desk,
        client: &ClientId,
        address: &str,
    ) -> Result<Case<'a>, LinkFault> {
        let tx = desk.store.begin().await?;
        let locked = tx.of(&self.tenant.id).lock_client(client).await?;
        let client = self.of(locked, desk.time.now())?;
        let mut case = self.case(desk, tx, client, address);
        self.still_opens(desk, &case.tx).await?;
        case.settle().await?;
        Ok(case)
    }

    /// Whether a code must be typed in this browser before a PIN is set by the link.
    pub fn is_asked(&self, client: &Client, browser: Option<&BrowserToken>) -> bool {
        let admitted = client.standing.pin.confirm.admits(&self.link.id, browser);
        confirm::is_asked(&self.tenant.policy.pin, self.came, admitted)
    }

    async fn asked(
        &self,
        desk: &Desk,
        client: &Client,
        browser: Option<&BrowserToken>,
    ) -> Result<Option<Asked>, StoreError> {
        if !self.is_asked(client, browser) {
            return Ok(None);
        }
        let at = When { now: desk.time.now(), epoch: desk.directory.get().epoch };
        let (tenant, contact) = (&self.tenant, &self.link.contact);
        let standing = &client.standing.pin.confirm;
        let code = standing.code(&self.link.id).cloned();
        let sent: Vec<_> = code.iter().map(|code| code.challenge.clone()).collect();
        let scope = desk.store.of(&tenant.id);
        let last = if sent.is_empty() { None } else { scope.messages_of_all(&sent).await?.pop() };
        Ok(Some(Asked {
            at,
            to: confirm::number(tenant, client, contact, at.now).ok(),
            code,
            failed: last.is_some_and(|message| message.state == MessageState::Failed),
            locked_until: standing.throttle.locked_until(contact, at.now),
            digits: tenant.policy.pin.code().digits,
        }))
    }
}

/// Opens a link by what stands after `/p/`, in a browser that may have typed its code.
///
/// # Errors
/// [`LinkFault`]
pub async fn open_link(
    desk: &Desk,
    token: &str,
    browser: Option<&BrowserToken>,
) -> Result<LinkView, LinkFault> {
    let known = find(desk, token).await?;
    let client = client_id(&known.link)?;
    let found = desk.store.of(&known.tenant.id).clients(std::slice::from_ref(&client)).await?.pop();
    let client = known.of(found, desk.time.now())?;
    let asked = known.asked(desk, &client, browser).await?;
    Ok(LinkView {
        asked,
        client: client.id.clone(),
        client_name: client.name.clone(),
        contact_name: known.link.contact_name.clone(),
        locale: known.locale(),
        is_reset: client.standing.pin.set.is_some(),
        expires_at: known.link.expires_at,
        digits: pin::DIGITS,
        phones: phones(&client),
        tenant: known.tenant,
    })
}

/// A link that is not over by itself: one query, whatever is wrong with it.
///
/// # Errors
/// [`LinkFault`]
pub async fn find(desk: &Desk, token: &str) -> Result<Known, LinkFault> {
    let unknown = || LinkFault::Over { why: Over::Unknown, tenant: None, locale: None };
    // What cannot be a token is looked for like one that could be.
    let hash = Token::parse(token).map_or_else(String::new, |token| token.hash());
    let (tenant, link) = desk.store.challenge_of_link(&hash).await?.ok_or_else(unknown)?;
    let directory = desk.directory.get();
    let tenant = member(&directory, &tenant).ok_or_else(unknown)?;
    let came = if hash == send_link::texted_token(desk, &tenant, &link)?.hash() {
        Came::Texted
    } else {
        Came::Written
    };
    let known = Known { tenant, link, came };
    let state: State = known.link.state(desk.time.now(), directory.epoch);
    match link::may_open(state) {
        Ok(()) if known.link.tries_left() == 0 => Err(known.over(Over::Voided)),
        Ok(()) => Ok(known),
        Err(why) => Err(known.over(why)),
    }
}

fn member(directory: &crate::usecase::directory::Snapshot, id: &TenantId) -> Option<Arc<Tenant>> {
    directory.member(id).map(|member| Arc::clone(&member.tenant))
}

/// The client that a link is about.
///
/// # Errors
/// A row that names none.
pub fn client_id(link: &Challenge) -> Result<ClientId, StoreError> {
    ClientId::parse(&link.subject).map_err(|e| StoreError::Row {
        table: "challenge",
        column: "subject",
        id: link.id.as_str().to_owned(),
        reason: e.to_string(),
    })
}

/// Every number of the client's contacts.
pub fn phones(client: &Client) -> Vec<Phone> {
    client.contacts.iter().flat_map(|c| [c.mobile.clone(), c.phone.clone()]).flatten().collect()
}
