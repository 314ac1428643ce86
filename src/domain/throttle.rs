//! Limits that slide: how often something was sent or tried within a length of time.
//!
//! Kept with the client they belong to, so they survive a restart and are shared by every process.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::ContactId;
use super::policy::{CLIENT_TRIES_FACTOR, CodeRules, SENDS_WINDOW};
use super::refusal::{Refusal, Sendable};
use super::timestamp::Timestamp;

/// The moments of what is counted, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hits(Vec<i64>);

impl Hits {
    fn recent(&self, window: Duration, now: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let since = now - window;
        self.0.iter().copied().map(Timestamp::from_millis).filter(move |at| *at > since)
    }

    /// How many lie within the window that ends now.
    pub fn count(&self, window: Duration, now: Timestamp) -> u32 {
        u32::try_from(self.recent(window, now).count()).unwrap_or(u32::MAX)
    }

    /// When the next one is allowed, if `limit` are already within the window.
    pub fn full_until(&self, limit: u32, window: Duration, now: Timestamp) -> Option<Timestamp> {
        let recent: Vec<_> = self.recent(window, now).collect();
        let over = recent.len().checked_sub(limit as usize)?;
        recent.get(over).map(|oldest| *oldest + window)
    }

    /// Adds one and forgets those that have left the window.
    pub fn add(&mut self, window: Duration, now: Timestamp) {
        self.0 = self.recent(window, now).map(Timestamp::millis).collect();
        self.0.push(now.millis());
    }

    /// Takes back the newest.
    fn take_back(&mut self) {
        self.0.pop();
    }

    fn last(&self) -> Option<Timestamp> {
        self.0.last().copied().map(Timestamp::from_millis)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is counted for one contact of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactThrottle {
    #[serde(default, skip_serializing_if = "Hits::is_empty")]
    sends: Hits,
    #[serde(default, skip_serializing_if = "Hits::is_empty")]
    tries: Hits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked_until: Option<Timestamp>,
}

/// What is counted for a client: per contact, and wrong tries over all of them.
///
/// Contacts that left the list are kept while something still counts, so that being listed again refills nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    #[serde(default)]
    contacts: BTreeMap<String, ContactThrottle>,
    #[serde(default)]
    tries: Hits,
    #[serde(default)]
    locked_until: Option<Timestamp>,
}

/// How often something may be sent to one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendRules {
    pub resend_after: Duration,
    /// In [`SENDS_WINDOW`].
    pub sends: u32,
}

/// Why nothing may be sent just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendLimit {
    TooSoon { until: Timestamp },
    TooMany { until: Timestamp },
}

impl SendLimit {
    /// The refusal of what was to be sent.
    pub fn refusal(self, what: Sendable) -> Refusal {
        match self {
            Self::TooSoon { until } => Refusal::TooSoon { what, until, challenge: None },
            Self::TooMany { until } => Refusal::TooManySends { until },
        }
    }
}

impl Throttle {
    /// Whether this contact may be sent something now.
    ///
    /// # Errors
    /// The limit that is reached, and until when.
    pub fn may_send(&self, contact: &ContactId, rules: SendRules, now: Timestamp) -> Result<(), SendLimit> {
        let Some(counts) = self.contacts.get(contact.as_str()) else { return Ok(()) };
        if let Some(until) = counts.sends.full_until(rules.sends, SENDS_WINDOW, now) {
            return Err(SendLimit::TooMany { until });
        }
        match counts.sends.last().map(|last| last + rules.resend_after) {
            Some(until) if until > now => Err(SendLimit::TooSoon { until }),
            _ => Ok(()),
        }
    }

    /// Counts one send to this contact.
    pub fn count_send(&mut self, contact: &ContactId, now: Timestamp) {
        self.contact(contact).sends.add(SENDS_WINDOW, now);
    }

    /// Until when this contact, or the whole client, is locked.
    pub fn locked_until(&self, contact: &ContactId, now: Timestamp) -> Option<Timestamp> {
        let contact = self.contacts.get(contact.as_str()).and_then(|c| c.locked_until);
        contact.max(self.locked_until).filter(|until| *until > now)
    }

