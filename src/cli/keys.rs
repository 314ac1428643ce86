//! `countersign keygen`, `keys rotate`, `epoch bump`

use crate::domain::key;
use crate::ports::{self, SystemRandom};
use crate::usecase::Desk;

/// A new master key.
pub fn generate() -> String {
    loop {
        let candidate = key::generate(&ports::bytes(&SystemRandom));
        // One in many billions has too few different bytes.
        if key::KeySet::parse(&candidate).is_ok() {
            return format!("{candidate}\n");
        }
    }
}

/// Moves everything sealed to the current key.
pub async fn rotate(desk: &Desk) -> anyhow::Result<String> {
    let moved = desk.store.rotate_seals().await?;
    Ok(format!(
        "{moved} rows are now sealed with master key {}.\n\
         Keep the old key in old_master_keys until the codes and tokens made with it are over: 24 hours.\n",
        desk.store.vault().ring.current().id
    ))
}

/// Ends everything that is open.
pub async fn bump_epoch(desk: &Desk) -> anyhow::Result<String> {
    let tx = desk.store.begin().await?;
    tx.raise("epoch").await?;
    tx.commit().await?;
    Ok("Every open code is over; running processes know within a second.\n".to_owned())
}
