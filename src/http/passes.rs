//! Agent tokens that were read a moment ago: a browser shows the same one with each poll, and reading it takes longer
//! than looking it up.
//!
//! Only what a master key of this process has signed is kept, under its every byte; that it has expired, or that what
//! it was made for is gone, is for each request to see.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::key::KeyRing;
use crate::domain::timestamp::Timestamp;
use crate::domain::token::{self, Claims};

use super::halves::Halves;

/// Bytes of tokens, for each of the two halves.
const MOST: usize = 512 * 1024;

/// The tokens read lately.
#[derive(Clone)]
pub struct Passes(Arc<Mutex<Halves<Box<str>, Arc<Claims>>>>);

impl Default for Passes {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Halves::new(MOST))))
    }
}

impl Passes {
    /// The claims of a token that one of the ring's keys signed and that has not expired.
    pub fn read(&self, ring: &KeyRing, token: &str, now: Timestamp) -> Option<Arc<Claims>> {
        let known = self.held().find(token, |claims| Some(Arc::clone(claims)));
        if let Some(claims) = known {
            return claims.holds(now).then_some(claims);
        }
        let claims = Arc::new(token::verify(ring, token, now)?);
        // What it says is about as long as the token, twice over with what holds it.
        self.held().put(token.into(), Arc::clone(&claims), 3 * token.len());
        Some(claims)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Halves<Box<str>, Arc<Claims>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::agent::Agent;
    use crate::domain::id::{ClientId, TenantId};
    use crate::domain::key::{KeySet, generate};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_token_that_was_read_before_expires_as_it_would_have_and_is_no_other() {
        let bytes = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let ring = KeyRing::new(KeySet::parse(&generate(&bytes)).unwrap(), vec![]);
        let until = NOW + Duration::from_secs(60);
        let claims = Claims {
            tenant: TenantId::parse("cornerstone").unwrap(),
            agent: Agent::parse("u-77", None, None, None).unwrap(),
            named: ClientId::parse("lead-1").unwrap().into(),
            issued_at: NOW,
            expires_at: until,
            via: "key_1".into(),
            key: ring.current().id.to_string(),
        };
        let (passes, token) = (Passes::default(), token::sign(&ring, &claims).unwrap());
        for _ in 0..2 {
            assert_eq!(passes.read(&ring, &token, NOW).as_deref(), Some(&claims));
            assert_eq!(passes.read(&ring, &token, until), None);
            assert_eq!(passes.read(&ring, &format!("{token}A"), NOW), None);
            assert_eq!(passes.read(&ring, &token.to_lowercase(), NOW), None);
        }
    }
}
