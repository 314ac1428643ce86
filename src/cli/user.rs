//! `countersign user …`: what an admin of the console does for users, for who operates the service.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Subcommand;

use crate::domain::calendar;
use crate::domain::id::{TenantId, UserId};
use crate::domain::login::{MOST_REASON, exempt_until, reason as reason_of};
use crate::domain::tenant::Tenant;
use crate::usecase::login::exempt_user::exempt_user;
use crate::usecase::login::remind_users::remind_users;
use crate::usecase::{Caller, Desk};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Reminds users who have not set up the second step that they need; `serve` sends the emails.
    Remind {
        tenant: String,
        #[arg(required = true)]
        users: Vec<String>,
    },
    /// Lets a user off the second step until a day, which is the last, or ends that.
    Exempt {
        tenant: String,
        user: String,
        /// The last day, such as 2027-03-31, at most 180 days ahead.
        #[arg(long, value_name = "DAY", required_unless_present = "end")]
        until: Option<String>,
        /// They need a second step as others do.
        #[arg(long, conflicts_with = "until")]
        end: bool,
        /// It is kept in the audit log.
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(desk: &Desk, command: UserCommand) -> anyhow::Result<String> {
    match command {
        UserCommand::Remind { tenant, users } => remind(desk, &tenant, &users).await,
        UserCommand::Exempt { tenant, user, until, reason, .. } => {
            exempt(desk, &tenant, &user, until.as_deref(), &reason).await
        }
    }
}

/// The tenant of that id.
pub fn company(desk: &Desk, tenant: &str) -> anyhow::Result<Arc<Tenant>> {
    let id = TenantId::parse(tenant)?;
    let directory = desk.directory.get();
    let found = directory.company(&id).map(|member| Arc::clone(&member.tenant));
    found.ok_or_else(|| anyhow::anyhow!("there is no tenant {id}; `countersign tenant list` shows them"))
}

async fn remind(desk: &Desk, tenant: &str, users: &[String]) -> anyhow::Result<String> {
    let tenant = company(desk, tenant)?;
    let users = users.iter().map(|user| UserId::parse(user)).collect::<Result<Vec<_>, _>>()?;
    let count = remind_users(desk, &tenant, &users, &Caller::operator()).await?;
    Ok(format!("Reminders on their way: {count}.\n"))
}

async fn exempt(
    desk: &Desk,
    tenant: &str,
    user: &str,
    until: Option<&str>,
    reason: &str,
) -> anyhow::Result<String> {
    let tenant = company(desk, tenant)?;
    let end = until.map(|day| {
        let end = exempt_until(day, tenant.time_zone, desk.time.now());
        end.ok_or_else(|| {
            anyhow::anyhow!("--until: a day from today on, at most 180 days ahead, such as 2027-03-31")
        })
    });
    let end = end.transpose()?;
    let reason = reason_of(reason);
    let reason =
        reason.ok_or_else(|| anyhow::anyhow!("--reason: one line of at most {MOST_REASON} characters"))?;
    let view = exempt_user(desk, &tenant, &UserId::parse(user)?, end, (reason, &Caller::operator())).await?;
    let mut text = String::new();
    match view.exempt_until {
        Some(until) => {
            writeln!(
                text,
                "{} is exempt until {until} ({}).",
                view.id,
                calendar::zone_name(until, tenant.time_zone)
            )?;
        }
        None => writeln!(text, "{} needs a second step as others do.", view.id)?,
    }
    Ok(text)
}
