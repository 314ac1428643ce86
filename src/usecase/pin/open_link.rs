//! What is behind a link: reading it changes nothing, however often mail scanners do.

use std::sync::Arc;

use crate::domain::challenge::{Challenge, State};
use crate::domain::client::Client;
use crate::domain::contact::Phone;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::locale::Locale;
use crate::domain::pin;
use crate::domain::pin::link::{self, Over, Token};
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::usecase::{Desk, Failure};

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

/// A link that is known, with whose it is.
pub struct Known {
    pub tenant: Arc<Tenant>,
    pub link: Challenge,
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
}

/// Opens a link by what stands after `/p/`.
///
/// # Errors
/// [`LinkFault`]
pub async fn open_link(desk: &Desk, token: &str) -> Result<LinkView, LinkFault> {
    let known = find(desk, token).await?;
    let client = client_id(&known.link)?;
    let found = desk.store.of(&known.tenant.id).clients(std::slice::from_ref(&client)).await?.pop();
    let client = known.of(found, desk.time.now())?;
    Ok(LinkView {
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
    let known = Known { tenant, link };
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
