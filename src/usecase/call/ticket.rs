//! The addresses that a carrier calls about one call: which attempt of which message, and where in the script.
//!
//! Each has a key of its own over all of that, so that nobody who was told one address can make another, not even
//! with the carrier's signature: whoever hears the gate cannot be asked to the code. There is no code in any.

use subtle::ConstantTimeEq as _;

use crate::domain::call::script::Place;
use crate::domain::id::{MessageId, TenantId};
use crate::domain::key::KeySet;
use crate::domain::message::Attempt;
use crate::usecase::Desk;

/// Length of the key in an address, in hexadecimal digits: 128 bits.
const KEY: usize = 32;

/// What a carrier may call about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub attempt: Attempt,
    pub spot: Spot,
}

/// Where in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Somebody answered.
    Start,
    /// This was said, and a key was pressed or none.
    After(Place),
    /// It is over.
    End,
}

impl Spot {
    fn word(self) -> String {
        match self {
            Self::Start => "start".to_owned(),
            Self::After(place) => place.to_string(),
            Self::End => "end".to_owned(),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "start" => Some(Self::Start),
            "end" => Some(Self::End),
            place => Place::parse(place).map(Self::After),
        }
    }
}

impl Ticket {
    /// The address to call.
    pub fn url(&self, desk: &Desk, tenant: &TenantId) -> String {
        let base = desk.public_url.as_str().trim_end_matches('/');
        let key = self.key(desk.store.vault().ring.current(), tenant);
        format!("{base}/callbacks/twilio/{tenant}/voice/{}.{key}", self.about())
    }

    /// What the last part of an address is about, if its key is right.
    pub fn read(desk: &Desk, tenant: &TenantId, part: &str) -> Option<Self> {
        let (about, given) = part.rsplit_once('.')?;
        let mut words = about.splitn(3, '.');
        let message = MessageId::parse(words.next()?).ok()?;
        let number = words.next()?.parse().ok()?;
        let ticket = Self { attempt: Attempt { message, number }, spot: Spot::parse(words.next()?)? };
        let ring = &desk.store.vault().ring;
        let right = |keys: &KeySet| ticket.key(keys, tenant).as_bytes().ct_eq(given.as_bytes()).into();
        (ticket.about() == about && ring.all().any(right)).then_some(ticket)
    }

    fn about(&self) -> String {
        let Attempt { message, number } = &self.attempt;
        format!("{message}.{number}.{}", self.spot.word())
    }

    fn key(&self, keys: &KeySet, tenant: &TenantId) -> String {
        let mac = keys.callback.mac(&[b"call", tenant.as_str().as_bytes(), self.about().as_bytes()]);
        hex::encode(mac)[..KEY].to_owned()
    }
}
