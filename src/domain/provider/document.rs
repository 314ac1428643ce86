//! The sections `email`, `sms` and `voice`, read from a document: the same keys for the service and for a tenant.
//!
//! Owns the keys and what a chosen provider cannot work without. Keys of a provider that is not chosen are known
//! and left alone, so that a variable can choose another one than the file does.

mod gateway;
mod twilio;

use std::path::PathBuf;

use serde_json::Value;
use url::Url;

use super::{EmailProvider, Providers, SmsProvider, Smtp, VoiceProvider};
use crate::domain::table::{Fault, Key, Shape, Table, check, named};

/// Whose sections are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A section left out is `file`.
    Service,
    /// A section left out takes the service's provider.
    Tenant,
}

/// The sections of providers.
pub const SECTIONS: &[Key] = &named(["email", "sms", "voice"]);

/// `[email]`
pub const EMAIL: &[Key] = &[
    Key::new("transport", "who carries email: `smtp`, or `file` for development").or("file"),
    Key::new("dir", "`file`: the folder that gets one JSON file a message").or("outbox"),
    Key::new(
        "url",
        "`smtp`: the relay, `smtp://`, `smtp+starttls://` or `smtps://`, `user:password@` before the host",
    )
    .secret(),
    Key::new("from", "`smtp`: the sender where a tenant's brand names none, such as `Name <address>`"),
    Key::new("ca_file", "`smtp`: a PEM file with the certificate authority of a private relay"),
];

/// `[sms]`, and each `[[sms.next]]` but for `next`.
pub const SMS: &[Key] = &[
    Key::new("provider", "who carries texts: `twilio`, `http` (any gateway), or `file` for development")
        .or("file"),
    DIR,
    ACCOUNT_SID,
    AUTH_TOKEN,
    Key::new("from", "`twilio`: the number texts come from; this or `messaging_service_sid`"),
    Key::new("messaging_service_sid", "`twilio`: the messaging service that picks the number"),
    API_BASE,
    Key::new("method", "`http`: `GET`, `POST` or `PUT`").or("GET"),
    Key::new("url", "`http`: the gateway; `{{to}}`, `{{text}}`, `{{report_url}}` are filled in").secret(),
    Key::new("headers", "`http`: a table of headers").secret().shaped(Shape::Nested),
    Key::new("body", "`http`: the body, with the same names as `url`").secret(),
    Key::new("success", "`http`: the statuses that mean taken").or("[200, 202]").shaped(Shape::Numbers),
    Key::new("success_body", "`http`: a pattern the answer must match, where the status does not tell"),
    Key::new("next", "the provider after this one, and those after it: a list of tables with these keys")
        .secret()
        .shaped(Shape::Nested),
];

/// `[voice]`
pub const VOICE: &[Key] = &[
    Key::new("provider", "who places calls: `twilio`, or `file` for development").or("file"),
    DIR,
    ACCOUNT_SID,
    AUTH_TOKEN,
    Key::new("from", "`twilio`: the number calls come from, such as `+13055550100`"),
    API_BASE,
    Key::new("voice_en", "`twilio`: the voice of English calls").or("Polly.Joanna-Neural"),
    Key::new("voice_es", "`twilio`: the voice of Spanish calls").or("Polly.Lupe-Neural"),
];

const DIR: Key = Key::new("dir", "`file`: the folder that gets one JSON file a message").or("outbox");
const ACCOUNT_SID: Key = Key::new("account_sid", "`twilio`: the account, `AC…`");
const AUTH_TOKEN: Key =
    Key::new("auth_token", "`twilio`: the account's token, which also signs its callbacks").secret();
const API_BASE: Key = Key::new("api_base", "`twilio`: where its API is").or("https://api.twilio.com");

impl Providers {
    /// Reads a document with the tables `email`, `sms` and `voice`, each of which may be left out.
    pub fn from_document(document: &Value, scope: Scope, faults: &mut Vec<Fault>) -> Self {
        Self::from_table(&mut Table::open(Some(document), "", SECTIONS, faults), scope)
    }

