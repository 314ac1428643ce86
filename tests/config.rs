//! Settings from files and variables: what is read, which wins, and how a fault is told.

#![expect(clippy::unwrap_used, reason = "a test whose files cannot be made has nothing to say")]

use std::fs;
use std::path::{Path, PathBuf};

use countersign::config::{self, Config, ConfigError, tenants};
use countersign::domain::id::TenantId;
use countersign::domain::provider::{EmailProvider, SmsProvider, VoiceProvider};
use countersign::domain::tenant::Tenant;
use countersign::domain::tenant::document::merge;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "countersign.toml", text);
    config::load(Some(&path), variables(env)).map_err(|e| lines(&e, &folder))
}

fn from_env(env: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    config::load(None, variables(env)).map_err(|e| e.to_string().lines().map(str::to_owned).collect())
}

fn variables(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What is told, without the folder the test made.
fn lines(error: &ConfigError, folder: &TempDir) -> Vec<String> {
    let folder = format!("{}/", folder.path().display());
    error.to_string().replace(&folder, "").lines().map(str::to_owned).collect()
}

fn networks(list: &[ipnet::IpNet]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn without_a_file_and_without_variables_everything_has_its_default() {
    let config = from_env(&[("PATH", "/bin"), ("COUNTERSIGNED", "no")]).unwrap();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.server.drain, std::time::Duration::from_secs(5));
    assert!(config.server.trusted_proxies.is_empty() && config.host.allow_private_callbacks.is_empty());
    assert_eq!(config.database.url.expose_secret(), "sqlite://countersign.db?mode=rwc");
    assert!(config.secrets.master_key.is_none() && config.secrets.old_master_keys.is_empty());
    assert!(
        matches!(config.providers.email, Some(EmailProvider::File { dir }) if dir == Path::new("outbox"))
    );
    assert!(matches!(&config.providers.sms[..], [SmsProvider::File { .. }]));
    assert!(matches!(config.providers.voice, Some(VoiceProvider::File { .. })));
}

#[test]
fn the_example_file_loads_as_it_stands() {
    let config = config::load(Some(Path::new("countersign.example.toml")), []).unwrap();
    assert_eq!(networks(&config.host.allow_private_callbacks), ["127.0.0.0/8"]);
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
}

#[test]
fn a_variable_wins_over_the_file() {
    let text =
        "[server]\nbind = \"127.0.0.1:1\"\npublic_url = \"https://verify.example.com\"\n[sms]\ndir = \"x\"";
    let env = [
        ("COUNTERSIGN_SERVER__BIND", "0.0.0.0:2"),
        ("COUNTERSIGN_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.7"),
        ("COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS", ""),
        ("COUNTERSIGN_SECRETS__OLD_MASTER_KEYS", "a,b"),
        ("COUNTERSIGN_SMS__PROVIDER", "http"),
        ("COUNTERSIGN_SMS__URL", "http://127.0.0.1:13013/?to={{to}}&text={{text}}"),
        ("COUNTERSIGN_SMS__SUCCESS", "200,202"),
        ("COUNTERSIGN_SMS__HEADERS", "{ X-Key = \"k\" }"),
        ("COUNTERSIGN_SMS__NEXT", "[{ provider = \"file\", dir = \"last\" }]"),
    ];
    let config = load(text, &env).unwrap();
    assert_eq!(config.server.bind.to_string(), "0.0.0.0:2");
    assert_eq!(config.server.public_url.as_str(), "https://verify.example.com/");
    assert_eq!(networks(&config.server.trusted_proxies), ["10.0.0.0/8", "192.168.1.7/32"]);
    let old = config.secrets.old_master_keys.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>();
    assert_eq!(old, ["a", "b"]);
    let [SmsProvider::Http(http), SmsProvider::File { dir }] = &config.providers.sms[..] else {
        panic!("{:?}", config.providers.sms)
    };
    assert_eq!((http.headers["X-Key"].expose_secret(), &http.success[..]), ("k", &[200, 202][..]));
    assert_eq!(dir, Path::new("last"));
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = TempDir::new().unwrap();
    let key = file(&folder, "key", "the key\n").display().to_string();
    let old = file(&folder, "old", "one\ntwo\n").display().to_string();
    let env = [
        ("COUNTERSIGN_SECRETS__MASTER_KEY_FILE", key.as_str()),
        ("COUNTERSIGN_SECRETS__OLD_MASTER_KEYS_FILE", old.as_str()),
    ];
    let config = load("[secrets]\nmaster_key = \"from the file\"", &env).unwrap();
    assert_eq!(config.secrets.master_key.as_ref().map(ExposeSecret::expose_secret), Some("the key"));
    assert_eq!(config.secrets.old_master_keys.len(), 2);

    let missing = load("", &[("COUNTERSIGN_DATABASE__URL_FILE", "/nowhere/url")]).unwrap_err();
    assert_eq!(
        missing,
        [
            "environment: COUNTERSIGN_DATABASE__URL_FILE: /nowhere/url cannot be read: No such file or directory (os error 2)"
        ]
    );
    let twice = [("COUNTERSIGN_SECRETS__MASTER_KEY", "x"), env[0]];
    assert_eq!(
        load("", &twice).unwrap_err(),
        [
            "environment: COUNTERSIGN_SECRETS__MASTER_KEY_FILE: COUNTERSIGN_SECRETS__MASTER_KEY gives the same key; leave one of the two out"
        ]
    );
    let open = load("", &[("COUNTERSIGN_SERVER__BIND_FILE", &key)]).unwrap_err();
    assert_eq!(
        open,
        [
            "environment: COUNTERSIGN_SERVER__BIND_FILE: unknown variable; known ones are COUNTERSIGN_SERVER__BIND, COUNTERSIGN_SERVER__PUBLIC_URL, COUNTERSIGN_SERVER__TRUSTED_PROXIES, COUNTERSIGN_SERVER__DRAIN, COUNTERSIGN_SERVER__WRONG_CODES_A_DAY"
        ]
    );
}

#[test]
fn a_fault_of_the_file_names_file_key_and_what_is_allowed() {
    for (text, expected) in [
        (
            "[server]\nbnd = 1",
            "countersign.toml: server.bnd: unknown key; known keys are bind, public_url, trusted_proxies, drain, wrong_codes_a_day",
        ),
        (
            "[sever]",
            "countersign.toml: sever: unknown key; known keys are server, database, secrets, host, email, sms, voice",
        ),
        ("server = 3", "countersign.toml: server: must be a table"),
        ("[server]\nbind = 8080", "countersign.toml: server.bind: must be text, in quotes"),
        (
            "[server]\nbind = \"localhost\"",
            "countersign.toml: server.bind: \"localhost\" is not an address and port such as 127.0.0.1:8080",
        ),
        (
            "[server]\npublic_url = \"verify.example.com\"",
            "countersign.toml: server.public_url: \"verify.example.com\" must be an http or https address without a path, such as https://verify.example.com",
        ),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.1\", \"lan\"]",
            "countersign.toml: server.trusted_proxies[1]: \"lan\" is not an address or a network such as 10.0.0.0/8",
        ),
        (
            "[server]\ndrain = \"301s\"",
            "countersign.toml: server.drain: 301s is out of bounds; allowed is 0s to 5m",
        ),
        (
            "[server]\ntrusted_proxies = \"10.0.0.1\"",
            "countersign.toml: server.trusted_proxies: must be a list",
        ),
        (
            "[database]\nurl = \"mysql://x\"",
            "countersign.toml: database.url: must start with sqlite: or postgres://",
        ),
        (
            "[email]\ntransport = \"sendmail\"",
            "countersign.toml: email.transport: \"sendmail\" is not known; allowed is smtp, file",
        ),
        (
            "[[sms.next]]\nprovider = \"http\"",
            "countersign.toml: sms.next[0].url: missing; http needs the gateway's address",
        ),
        ("[server]\nbind =", "countersign.toml: line 2: "),
    ] {
        let told = load(text, &[]).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0] == expected || (expected.ends_with(": ") && told[0].starts_with(expected)),
            "{told:?}"
        );
    }
}

