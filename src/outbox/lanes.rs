//! What runs at once, counted for the process and for each tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::id::TenantId;

use super::Room;

/// The jobs of one queue that run now.
#[derive(Clone, Default)]
pub struct Lanes(Arc<Mutex<HashMap<TenantId, usize>>>);

/// One running job; gives its place back when dropped, even by a panic.
pub struct Place {
    lanes: Lanes,
    tenant: TenantId,
}

impl Lanes {
    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a job of this tenant.
    pub fn enter(&self, tenant: &TenantId) -> Place {
        *self.held().entry(tenant.clone()).or_default() += 1;
        Place { lanes: self.clone(), tenant: tenant.clone() }
    }

    /// The tenants that may start nothing more, and how many jobs may start in all.
    pub fn state(&self, room: Room) -> (Vec<TenantId>, usize) {
        let held = self.held();
        let busy = held.iter().filter(|(_, n)| **n >= room.per_tenant).map(|(t, _)| t.clone()).collect();
        (busy, room.total.saturating_sub(held.values().sum()))
    }

    /// How many more jobs of this tenant may start.
    pub fn free_for(&self, tenant: &str, room: Room) -> usize {
        let held = self.held();
        let running = held.iter().find(|(t, _)| t.as_str() == tenant).map_or(0, |(_, n)| *n);
        room.per_tenant.saturating_sub(running)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.lanes.held();
        if let Some(count) = held.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_that_fills_its_places_is_busy_until_one_is_free() {
        let room = Room { total: 3, per_tenant: 2 };
        let (lanes, tenant) = (Lanes::default(), TenantId::parse("a").unwrap());
        let first = lanes.enter(&tenant);
        assert_eq!(lanes.state(room), (vec![], 2));
        let second = lanes.enter(&tenant);
        assert_eq!(lanes.state(room), (vec![tenant.clone()], 1));
        assert_eq!(lanes.free_for("a", room), 0);
        drop(first);
        assert_eq!(lanes.state(room), (vec![], 2));
        drop(second);
        assert_eq!(lanes.state(room), (vec![], 3));
    }
}
