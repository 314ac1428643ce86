//! What must stay unreadable: a whole life is lived with names, addresses and secrets that are nowhere else, and
//! everything that was written, posted, answered or logged is searched for them.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::domain::id::TenantId;
use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
use serde_json::{Value, json};

use crate::code::{code_in, wrong};
use crate::database::Backend;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{PUSH_SECRET, Service, WEBHOOK_SECRET, api_key, master_key};

const PASSWORD: &str = "gateway-Hunter-9117";
const NAMES: [&str; 3] = ["Quarrington", "Zebulon", "Wilhelmina"];
const DETAILS: [&str; 5] = ["zebulon.q", "13055550177", "3055550177", "555-0177", "wilhelmina.c"];

/// What was lived: everything that could give something away, and every answer that came back.
struct Life {
    codes: Vec<String>,
    secrets: Vec<String>,
    answers: Vec<String>,
}

fn list() -> Value {
    json!({"name": "Quarrington Holdings", "contacts": [
        {"id": "c-1", "name": "Zebulon Quarrington", "role": "owner", "email": "Zebulon.Q@canary-mail.example", "mobile": "+1 305-555-0177", "locale": "en"},
        {"id": "c-2", "name": "Zebulon Quarrington II", "role": "owner", "mobile": "+13055550177"},
    ]})
}

/// Texts go to a gateway that takes none, with a password in its address.
async fn gateway(service: &Service) {
    let address = service.host.url("cornerstone-sms");
    service.host.answer("cornerstone-sms", 400, &[]);
    let sms = json!({"provider": "http", "method": "POST", "body": "{{to}} {{text}}",
        "url": format!("{address}?password={PASSWORD}"), "headers": {"X-Password": PASSWORD}});
    let wanted = Wanted {
        id: TenantId::parse("cornerstone").unwrap(),
        settings: json!({"policy": {"client": {"digits": 8, "sends": 20, "receipt": true}}}),
        providers: json!({"sms": sms}),
        webhook_secret: None,
        push_secret: None,
        api_key: None,
    };
    assert!(apply_tenants(service.app.desk(), vec![wanted]).await.is_ok());
}

async fn live(service: &Service) -> Life {
    gateway(service).await;
    let agent =
        json!({"id": "u-1", "name": "Wilhelmina Canaryworth", "email": "Wilhelmina.C@canary-crm.example"});
    let mut data = json!({"surface": "lead_card", "client": {"id": CLIENT, "name": "Quarrington Holdings"}, "agent": agent});
    data["contacts"] = list()["contacts"].clone();
    let body = json!({"type": "verification.requested", "timestamp": crate::service::START, "data": data});
    let answer = service.webhook(&body).await.expect(200);
    let token = answer["agent_token"].as_str().unwrap().to_owned();
    let mut life = Life { codes: Vec::new(), secrets: vec![token.clone()], answers: Vec::new() };
    let codes = format!("/api/v1/clients/{CLIENT}/codes");
    let asking = json!({"contact": "c-1", "surface": "lead_card"});
    for end in ["verified", "expired", "locked", "cancelled", "reported"] {
        service.advance(30);
        let asked = service.call("POST", &codes, &token, Some(&asking)).await;
        life.answers.push(asked.text.clone());
        let challenge = asked.expect(201)["id"].as_str().unwrap().to_owned();
        service.drain().await;
        let code = service.mail().iter().rev().find_map(|m| m["text"].as_str().map(code_in)).unwrap();
        let check = async |typed: &str| {
            let body = json!({"code": typed});
            service.call("POST", &format!("/api/v1/challenges/{challenge}/check"), &token, Some(&body)).await
        };
        let miss = if end == "locked" { 5 } else { 1 };
        for _ in 0..miss {
            life.answers.push(check(&wrong(&code)).await.text);
        }
        life.answers.push(check(&format!("{code}x")).await.text);
        service.advance(30);
        let again =
            service.call("POST", &format!("/api/v1/challenges/{challenge}/resend"), &token, None).await;
        life.answers.push(again.text);
        service.drain().await;
        if end == "verified" {
            life.answers.push(check(&code).await.text);
        } else if end == "expired" {
            service.advance(600);
            service.drain().await;
            life.answers.push(check(&code).await.text);
        }
        life.answers.push(
            service.call("POST", &format!("/api/v1/challenges/{challenge}/cancel"), &token, None).await.text,
        );
        life.answers
            .push(service.call("GET", &format!("/api/v1/challenges/{challenge}"), &token, None).await.text);
        life.codes.push(code);
        service.drain().await;
    }
    blunder(service, &mut life, &token).await;
    life.secrets.extend([WEBHOOK_SECRET, PUSH_SECRET, PASSWORD].map(str::to_owned));
    life.secrets.extend([api_key("cornerstone"), api_key("compeo"), master_key(1)]);
    let raw = |text: &str| BASE64_STANDARD.decode(text.trim_start_matches("whsec_")).unwrap();
    life.secrets.extend([WEBHOOK_SECRET, PUSH_SECRET].map(|secret| String::from_utf8(raw(secret)).unwrap()));
    life
}

