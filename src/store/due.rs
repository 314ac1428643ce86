//! Which rows of a queue are to be worked on next: the oldest whose time has come, of tenants that may start more.
//!
//! What looking costs does not grow with what waits. Only so many of the oldest rows are passed by if their tenants have all
//! they may; what lies behind those is looked for tenant by tenant, which costs the more the more tenants have anything in
//! the queue.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, Order, Query, SelectStatement, SimpleExpr, UnionType, WithClause,
    WithQuery,
};
use sea_orm::{ConnectionTrait as _, ExprTrait as _};

use crate::domain::id::TenantId;
use crate::domain::timestamp::Timestamp;

use super::Store;
use super::error::StoreError;
use super::queue::{Queue, keys};
use super::shape::padded;

/// Rows given by one look at the oldest.
const LOOKED_AT: u64 = 64;
/// Rows that are passed by at most in one such look.
const DEPTH: u64 = 1024;
/// Tenants of which rows are given by one look behind those.
const TENANTS: u64 = 64;

/// The tenant's and the row's own id.
pub(super) type Key = (String, String);

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

fn of(table: &str, name: &str) -> Expr {
    Expr::col((Alias::new(table), Alias::new(name)))
}

fn is_none_of(tenants: &[TenantId]) -> Option<SimpleExpr> {
    let ids = || padded(tenants.iter().map(TenantId::as_str));
    (!tenants.is_empty()).then(|| column("tenant_id").is_not_in(ids()))
}

/// The oldest rows whose time has come, of every tenant and queue of the table.
fn oldest(queue: Queue, now: Timestamp) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(Alias::new(queue.table()))
        .and_where(column("run_at").lte(now.millis()))
        .order_by(Alias::new("run_at"), Order::Asc);
    select
}

/// Those of the oldest that are this queue's, of tenants that may start more.
fn ahead(queue: Queue, now: Timestamp, busy: &[TenantId]) -> SelectStatement {
    let mut rows = oldest(queue, now);
    rows.columns(["tenant_id", "id", "run_at"].map(Alias::new)).limit(DEPTH);
    if !queue.channels().is_empty() {
        rows.column(Alias::new("channel"));
    }
    let mut select = Query::select();
    select
        .columns(["tenant_id", "id"].map(Alias::new))
        .from_subquery(rows, Alias::new("oldest"))
        .order_by(Alias::new("run_at"), Order::Asc)
        .limit(LOOKED_AT);
    for condition in queue.own().into_iter().chain(is_none_of(busy)) {
        select.and_where(condition);
    }
    select
}

/// Says whether there are more due rows than one look passes by.
fn is_deep(queue: Queue, now: Timestamp) -> SelectStatement {
    let mut select = oldest(queue, now);
    select.expr_as(Expr::val(1), Alias::new("deep")).offset(DEPTH).limit(1);
    select
}

/// Rows of one channel of the queue that are due some time, or all if it has no channels.
fn pending(queue: Queue, channel: Option<&str>) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(queue.table())).and_where(column("run_at").is_not_null()).limit(1);
    if let Some(channel) = channel {
        select.and_where(column("channel").eq(channel));
    }
    select
}