    /// Reads the same three tables where they stand among others.
    pub fn from_table(table: &mut Table<'_, '_>, scope: Scope) -> Self {
        Self {
            email: email(&mut table.table("email", EMAIL), scope),
            sms: sms(&mut table.table("sms", SMS), scope),
            voice: voice(&mut table.table("voice", VOICE), scope),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Http,
    Smtp,
    Twilio,
}

/// The provider a table names. Where it names none that is `file`, unless other keys show that more was meant.
fn chosen(
    table: &mut Table<'_, '_>,
    key: &str,
    scope: Scope,
    words: &[(&'static str, Kind)],
) -> Option<Kind> {
    if !table.is_present() && scope == Scope::Tenant {
        return None;
    }
    if !table.has(key) && (scope == Scope::Tenant || table.has_more_than(&["dir", "from", "next"])) {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        table.fault(key, format!("missing; allowed is {}", known.join(", ")));
        return None;
    }
    table.word(key, words)
}

fn email(table: &mut Table<'_, '_>, scope: Scope) -> Option<EmailProvider> {
    let words = [("smtp", Kind::Smtp), ("file", Kind::File)];
    if chosen(table, "transport", scope, &words)? == Kind::File {
        return Some(EmailProvider::File { dir: dir(table)? });
    }
    table.require("url", "smtp needs the address of a relay, such as smtps://user:password@relay.example");
    let from = table.read("from", check::mailbox);
    let ca_file = table.text("ca_file").map(PathBuf::from);
    Some(EmailProvider::Smtp(Smtp { url: table.secret("url", relay)?, from, ca_file }))
}

fn sms(table: &mut Table<'_, '_>, scope: Scope) -> Vec<SmsProvider> {
    let first = one_sms(table, scope);
    let after = match SMS.split_last() {
        Some((_, keys)) => table.tables("next", keys, |next| one_sms(next, Scope::Tenant)),
        None => Vec::new(),
    };
    first.into_iter().chain(after).collect()
}

fn one_sms(table: &mut Table<'_, '_>, scope: Scope) -> Option<SmsProvider> {
    let words = [("twilio", Kind::Twilio), ("http", Kind::Http), ("file", Kind::File)];
    match chosen(table, "provider", scope, &words)? {
        Kind::Twilio => twilio::for_texts(table).map(SmsProvider::Twilio),
        Kind::Http => gateway::read(table).map(SmsProvider::Http),
        _ => dir(table).map(|dir| SmsProvider::File { dir }),
    }
}

fn voice(table: &mut Table<'_, '_>, scope: Scope) -> Option<VoiceProvider> {
    let words = [("twilio", Kind::Twilio), ("file", Kind::File)];
    if chosen(table, "provider", scope, &words)? == Kind::File {
        return Some(VoiceProvider::File { dir: dir(table)? });
    }
    let account = twilio::for_calls(table);
    let [english, spanish] = ["voice_en", "voice_es"].map(|key| table.line(key, 60));
    Some(VoiceProvider::Twilio { account: account?, voice_en: english?, voice_es: spanish? })
}

fn dir(table: &mut Table<'_, '_>) -> Option<PathBuf> {
    table.text("dir").map(PathBuf::from)
}

/// A relay's URL. What is wrong is told without the URL: it carries a password.
fn relay(text: &str) -> Result<(), String> {
    let wrong = "must be smtp://, smtp+starttls:// or smtps:// with a host, an optional port and an optional user:password@ before them";
    let url = Url::parse(text).map_err(|_| wrong.to_owned())?;
    let known = ["smtp", "smtp+starttls", "smtps"].contains(&url.scheme());
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let host = url.host_str().is_some_and(|h| !h.is_empty());
    if known && bare && host { Ok(()) } else { Err(wrong.to_owned()) }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn read(document: &Value, scope: Scope) -> (Providers, Vec<String>) {
        let mut faults = Vec::new();
        let providers = Providers::from_document(document, scope, &mut faults);
        (providers, faults.into_iter().map(|f| format!("{}: {}", f.key, f.message)).collect())
    }

    #[test]
    fn a_section_left_out_is_file_for_the_service_and_nothing_for_a_tenant() {
        let (service, faults) = read(&json!({}), Scope::Service);
        assert!(faults.is_empty(), "{faults:?}");
        assert!(matches!(service.email, Some(EmailProvider::File { dir }) if dir.as_os_str() == "outbox"));
        assert!(matches!(&service.sms[..], [SmsProvider::File { dir }] if dir.as_os_str() == "outbox"));
        assert!(matches!(service.voice, Some(VoiceProvider::File { dir }) if dir.as_os_str() == "outbox"));
        let (tenant, faults) = read(&json!({}), Scope::Tenant);
        assert!(
            faults.is_empty() && tenant.email.is_none() && tenant.sms.is_empty() && tenant.voice.is_none()
        );
    }

    #[test]
    fn every_provider_is_read_with_those_after_it() {
        let gateway = "http://127.0.0.1:13013/cgi-bin/sendsms?username=u&password=p&to={{to}}&text={{text}}&dlr-url={{report_url}}";
        let (providers, faults) = read(
            &json!({
                "email": {"transport": "smtp", "url": "smtp+starttls://u:p%40@relay.example:587", "from": "A <a@b.example>", "dir": "x"},
                "sms": {"provider": "twilio", "account_sid": "AC0", "auth_token": "t", "from": "+13055550100", "next": [
                    {"provider": "http", "url": gateway, "success": [200], "success_body": "^0:", "headers": {"X-Key": "k"}},
                    {"provider": "file", "dir": "last"}]},
                "voice": {"provider": "twilio", "account_sid": "AC0", "auth_token": "t", "from": "+13055550100"}
            }),
            Scope::Tenant,
        );
        assert!(faults.is_empty(), "{faults:?}");
        let Some(EmailProvider::Smtp(smtp)) = providers.email else { panic!("no relay") };
        assert_eq!(smtp.from.as_deref(), Some("A <a@b.example>"));
        let [SmsProvider::Twilio(twilio), SmsProvider::Http(http), SmsProvider::File { dir }] =
            &providers.sms[..]
        else {
            panic!("{:?}", providers.sms)
        };
        assert_eq!((twilio.api_base.as_str(), dir.as_os_str()), ("https://api.twilio.com", "last".as_ref()));
        assert_eq!((http.url.expose_secret(), &http.success[..]), (gateway, &[200][..]));
        assert_eq!(http.headers["X-Key"].expose_secret(), "k");
        assert!(
            matches!(providers.voice, Some(VoiceProvider::Twilio { voice_es, .. }) if voice_es == "Polly.Lupe-Neural")
        );
    }

    #[test]
    fn a_fault_names_the_key_and_what_is_allowed() {
        let relay = "must be smtp://, smtp+starttls:// or smtps:// with a host, an optional port and an optional user:password@ before them";
        let carry = "url and body together must carry {{to}} and {{text}}";
        for (document, expected) in [
            (json!({"email": {"transport": "smpt"}}), "email.transport: \"smpt\" is not known; allowed is smtp, file".to_owned()),
            (
                json!({"email": {"transport": "smtp"}}),
                "email.url: missing; smtp needs the address of a relay, such as smtps://user:password@relay.example".to_owned(),
            ),
            (json!({"email": {"url": "smtp://relay.example"}}), "email.transport: missing; allowed is smtp, file".to_owned()),
            (json!({"email": {"transport": "smtp", "url": "http://user:hunter2@relay"}}), format!("email.url: {relay}")),
            (json!({"email": {"transport": "smtp", "url": "smtp://"}}), format!("email.url: {relay}")),
            (json!({"email": {"transport": "file", "port": 25}}), "email.port: unknown key; known keys are transport, dir, url, from, ca_file".to_owned()),
            (
                json!({"sms": {"provider": "twilio", "account_sid": "AC0", "auth_token": "t"}}),
                "sms.from: missing; twilio needs from or messaging_service_sid".to_owned(),
            ),
            (
                json!({"sms": {"provider": "twilio", "from": "+13055550100", "account_sid": "0", "auth_token": "t"}}),
                "sms.account_sid: must be AC followed by letters and digits".to_owned(),
            ),
            (json!({"sms": {"provider": "http"}}), "sms.url: missing; http needs the gateway's address".to_owned()),
            (json!({"sms": {"provider": "http", "url": "http://g.example/?to={{to}}"}}), format!("sms.url: {carry}")),
            (
                json!({"sms": {"provider": "http", "url": "http://g.example/?to={{to}}&text={{txt}}"}}),
                "sms.url: has a {{…}} of unknown name; known names are to, text, report_url".to_owned(),
            ),
            (
                json!({"sms": {"provider": "http", "url": "http://{{to}}.example/?t={{text}}"}}),
                "sms.url: must name its host itself, not by {{…}}".to_owned(),
            ),
            (
                json!({"sms": {"provider": "http", "url": "http://g.example/{{to}}/{{text}}", "success": [200, 99]}}),
                "sms.success[1]: must be an HTTP status; allowed is 100 to 599".to_owned(),
            ),
            (
                json!({"sms": {"provider": "http", "url": "http://g.example/{{to}}/{{text}}", "success_body": "("}}),
                "sms.success_body: \"(\" is not a regular expression".to_owned(),
            ),
            (
                json!({"sms": {"provider": "http", "url": "http://g.example/{{to}}/{{text}}", "headers": {"A B": "c"}}}),
                "sms.headers.A B: is not an HTTP header".to_owned(),
            ),
            (json!({"sms": {"next": [{}]}}), "sms.next[0].provider: missing; allowed is twilio, http, file".to_owned()),
            (
                json!({"voice": {"provider": "http"}}),
                "voice.provider: \"http\" is not known; allowed is twilio, file".to_owned(),
            ),
            (
                json!({"voice": {"provider": "twilio", "account_sid": "AC0", "auth_token": "t", "from": "Acme"}}),
                "voice.from: \"Acme\" is not a number such as +13055550100: + and 8 to 15 digits".to_owned(),
            ),
        ] {
            assert_eq!(read(&document, Scope::Service).1, [expected], "{document}");
        }
    }

    #[test]
    fn a_fault_never_repeats_a_secret() {
        let document = json!({
            "email": {"transport": "smtp", "url": "hunter2"},
            "sms": {"provider": "http", "url": "hunter2 {{to}}{{text}}", "body": "hunter2 {{", "headers": {"A": "hunter2\n"}},
            "voice": {"provider": "twilio", "auth_token": "hunter2\u{7}"}
        });
        let (providers, faults) = read(&document, Scope::Service);
        assert!(faults.len() >= 6, "{faults:?}");
        assert!(!format!("{providers:?}{faults:?}").contains("hunter2"));
    }
}