/// Requests that are wrong in every way, with something private in the wrong place.
async fn blunder(service: &Service, life: &mut Life, token: &str) {
    let put = format!("/api/v1/clients/{CLIENT}");
    let with = |field: &str, value: &str| {
        let mut body = list();
        body["contacts"][0][field] = json!(value);
        body
    };
    let bodies = [
        with("email", "zebulon.q at canary"),
        with("mobile", "+1305555017777777"),
        with("locale", "Zebulon"),
        with("email_changed_at", "13055550177"),
        with("id", &"Zebulon".repeat(60)),
        json!({"name": ["Quarrington"], "contacts": "zebulon.q@canary-mail.example"}),
        json!("Zebulon Quarrington"),
    ];
    for body in &bodies {
        life.answers.push(service.call("PUT", &put, &api_key("cornerstone"), Some(body)).await.text);
    }
    let code = life.codes[0].clone();
    let odd = [
        (
            "POST",
            format!("{put}/codes"),
            json!({"contact": "zebulon.q@canary-mail.example", "surface": "Quarrington"}),
        ),
        (
            "POST",
            format!("{put}/codes"),
            json!({"contact": "c-1", "surface": "lead_card", "channels": ["13055550177"]}),
        ),
        ("POST", format!("{put}/codes"), json!({"contact": {"email": "zebulon.q"}, "surface": "lead_card"})),
        ("POST", "/api/v1/challenges/chl_x/check".into(), json!({"code": code})),
        ("POST", format!("/api/v1/challenges/{code}/check"), json!({"code": code})),
        ("GET", format!("/nowhere/{token}?email=zebulon.q@canary-mail.example"), Value::Null),
        ("GET", "/callbacks/sms/cornerstone/13055550177?status=zebulon.q".into(), Value::Null),
    ];
    for (method, path, body) in &odd {
        for credential in [token, &api_key("cornerstone")[..], "csk_wrong_Zebulon", ""] {
            life.answers.push(service.call(method, path, credential, Some(body)).await.text);
        }
    }
    let seconds = service.clock_seconds();
    let bad =
        b"{\"type\": \"client.updated\", \"timestamp\": \"13055550177\", \"data\": {\"name\": \"Zebulon\"}}";
    life.answers.push(service.send(service.signed("cornerstone", "msg_bad", bad, seconds)).await.text);
    life.answers.push(service.send(service.signed("cornerstone", "msg_old", bad, seconds - 999)).await.text);
}

/// Which of the words stand in a text, in any case; a number only where it is not part of a longer one.
fn found<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let low = text.to_lowercase();
    let stands = |word: &str| {
        let number = word.bytes().all(|b| b.is_ascii_digit());
        low.match_indices(&word.to_lowercase()).any(|(at, hit)| {
            let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
            let bytes = low.as_bytes();
            !number
                || !(digit(at.checked_sub(1).and_then(|i| bytes.get(i))) || digit(bytes.get(at + hit.len())))
        })
    };
    words.into_iter().filter(|word| stands(word)).map(str::to_owned).collect()
}

