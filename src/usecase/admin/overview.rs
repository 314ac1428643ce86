//! What an admin looks at first: what happened to a tenant's clients today, what is set up, and what needs somebody.

use std::time::Duration;

use crate::domain::guess;
use crate::domain::tenant::Tenant;
use crate::domain::timestamp::Timestamp;
use crate::domain::workflow::Workflow;
use crate::store::StoreError;
use crate::usecase::Desk;
use crate::usecase::brake;
use crate::usecase::message::Post;

/// A day.
const TODAY: Duration = Duration::from_hours(24);

/// What happened in the last day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    pub sent: u64,
    pub verified: u64,
    pub wrong: u64,
    pub expired: u64,
    pub locked: u64,
    pub reported: u64,
    pub messages_delivered: i64,
    pub messages_failed: i64,
}

/// One thing to be set up, by its name, and whether it is.
pub type Step = (&'static str, bool);

/// A tenant at a glance.
pub struct Overview {
    pub day: Day,
    pub steps: Vec<Step>,
    pub parked_events: u64,
    /// Until when checks rest, since too many wrong codes came in.
    pub rests_until: Option<Timestamp>,
    /// Agents whose wrong tries stand out, with how many there were, the most first.
    pub guessing: Vec<(String, u64)>,
}

impl Overview {
    /// Whether nothing needs anybody.
    pub fn is_calm(&self) -> bool {
        let trouble = self.day.reported > 0 || self.day.messages_failed > 0 || self.parked_events > 0;
        !trouble && self.rests_until.is_none() && self.guessing.is_empty()
    }
}

/// Reads it.
///
/// # Errors
/// [`StoreError`]
pub async fn overview(desk: &Desk, post: &Post, tenant: &Tenant) -> Result<Overview, StoreError> {
    let since = desk.time.now() - TODAY;
    let scope = desk.store.of(&tenant.id);
    let now = desk.time.now();
    let rests = |workflow| brake::rests_until(desk, &tenant.id, workflow, now);
    Ok(Overview {
        day: day(desk, tenant, since).await?,
        steps: steps(post, tenant),
        parked_events: scope.parked_events().await?,
        rests_until: Workflow::ALL.into_iter().filter_map(rests).max(),
        guessing: guess::standing_out(scope.wrong_by_agent(since).await?),
    })
}

async fn day(desk: &Desk, tenant: &Tenant, since: Timestamp) -> Result<Day, StoreError> {
    let scope = desk.store.of(&tenant.id);
    let mut day = Day::default();
    for one in scope.tally(since).await? {
        let place = match (one.action.as_str(), one.outcome.as_str()) {
            ("code.request", "sent") => &mut day.sent,
            ("code.check" | "pin.check", "verified") => &mut day.verified,
            ("code.check" | "pin.check", "incorrect") => &mut day.wrong,
            ("code.check" | "pin.check", "locked") => &mut day.locked,
            ("code.expire", _) => &mut day.expired,
            ("code.report", "reported") => &mut day.reported,
            _ => continue,
        };
        *place += one.count;
    }
    for (state, count) in scope.messages_by_state(since).await? {
        match state.as_str() {
            "delivered" | "sent" => day.messages_delivered += count,
            "failed" => day.messages_failed += count,
            _ => {}
        }
    }
    Ok(day)
}

fn steps(post: &Post, tenant: &Tenant) -> Vec<Step> {
    let (own, all) = (&tenant.providers, &post.providers);
    vec![
        ("eligible", tenant.eligible),
        ("callback", tenant.callback_url.is_some()),
        ("origins", !tenant.allowed_origins.is_empty()),
        ("brand", tenant.brand.short_name.is_some() && tenant.brand.support_phone.is_some()),
        ("email", own.email.is_some() || all.email.is_some()),
        ("sms", !own.sms.is_empty() || !all.sms.is_empty()),
        ("voice", own.voice.is_some() || all.voice.is_some()),
    ]
}
