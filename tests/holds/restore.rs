//! Backup while it runs, use, restore, and the one command of the README: nothing that was used lives again.

use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::domain::timestamp::Timestamp;
use countersign::host::signature::{WebhookSecret, sign};
use countersign::ports::{Clock as _, SystemClock};
use regex::Regex;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::database::{Backend, Database};
use crate::on_both;
use crate::receiver::Push;
use crate::stage::{Stage, client_body, field, phone};

pub const RULES: &str = "allowed_origins = [\"https://crm.example\"]\n[tenant.policy.login]\nalways_required_roles = [\"payroll\"]";
/// Where a sign-in that went well ends.
const IN: &str = "https://crm.example/";

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn file_of(database: &Database) -> PathBuf {
    database.url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap().into()
}

/// What the README says to do while the service runs.
async fn back_up(database: &Database, to: &Path) {
    match database.backend {
        Backend::Sqlite => database.execute(&format!("vacuum into '{}'", to.display())).await,
        Backend::Postgres => done(Command::new("pg_dump").arg("-f").arg(to).arg(&database.url)),
    }
}

/// The database as it was, in place of what it became. Nothing runs meanwhile.
async fn restore(database: &Database, from: &Path) {
    match database.backend {
        Backend::Sqlite => {
            let file = file_of(database);
            for beside in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{beside}", file.display()));
            }
            std::fs::copy(from, file).unwrap();
        }
        Backend::Postgres => {
            database.execute("drop schema public cascade").await;
            let mut psql = Command::new("psql");
            psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-c", "create schema if not exists public", "-f"]);
            done(psql.arg(from).arg(&database.url));
        }
    }
}

/// What a page answered: where it leads, the cookie it sets, and itself.
struct Page {
    leads: String,
    cookie: String,
    text: String,
}

async fn page(stage: &Stage, url: &str, fields: Option<&[(&str, &str)]>) -> Page {
    page_of(stage, url, "", fields).await
}

