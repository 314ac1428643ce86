//! How often one destination was sent to, over all clients of a tenant.
//!
//! One statement takes the row's lock, adds a hit and gives the earlier ones back, so the count is exact however
//! many clients share a number and ask at once; a refusal rolls it back. The hits are fixed-width milliseconds,
//! newest first, cut to what the limit can need. The same statement tells which destinations want no texts.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::{opt_out, send_limit};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, QueryTrait as _};

use crate::domain::timestamp::Timestamp;

use super::Scope;
use super::error::StoreError;

/// Width of one hit: thirteen digits and a comma.
const WIDTH: usize = 14;

/// What counting the hits came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Counted; which of the destinations want no more texts.
    Allowed { opted_out: Vec<String> },
    /// Some destination has had its limit until then; roll back.
    Full { until: Timestamp },
}

impl<C: ConnectionTrait> Scope<'_, C> {
    /// Counts one send to each destination, at most `limit` within `window`.
    pub async fn take_sends(
        &self,
        destinations: &[String],
        limit: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let mut hits: BTreeMap<&str, String> = BTreeMap::new();
        for destination in destinations {
            *hits.entry(destination).or_default() += &hit(now);
        }
        // Sorted by destination, so that two transactions never wait for each other crosswise.
        let models = hits.iter().map(|(destination, hits)| send_limit::ActiveModel {
            tenant_id: Set(self.tenant.as_str().to_owned()),
            destination: Set((*destination).to_owned()),
            hits: Set(hits.clone()),
        });
        let keep = WIDTH * (limit as usize + 3);
        let joined = Expr::cust(format!("substr(excluded.hits || send_limit.hits, 1, {keep})"));
        let add = OnConflict::columns([send_limit::Column::TenantId, send_limit::Column::Destination])
            .value(send_limit::Column::Hits, joined)
            .to_owned();
        let mut statement = send_limit::Entity::insert_many(models).on_conflict(add).into_query();
        statement.returning(Query::returning().exprs(counted()));
        let (mut ends, mut opted_out) = (Vec::new(), Vec::new());
        for row in self.conn.query_all(&statement).await? {
            let hits: String = row.try_get_by_index(1)?;
            ends.extend(full_until(&hits, limit, window, now));
            if row.try_get_by_index(2)? {
                opted_out.push(row.try_get_by_index(0)?);
            }
        }
        let full = ends.into_iter().max();
        Ok(full.map_or(Taken::Allowed { opted_out }, |until| Taken::Full { until }))
    }
}

/// What is given back of a row: the destination, its hits, and whether it wants no more texts.
fn counted() -> [Expr; 3] {
    let same = |mine: opt_out::Column, counted: send_limit::Column| {
        Expr::col((opt_out::Entity, mine)).equals((send_limit::Entity, counted))
    };
    let opted_out = Query::select()
        .expr(Expr::val(1))
        .from(opt_out::Entity)
        .and_where(same(opt_out::Column::TenantId, send_limit::Column::TenantId))
        .and_where(same(opt_out::Column::Destination, send_limit::Column::Destination))
        .to_owned();
    [Expr::col(send_limit::Column::Destination), Expr::col(send_limit::Column::Hits), Expr::exists(opted_out)]
}

fn hit(at: Timestamp) -> String {
    format!("{:013},", at.millis())
}

/// When the row has room again, if the newest hit is one too many.
fn full_until(hits: &str, limit: u32, window: Duration, now: Timestamp) -> Option<Timestamp> {
    let within = hits
        .split_terminator(',')
        .filter_map(|hit| hit.parse().ok().map(Timestamp::from_millis))
        .filter(|at| *at + window > now)
        .collect::<Vec<_>>();
    let over = within.len().checked_sub(limit as usize + 1)?;
    // Newest first: room comes when as many of the oldest as are too many have left the window.
    within.get(within.len() - 1 - over).map(|at| *at + window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_full_from_the_hit_after_the_limit() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let hits = |ages: &[u64]| -> String {
            ages.iter().map(|age| hit(now - Duration::from_secs(*age))).collect()
        };
        let window = Duration::from_secs(900);
        assert_eq!(full_until(&hits(&[0, 10]), 2, window, now), None);
        assert_eq!(full_until(&hits(&[0, 10, 20]), 2, window, now), Some(now + Duration::from_secs(880)));
        assert_eq!(full_until(&hits(&[0, 10, 900]), 2, window, now), None);
        assert_eq!(full_until(&hits(&[0, 0, 10, 20]), 2, window, now), Some(now + Duration::from_secs(890)));
    }
}
