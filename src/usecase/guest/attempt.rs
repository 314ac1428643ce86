//! One try at a code that its reader types on a page of ours, whoever they are: a guest, or who sets a PIN.
//!
//! Whoever calls it holds the lock on what the counts are kept with. The try is counted by a guarded update before
//! anything is compared, and a code that is right, or had its last try, ends by another one.

use crate::domain::challenge::{self, Challenge, State, Verdict};
use crate::domain::guess;
use crate::domain::guest::{Out, When};
use crate::domain::id::ContactId;
use crate::domain::policy::CodeRules;
use crate::domain::tenant::Tenant;
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::store::{StoreError, Tx};
use crate::usecase::{Desk, brake};

/// Where a try is counted, beside the code.
pub struct Slate<'a> {
    pub workflow: Workflow,
    pub throttle: &'a mut Throttle,
    pub person: &'a ContactId,
    pub rules: &'a CodeRules,
}

/// What a try came to.
pub enum Tried {
    Right,
    Wrong {
        tries_left: u32,
        /// Whether the code is over by it.
        over: bool,
        /// Until when the person is locked by it.
        until: Option<Timestamp>,
    },
    /// Nothing was counted, and nothing compared.
    Not(Verdict),
}

/// Tries a code.
///
/// # Errors
/// The database's, and those of `is_right`.
pub async fn attempt(
    (desk, tx, tenant): (&Desk, &Tx, &Tenant),
    at: When,
    out: &mut Out,
    slate: Slate<'_>,
    is_right: impl FnOnce(&Challenge) -> Result<bool, StoreError>,
) -> Result<Tried, StoreError> {
    let Slate { workflow, throttle, person, rules } = slate;
    let rests = brake::rests_until(desk, &tenant.id, workflow, at.now);
    let locked = throttle.locked_until(person, at.now).max(rests);
    if let Err(verdict) = challenge::may_try(out.state(at.now, at.epoch), locked) {
        return Ok(Tried::Not(verdict));
    }
    let counted = tx.of(&tenant.id).count_try(&out.challenge).await?;
    let counted = counted.ok_or(StoreError::Guard("challenge"))?;
    throttle.count_try(person, rules, at.now);
    if is_right(&counted)? {
        end(tx, tenant, at, (out, State::Verified)).await?;
        throttle.forgive_try(person);
        return Ok(Tried::Right);
    }
    let guess = (workflow, guess::chance(counted.digits));
    brake::count_wrong(desk, tx, &tenant.id, guess, at.now).await?;
    let tries_left = throttle.tries_left(person, rules, at.now).min(counted.tries_left());
    let until = throttle.lock_if_used_up(person, rules, at.now);
    let over = tries_left == 0 || until.is_some();
    if over {
        end(tx, tenant, at, (out, State::Locked)).await?;
    }
    Ok(Tried::Wrong { tries_left, over, until })
}

/// The guarded update by which a code ends once, whoever else tries to end it.
async fn end(tx: &Tx, tenant: &Tenant, at: When, (out, state): (&mut Out, State)) -> Result<(), StoreError> {
    out.end(state);
    let closed = tx.of(&tenant.id).close_challenge(&out.challenge, state, at.now).await?;
    if closed { Ok(()) } else { Err(StoreError::Guard("challenge")) }
}
