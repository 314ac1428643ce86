//! `countersign admin …`: who has an account of the console.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

use zeroize::Zeroizing;

use crate::domain::admin::Role;
use crate::domain::contact::Email;
use crate::domain::id::TenantId;
use crate::domain::login::UserState;
use crate::usecase::Desk;
use crate::usecase::admin::accounts::{self, Wanted};

/// What a password may have as bytes, and nobody types by hand.
const LONGEST: u64 = 4096;

/// Makes an account and says how to sign in.
pub async fn create(
    desk: &Desk,
    email: &str,
    name: Option<String>,
    role: Role,
    tenants: &[String],
) -> anyhow::Result<String> {
    let email = parse(email)?;
    let tenants = tenants.iter().map(|id| TenantId::parse(id)).collect::<Result<Vec<_>, _>>()?;
    let tenants = Some(tenants).filter(|tenants| !tenants.is_empty());
    anyhow::ensure!(
        role != Role::Owner || tenants.is_none(),
        "an owner has every tenant; leave --tenant out"
    );
    let name = name.unwrap_or_else(|| email.expose().to_owned());
    let password = accounts::choose(&ask_password()?, &email, &name)?;
    let whom = email.expose().to_owned();
    accounts::create_admin(desk, Wanted { email, name, role, tenants }, &password).await?;
    let url = desk.public_url.as_str().trim_end_matches('/');
    Ok(format!(
        "{whom} has an account as {}.\nThey sign in at {url}/admin, and set up their second step there the first time.\n",
        role.as_str()
    ))
}

/// Lists the accounts.
pub async fn list(desk: &Desk) -> anyhow::Result<String> {
    let mut text = String::new();
    for one in accounts::list_admins(desk).await? {
        let email = one.email.as_ref().map_or("", Email::expose);
        let tenants = one.admin.tenants.as_ref().map_or_else(
            || "every tenant".to_owned(),
            |own| own.iter().map(TenantId::as_str).collect::<Vec<_>>().join(", "),
        );
        let state = match one.state {
            UserState::None => "no second step yet",
            UserState::Enrolled => "second step set up",
            UserState::Locked => "locked",
        };
        writeln!(
            text,
            "{}  {email}  {}  {}  {tenants}  {state}",
            one.admin.id,
            one.name,
            one.admin.role.as_str()
        )?;
    }
    if text.is_empty() {
        text.push_str(
            "Nobody has an account yet: `countersign admin create EMAIL --role owner` makes the first.\n",
        );
    }
    Ok(text)
}

/// Gives an account another password.
pub async fn password(desk: &Desk, email: &str) -> anyhow::Result<String> {
    let email = parse(email)?;
    accounts::set_password(desk, &email, &ask_password()?).await?;
    Ok(format!("{} has a new password, and is signed out everywhere.\n", email.expose()))
}

/// Takes an account's second step away.
pub async fn reset(desk: &Desk, email: &str) -> anyhow::Result<String> {
    let email = parse(email)?;
    accounts::reset_admin(desk, &email).await?;
    Ok(format!(
        "{} sets up a new second step at the next sign-in, and is signed out everywhere.\n",
        email.expose()
    ))
}

/// Takes an account away.
pub async fn remove(desk: &Desk, email: &str) -> anyhow::Result<String> {
    let email = parse(email)?;
    accounts::remove_admin(desk, &email).await?;
    Ok(format!("{} has no account any more.\n", email.expose()))
}

/// Reads an address.
pub fn parse(email: &str) -> anyhow::Result<Email> {
    Email::parse(email).map_err(|_| anyhow::anyhow!("{email:?} is not an email address"))
}

/// The password: typed unseen where somebody sits there, else the first line of standard input. Never an argument: those
/// are seen by everybody on the machine.
fn ask_password() -> anyhow::Result<Zeroizing<String>> {
    if std::io::stdin().is_terminal() {
        let mut out = std::io::stderr();
        write!(out, "Password (12 characters or more; it is not shown): ")?;
        out.flush()?;
        let first = Zeroizing::new(rpassword::read_password()?);
        write!(out, "The same once more: ")?;
        out.flush()?;
        let again = Zeroizing::new(rpassword::read_password()?);
        anyhow::ensure!(first == again, "the two are not the same; nothing was changed");
        return Ok(first);
    }
    let mut line = Zeroizing::new(String::new());
    std::io::Read::take(std::io::stdin().lock(), LONGEST).read_line(&mut line)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
