//! `countersign wording …`: what a tenant's messages say in its own words.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;

use crate::domain::audit::Origin;
use crate::domain::locale::Locale;
use crate::domain::tenant::Tenant;
use crate::domain::wording::{Draft, Spot};
use crate::usecase::Desk;
use crate::usecase::admin::accounts::known;
use crate::usecase::message::Post;
use crate::usecase::message::trial::Tried;
use crate::usecase::message::try_wording::{NotTried, try_wording};
use crate::usecase::tenant::change_wording::{
    NotPublished, Published, Wanted, built_in, change_wording, check_wording, in_words, wordings,
};

use super::admin::parse;
use super::user::company;

#[derive(Subcommand)]
pub enum WordingCommand {
    /// Lists the messages, and which of them have a wording of the tenant's own.
    List { tenant: String },
    /// Prints what a message says, the built-in text if there is no other, as a file that can be published: of an email the
    /// first line is the subject.
    Show {
        #[command(flatten)]
        of: Of,
        /// An earlier version.
        #[arg(long)]
        version: Option<u32>,
    },
    /// Says what is wrong with a file; nothing is published.
    Check {
        #[command(flatten)]
        of: Of,
        file: PathBuf,
    },
    /// Sends a file as a test, with a code of zeros, to the own address or number of somebody with an account of the console, or
    /// calls them; nothing is published.
    Test {
        #[command(flatten)]
        of: Of,
        file: PathBuf,
        /// Their email.
        #[arg(long, value_name = "EMAIL")]
        to: String,
    },
    /// Publishes a file as what the message says from now on.
    Publish {
        #[command(flatten)]
        of: Of,
        #[arg(required_unless_present = "built_in")]
        file: Option<PathBuf>,
        /// Takes the tenant's own wording back: the built-in text counts again.
        #[arg(long, conflicts_with = "file")]
        built_in: bool,
        /// The version that the file was made from, 0 for none: refused if another was published since.
        #[arg(long)]
        base: Option<u32>,
    },
}

/// Which message.
#[derive(clap::Args)]
pub struct Of {
    tenant: String,
    /// Such as client_code
    kind: String,
    /// email, sms or voice
    channel: String,
    /// en or es
    locale: String,
}

impl Of {
    fn read(&self, desk: &Desk) -> anyhow::Result<(Arc<Tenant>, Spot)> {
        let spot = Spot::parse(&self.kind, &self.channel, &self.locale).map_err(anyhow::Error::msg)?;
        Ok((company(desk, &self.tenant)?, spot))
    }
}

pub async fn run(desk: &Desk, post: &Post, command: WordingCommand) -> anyhow::Result<String> {
    match command {
        WordingCommand::List { tenant } => {
            let tenant = company(desk, &tenant)?;
            list(desk, &tenant).await
        }
        WordingCommand::Show { of, version } => show(desk, of.read(desk)?, version).await,
        WordingCommand::Check { of, file } => check(desk, of.read(desk)?, &file).await,
        WordingCommand::Test { of, file, to } => test((desk, post), of.read(desk)?, &file, &to).await,
        WordingCommand::Publish { of, file, base, .. } => {
            publish(desk, of.read(desk)?, file.as_deref(), base).await
        }
    }
}

async fn list(desk: &Desk, tenant: &Tenant) -> anyhow::Result<String> {
    let mut text = String::new();
    for (spot, newest) in wordings(desk, &tenant.id).await? {
        match newest {
            None => writeln!(text, "{spot}  built-in")?,
            Some(version) => {
                let what = if version.draft.is_built_in() { "built-in again" } else { "own wording" };
                writeln!(
                    text,
                    "{spot}  {what}, version {} by {}, {}",
                    version.number, version.author, version.created_at
                )?;
            }
        }
    }
    Ok(text)
}

async fn show(
    desk: &Desk,
    (tenant, spot): (Arc<Tenant>, Spot),
    version: Option<u32>,
) -> anyhow::Result<String> {
    let kept = desk.store.of(&tenant.id);
    let found = match version {
        Some(number) => {
            let found = kept.wording(spot, number).await?;
            Some(found.with_context(|| format!("{spot} has no version {number}"))?)
        }
        None => kept.newest_wording(spot).await?,
    };
    let own = found.filter(|version| !version.draft.is_built_in()).map(|version| version.draft);
    Ok(own.unwrap_or_else(|| built_in(spot)).to_file())
}

/// What a file holds, and how many lines stand before its text.
fn draft(spot: Spot, file: &Path) -> anyhow::Result<(Draft, usize)> {
    let text = std::fs::read_to_string(file);
    let read = Draft::from_file(spot, &text.with_context(|| format!("{} cannot be read", file.display()))?);
    let empty = read.0.is_built_in();
    anyhow::ensure!(!empty, "{} has no text; --built-in takes a wording back", file.display());
    Ok(read)
}

async fn check(desk: &Desk, (tenant, spot): (Arc<Tenant>, Spot), file: &Path) -> anyhow::Result<String> {
    let (draft, before) = draft(spot, file)?;
    let faults = check_wording(desk, &tenant.id, spot, &draft).await?;
    if faults.is_empty() {
        return Ok(format!("{spot}: nothing is wrong with {}\n", file.display()));
    }
    Err(told(file, &in_words(desk, &tenant, spot, (Locale::En, before), &faults)))
}

async fn test(
    (desk, post): (&Desk, &Post),
    (tenant, spot): (Arc<Tenant>, Spot),
    file: &Path,
    to: &str,
) -> anyhow::Result<String> {
    let (draft, before) = draft(spot, file)?;
    let admin = known(desk, &parse(to)?).await?.admin;
    let tried = try_wording((desk, post), &tenant.id, (spot, &draft), (&admin, Origin::operator())).await;
    match tried {
        Ok(Tried::Taken) => Ok(format!("{spot}: the provider took the test; nothing was published\n")),
        Ok(Tried::Not(detail)) => anyhow::bail!("{spot}: the provider did not take the test: {detail}"),
        Ok(Tried::NoProvider) => anyhow::bail!("{spot}: no provider is set up for {}", spot.channel),
        Ok(Tried::NoAddress) => anyhow::bail!(
            "{spot}: {to} has nothing to send it to; a test by phone goes to the number of their second step"
        ),
        Err(NotTried::Faults(faults)) => {
            Err(told(file, &in_words(desk, &tenant, spot, (Locale::En, before), &faults)))
        }
        Err(NotTried::Failed(failure)) => Err(failure.into()),
    }
}

fn told(file: &Path, faults: &[String]) -> anyhow::Error {
    anyhow::anyhow!("{} cannot be published:\n{}", file.display(), faults.join("\n"))
}

async fn publish(
    desk: &Desk,
    (tenant, spot): (Arc<Tenant>, Spot),
    file: Option<&Path>,
    base: Option<u32>,
) -> anyhow::Result<String> {
    let (draft, before) = file.map(|file| draft(spot, file)).transpose()?.unwrap_or_default();
    let wanted = Wanted { spot, draft, base };
    match change_wording(desk, &tenant.id, &wanted, Origin::operator()).await {
        Ok(Published::Same) => Ok(format!("{spot}: nothing to change\n")),
        Ok(Published::Version(number)) => Ok(format!("{spot}: version {number}\n")),
        Err(NotPublished::Faults(faults)) => {
            let faults = in_words(desk, &tenant, spot, (Locale::En, before), &faults);
            Err(told(file.unwrap_or(Path::new("it")), &faults))
        }
        Err(error @ (NotPublished::Overtaken(_) | NotPublished::Store(_))) => Err(error.into()),
    }
}
