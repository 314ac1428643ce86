//! Every backup code is ended: a restored database has those again that were used since.

use std::sync::Arc;

use serde_json::json;

use crate::domain::audit::Origin;
use crate::domain::login::backup::BackupCodes;
use crate::domain::tenant::Tenant;
use crate::usecase::guest::{Done, Work};
use crate::usecase::{Desk, Failure};

use super::note;

/// Takes away the backup codes of all users of a tenant, one user at a time. Their apps and numbers stay.
///
/// # Errors
/// The database's. A run that breaks off has voided some; another goes on.
pub async fn void_backup_codes(desk: &Desk, tenant: &Arc<Tenant>, origin: &Origin) -> Result<(), Failure> {
    for known in desk.store.of(&tenant.id).users().await? {
        if known.standing.backup.left() == 0 {
            continue;
        }
        let mut work = Work::begin(desk, tenant, origin.clone()).await?;
        let Some(mut user) = work.tx.of(&tenant.id).lock_user(&known.id).await? else { continue };
        work.now = desk.time.now();
        user.standing.backup = BackupCodes::default();
        work.tx.of(&tenant.id).update_user(&user).await?;
        note(&mut work, &user, Done("backup_codes.void", "voided", ""), json!({"because": "epoch"}));
        work.commit().await?;
    }
    Ok(())
}
