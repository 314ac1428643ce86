//! `countersign check`: everything that can be known before serving.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use url::Url;

use crate::app::{self, App, Ports, StartError};
use crate::config::Config;
use crate::domain::address::AddressRules;
use crate::domain::locale::Locale;
use crate::domain::provider::{EmailProvider, Providers, SmsProvider, Smtp, VoiceProvider};
use crate::domain::tenant::Tenant;
use crate::store;
use crate::telemetry::{self, Form};
use crate::usecase::message::twilio_account;
use crate::usecase::tenant::change_wording::{check_wording, in_words, wordings};

/// How long a provider has to take a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was looked at, and how it is.
#[derive(Default)]
struct Report {
    text: String,
    wrong: usize,
}

impl Report {
    fn add(&mut self, what: &str, found: Result<String, String>) {
        let _ = match found {
            Ok(good) => writeln!(self.text, "ok     {what}: {good}"),
            Err(bad) => {
                self.wrong += 1;
                writeln!(self.text, "WRONG  {what}: {bad}")
            }
        };
    }
}

/// Looks at everything and says what is wrong with it.
pub async fn check(config: Config) -> anyhow::Result<String> {
    telemetry::start(Form::Plain);
    let mut report = Report::default();
    report.add("public_url", public_url(&config.server.public_url));
    let ring = app::key_ring(&config);
    report.add("master key", ring.map(|r| format!("key {}", r.current().id)).map_err(|e| e.to_string()));
    providers(&mut report, "", &config.providers).await;
    let database = store::describe(&config.database.url);
    let reach = AddressRules::new(config.host.allow_private_callbacks.clone());
    match App::build(config, Ports::system()).await {
        Ok(app) => {
            report.add("database", Ok(format!("{database}, up to date")));
            accounts(&mut report, "", &app, &app.outbox().post.providers).await;
            tenants(&mut report, &app, &reach).await;
        }
        // Told above, and nothing was opened.
        Err(StartError::NoMasterKey | StartError::BadMasterKey { .. }) => {}
        Err(error) => report.add("database", Err(format!("{database}: {error}"))),
    }
    if report.wrong == 0 {
        return Ok(report.text);
    }
    Err(anyhow::anyhow!("{}{} of these must be put right before serving.", report.text, report.wrong))
}

async fn tenants(report: &mut Report, app: &App, reach: &AddressRules) {
    let Ok(keychain) = app.desk().store.keychain().await else { return };
    let directory = app.desk().directory.get();
    for row in &keychain.tenants {
        match directory.member(&row.id) {
            None => report
                .add(row.id.as_str(), Err("its settings cannot be read; apply its file anew".to_owned())),
            Some(member) => {
                let eligible = if member.tenant.eligible { "eligible" } else { "not eligible" };
                report.add(row.id.as_str(), Ok(eligible.to_owned()));
                providers(report, &format!("{} ", row.id), &member.tenant.providers).await;
                accounts(report, &format!("{} ", row.id), app, &member.tenant.providers).await;
                sender(report, app, &member.tenant);
                callback(report, reach, &member.tenant);
                kept(report, &member.tenant);
                wording(report, app, &member.tenant).await;
            }
        }
    }
}

/// Whether Twilio knows the accounts and takes their tokens.
async fn accounts(report: &mut Report, of: &str, app: &App, providers: &Providers) {
    for found in twilio_account::look_up(&app.outbox().post.senders, providers).await {
        report.add(&format!("{of}twilio"), found);
    }
}

/// A relay takes no mail without a sender.
fn sender(report: &mut Report, app: &App, tenant: &Tenant) {
    let own = tenant.providers.email.as_ref();
    let provider = own.or(app.outbox().post.providers.email.as_ref());
    if let (Some(EmailProvider::Smtp(Smtp { from: None, .. })), None) = (provider, &tenant.brand.from) {
        let missing = "no sender: set brand.from in its file, or email.from for all".to_owned();
        report.add(&format!("{} email", tenant.id), Err(missing));
    }
}

