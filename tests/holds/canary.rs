//! Marked codes, numbers, addresses and secrets go through the main flows; then everything written down is searched.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::code::wrong;
use crate::database::{Backend, Database};
use crate::restore::{RULES, enrolled};
use crate::stage::{Stage, phone};
use crate::{ledger, on_both};

/// A PIN that is nowhere by chance as often as a common one.
const PIN: &str = "718294";
const PASSWORD: &str = "kettle moss lantern 7";

/// Everything that the database holds, as bytes: the files of SQLite, or a dump.
fn contents(database: &Database) -> Vec<u8> {
    match database.backend {
        Backend::Sqlite => {
            let file = database.url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap();
            let beside =
                ["", "-wal", "-shm"].map(|end| std::fs::read(format!("{file}{end}")).unwrap_or_default());
            beside.concat()
        }
        Backend::Postgres => {
            let dump = Command::new("pg_dump").arg("--inserts").arg(&database.url).output().unwrap();
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            dump.stdout
        }
    }
}

/// The forms in which a mark could lie about.
fn forms(mark: &str) -> Vec<String> {
    use base64::Engine as _;
    let base64 = base64::prelude::BASE64_STANDARD.encode(mark);
    vec![mark.to_owned(), base64.trim_end_matches('=').to_owned(), hex::encode(mark)]
}

/// Where a number of six digits stands alone, and no part of a longer number or of an id.
fn holds(heap: &[u8], mark: &str) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let short = mark.len() < 8;
    heap.windows(mark.len()).enumerate().any(|(at, part)| {
        let alone =
            || !word(at.checked_sub(1).and_then(|at| heap.get(at))) && !word(heap.get(at + mark.len()));
        part == mark.as_bytes() && (!short || alone())
    })
}

/// An account of the console; the command reads the password from its standard input.
fn administrator(stage: &Stage) {
    let mut command = stage.place.command(&[
        "admin",
        "create",
        "ada@acme.example",
        "--name",
        "Ada Park",
        "--role",
        "owner",
    ]);
    let mut running = command.stdin(Stdio::piped()).spawn().unwrap();
    writeln!(running.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let ended = running.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_mark_is_found_where_there_is_one() {
    for (heap, mark, found) in [
        ("a 718294.", "718294", true),
        ("a718294", "718294", false),
        ("x+13052000001y", "+13052000001", true),
        ("nothing", "718294", false),
    ] {
        assert_eq!(holds(heap.as_bytes(), mark), found, "{mark} in {heap}");
    }
}

on_both! {
    async fn no_mark_lies_where_it_must_not(database: Database) {
        let stage = Stage::on(&database, &format!("{RULES}\n[tenant.policy.pin]\nenabled = true")).await;
        let service = stage.serve().await;
        let base = service.base.clone();
        let mut answers = String::new();
        let mut marks: BTreeMap<String, String> = BTreeMap::new();
        let mut mark = |what: &str, value: String| marks.insert(value, what.to_owned());
        for number in 1..=3 {
            // What a host told, it may read back: that answer is not searched.
            stage.tell_client(&base, number).await.unwrap();
            let asked = stage.ask(&base, number).await.unwrap().1;
            let code = stage.code_to(number).await;
            let challenge = asked["id"].as_str().unwrap().to_owned();
            answers += &asked.to_string();
            answers += &stage.check(&base, &challenge, &wrong(&code)).await.unwrap().1.to_string();
            answers += &stage.check(&base, &challenge, &code).await.unwrap().1.to_string();
            for path in [format!("/api/v1/challenges/{challenge}"), format!("/api/v1/clients/k-{number}/status")] {
                answers += &stage.must(&base, "GET", &path, None, 200).await.to_string();
            }
            mark("a code", code);
            mark("a mobile", phone(number));
            mark("a mobile without its plus", phone(number)[1..].to_owned());
            mark("an address", format!("a{number}@ruiz.example"));
        }
        // A PIN is set by its link and checked, right and wrong.
        let link = json!({"contact": "c-1"});
        answers += &stage.must(&base, "POST", "/api/v1/clients/k-1/pin/link", Some(&link), 201).await.to_string();
        let texts = stage.gateway.until(|all| all.iter().any(|one| crate::stage::field(one, "text").contains("/p/"))).await;
        let text = texts.iter().map(|one| crate::stage::field(one, "text")).find(|text| text.contains("/p/")).unwrap();
        let token = text.split("/p/").nth(1).unwrap().split_whitespace().next().unwrap().trim_end_matches('.').to_owned();
        let form = format!("pin={PIN}&again={PIN}");
        let sent = stage.http.post(format!("{base}/p/{token}")).header("origin", "http://127.0.0.1:8080");
        let sent = sent.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
        assert!(sent.status().as_u16() < 400, "{}", sent.status());
        for pin in [PIN, "718295"] {
            answers += &stage.must(&base, "POST", "/api/v1/clients/k-1/pin/check", Some(&json!({"pin": pin})), 200).await.to_string();
        }
        assert!(answers.contains("\"verified\"") && answers.contains("\"incorrect\""), "{answers}");
        mark("the PIN", PIN.to_owned());
        mark("a link's token", token);
        mark("the API key", stage.key.clone());
        let master = stage.place.environment.iter().find(|(name, _)| name.ends_with("MASTER_KEY")).unwrap().1.clone();
        mark("the master key", master);

        // A user's second step, an administrator, and what signs webhooks and pushes.
        let user = enrolled(&stage, &base).await;
        let mut raw = vec![("the app's secret", totp_rs::Secret::try_from_base32(&user.key).unwrap().to_vec())];
        mark("the app's secret in base32", user.key);
        for code in user.backup_codes {
            mark("a backup code", code.replace('-', ""));
            mark("a backup code as it is shown", code);
        }
        administrator(&stage);
        for typed in [PASSWORD, "kettle moss lantern 8"] {
            let form = format!("email=ada%40acme.example&password={}", typed.replace(' ', "+"));
            let sent = stage.http.post(format!("{base}/admin/sign-in")).header("origin", "http://127.0.0.1:8080");
            let sent = sent.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
            answers += &sent.text().await.unwrap();
        }
        mark("the administrator's password", PASSWORD.to_owned());
        mark("the administrator's password in a form", PASSWORD.replace(' ', "+"));
        for secret in &stage.signing {
            raw.push(("a signing secret", base64::Engine::decode(&base64::prelude::BASE64_STANDARD, secret).unwrap()));
            mark("a signing secret in base64", secret.clone());
        }

        ledger::drained(&database).await;
        let (_, metrics) = service.call("GET", "/metrics", "", None).await;
        let pushes: Vec<u8> = stage.host.pushes().into_iter().flat_map(|push| push.body).collect();
        service.terminate();
        let logs = service.ended().await.err;
        assert!(logs.contains("\"route\"") || logs.contains("request"), "the log says something: {logs}");
        let places = [
            ("the database", contents(&database)),
            ("the log", logs.into_bytes()),
            ("the figures", metrics.to_string().into_bytes()),
            ("a push", pushes),
            ("an answer", answers.into_bytes()),
        ];
        for (place, heap) in &places {
            assert!(!heap.is_empty(), "{place} was not read");
            for (mark, what) in &marks {
                let found = forms(mark).into_iter().any(|form| holds(heap, &form));
                assert!(!found, "{what} ({mark}) lies in {place}");
            }
            for (what, bytes) in &raw {
                let found = heap.windows(bytes.len()).any(|part| part == bytes) || holds(heap, &hex::encode(bytes));
                assert!(!found, "{what}, as bytes or in hexadecimal, lies in {place}");
            }
        }
    }
}
