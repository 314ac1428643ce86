//! Whom a message goes to, as they are now: a contact of a client, a guest, or a user.

use crate::domain::challenge::State;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::contact::{Contact, Destination, Phone};
use crate::domain::guest::{self, Guest};
use crate::domain::login::{self, User};
use crate::domain::message::{self, Message};
use crate::domain::tenant::Tenant;
use crate::store::{Conn, Scope, StoreError};

/// The client, the guest or the user of a message; none where they are no longer kept.
pub enum Addressee {
    Client(Option<Box<Client>>),
    Guest(Option<Box<Guest>>),
    User(Option<Box<User>>),
}

impl Addressee {
    /// Reads whom a message goes to.
    ///
    /// # Errors
    /// The database's.
    pub async fn of<C: Conn>(scope: &Scope<'_, C>, message: &Message) -> Result<Self, StoreError> {
        Ok(match (message.guest(), message.user()) {
            (Some(id), _) => Self::Guest(scope.guest(&id).await?.map(Box::new)),
            (None, Some(id)) => Self::User(scope.user(&id).await?.map(Box::new)),
            (None, None) => {
                Self::Client(scope.clients(std::slice::from_ref(&message.client)).await?.pop().map(Box::new))
            }
        })
    }

    pub fn client(&self) -> Option<&Client> {
        match self {
            Self::Client(client) => client.as_deref(),
            Self::Guest(_) | Self::User(_) => None,
        }
    }

    pub fn guest(&self) -> Option<&Guest> {
        match self {
            Self::Guest(guest) => guest.as_deref(),
            Self::Client(_) | Self::User(_) => None,
        }
    }

    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => user.as_deref(),
            Self::Client(_) | Self::Guest(_) => None,
        }
    }

    /// The person, while they are known.
    pub fn person(&self, message: &Message) -> Option<&Contact> {
        match self {
            Self::Client(client) => client.as_ref().and_then(|client| client.contact(&message.contact)),
            Self::Guest(guest) => guest.as_ref().map(|guest| &guest.person),
            Self::User(user) => user.as_ref().map(|user| &user.person),
        }
    }

    /// The numbers that their texts may have gone to, as far as they are known.
    pub fn numbers(&self, message: &Message) -> Vec<Phone> {
        if let Self::User(user) = self {
            return user.as_deref().map(|user| user.numbers().cloned().collect()).unwrap_or_default();
        }
        match self.person(message).and_then(|contact| contact.destination(Channel::Sms)) {
            Some(Destination::Phone(phone)) => vec![phone],
            _ => Vec::new(),
        }
    }

    /// Whether the message may go out at this moment, and where to.
    ///
    /// # Errors
    /// Why nobody should get it any more, in one word.
    pub fn may_send(
        &self,
        tenant: &Tenant,
        message: &Message,
        challenge: State,
        same: impl Fn(&str) -> bool,
    ) -> Result<(Contact, Destination), &'static str> {
        match self {
            Self::Client(client) => message::may_send(tenant, client.as_deref(), message, challenge, same),
            Self::Guest(guest) => guest::may_send(tenant, guest.as_deref(), message, challenge, same),
            Self::User(user) => login::may_send(tenant, user.as_deref(), message, challenge, same),
        }
    }
}