#[test]
fn a_fault_of_a_variable_names_the_variable() {
    for (env, expected) in [
        (
            ("COUNTERSIGN_SERVER__BIND", "8080"),
            "environment: COUNTERSIGN_SERVER__BIND: \"8080\" is not an address and port such as 127.0.0.1:8080",
        ),
        (
            ("COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS", "127.0.0.0/8,lan"),
            "environment: COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS[1]: \"lan\" is not an address or a network such as 10.0.0.0/8",
        ),
        (
            ("COUNTERSIGN_EMAIL__TRANSPORT", "smtp"),
            "environment: COUNTERSIGN_EMAIL__URL: missing; smtp needs the address of a relay, such as smtps://user:password@relay.example",
        ),
        (
            ("COUNTERSIGN_BIND", "x"),
            "environment: COUNTERSIGN_BIND: unknown variable; ours are COUNTERSIGN_SECTION__KEY, the sections SERVER, DATABASE, SECRETS, HOST, EMAIL, SMS, VOICE",
        ),
        (
            ("COUNTERSIGN_HOST__URL", "x"),
            "environment: COUNTERSIGN_HOST__URL: unknown variable; known ones are COUNTERSIGN_HOST__ALLOW_PRIVATE_CALLBACKS",
        ),
        (
            ("COUNTERSIGN_SMS__HEADERS", "k=v"),
            "environment: COUNTERSIGN_SMS__HEADERS: must be a table or a list of tables, written as in a file",
        ),
        (
            ("COUNTERSIGN_DATABASE__URL", ""),
            "environment: COUNTERSIGN_DATABASE__URL: is empty; leave it out instead",
        ),
    ] {
        assert_eq!(from_env(&[env]).unwrap_err(), [expected]);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text = "[server]\nbnd = 1\nbind = \"x\"\n[database]\nurl = \"x\"\n[voice]\nprovider = \"x\"";
    assert_eq!(load(text, &[("COUNTERSIGN_X", "")]).unwrap_err().len(), 5);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let told = config::load(Some(Path::new("nowhere.toml")), []).unwrap_err().to_string();
    assert_eq!(told, "nowhere.toml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn no_secret_is_printed() {
    let text = "[secrets]\nmaster_key = \"hunter2\"\nold_master_keys = [\"hunter2\"]\n[database]\nurl = \"sqlite:hunter2\"\n[email]\ntransport = \"smtp\"\nurl = \"smtp://u:hunter2@relay.example\"";
    assert!(!format!("{:?}", load(text, &[]).unwrap()).contains("hunter2"));
}

fn entries(text: &str) -> Result<Vec<tenants::TenantEntry>, Vec<String>> {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "tenants.toml", text);
    tenants::read(&path).map_err(|e| lines(&e, &folder))
}

#[test]
fn the_example_tenants_load_as_they_stand() {
    let entries = tenants::read(Path::new("tenants.example.toml")).unwrap();
    let tenants = entries.iter().map(|entry| {
        let settings = merge(&json!({}), &entry.settings);
        assert_eq!(merge(&settings, &entry.settings), settings);
        Tenant::from_documents(entry.id.clone(), &settings, &entry.providers).unwrap()
    });
    let tenants = tenants.collect::<Vec<_>>();
    let ids = tenants.iter().map(|t| t.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids, ["cornerstone", "compeo", "peopaygo", "coguardhr", "southeast"]);
    assert_eq!(tenants.iter().filter(|t| t.eligible).count(), 4);
    assert!(tenants[0].policy.signer.access_code && tenants[0].policy.session.agent_sees_code);
    assert!(tenants[1].policy.pin.enabled && tenants[1].policy.pin.required_since.is_some());
    assert_eq!((tenants[2].surfaces.len(), tenants[2].default_locale.as_str()), (2, "es"));
    let secrets = &entries[0].secrets;
    assert!(secrets.webhook_secret.is_some() && secrets.push_secret.is_some() && secrets.api_key.is_some());
    assert!(entries[1].secrets.api_key.is_none());
}

#[test]
fn a_tenant_is_split_into_settings_providers_and_credentials() {
    let text = "[[tenant]]\nid = \"a\"\nname = \"A\"\napi_key = \"csk_01234567890123456789012345678901\"\n[tenant.policy.pin]\nrequired_since = 2026-01-01\n[tenant.email]\ntransport = \"smtp\"\nurl = \"smtp://u:hunter2@relay.example\"\n[[tenant.sms.next]]\nprovider = \"file\"";
    let read = entries(text).unwrap();
    assert_eq!(read[0].settings, json!({"name": "A", "policy": {"pin": {"required_since": "2026-01-01"}}}));
    let providers: &Value = &read[0].providers;
    assert_eq!(providers["sms"], json!({"next": [{"provider": "file"}]}));
    assert_eq!(providers["email"]["transport"], "smtp");
    assert!(!format!("{read:?}").contains("hunter2") && !format!("{read:?}").contains("csk_"));
}

#[test]
fn a_fault_of_the_tenant_file_names_tenant_key_and_what_is_allowed() {
    for (text, expected) in [
        ("[[tenant]]\nname = \"A\"", "tenants.toml: tenant[0].id: missing; a tenant needs an id"),
        (
            "[[tenant]]\nid = \"Acme Inc\"",
            "tenants.toml: tenant[0].id: \"Acme Inc\" is not a tenant id: 1 to 64 of a-z, 0-9, - and _",
        ),
        (
            "[[tenant]]\nid = \"a\"\n[[tenant]]\nid = \"a\"",
            "tenants.toml: tenant[a]: is there twice; one table a tenant",
        ),
        (
            "[[tenant]]\nid = \"a\"\nwebhook_secret = \"whsec_c2hvcnQ=\"",
            "tenants.toml: tenant[0].webhook_secret: must be whsec_ and base64 of 24 to 64 bytes",
        ),
        (
            "[[tenant]]\nid = \"a\"\napi_key = \"csk_short\"",
            "tenants.toml: tenant[0].api_key: must be csk_ and 32 or more of A-Z, a-z, 0-9 and _",
        ),
        ("[[tenants]]\nid = \"a\"", "tenants.toml: tenants: unknown key; known keys are tenant"),
        (
            "[[tenant]]\nid = \"a\"\neligble = true",
            "tenants.toml: tenant[0].eligble: unknown key; known keys are id, name, eligible, surfaces, default_locale, time_zone, authorized_roles, callback_url, allowed_origins, retention, brand, policy, surface, telephone, webhook_secret, push_secret, api_key, email, sms, voice",
        ),
    ] {
        assert_eq!(entries(text).unwrap_err(), [expected]);
    }
    let entry =
        entries("[[tenant]]\nid = \"a\"\nname = \"A\"\n[tenant.policy.pin]\ntries = 99").unwrap().remove(0);
    let faults = Tenant::from_documents(entry.id.clone(), &entry.settings, &entry.providers).unwrap_err();
    assert_eq!(
        ConfigError::of_tenant(Path::new("tenants.toml"), &entry.id, faults).to_string(),
        "tenants.toml: tenant[a].policy.pin.tries: 99 is out of bounds; allowed is 3 to 10"
    );
}

#[test]
fn what_passes_as_a_mailbox_can_be_sent_from() {
    for mailbox in [
        "verify@acme.example",
        "Acme PEO <verify@acme.example>",
        "Acme Inc. <verify@acme.example>",
        "St. Louis PEO <verify@acme.example>",
        "\"Acme, Inc.\" <verify@acme.example>",
        "Nómina & Cía <verify@acme.example>",
        "O'Neil <verify+x@acme.example>",
    ] {
        let settings = json!({"name": "Acme", "brand": {"from": mailbox}});
        let id = TenantId::parse("acme").unwrap();
        assert!(Tenant::from_documents(id, &settings, &json!({})).is_ok(), "{mailbox}");
        assert!(mailbox.parse::<lettre::message::Mailbox>().is_ok(), "{mailbox}");
    }
}