    /// Until when no contact of the client may try.
    pub fn client_locked_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| *until > now)
    }

    /// Counts a try before anybody knows whether it is right.
    pub fn count_try(&mut self, contact: &ContactId, rules: &CodeRules, now: Timestamp) {
        self.contact(contact).tries.add(rules.subject_window, now);
        self.tries.add(rules.subject_window, now);
    }

    /// The try just counted was right: it is no wrong try.
    pub fn forgive_try(&mut self, contact: &ContactId) {
        self.contact(contact).tries.take_back();
        self.tries.take_back();
    }

    /// Wrong tries left for this contact in the window.
    pub fn tries_left(&self, contact: &ContactId, rules: &CodeRules, now: Timestamp) -> u32 {
        let counts = self.contacts.get(contact.as_str());
        let contact = counts.map_or(0, |c| c.tries.count(rules.subject_window, now));
        let client = self.tries.count(rules.subject_window, now);
        let most = rules.subject_tries * CLIENT_TRIES_FACTOR;
        rules.subject_tries.saturating_sub(contact).min(most.saturating_sub(client))
    }

    /// Locks the contact, or the client, whose wrong tries are used up. Gives the end of a lock that began.
    pub fn lock_if_used_up(
        &mut self,
        contact: &ContactId,
        rules: &CodeRules,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let until = now + rules.subject_lock;
        let mut locked = None;
        if self.tries.count(rules.subject_window, now) >= rules.subject_tries * CLIENT_TRIES_FACTOR {
            self.locked_until = Some(until);
            self.tries = Hits::default();
            locked = Some(until);
        }
        let counts = self.contact(contact);
        if counts.tries.count(rules.subject_window, now) >= rules.subject_tries {
            counts.locked_until = Some(until);
            counts.tries = Hits::default();
            locked = Some(until);
        }
        locked
    }

    /// Whether anything still counts for this contact.
    pub fn counts(&self, contact: &ContactId) -> bool {
        self.contacts.contains_key(contact.as_str())
    }

    /// Ends the locks and forgets the wrong tries of one contact, or of all.
    pub fn unlock(&mut self, contact: Option<&ContactId>) {
        self.locked_until = None;
        self.tries = Hits::default();
        for (id, counts) in &mut self.contacts {
            if contact.is_none_or(|c| c.as_str() == id) {
                counts.tries = Hits::default();
                counts.locked_until = None;
            }
        }
    }

    /// Forgets what no longer counts, so that nothing grows without bound.
    pub fn prune(&mut self, window: Duration, now: Timestamp) {
        self.contacts.retain(|_, c| {
            c.sends.count(SENDS_WINDOW, now) > 0
                || c.tries.count(window, now) > 0
                || c.locked_until.is_some_and(|until| until > now)
        });
    }

    fn contact(&mut self, contact: &ContactId) -> &mut ContactThrottle {
        self.contacts.entry(contact.as_str().to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn the_window_slides() {
        let mut hits = Hits::default();
        for second in [0, 10, 20] {
            hits.add(MINUTE, at(second));
        }
        assert_eq!(hits.full_until(3, MINUTE, at(30)), Some(at(60)));
        assert_eq!(hits.full_until(4, MINUTE, at(30)), None);
        assert_eq!(hits.full_until(3, MINUTE, at(60)), None);
        assert_eq!(hits.count(MINUTE, at(70)), 1);
    }

    #[test]
    fn sends_wait_and_then_run_out() {
        let rules = CodeRules::default();
        let contact = ContactId::parse("c-1").unwrap();
        let mut throttle = Throttle::default();
        for i in 0..5 {
            let now = at(i * 30);
            assert_eq!(throttle.may_send(&contact, rules.to_send(), now), Ok(()), "send {i}");
            throttle.count_send(&contact, now);
            let until = now + rules.resend_after;
            if i < 4 {
                let almost = until - Duration::from_millis(1);
                assert_eq!(
                    throttle.may_send(&contact, rules.to_send(), almost),
                    Err(SendLimit::TooSoon { until })
                );
            }
        }
        assert_eq!(
            throttle.may_send(&contact, rules.to_send(), at(150)),
            Err(SendLimit::TooMany { until: at(900) })
        );
        assert_eq!(throttle.may_send(&contact, rules.to_send(), at(900)), Ok(()));
        assert_eq!(throttle.may_send(&ContactId::parse("c-2").unwrap(), rules.to_send(), at(150)), Ok(()));
    }

    #[test]
    fn ten_wrong_tries_lock_the_contact_and_thirty_the_client() {
        let rules = CodeRules::default();
        let mut throttle = Throttle::default();
        let contacts: Vec<_> = (0..4).map(|i| ContactId::parse(&format!("c-{i}")).unwrap()).collect();
        for contact in &contacts[..3] {
            for i in 0..10 {
                throttle.count_try(contact, &rules, at(i));
                let locked = throttle.lock_if_used_up(contact, &rules, at(i));
                assert_eq!(locked.is_some(), i == 9);
            }
            assert_eq!(throttle.locked_until(contact, at(9)), Some(at(9) + rules.subject_lock));
        }
        assert!(throttle.client_locked_until(at(9)).is_some(), "30 wrong tries over three contacts");
        assert!(throttle.locked_until(&contacts[3], at(9)).is_some());
        assert_eq!(throttle.locked_until(&contacts[0], at(9) + rules.subject_lock), None);
        throttle.unlock(Some(&contacts[0]));
        assert_eq!(throttle.locked_until(&contacts[0], at(9)), None);
        assert!(throttle.locked_until(&contacts[1], at(9)).is_some());
    }

    #[test]
    fn what_no_longer_counts_is_forgotten() {
        let mut throttle = Throttle::default();
        throttle.count_send(&ContactId::parse("c-1").unwrap(), at(0));
        throttle.prune(MINUTE, at(899));
        assert_eq!(throttle.contacts.len(), 1);
        throttle.prune(MINUTE, at(900));
        assert!(throttle.contacts.is_empty());
    }
}
