//! Users as they stand.

use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::login::{Group, Method, User, UserState, UserView};
use crate::domain::refusal::Refusal;
use crate::domain::tenant::Tenant;
use crate::store::StoreError;
use crate::usecase::{Desk, Failure};

/// What a list of users is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    NameBackwards,
    Role,
    /// Who signed in last comes first.
    LastSignIn,
}

/// A page of users.
pub struct Found {
    pub users: Vec<UserView>,
    /// How many are asked for, on all pages.
    pub total: usize,
    /// How many there are in each group, whatever else is asked for.
    pub groups: Vec<(Group, usize)>,
}

/// Which users are asked for. Names are sealed in the database, so they are read before they are chosen and sorted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub state: Option<UserState>,
    /// Whoever can sign in by it.
    pub method: Option<Method>,
    /// Whoever is in it.
    pub group: Option<Group>,
    /// Part of a name, a role or an id, in any case.
    pub search: String,
    pub sort: Sort,
    /// From 1 on.
    pub page: usize,
}

impl Wanted {
    /// Whether a user is among those that are asked for.
    pub fn asks_for(&self, view: &UserView) -> bool {
        let search = self.search.to_lowercase();
        let texts = [view.name.as_str(), view.role.as_str(), view.id.as_str()];
        self.state.is_none_or(|state| view.state == state)
            && self.group.is_none_or(|group| group.holds(view))
            && self.method.is_none_or(|method| view.methods.contains(&method))
            && texts.iter().any(|text| text.to_lowercase().contains(&search))
    }
}

/// Users on a page.
pub const PAGE: usize = 100;

/// Reads a user.
///
/// # Errors
/// `NotFound`
pub async fn view_user(desk: &Desk, tenant: &Arc<Tenant>, id: &UserId) -> Result<UserView, Failure> {
    let found = desk.store.of(&tenant.id).user(id).await?.ok_or(Refusal::NotFound("user"))?;
    Ok(found.view(&tenant.policy.login, desk.time.now()))
}

/// One page of the users that are asked for, and how many there are in all.
///
/// # Errors
/// [`StoreError`]
pub async fn list_users(desk: &Desk, tenant: &Arc<Tenant>, wanted: &Wanted) -> Result<Found, StoreError> {
    let now = desk.time.now();
    let users = desk.store.of(&tenant.id).users().await?;
    let all: Vec<_> = users.iter().map(|user: &User| user.view(&tenant.policy.login, now)).collect();
    let size = |group: &Group| (*group, all.iter().filter(|view| group.holds(view)).count());
    let groups = Group::ALL.iter().map(size).collect();
    let mut found: Vec<_> = all.into_iter().filter(|view| wanted.asks_for(view)).collect();
    let name = |view: &UserView| view.name.to_lowercase();
    match wanted.sort {
        Sort::Name => found.sort_by_key(name),
        Sort::NameBackwards => found.sort_by_key(|view| std::cmp::Reverse(name(view))),
        Sort::Role => found.sort_by_key(|view| (view.role.to_lowercase(), name(view))),
        Sort::LastSignIn => found.sort_by_key(|view| std::cmp::Reverse(view.last_sign_in)),
    }
    let total = found.len();
    let page = found.into_iter().skip(wanted.page.saturating_sub(1).saturating_mul(PAGE)).take(PAGE);
    Ok(Found { users: page.collect(), total, groups })
}
