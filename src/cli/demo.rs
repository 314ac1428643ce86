//! `countersign demo`: the service, a small CRM and an inbox in one process.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::{App, Ports};
use crate::config::{self, Config};
use crate::demo::inbox::Account;
use crate::demo::{self, crm, inbox, secrets};
use crate::domain::admin::Role;
use crate::domain::contact::Email;
use crate::ports::{self, Random};
use crate::telemetry::{self, Form};
use crate::usecase::Desk;
use crate::usecase::admin::accounts::{self, Wanted};
use crate::usecase::tenant::apply_tenants::apply_tenants;

use super::{keys, serve, tenant};

const TENANTS: &str = include_str!("../../tenants.example.toml");
const SERVICE: u16 = 8080;
const CRM: u16 = 9000;
const INBOX: u16 = 9001;
const ADMIN: &str = "ada@crm.example";
/// How long after the first start the users of the CRM may put their second step off.
const PUT_OFF: Duration = Duration::from_hours(14 * 24);

/// Runs everything until the process is asked to stop.
pub async fn demo(dir: &Path) -> anyhow::Result<String> {
    telemetry::start(Form::Plain);
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let (service, crm_listener, inbox_listener) = (bind(SERVICE)?, bind(CRM)?, bind(INBOX)?);
    let ports = Ports::system();
    let soon = (ports.clock.wall() + PUT_OFF).to_string();
    let tenants = secrets::required_from(TENANTS, soon.get(..10).unwrap_or_default());
    let tenants_file = secrets::prepare(dir, &tenants, ports.random.as_ref())?;
    let service_url = Url::parse(&format!("http://127.0.0.1:{SERVICE}"))?;
    let account = account(ports.random.as_ref());
    let (app, screens) = App::ready(settings(dir, &account)?, ports.clone()).await?;
    apply_tenants(app.desk(), tenant::wanted(&tenants_file)?).await?;
    let inbox = inbox::start(inbox::InboxConfig {
        listener: inbox_listener,
        dir: outbox(dir),
        account,
        clock: Arc::clone(&ports.clock),
        random: Arc::clone(&ports.random),
    })?;
    let crm = crm::start(crm::CrmConfig {
        listener: crm_listener,
        service_url: service_url.clone(),
        inbox_url: Url::parse(&inbox.url()).ok(),
        tenants_file: tenants_file.clone(),
        clock: Arc::clone(&ports.clock),
        random: ports.random,
    })?;
    let console = console(app.desk(), dir).await?;
    let banner =
        demo::banner(service_url.as_str().trim_end_matches('/'), &crm.url(), &inbox.url(), &tenants_file)
            + &console;
    std::io::stdout().write_all(banner.as_bytes())?;
    let stop = CancellationToken::new();
    serve::stop_on_signal(stop.clone());
    app.serve(screens, service, stop).await?;
    tokio::join!(crm.stop(), inbox.stop());
    Ok(String::new())
}

/// The admin of the demonstration, made at its first start with a password that is kept in its folder. Gives how to sign in.
async fn console(desk: &Desk, dir: &Path) -> anyhow::Result<String> {
    let file = dir.join("console-password");
    let email = Email::parse(ADMIN).map_err(|_| anyhow::anyhow!("no email"))?;
    if accounts::list_admins(desk).await?.is_empty() {
        let password = hex::encode(ports::bytes::<8>(desk.random.as_ref()));
        secrets::write_private(&file, &password)?;
        let password = accounts::choose(&password, &email, "Ada Park")?;
        let wanted = Wanted { email, name: "Ada Park".to_owned(), role: Role::Owner, tenants: None };
        accounts::create_admin(desk, wanted, &password).await?;
    }
    let password = std::fs::read_to_string(&file).unwrap_or_default();
    Ok(format!("\nAdmin console: http://127.0.0.1:{SERVICE}/admin as {ADMIN} with {}\n", password.trim()))
}

fn bind(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address)
        .with_context(|| format!("{address} is taken; stop whatever listens there and start the demo again"))
}

fn outbox(dir: &Path) -> PathBuf {
    dir.join("outbox")
}

/// An account with the demo's carrier, another one at each start: it and the service are one process.
fn account(random: &dyn Random) -> Account {
    let [sid, token] = [(), ()].map(|()| hex::encode(ports::bytes::<16>(random)));
    Account { sid: format!("AC{sid}"), token }
}

/// The demo's own settings: SQLite and emails as files in its folder, texts and calls by the carrier in the inbox, and
/// a master key made at its first start.
fn settings(dir: &Path, account: &Account) -> anyhow::Result<Config> {
    let key = dir.join("master.key");
    if !key.exists() {
        secrets::write_private(&key, &keys::generate())?;
    }
    let file = dir.join("countersign.toml");
    let (outbox, database) = (outbox(dir), dir.join("countersign.db"));
    let quoted = |path: &Path| toml::Value::String(path.display().to_string()).to_string();
    let carrier = format!(
        "provider = \"twilio\"\naccount_sid = \"{}\"\nauth_token = \"{}\"\nfrom = \"{}\"\n\
         api_base = \"http://127.0.0.1:{INBOX}\"\n",
        account.sid,
        account.token,
        inbox::NUMBER,
    );
    let text = format!(
        "[server]\nbind = \"127.0.0.1:{SERVICE}\"\npublic_url = \"http://127.0.0.1:{SERVICE}\"\ndrain = \"0s\"\n\n\
         [database]\nurl = {}\n\n[host]\nallow_private_callbacks = [\"127.0.0.0/8\"]\n\n\
         [email]\ntransport = \"file\"\ndir = {}\n\n[sms]\n{carrier}\n[voice]\n{carrier}",
        quoted(Path::new(&format!("sqlite://{}?mode=rwc", database.display()))),
        quoted(&outbox),
    );
    secrets::write_private(&file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
    let key = key.display().to_string();
    let environment = [("COUNTERSIGN_SECRETS__MASTER_KEY_FILE".to_owned(), key)];
    Ok(config::load(Some(&file), environment)?)
}
