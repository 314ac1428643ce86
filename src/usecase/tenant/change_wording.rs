//! Somebody changes what a message of a tenant says, for every process: a new version, after it was looked at as its readers
//! will see it. What another one published meanwhile is never overwritten.

use serde_json::{Value, json};

use crate::domain::audit::Origin;
use crate::domain::id::TenantId;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::wording::lint::Variable;
use crate::domain::wording::say::say;
use crate::domain::wording::{Draft, Found, Sample, Shown, Spot, Version, faults, longest, variables};
pub use crate::message::render::built_in;
use crate::store::StoreError;
use crate::usecase::Desk;

use super::change_settings::stored_tenant;
use super::record::record_by;

/// Stands for the random part of a link in what is counted.
const TOKEN: &str = "p/0000000000000000000000";

/// What is to be published.
pub struct Wanted {
    pub spot: Spot,
    pub draft: Draft,
    /// The version that it was made from, 0 for the built-in text; without it whatever is the newest.
    pub base: Option<u32>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// As this version.
    Version(u32),
    /// It says the same already.
    Same,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    #[error("the wording has {} faults", .0.len())]
    Faults(Vec<Found>),
    /// The newest one is not the one that it was made from.
    #[error("somebody else published version {} meanwhile", .0.number)]
    Overtaken(Box<Version>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What links and codes of ours look like in messages.
pub fn with_sample<T>(desk: &Desk, look: impl FnOnce(&Sample<'_>) -> T) -> T {
    let link = format!("{}{TOKEN}", desk.public_url);
    look(&Sample { host: desk.public_url.host_str().unwrap_or_default(), link: &link })
}

/// Everything that is wrong with a draft; nothing is stored.
///
/// # Errors
/// [`StoreError`]
pub async fn check_wording(
    desk: &Desk,
    tenant: &TenantId,
    spot: Spot,
    draft: &Draft,
) -> Result<Vec<Found>, StoreError> {
    let stored = stored_tenant(desk, tenant).await?;
    Ok(with_sample(desk, |sample| faults(spot, &stored, sample, draft)))
}

/// What is wrong with a draft, in words. Its text begins after so many lines.
pub fn in_words(
    desk: &Desk,
    tenant: &Tenant,
    spot: Spot,
    (locale, before): (Locale, usize),
    faults: &[Found],
) -> Vec<String> {
    let known = values(desk, tenant, spot);
    faults.iter().map(|found| say(locale, found, &known, before)).collect()
}

/// The values that may be placed.
pub fn values(desk: &Desk, tenant: &Tenant, spot: Spot) -> Vec<Variable> {
    with_sample(desk, |sample| variables(spot, tenant, sample))
}

/// A draft with the longest names, numbers and codes; none where it cannot be read.
pub fn preview(desk: &Desk, tenant: &Tenant, spot: Spot, draft: &Draft) -> Option<Shown> {
    with_sample(desk, |sample| longest(spot, tenant, sample, draft))
}

/// Every message that may have a wording, with the newest version of it.
///
/// # Errors
/// [`StoreError`]
pub async fn wordings(desk: &Desk, tenant: &TenantId) -> Result<Vec<(Spot, Option<Version>)>, StoreError> {
    let mut newest = desk.store.of(tenant).newest_wordings().await?;
    let of = |spot| {
        let at = newest.iter().position(|version| version.spot == spot);
        (spot, at.map(|at| newest.swap_remove(at)))
    };
    Ok(Spot::all().map(of).collect())
}

/// Publishes a draft as the newest version.
///
/// # Errors
/// [`NotPublished`]; then everything is as it was.
pub async fn change_wording(
    desk: &Desk,
    tenant: &TenantId,
    wanted: &Wanted,
    origin: Origin,
) -> Result<Published, NotPublished> {
    let Wanted { spot, draft, base } = wanted;
    // Before anything is locked: a long wording with many conditions takes its time.
    let faults = check_wording(desk, tenant, *spot, draft).await?;
    if !faults.is_empty() {
        return Err(NotPublished::Faults(faults));
    }
    let tx = desk.store.begin().await?;
    // Locks the one row that every change of a tenant raises.
    tx.raise("revision").await?;
    let newest = tx.of(tenant).newest_wording(*spot).await?;
    let number = newest.as_ref().map_or(0, |newest| newest.number);
    let before = newest.as_ref().map(|newest| newest.draft.clone()).unwrap_or_default();
    if before == *draft {
        return Ok(Published::Same);
    }
    if let Some(newest) = newest.filter(|newest| base.is_some_and(|base| base != newest.number)) {
        return Err(NotPublished::Overtaken(Box::new(newest)));
    }
    let detail = json!({"version": number + 1, "before": told(&before), "after": told(draft)});
    let version = Version {
        spot: *spot,
        number: number + 1,
        draft: draft.clone(),
        author: [origin.actor.kind(), origin.actor.id()].join(" ").trim().to_owned(),
        created_at: desk.time.now(),
    };
    tx.of(tenant).insert_wording(&version).await?;
    record_by(desk, &tx, (tenant, origin), "wording.publish", &spot.to_string(), detail).await?;
    tx.commit().await?;
    desk.refresh().await?;
    Ok(Published::Version(version.number))
}

/// What the record says of a draft: nothing of the built-in text.
fn told(draft: &Draft) -> Value {
    if draft.is_built_in() { Value::Null } else { json!({"subject": draft.subject, "text": draft.body}) }
}
