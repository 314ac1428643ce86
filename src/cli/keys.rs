//! `countersign keygen`, `keys rotate`, `epoch bump`

use serde_json::json;

use crate::domain::key;
use crate::domain::timestamp::Timestamp;
use crate::ports::{self, SystemRandom};
use crate::usecase::Desk;
use crate::usecase::audit::seal::seal_since;
use crate::usecase::tenant::bump_epoch::{self, Ended};
use crate::usecase::tenant::record::record;

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
    let pins = desk.store.pins_of_old_keys().await?;
    let (key, tx) = (desk.store.vault().ring.current().id.to_string(), desk.store.begin().await?);
    for member in desk.directory.get().members() {
        record(desk, &tx, &member.tenant.id, "keys.rotate", &key, json!({"rows_of_all_tenants": moved}))
            .await?;
    }
    tx.commit().await?;
    // Where the chains end is then signed with the current key: sealing goes on when the old key is gone.
    seal_since(desk, Timestamp::default()).await?;
    Ok(format!(
        "{moved} rows are now sealed with master key {}.\n\
         Keep the old key in old_master_keys: open codes need it for a day, links for three, and the audit log's entries\n\
         for as long as they are kept, since their proof is never made again.\n\
         Security PINs that still need an old key, each until it is next checked and right: {pins}.\n",
        desk.store.vault().ring.current().id
    ))
}

/// Ends everything that is open.
pub async fn bump_epoch(desk: &Desk) -> anyhow::Result<String> {
    let Ended { open, pins } = bump_epoch::bump_epoch(desk).await?;
    Ok(format!(
        "Every open code and link is over ({open}); running processes know within a second.\n\
         Every security PIN is locked until it is set anew ({pins}).\n"
    ))
}