/// The tenants that have something due and may start it, who has waited longest first. Steps from tenant to tenant through
/// an index, whatever each of them has.
fn waiting_tenants(queue: Queue, channel: Option<&str>, now: Timestamp, busy: &[TenantId]) -> WithQuery {
    let tenant = || Alias::new("tenant_id");
    let mut first = pending(queue, channel);
    first.column(tenant()).order_by(tenant(), Order::Asc);
    let mut next = first.clone();
    next.and_where(of(queue.table(), "tenant_id").gt(of("each", "tenant_id")));
    let mut step = Query::select();
    step.expr(next).from(Alias::new("each")).and_where(of("each", "tenant_id").is_not_null());
    let mut each = Query::select();
    each.column(tenant()).from_subquery(first, Alias::new("first")).union(UnionType::All, step);
    let mut each_tenant = CommonTableExpression::new();
    each_tenant.table_name(Alias::new("each")).column(tenant()).query(each);

    let mut since = pending(queue, channel);
    since
        .column(Alias::new("run_at"))
        .and_where(of(queue.table(), "tenant_id").eq(of("each", "tenant_id")))
        .order_by(Alias::new("run_at"), Order::Asc);
    let mut heads = Query::select();
    heads.column(tenant()).expr_as(since, Alias::new("since")).from(Alias::new("each"));
    let mut waiting = Query::select();
    waiting
        .column(tenant())
        .from_subquery(heads, Alias::new("heads"))
        .and_where(column("since").lte(now.millis()))
        .order_by(Alias::new("since"), Order::Asc)
        .limit(TENANTS);
    if let Some(condition) = is_none_of(busy) {
        waiting.and_where(condition);
    }
    let mut with = WithClause::new();
    with.recursive(true).cte(each_tenant);
    waiting.with(with)
}

/// The oldest rows of each of these tenants.
fn of_each(
    queue: Queue,
    channel: Option<&str>,
    now: Timestamp,
    tenants: &[(String, usize)],
) -> Option<SelectStatement> {
    let rows = |(tenant, most): (String, usize)| {
        let mut rows = oldest(queue, now);
        rows.columns(["tenant_id", "id", "run_at"].map(Alias::new))
            .and_where(column("tenant_id").eq(tenant))
            .limit(most as u64);
        if let Some(channel) = channel {
            rows.and_where(column("channel").eq(channel));
        }
        let mut select = Query::select();
        select.columns(["tenant_id", "id", "run_at"].map(Alias::new)).from_subquery(rows, Alias::new("own"));
        select
    };
    // Asked about the last one again, the database gives its rows again.
    let mut selects = padded(tenants.iter().cloned()).into_iter().map(rows);
    let mut all = selects.next()?;
    all.unions(selects.map(|select| (UnionType::All, select)));
    Some(all)
}

impl Store {
    /// The oldest rows that are due, of tenants that are not busy. Empty also where these lie behind very many of busy ones.
    pub(super) async fn due_ahead(
        &self,
        queue: Queue,
        now: Timestamp,
        busy: &[TenantId],
    ) -> Result<Vec<Key>, StoreError> {
        self.db.query_all(&ahead(queue, now, busy)).await?.iter().map(keys).collect()
    }

    /// Rows that are due behind very many of busy tenants or of another queue of the table, the oldest first: of each tenant and
    /// channel as many as `free` says.
    pub(super) async fn due_behind(
        &self,
        queue: Queue,
        now: Timestamp,
        busy: &[TenantId],
        free: &impl Fn(&str) -> usize,
    ) -> Result<Vec<Key>, StoreError> {
        if self.db.query_one(&is_deep(queue, now)).await?.is_none() {
            return Ok(Vec::new());
        }
        let channels = queue.channels().iter().map(|channel| Some(*channel));
        let whole = queue.channels().is_empty().then_some(None);
        let mut due: Vec<(i64, Key)> = Vec::new();
        for channel in channels.chain(whole) {
            let tenants = self.db.query_all(&waiting_tenants(queue, channel, now, busy)).await?;
            let tenants = tenants.iter().map(|row| {
                let tenant: String = row.try_get("", "tenant_id")?;
                let most = free(&tenant);
                Ok((tenant, most))
            });
            let tenants = tenants.collect::<Result<Vec<_>, StoreError>>()?;
            let Some(rows) = of_each(queue, channel, now, &tenants) else { continue };
            for row in self.db.query_all(&rows).await? {
                due.push((row.try_get("", "run_at")?, keys(&row)?));
            }
        }
        due.sort_unstable();
        due.dedup();
        Ok(due.into_iter().map(|(_, key)| key).collect())
    }
}