/// The same, also for the words in hexadecimal, as bytes are shown.
fn found_in_rows(rows: &str, words: &[String]) -> Vec<String> {
    let hexadecimal: Vec<_> = words.iter().map(hex::encode).collect();
    let all = words.iter().chain(&hexadecimal).map(String::as_str);
    found(rows, all)
}

impl Life {
    fn codes_and_secrets(&self) -> Vec<String> {
        let spoken = self.codes.iter().map(|code| format!("{} {}", &code[..4], &code[4..]));
        self.codes.iter().cloned().chain(spoken).chain(self.secrets.clone()).collect()
    }

    fn everything(&self) -> Vec<String> {
        self.codes_and_secrets()
            .into_iter()
            .chain(NAMES.iter().chain(&DETAILS).map(|w| (*w).to_owned()))
            .collect()
    }
}

on_both! {
    async fn nothing_private_can_be_read_in_the_database(service: Service) {
        let life = live(&service).await;
        let rows = service.database.dump().await.join("\n");
        assert!(rows.contains(CLIENT) && rows.contains("c-1"));
        assert_eq!(found_in_rows(&rows, &life.everything()), Vec::<String>::new());
        if service.database.backend == Backend::Sqlite {
            let path = service.database.url.trim_start_matches("sqlite://").split('?').next().unwrap();
            for file in [path.to_owned(), format!("{path}-wal"), format!("{path}-shm")] {
                let bytes = std::fs::read(&file).unwrap();
                let text: String = bytes.iter().map(|b| char::from(*b)).collect();
                assert_eq!(found(&text, life.everything().iter().map(String::as_str)), Vec::<String>::new(), "{file}");
            }
        }
    }
}

on_both! {
    async fn pushes_and_answers_give_nothing_away(service: Service) {
        let life = live(&service).await;
        let hidden: Vec<String> = life.codes_and_secrets().into_iter().chain(DETAILS.iter().map(|w| (*w).to_owned())).collect();
        let pushes: Vec<_> = service.host.pushes().into_iter().filter(|push| push.tenant == "cornerstone").collect();
        for kind in ["verification.code_sent", "verification.verified", "verification.failed", "verification.locked", "verification.code_expired", "verification.cancelled", "message.failed"] {
            assert!(pushes.iter().any(|push| push.kind() == kind), "{kind}");
        }
        for push in &pushes {
            let text = format!("{:?} {}", push.headers, String::from_utf8_lossy(&push.body));
            assert_eq!(found(&text, hidden.iter().map(String::as_str)), Vec::<String>::new(), "{text}");
        }
        for answer in &life.answers {
            assert_eq!(found(answer, hidden.iter().map(String::as_str)), Vec::<String>::new(), "{answer}");
            if answer.contains("about:blank") {
                assert_eq!(found(answer, NAMES), Vec::<String>::new(), "{answer}");
            }
        }
    }
}

/// Where log lines go to be searched.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

on_both! {
    /// In a process of its own, where every line of the service and of the libraries below it is kept.
    async fn nothing_private_is_logged_at_any_level(service: Service) {
        const ALONE: &str = "COUNTERSIGN_TEST_ALONE";
        if std::env::var_os(ALONE).is_none() {
            let of = format!("{:?}", service.database.backend).to_lowercase();
            let name = format!("privacy::nothing_private_is_logged_at_any_level::{of}");
            let run = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &name, "--nocapture"])
                .env(ALONE, "1")
                .output()
                .unwrap();
            assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
            assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"));
            return;
        }
        let (lines, kept) = (Lines::default(), Lines::default());
        let writer = { let lines = lines.clone(); move || lines.clone() };
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(writer).try_init().unwrap();
        let service = Service::start(service.database.backend).await;
        let life = live(&service).await;
        kept.clone().write_all(&lines.0.lock().unwrap()).unwrap();
        let text = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
        assert!(text.contains("message refused") && text.contains("sqlx"), "everything is listened to");
        let hidden = life.everything();
        let leaks: Vec<_> = text.lines().filter(|line| !found(line, hidden.iter().map(String::as_str)).is_empty()).take(5).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

