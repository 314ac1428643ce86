//! A client of a tenant: its contacts, and where its verification stands.
//!
//! The aggregate that a transaction locks: whatever happens to a client happens under its row, so a code is used
//! once and a limit holds however many ask at the same time. Time moves it too: [`Client::settle`] is the only
//! place that knows what lapses when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agent::Agent;
use super::channel::Channel;
use super::contact::Contact;
use super::id::{ChallengeId, ClientId, ContactId, TenantId};
use super::pin::standing::PinStanding;
use super::surface::Surface;
use super::throttle::Throttle;
use super::timestamp::Timestamp;

/// A contact as a status names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ContactName)]
pub struct Named {
    pub id: ContactId,
    pub name: String,
}

/// A code that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub challenge: ChallengeId,
    pub contact: Named,
    pub agent: Option<Agent>,
    pub surface: Option<Surface>,
    pub channels: Vec<Channel>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
}

/// How somebody proved to be the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Code,
    Pin,
}

impl Method {
    pub const ALL: [Self; 2] = [Self::Code, Self::Pin];

    /// The name in the tenant file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Pin => "pin",
        }
    }
}

/// How much a proof is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// An email carried the code.
    Contact,
    /// Only a phone carried it.
    Phone,
    Pin,
}

impl Assurance {
    pub const ALL: [Self; 3] = [Self::Contact, Self::Phone, Self::Pin];

    /// `phone` only if no email carried the code.
    pub fn of(channels: &[Channel]) -> Self {
        if channels.contains(&Channel::Email) { Self::Contact } else { Self::Phone }
    }
}

/// A successful proof, with the moment it lapses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    pub challenge: Option<ChallengeId>,
    pub method: Method,
    pub assurance: Assurance,
    pub contact: Named,
    pub agent: Option<Agent>,
    pub surface: Option<Surface>,
    pub channels: Vec<Channel>,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// Too many wrong codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    pub challenge: Option<ChallengeId>,
    /// Until when it shows; for a code that alone is locked, the end of its life.
    pub until: Timestamp,
    /// Whether the subject is locked, not only the code.
    pub subject: bool,
}

/// Where a client's verification stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    #[serde(default)]
    pub pending: Option<Pending>,
    #[serde(default)]
    pub verified: Option<Verified>,
    /// The proof by the other method that it came after, where the tenant has surfaces that do not count just any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Verified>,
    #[serde(default)]
    pub last_verified_at: Option<Timestamp>,
    #[serde(default)]
    pub last_verified_by: Option<Agent>,
    #[serde(default)]
    pub locked: Option<Locked>,
    #[serde(default)]
    pub reported_until: Option<Timestamp>,
    #[serde(default)]
    pub throttle: Throttle,
    #[serde(default, skip_serializing_if = "PinStanding::is_blank")]
    pub pin: PinStanding,
}

impl Standing {
    /// The proofs that are kept, the newest first.
    pub fn proofs(&self) -> impl Iterator<Item = &Verified> {
        self.verified.iter().chain(&self.beside)
    }

    /// Takes in a new proof. One by the other method stays `beside` it where the tenant tells them apart.
    pub fn prove(&mut self, proof: &Verified, beside: bool) {
        self.last_verified_at = Some(proof.at);
        self.last_verified_by.clone_from(&proof.agent);
        let kept = self.verified.replace(proof.clone()).into_iter().chain(self.beside.take());
        self.beside = kept.filter(|_| beside).find(|kept| kept.method != proof.method);
    }

    /// Ends the proofs of which that is so, and gives them, the newest last.
    pub fn disprove(&mut self, is_so: impl Fn(&Verified) -> bool) -> Vec<Verified> {
        let over = self.beside.take_if(|proof| is_so(proof)).into_iter();
        let over = over.chain(self.verified.take_if(|proof| is_so(proof))).collect();
        self.verified = self.verified.take().or_else(|| self.beside.take());
        over
    }

    /// The moments at which this standing changes by itself.
    fn boundaries(&self) -> impl Iterator<Item = Timestamp> {
        [
            self.pending.as_ref().map(|p| p.expires_at),
            self.verified.as_ref().map(|v| v.until),
            self.beside.as_ref().map(|v| v.until),
            self.locked.as_ref().map(|l| l.until),
            self.reported_until,
            self.pin.link.as_ref().map(|link| link.expires_at),
            self.pin.set.as_ref().and_then(|set| set.locks_at),
        ]
        .into_iter()
        .flatten()
    }
}

/// What a status is made from: less than a client, so that a poll of hundreds opens nothing else.
#[derive(Clone, Debug)]
pub struct Outline {
    pub id: ClientId,
    pub created_at: Timestamp,
    pub standing: Standing,
    /// As stored.
    pub version: i64,
    pub removed: bool,
}