/// Whether anything may be posted where the tenant's pushes go. Only the host is ever shown: the rest may hold a key.
fn callback(report: &mut Report, reach: &AddressRules, tenant: &Tenant) {
    let Some(url) = &tenant.callback_url else { return };
    let host = url.host_str().unwrap_or_default();
    let found = reach.check_url(url).map(|_| format!("pushes go to {host}"));
    let found = found.map_err(|blocked| {
        format!("no push can reach {host}: the address {blocked}; correct it, or name its network in host.allow_private_callbacks")
    });
    report.add(&format!("{} callback_url", tenant.id), found);
}

/// What was kept before such a setting was refused.
fn kept(report: &mut Report, tenant: &Tenant) {
    if let Err(wrong) = tenant.brand.check_logo() {
        report.add(&format!("{} brand.logo", tenant.id), Err(wrong.into()));
    }
    if let Err((key, wrong)) = tenant.check_requires() {
        report.add(&format!("{} {key}", tenant.id), Err(wrong.into()));
    }
}

/// What was published before a rule of wordings, or a setting that it looks at, changed.
async fn wording(report: &mut Report, app: &App, tenant: &Tenant) {
    let desk = app.desk();
    let Ok(published) = wordings(desk, &tenant.id).await else { return };
    for version in published.into_iter().filter_map(|(_, newest)| newest) {
        let faults = check_wording(desk, &tenant.id, version.spot, &version.draft).await.unwrap_or_default();
        if !faults.is_empty() {
            let faults = in_words(desk, tenant, version.spot, (Locale::En, 0), &faults).join(" ");
            report.add(&format!("{} wording {}", tenant.id, version.spot), Err(faults));
        }
    }
}

fn public_url(url: &Url) -> Result<String, String> {
    let local =
        url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127.") || host == "[::1]");
    if url.scheme() == "https" || local {
        return Ok(url.to_string());
    }
    Err(format!("{url} is not https: tokens and codes would cross the network readable"))
}

async fn providers(report: &mut Report, of: &str, providers: &Providers) {
    match &providers.email {
        Some(EmailProvider::File { dir }) => report.add(&format!("{of}email"), folder(dir)),
        Some(EmailProvider::Smtp(smtp)) => report.add(&format!("{of}email"), reachable(&smtp.url).await),
        None => {}
    }
    for sms in &providers.sms {
        let found = match sms {
            SmsProvider::File { dir } => folder(dir),
            SmsProvider::Http(gateway) => reachable(&gateway.url).await,
            // Told with the account itself, below.
            SmsProvider::Twilio(_) => continue,
        };
        report.add(&format!("{of}sms"), found);
    }
    if let Some(VoiceProvider::File { dir }) = &providers.voice {
        report.add(&format!("{of}voice"), folder(dir));
    }
}

fn folder(dir: &Path) -> Result<String, String> {
    std::fs::create_dir_all(dir).map_err(|e| format!("{} cannot be made: {e}", dir.display()))?;
    let probe = dir.join(".countersign-check");
    let written = std::fs::write(&probe, "").and_then(|()| std::fs::remove_file(&probe));
    written.map_err(|e| format!("{} cannot be written to: {e}", dir.display()))?;
    Ok(format!("files in {}, for development only", dir.display()))
}

/// Whether a server takes connections. Only host and port are ever shown: the rest may hold a password.
async fn reachable(url: &SecretString) -> Result<String, String> {
    let url = Url::parse(url.expose_secret()).map_err(|_| "its url cannot be read".to_owned())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let usual = match url.scheme() {
        "smtps" => 465,
        "smtp" => 25,
        "smtp+starttls" => 587,
        _ => url.port_or_known_default().unwrap_or(443),
    };
    let port = url.port().unwrap_or(usual);
    match tokio::time::timeout(PATIENCE, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Ok(format!("{host}:{port} takes connections")),
        Ok(Err(error)) => Err(format!("{host}:{port} cannot be reached: {error}")),
        Err(_) => Err(format!("{host}:{port} does not answer")),
    }
}