on_both! {
    async fn a_sealed_value_moved_elsewhere_does_not_open(service: Service) {
        service.know(CLIENT).await.expect(201);
        service.know("lead-2").await.expect(201);
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("compeo"), Some(&list())).await.expect(201);
        let (one, _) = service.code_for(CLIENT, "c-1").await;
        service.ask("lead-2", "c-1").await.expect(201);
        let webhook = crate::service::requested();
        service.webhook_as("cornerstone", "msg_1", &webhook).await.expect(200);
        service.webhook_as("cornerstone", "msg_2", &webhook).await.expect(200);
        let (client, challenge) = (format!("/api/v1/clients/{CLIENT}"), format!("/api/v1/challenges/{one}"));
        let own = format!("tenant_id = 'cornerstone' and id = '{CLIENT}'");
        let moves = [
            ("another row", "client", "contacts", "select contacts from client where tenant_id = 'cornerstone' and id = 'lead-2'".into(), own.clone(), &client),
            ("another column", "client", "contacts", format!("select standing from client where {own}"), own.clone(), &client),
            ("another tenant", "client", "contacts", "select contacts from client where tenant_id = 'compeo'".into(), own.clone(), &client),
            ("the details as the name", "client", "name", format!("select contacts from client where {own}"), own.clone(), &client),
            ("another name", "client", "name", "select name from client where tenant_id = 'compeo'".into(), own.clone(), &client),
            ("another standing", "client", "standing", "select standing from client where id = 'lead-2'".into(), own.clone(), &client),
            ("another table", "challenge", "people", format!("select standing from client where {own}"), format!("id = '{one}'"), &challenge),
            ("another challenge", "challenge", "people", format!("select people from challenge where id <> '{one}'"), format!("id = '{one}'"), &challenge),
            ("another message", "message", "masked", format!("select masked from message where challenge_id <> '{one}' limit 1"), format!("challenge_id = '{one}'"), &challenge),
        ];
        for (what, table, column, from, whose, path) in moves {
            let restore = format!("update {table} set {column} = (select kept from hold) where {whose}");
            service.database.execute(&format!("create table hold as select {column} as kept from {table} where {whose} limit 1")).await;
            service.get(path).await.expect(200);
            service.database.execute(&format!("update {table} set {column} = ({from}) where {whose}")).await;
            let answer = service.get(path).await;
            assert_eq!(answer.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "id", "status", "title", "type"], "{what}");
            assert_eq!(answer.problem(500), "internal", "{what}");
            if table != "message" {
                service.database.execute(&restore).await;
                service.get(path).await.expect(200);
            }
            service.database.execute("drop table hold").await;
        }
        let answer = "update inbound set answer = (select answer from inbound where webhook_id = 'msg_1') where webhook_id = 'msg_2'";
        service.database.execute(answer).await;
        assert_eq!(service.webhook_as("cornerstone", "msg_2", &webhook).await.problem(500), "internal");
        service.webhook_as("cornerstone", "msg_1", &webhook).await.expect(200);
        let secret = "update tenant_secret set sealed = (select sealed from tenant_secret where tenant_id = 'compeo' and purpose = 'webhook') where tenant_id = 'cornerstone' and purpose = 'webhook'";
        service.database.execute(secret).await;
        service.app.desk().refresh().await.unwrap();
        service.webhook_as("cornerstone", "msg_3", &webhook).await.expect(200);
        service.database.execute("update meta set value = value + 1 where name = 'revision'").await;
        service.app.beat().await.unwrap();
        let told = service.webhook_as("cornerstone", "msg_4", &webhook).await;
        assert_eq!(told.problem(401), "unauthorized", "a secret that does not open signs nothing");
        let unreadable = service.app.desk().store.keychain().await.unwrap().unreadable;
        let error = unreadable.iter().map(ToString::to_string).collect::<String>();
        assert!(error.contains("tenant_secret") && error.contains("altered or moved"), "{error}");
    }
}
