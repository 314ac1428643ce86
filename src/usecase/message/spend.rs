//! Whether a text or a call may go out: to a number that the tenant serves, while people answer there, and within the
//! day's budget. Asked last before the provider is, for every message to a telephone.

use std::time::Duration;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::calendar;
use crate::domain::contact::Phone;
use crate::domain::message::Message;
use crate::domain::money::Micros;
use crate::domain::seal;
use crate::domain::telephone::{block, is_bought};
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::message::Detail;
use crate::store::{StoreError, Texted, Tx};
use crate::usecase::Desk;
use crate::usecase::tenant::record::record_by;

/// How long a number that got a code counts.
pub const COUNTS: Duration = Duration::from_hours(24);

/// Why a message must not go out to this number, if it must not. What it costs is spent here, before it is sent: an
/// attempt that fails has its price.
///
/// # Errors
/// [`StoreError`]
pub async fn hold(
    desk: &Desk,
    tenant: &Tenant,
    message: &Message,
    phone: &Phone,
    now: Timestamp,
) -> Result<Option<Detail>, StoreError> {
    let telephone = &tenant.telephone;
    if !telephone.serves(phone) {
        return Ok(Some(Detail::NotServed));
    }
    if message.purpose.is_code() {
        let (block, country) = (index_of_block(desk, tenant, phone), telephone.watched(phone));
        let (of_block, of_country) = desk.store.of(&tenant.id).traffic(&block, country, now - COUNTS).await?;
        if is_bought(of_block, of_country) {
            tracing::error!(tenant = %tenant.id, country = ?country, "codes that nobody types: texts and calls there are paused");
            return Ok(Some(held(Detail::Paused)));
        }
    }
    match telephone.daily_budget {
        Some(budget) => spend(desk, tenant, telephone.price(message.channel), budget, now).await,
        None => Ok(None),
    }
}

/// Makes the figures of what is held back known, all zero.
pub fn announce() {
    for why in [Detail::Paused, Detail::BudgetSpent] {
        count(why, 0);
    }
}

fn held(why: Detail) -> Detail {
    count(why, 1);
    why
}

fn count(why: Detail, times: u64) {
    metrics::counter!("countersign_telephone_held_total", "why" => why.as_str()).increment(times);
}

fn index_of_block(desk: &Desk, tenant: &Tenant, phone: &Phone) -> String {
    seal::index(desk.store.vault().ring.current(), &tenant.id, &format!("block {}", block(phone)))
}

async fn spend(
    desk: &Desk,
    tenant: &Tenant,
    cost: Micros,
    budget: Micros,
    now: Timestamp,
) -> Result<Option<Detail>, StoreError> {
    let tx = desk.store.begin().await?;
    let day = calendar::iso_day(now, tenant.time_zone);
    let Some(spent) = tx.of(&tenant.id).spend(&day, cost, budget).await? else {
        tracing::error!(tenant = %tenant.id, %budget, "the day's budget for texts and calls is spent");
        return Ok(Some(held(Detail::BudgetSpent)));
    };
    let alarm = budget.get() / 5 * 4;
    if spent.get() >= alarm && spent.get() - cost.get() < alarm {
        tracing::warn!(tenant = %tenant.id, %spent, %budget, "four fifths of the day's budget for texts and calls are spent");
        let detail = json!({"spent": spent.to_string(), "budget": budget.to_string()});
        let by = (&tenant.id, Origin::service("budget"));
        record_by(desk, &tx, by, "telephone.budget", &day, detail).await?;
    }
    tx.commit().await?;
    Ok(None)
}

/// Notes that a code went to this number, with what became of it.
///
/// # Errors
/// [`StoreError`]
pub async fn note_texted(
    desk: &Desk,
    tx: &Tx,
    tenant: &Tenant,
    (message, phone): (&Message, &Phone),
    at: Timestamp,
) -> Result<(), StoreError> {
    if !message.purpose.is_code() {
        return Ok(());
    }
    let (block, country) = (index_of_block(desk, tenant, phone), tenant.telephone.watched(phone));
    tx.of(&tenant.id).note_texted(&Texted { message, block, country, at }).await
}
