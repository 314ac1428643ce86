//! Moving sealed values to the current master key, in small batches that can be stopped and gone on with.

use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, ExprTrait as _};

use crate::domain::id::TenantId;
use crate::domain::seal;

use super::error::StoreError;
use super::row::Row;
use super::{Store, Tx};

/// A table with sealed columns. The row's id in the associated data is the last column of its key.
struct Sealed {
    table: &'static str,
    key: &'static str,
    columns: &'static [&'static str],
}

const SEALED: [Sealed; 12] = [
    Sealed { table: "tenant", key: "tenant_id", columns: &["providers"] },
    Sealed { table: "tenant_secret", key: "id", columns: &["sealed"] },
    Sealed { table: "client", key: "id", columns: &["name", "contacts", "standing"] },
    Sealed { table: "challenge", key: "id", columns: &["people"] },
    Sealed { table: "message", key: "id", columns: &["masked"] },
    Sealed { table: "host_event", key: "id", columns: &["body"] },
    Sealed { table: "inbound", key: "webhook_id", columns: &["answer"] },
    Sealed { table: "link", key: "hash", columns: &["device"] },
    Sealed { table: "former_detail", key: "id", columns: &["contact"] },
    Sealed { table: "session", key: "id", columns: &["facts"] },
    Sealed { table: "guest", key: "id", columns: &["person", "matter", "standing"] },
    Sealed { table: "crm_user", key: "id", columns: &["person", "standing"] },
];
const BATCH: u64 = 200;

impl Store {
    /// Seals everything anew that an old key sealed. Gives the number of rows moved.
    ///
    /// # Errors
    /// [`StoreError`]; what was moved before stays moved.
    pub async fn rotate_seals(&self) -> Result<u64, StoreError> {
        let mut moved = self.rotate_opt_outs().await?;
        for sealed in &SEALED {
            let mut after = (String::new(), String::new());
            loop {
                let tx = self.begin().await?;
                let (seen, changed, last) = tx.rotate_batch(sealed, &after).await?;
                tx.commit().await?;
                moved += changed;
                match last {
                    Some(last) if seen == BATCH => after = last,
                    _ => break,
                }
            }
        }
        Ok(moved)
    }
}

type Key = (String, String);

impl Tx {
    async fn rotate_batch(
        &self,
        sealed: &Sealed,
        after: &Key,
    ) -> Result<(u64, u64, Option<Key>), StoreError> {
        let rows = self.inner.query_all_raw(self.backend().build(&batch(sealed, after))).await?;
        let (mut changed, mut last) = (0, None);
        for found in &rows {
            let tenant: String = found.try_get("", "tenant_id")?;
            let id: String = found.try_get("", sealed.key)?;
            let parsed = TenantId::parse(&tenant).map_err(|e| StoreError::Row {
                table: sealed.table,
                column: "tenant_id",
                id: tenant.clone(),
                reason: e.to_string(),
            })?;
            let row = Row { vault: &self.vault, tenant: &parsed, table: sealed.table, id: &id };
            let mut update = Query::update();
            let mut stale = false;
            for column in sealed.columns {
                let value: Vec<u8> = found.try_get("", column)?;
                if value.is_empty() || seal::key_of(&value) == Some(self.vault.ring.current().id) {
                    continue;
                }
                stale = true;
                update.value(Alias::new(*column), row.seal(column, &row.open(column, &value)?));
            }
            if stale {
                update
                    .table(Alias::new(sealed.table))
                    .and_where(Expr::col(Alias::new("tenant_id")).eq(tenant.as_str()))
                    .and_where(Expr::col(Alias::new(sealed.key)).eq(id.as_str()));
                self.inner.execute_raw(self.backend().build(&update)).await?;
                changed += 1;
            }
            last = Some((tenant, id));
        }
        Ok((rows.len() as u64, changed, last))
    }

    fn backend(&self) -> DatabaseBackend {
        self.inner.get_database_backend()
    }
}

fn batch(sealed: &Sealed, after: &Key) -> sea_orm::sea_query::SelectStatement {
    let mut select = Query::select();
    let tenant = || Expr::col(Alias::new("tenant_id"));
    let mut columns: Vec<_> = vec!["tenant_id"];
    if sealed.key != "tenant_id" {
        columns.push(sealed.key);
    }
    columns.extend(sealed.columns);
    select
        .columns(columns.into_iter().map(Alias::new))
        .from(Alias::new(sealed.table))
        .and_where(
            tenant().gt(after.0.as_str()).or(tenant()
                .eq(after.0.as_str())
                .and(Expr::col(Alias::new(sealed.key)).gt(after.1.as_str()))),
        )
        .order_by(Alias::new("tenant_id"), sea_orm::Order::Asc)
        .order_by(Alias::new(sealed.key), sea_orm::Order::Asc)
        .limit(BATCH)
        .lock(sea_orm::sea_query::LockType::Update);
    select
}