/// The same in a browser that has this cookie.
async fn page_of(stage: &Stage, url: &str, cookie: &str, fields: Option<&[(&str, &str)]>) -> Page {
    let mut request = stage.http.get(url);
    if let Some(fields) = fields {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        request = stage.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        request = request.header("origin", "http://127.0.0.1:8080").body(body);
    }
    let response = request.header("cookie", cookie).send().await.unwrap();
    let header =
        |name| response.headers().get(name).map_or_else(String::new, |to| to.to_str().unwrap().to_owned());
    let (leads, cookie) = (header("location"), header("set-cookie"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    Page { leads, cookie, text: response.text().await.unwrap() }
}

async fn sign_in_page(stage: &Stage, base: &str) -> String {
    let body = json!({"return_url": format!("{IN}in")});
    let begun = stage.must(base, "POST", "/api/v1/users/u-77/logins", Some(&body), 200).await;
    format!("{base}/login/{}", begun["url"].as_str().unwrap().split_once("/login/").unwrap().1)
}

fn now() -> u64 {
    let now: Timestamp = SystemClock.wall();
    u64::try_from(now.seconds()).unwrap()
}

/// What Maria has once an app is set up.
pub struct Enrolled {
    /// The app's secret, in base32.
    pub key: String,
    pub backup_codes: Vec<String>,
}

/// Maria sets an app up.
pub async fn enrolled(stage: &Stage, base: &str) -> Enrolled {
    let maria =
        json!({"name": "Maria Lopez", "email": "maria@crm.example", "role": "payroll", "locale": "en"});
    stage.call(base, "PUT", "/api/v1/users/u-77", Some(&maria)).await.unwrap();
    let url = sign_in_page(stage, base).await;
    page(stage, &url, Some(&[("do", "app"), ("code", "")])).await;
    let shown = page(stage, &format!("{url}?step=app"), None).await.text;
    let key = Regex::new(r#"<code class="key">([A-Z2-7 ]+)</code>"#).unwrap();
    let key = key.captures(&shown).unwrap_or_else(|| panic!("no key in {shown}"))[1].replace(' ', "");
    let totp = Builder::new().with_secret(Secret::try_from_base32(&key).unwrap()).build().unwrap();
    let code = totp.generate(now()).to_string();
    let saved = page(stage, &url, Some(&[("do", "confirm"), ("code", &code)])).await.text;
    let codes = Regex::new("<li><code>([0-9A-Z-]{14})</code></li>").unwrap();
    let backup_codes: Vec<_> = codes.captures_iter(&saved).map(|found| found[1].to_owned()).collect();
    assert_eq!(backup_codes.len(), 10, "{saved}");
    let passed = page(stage, &url, Some(&[("do", "finish"), ("saved", "1")])).await;
    assert!(passed.leads.starts_with(IN), "{}", passed.text);
    Enrolled { key, backup_codes }
}

/// Signs in by a backup code and asks to trust the browser. Says where that leads.
async fn by_backup_code(stage: &Stage, base: &str, code: &str) -> String {
    let url = sign_in_page(stage, base).await;
    page(stage, &url, Some(&[("do", "backup"), ("code", code)])).await.leads
}

/// Signs in by a backup code in a browser that is trusted from then on. Gives its cookie.
async fn trusted(stage: &Stage, base: &str, code: &str) -> String {
    let url = sign_in_page(stage, base).await;
    let passed = page(stage, &url, Some(&[("do", "backup"), ("code", code), ("trust", "1")])).await;
    assert!(
        passed.leads.starts_with(IN) && passed.cookie.starts_with("__Host-countersign-"),
        "{}",
        passed.text
    );
    passed.cookie
}

/// Whether a browser with this cookie is asked for nothing.
async fn passes(stage: &Stage, base: &str, cookie: &str) -> bool {
    page_of(stage, &sign_in_page(stage, base).await, cookie, None).await.leads.starts_with(IN)
}

async fn devices(stage: &Stage, base: &str) -> Vec<String> {
    let list = stage.must(base, "GET", "/api/v1/users/u-77/devices", None, 200).await;
    list["items"].as_array().unwrap().iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect()
}

/// A webhook as the host sends it: it can be posted as often as one likes.
struct Webhook {
    id: &'static str,
    seconds: i64,
    body: String,
}

impl Webhook {
    /// Tells a client by the name, signed so many seconds from now.
    fn new(id: &'static str, name: &str, later: i64) -> Self {
        let timestamp: Timestamp = SystemClock.wall();
        let mut client = client_body(9, 9);
        let contacts = client["contacts"].take();
        let data = json!({"client": {"id": "k-9", "name": name}, "contacts": contacts});
        let body =
            json!({"type": "client.updated", "timestamp": timestamp.to_string(), "data": data}).to_string();
        Self { id, seconds: i64::try_from(now()).unwrap() + later, body }
    }

    async fn post(&self, stage: &Stage, base: &str) -> u16 {
        let secret = WebhookSecret::parse(&format!("whsec_{}", stage.signing[0])).unwrap();
        let signature = sign(&[secret], self.id, self.seconds, self.body.as_bytes());
        let request = stage.http.post(format!("{base}/webhooks/cornerstone")).body(self.body.clone());
        let request = request.header("webhook-id", self.id).header("webhook-timestamp", self.seconds);
        request.header("webhook-signature", signature).send().await.unwrap().status().as_u16()
    }
}

async fn name_of(stage: &Stage, base: &str) -> Value {
    stage.must(base, "GET", "/api/v1/clients/k-9", None, 200).await["name"].clone()
}

async fn result(stage: &Stage, base: &str, challenge: &Value, code: &str) -> Value {
    let (status, body) = stage.check(base, challenge["id"].as_str().unwrap(), code).await.unwrap();
    assert_eq!(status, 200, "{body}");
    body["result"].clone()
}

on_both! {
    async fn after_a_restore_nothing_that_was_used_lives_again(database: Database) {
        let stage = Stage::on(&database, RULES).await;
        let service = stage.serve().await;
        let base = service.base.clone();
        for number in [1, 2] {
            stage.tell_client(&base, number).await.unwrap();
        }
        let used = stage.ask(&base, 1).await.unwrap().1;
        let open = stage.ask(&base, 2).await.unwrap().1;
        let (used_code, open_code) = (stage.code_to(1).await, stage.code_to(2).await);
        let backup_codes = enrolled(&stage, &base).await.backup_codes;

        let backup = stage.place.path("backup");
        back_up(&database, &backup).await;
        assert_eq!(result(&stage, &base, &used, &used_code).await, "verified");
        assert!(by_backup_code(&stage, &base, &backup_codes[0]).await.starts_with(IN));
        // Killed, so that nothing is written over what is put back.
        drop(service);
        restore(&database, &backup).await;

        let said = stage.place.run(&["epoch", "bump"]).good();
        assert!(said.contains("is over"), "{said}");
        let service = stage.serve().await;
        let base = service.base.clone();
        assert_eq!(result(&stage, &base, &used, &used_code).await, "cancelled");
        assert_eq!(result(&stage, &base, &open, &open_code).await, "cancelled");
        for code in &backup_codes[..2] {
            let leads = by_backup_code(&stage, &base, code).await;
            assert!(!leads.starts_with(IN), "a backup code of before signs in");
        }
        // What comes next is as ever: the record is whole, and a new code works.
        assert!(stage.place.run(&["audit", "verify"]).good().starts_with("ok "));
        stage.tell_client(&base, 3).await.unwrap();
        let next = stage.ask(&base, 3).await.unwrap().1;
        assert_eq!(result(&stage, &base, &next, &stage.code_to(3).await).await, "verified");
    }
}

on_both! {
    async fn after_a_restore_a_browser_that_was_revoked_is_not_trusted_again(database: Database) {
        let stage = Stage::on(&database, RULES).await;
        let service = stage.serve().await;
        let base = service.base.clone();
        let backup_codes = enrolled(&stage, &base).await.backup_codes;
        let cookie = trusted(&stage, &base, &backup_codes[0]).await;
        assert!(passes(&stage, &base, &cookie).await);

        let backup = stage.place.path("backup");
        back_up(&database, &backup).await;
        // Lost since: whoever found it has the cookie.
        let [device] = devices(&stage, &base).await.try_into().unwrap();
        stage.call(&base, "DELETE", &format!("/api/v1/users/u-77/devices/{device}"), None).await.unwrap();
        assert!(!passes(&stage, &base, &cookie).await);
        drop(service);
        restore(&database, &backup).await;

        stage.place.run(&["epoch", "bump"]).good();
        let service = stage.serve().await;
        let base = service.base.clone();
        assert!(!passes(&stage, &base, &cookie).await, "a revoked browser is trusted again");
        assert!(devices(&stage, &base).await.is_empty());
    }
}

on_both! {
    async fn after_a_restore_a_webhook_that_was_handled_is_not_handled_again(database: Database) {
        let stage = Stage::on(&database, RULES).await;
        let service = stage.serve().await;
        let base = service.base.clone();
        assert_eq!(Webhook::new("msg_1", "Before", 0).post(&stage, &base).await, 200);

        let backup = stage.place.path("backup");
        back_up(&database, &backup).await;
        let handled = Webhook::new("msg_2", "Handled", 0);
        assert_eq!(handled.post(&stage, &base).await, 200);
        assert_eq!(name_of(&stage, &base).await, "Handled");
        drop(service);
        restore(&database, &backup).await;

        stage.place.run(&["epoch", "bump"]).good();
        let service = stage.serve().await;
        let base = service.base.clone();
        assert_eq!(handled.post(&stage, &base).await, 401, "the same bytes, which nothing here remembers");
        assert_eq!(name_of(&stage, &base).await, "Before");
        // What the host says from now on is heard, also under an id that it had used: signed after the second of the bump.
        assert_eq!(Webhook::new("msg_3", "After", 2).post(&stage, &base).await, 200);
        assert_eq!(name_of(&stage, &base).await, "After");
    }
}

const OLD: &str = "482057";
const NEW: &str = "718294";

/// Sets the client's PIN by a link that is sent for it.
async fn set_pin(stage: &Stage, base: &str, contact: &str, pin: &str) {
    let texts = stage.gateway.pushes().len();
    stage.must(base, "POST", "/api/v1/clients/k-1/pin/link", Some(&json!({"contact": contact})), 201).await;
    let link =
        |all: &[Push]| all.iter().skip(texts).map(|one| field(one, "text")).find(|text| text.contains("/p/"));
    let texts = stage.gateway.until(|all| link(all).is_some()).await;
    let token = Regex::new("/p/([A-Za-z0-9_-]{22})").unwrap();
    let token = token.captures(&link(&texts).unwrap()).unwrap()[1].to_owned();
    let set = page(stage, &format!("{base}/p/{token}"), Some(&[("pin", pin), ("again", pin)])).await;
    assert!(!set.text.contains("error"), "{}", set.text);
}

async fn said(stage: &Stage, base: &str, pin: &str) -> Value {
    stage.must(base, "POST", "/api/v1/clients/k-1/pin/check", Some(&json!({"pin": pin})), 200).await["result"]
        .clone()
}

on_both! {
    async fn after_a_restore_a_pin_that_was_changed_is_not_good_again(database: Database) {
        let stage = Stage::on(&database, "[tenant.policy.pin]\nenabled = true").await;
        let service = stage.serve().await;
        let base = service.base.clone();
        let mut client = client_body(1, 1);
        let partner = json!({"id": "c-2", "name": "Luis Ruiz", "role": "owner", "mobile": phone(2), "locale": "en"});
        client["contacts"].as_array_mut().unwrap().push(partner);
        stage.must(&base, "PUT", "/api/v1/clients/k-1", Some(&client), 201).await;
        set_pin(&stage, &base, "c-1", OLD).await;
        assert_eq!(said(&stage, &base, OLD).await, "verified");

        let backup = stage.place.path("backup");
        back_up(&database, &backup).await;
        // By the other contact: nobody is sent two links within half a minute.
        set_pin(&stage, &base, "c-2", NEW).await;
        assert_eq!(said(&stage, &base, OLD).await, "incorrect");
        drop(service);
        restore(&database, &backup).await;

        let bumped = stage.place.run(&["epoch", "bump"]).good();
        assert!(bumped.contains("Every security PIN is locked until it is set anew (1)."), "{bumped}");
        assert!(stage.place.run(&["epoch", "bump"]).good().contains("(0)."), "once is enough");
        let service = stage.serve().await;
        let base = service.base.clone();
        for pin in [OLD, NEW] {
            assert_eq!(said(&stage, &base, pin).await, "locked", "{pin}");
        }
        assert_eq!(stage.must(&base, "GET", "/api/v1/clients/k-1/status", None, 200).await["pin"], "locked");
        set_pin(&stage, &base, "c-2", NEW).await;
        assert_eq!(said(&stage, &base, NEW).await, "verified");
        assert!(stage.place.run(&["audit", "verify"]).good().starts_with("ok "));
    }
}
