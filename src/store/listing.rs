//! What statuses are made from, of many clients in one query whose text is the same however many there are.

use entity::client;
use sea_orm::sea_query::{Alias, Expr, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QuerySelect as _,
};

use crate::domain::client::{Outline, Sum};
use crate::domain::id::ClientId;
use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::client::row;
use super::error::StoreError;

/// The columns that a status needs.
type OutlineRow = (String, i64, Vec<u8>, i64, bool);

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Reads what statuses are made from, in no order. A row that cannot be read is logged and left out: it must
    /// not take the others' statuses with it.
    pub async fn outlines(&self, ids: &[ClientId]) -> Result<Vec<Outline>, StoreError> {
        let found: Vec<OutlineRow> = client::Entity::find()
            .select_only()
            .columns([
                client::Column::Id,
                client::Column::CreatedAt,
                client::Column::Standing,
                client::Column::Version,
                client::Column::Removed,
            ])
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(self.among(ids))
            .into_tuple()
            .all(self.conn)
            .await?;
        let read = |row: OutlineRow| {
            let outline = self.outline(row);
            outline.inspect_err(|error| tracing::error!(%error, "a client's row is left out")).ok()
        };
        Ok(found.into_iter().filter_map(read).collect())
    }

    fn outline(
        &self,
        (id, created_at, standing, version, removed): OutlineRow,
    ) -> Result<Outline, StoreError> {
        let row = row(self.vault, self.tenant, &id);
        Ok(Outline {
            created_at: Timestamp::from_millis(created_at),
            standing: row.open_json("standing", &standing)?,
            version,
            removed,
            id: row.id("id", ClientId::parse(&id))?,
        })
    }

    /// The sum of the same clients, which is another one once any of them has changed.
    pub async fn sum_of(&self, ids: &[ClientId]) -> Result<Sum, StoreError> {
        let version = || Expr::col(client::Column::Version);
        let whole = |sum: SimpleExpr| sum.cast_as(Alias::new("bigint"));
        let found: Option<(i64, Option<i64>, Option<i64>)> = client::Entity::find()
            .select_only()
            .expr_as(version().count(), "clients")
            .expr_as(whole(Func::sum(version()).into()), "versions")
            .expr_as(whole(Func::sum(version().mul(version())).into()), "squares")
            .filter(client::Column::TenantId.eq(self.tenant.as_str()))
            .filter(self.among(ids))
            .into_tuple()
            .one(self.conn)
            .await?;
        let (clients, versions, squares) = found.unwrap_or_default();
        Ok(Sum { clients, versions: versions.unwrap_or(0), squares: squares.unwrap_or(0) })
    }

    /// Whether a client is one of these. One parameter holds them all: each database has words of its own for that.
    fn among(&self, ids: &[ClientId]) -> SimpleExpr {
        let listed = match self.conn.get_database_backend() {
            DbBackend::Postgres => "\"id\" IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))",
            _ => "\"id\" IN (SELECT value FROM json_each(?))",
        };
        let ids: Vec<&str> = ids.iter().map(ClientId::as_str).collect();
        // A list of texts always serialises.
        Expr::cust_with_values(listed, [serde_json::to_string(&ids).unwrap_or_default()])
    }
}