impl Outline {
    /// The next moment at which it changes by itself.
    pub fn changes_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.standing.boundaries().filter(|at| *at > now).min()
    }

    /// Grows with every change, by time too.
    pub fn version_at(&self, now: Timestamp) -> i64 {
        version_at(self.version, &self.standing, now)
    }
}

/// What is known of many clients by their stored versions alone. Versions only grow, so it is another one once any of
/// them has changed, come or gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub clients: i64,
    pub versions: i64,
    /// Of their squares, so that one that went and others that changed do not make up for each other.
    pub squares: i64,
}

impl Sum {
    /// The sum of these.
    pub fn of(outlines: &[Outline]) -> Self {
        outlines.iter().fold(Self::default(), |sum, outline| Self {
            clients: sum.clients + 1,
            versions: sum.versions + outline.version,
            squares: sum.squares + outline.version * outline.version,
        })
    }
}

/// The stored version, and what time has changed since.
fn version_at(stored: i64, standing: &Standing, now: Timestamp) -> i64 {
    let passed = standing.boundaries().filter(|at| *at <= now).count();
    stored + i64::try_from(passed).unwrap_or(0)
}

/// Something that ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lapse {
    CodeExpired(Pending),
    VerificationOver(Verified),
    LinkExpired(Pending),
    /// The last try of the PIN came to nothing.
    PinLocked,
}

/// A client as it is kept.
#[derive(Clone, Debug)]
pub struct Client {
    pub tenant: TenantId,
    pub id: ClientId,
    pub name: String,
    /// When the host says it was created; otherwise when it was first heard of.
    pub created_at: Timestamp,
    /// The `timestamp` of the list kept: an older one changes nothing.
    pub listed_at: Timestamp,
    pub contacts: Vec<Contact>,
    pub standing: Standing,
    /// As stored; [`Client::version_at`] counts what time has changed since.
    pub version: i64,
    pub removed: bool,
}

impl Client {
    /// Grows with every change, by time too.
    pub fn version_at(&self, now: Timestamp) -> i64 {
        version_at(self.version, &self.standing, now)
    }

    /// The part of it that a status is made from.
    pub fn outline(&self) -> Outline {
        Outline {
            id: self.id.clone(),
            created_at: self.created_at,
            standing: self.standing.clone(),
            version: self.version,
            removed: self.removed,
        }
    }

    /// When this client next changes by itself.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.standing.boundaries().min()
    }

    /// Lets time pass: drops what is over, counts it in the version, and says what the host must be told.
    pub fn settle(&mut self, now: Timestamp) -> Vec<Lapse> {
        self.version = self.version_at(now);
        let mut lapses = Vec::new();
        if let Some(over) = self.standing.pending.take_if(|p| p.expires_at <= now) {
            lapses.push(Lapse::CodeExpired(over));
        }
        let over = self.standing.disprove(|proof| proof.until <= now);
        lapses.extend(over.into_iter().map(Lapse::VerificationOver));
        if let Some(over) = self.standing.pin.link.take_if(|link| link.expires_at <= now) {
            lapses.push(Lapse::LinkExpired(over));
        }
        if let Some(set) = &mut self.standing.pin.set
            && set.locks_at.take_if(|at| *at <= now).is_some()
        {
            set.locked = true;
            lapses.push(Lapse::PinLocked);
        }
        self.standing.locked.take_if(|l| l.until <= now);
        self.standing.reported_until.take_if(|until| *until <= now);
        lapses
    }

    /// The contact of that id, if it is on the list now.
    pub fn contact(&self, id: &ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|c| c.id == *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_version_grows_by_time_once_and_is_the_same_before_and_after_settling() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let named = Named { id: ContactId::parse("c").unwrap(), name: "Ana".into() };
        let pending = Pending {
            challenge: ChallengeId::new(now, [0; 10]),
            contact: named,
            agent: None,
            surface: None,
            channels: vec![Channel::Sms],
            sent_at: now,
            expires_at: now + Duration::from_secs(600),
        };
        let mut client = Client {
            tenant: TenantId::parse("t").unwrap(),
            id: ClientId::parse("c").unwrap(),
            name: "C".into(),
            created_at: now,
            listed_at: now,
            contacts: vec![],
            standing: Standing { pending: Some(pending.clone()), ..Standing::default() },
            version: 7,
            removed: false,
        };
        assert_eq!(client.wakes_at(), Some(pending.expires_at));
        let just_before = pending.expires_at - Duration::from_millis(1);
        assert_eq!(client.version_at(just_before), 7);
        assert!(client.settle(just_before).is_empty());
        assert_eq!(client.version_at(pending.expires_at), 8);
        assert_eq!(client.settle(pending.expires_at), [Lapse::CodeExpired(pending.clone())]);
        assert_eq!(client.version_at(pending.expires_at), 8);
        assert!(client.settle(pending.expires_at).is_empty());
        assert_eq!(client.wakes_at(), None);
    }
}
