//! Arguments and commands: what an operator types, and what they read.
//!
//! Secrets are never arguments. Every failure says what is wrong and what to do, and ends with a code that is not 0.

mod admin;
mod audit;
mod check;
mod demo;
mod keys;
mod serve;
mod tenant;
mod user;
mod wording;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use audit::AuditCommand;
use user::UserCommand;
use wording::WordingCommand;

use crate::app::{App, Ports};
use crate::config::{self, Config};
use crate::domain::admin::Role;
use crate::domain::span;
use crate::store::SecretPurpose;
use crate::telemetry::{self, Form};
use crate::usecase::Desk;

/// Identity verification for a CRM that already exists.
#[derive(Parser)]
#[command(name = "countersign", version, about)]
struct Arguments {
    /// The settings; without it ./countersign.toml if there is one, else defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything at once on this machine: the service, a small CRM, an inbox.
    Demo {
        /// Where its database, its messages and its secrets are kept.
        #[arg(long, value_name = "DIR", default_value = "countersign-demo")]
        dir: PathBuf,
    },
    /// The service; migrates the database first.
    Serve,
    /// Brings the database up to date.
    Migrate,
    /// Tenants, their keys and their secrets.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Accounts of the admin console.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// The users of a tenant's CRM and their second step.
    #[command(subcommand)]
    User(UserCommand),
    /// What a tenant's messages say in its own words.
    #[command(subcommand)]
    Wording(WordingCommand),
    /// Prints a new master key.
    Keygen,
    /// Master keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The epoch, by which everything open can be ended.
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// The audit log: whether it is whole, and handing it out.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Says what is wrong before anything is served.
    Check,
}

#[derive(Subcommand)]
enum TenantCommand {
    /// Creates or changes tenants as FILE has them; the same file twice changes nothing.
    Apply { file: PathBuf },
    /// Lists tenants and their API keys.
    List,
    /// Lets checks go on that rest because too many wrong codes came in; those count no more.
    Resume { tenant: String },
    /// API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Webhook and push secrets.
    #[command(subcommand)]
    Secret(SecretCommand),
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Makes an account; asks for the password, or reads it from standard input.
    Create {
        email: String,
        /// owner, admin, support or auditor
        #[arg(long)]
        role: Role,
        /// As messages address them; without it their email.
        #[arg(long)]
        name: Option<String>,
        /// A tenant of theirs, once for each; without it every tenant.
        #[arg(long = "tenant", value_name = "TENANT")]
        tenants: Vec<String>,
    },
    /// Lists the accounts.
    List,
    /// Gives an account another password and signs it out; asks for it, or reads it from standard input.
    Password { email: String },
    /// Takes an account's second step away, for who lost their phone and their backup codes.
    Reset { email: String },
    /// Takes an account away.
    Remove { email: String },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Makes an API key and prints it this once.
    Create { tenant: String },
    /// Revokes an API key by its id, for good.
    Revoke { tenant: String, key: String },
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Makes a new secret and prints it this once; the old one stays valid for the overlap.
    Rotate {
        tenant: String,
        /// webhook or push
        #[arg(value_parser = purpose)]
        purpose: SecretPurpose,
        #[arg(long, default_value = "24h", value_parser = overlap)]
        overlap: Duration,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Seals everything anew that an old master key sealed.
    Rotate,
}

#[derive(Subcommand)]
enum EpochCommand {
    /// Ends every open code and link, and locks every PIN, as after restoring a backup.
    Bump,
}

fn purpose(word: &str) -> Result<SecretPurpose, String> {
    SecretPurpose::parse(word).ok_or_else(|| "webhook or push is what a secret is for".to_owned())
}

fn overlap(text: &str) -> Result<Duration, String> {
    span::parse(text).map_err(String::from)
}

/// Runs one command line; the environment comes in as it is.
pub async fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match execute(arguments, environment).await {
        Ok(text) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command and gives what it prints when it ends.
async fn execute(
    arguments: Arguments,
    environment: impl IntoIterator<Item = (String, String)>,
) -> anyhow::Result<String> {
    let load = |environment| config::load(arguments.config.as_deref(), environment);
    match arguments.command {
        Command::Keygen => Ok(keys::generate()),
        Command::Demo { dir } => demo::demo(&dir).await,
        Command::Serve => serve::serve(load(environment)?).await,
        Command::Check => check::check(load(environment)?).await,
        command => database(command, load(environment)?).await,
    }
}

/// The commands that work on the database, which is migrated first.
async fn database(command: Command, config: Config) -> anyhow::Result<String> {
    telemetry::start(Form::Plain);
    let app = App::build(config, Ports::system()).await?;
    let desk = app.desk();
    match command {
        Command::Tenant(TenantCommand::Apply { file }) => tenant::apply(desk, &file).await,
        Command::Tenant(TenantCommand::List) => tenant::list(desk).await,
        Command::Tenant(TenantCommand::Resume { tenant }) => tenant::resume(desk, &tenant).await,
        Command::Tenant(TenantCommand::Key(KeyCommand::Create { tenant })) => {
            tenant::create_key(desk, &tenant).await
        }
        Command::Tenant(TenantCommand::Key(KeyCommand::Revoke { tenant, key })) => {
            tenant::revoke_key(desk, &tenant, &key).await
        }
        Command::Tenant(TenantCommand::Secret(SecretCommand::Rotate { tenant, purpose, overlap })) => {
            tenant::rotate_secret(desk, &tenant, purpose, overlap).await
        }
        Command::Admin(command) => administrate(command, desk).await,
        Command::User(command) => user::run(desk, command).await,
        Command::Wording(command) => wording::run(desk, &app.outbox().post, command).await,
        Command::Audit(command) => audit::run(desk, command).await,
        Command::Keys(KeysCommand::Rotate) => keys::rotate(desk).await,
        Command::Epoch(EpochCommand::Bump) => keys::bump_epoch(desk).await,
        _ => Ok("The database is up to date.\n".to_owned()),
    }
}

async fn administrate(command: AdminCommand, desk: &Desk) -> anyhow::Result<String> {
    match command {
        AdminCommand::Create { email, role, name, tenants } => {
            admin::create(desk, &email, name, role, &tenants).await
        }
        AdminCommand::List => admin::list(desk).await,
        AdminCommand::Password { email } => admin::password(desk, &email).await,
        AdminCommand::Reset { email } => admin::reset(desk, &email).await,
        AdminCommand::Remove { email } => admin::remove(desk, &email).await,
    }
}
