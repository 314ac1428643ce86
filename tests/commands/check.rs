//! `countersign check`: what is wrong is known before anything is served.

use super::place::Place;
use crate::on_both;
use crate::tenants::cornerstone;

#[test]
fn a_service_that_can_work_is_told_so() {
    let place = Place::new();
    crate::tenants::cornerstone(&place, "https://crm.example/in");
    let said = place.run(&["check"]).good();
    assert!(said.lines().all(|line| line.starts_with("ok ")), "{said}");
    for what in ["public_url", "master key", "email", "sms", "voice", "database", "cornerstone: eligible"] {
        assert!(said.contains(what), "{said}");
    }
}

/// What `check` says with these settings, which are wrong.
fn wrong(settings: &[(&str, &str)]) -> String {
    let mut place = Place::new();
    for (key, value) in settings {
        place.set(key, value);
    }
    let ran = place.run(&["check"]);
    assert_eq!(ran.code, 1);
    ran.bad()
}

#[test]
fn each_thing_that_cannot_work_is_told() {
    let smtp = [("EMAIL__TRANSPORT", "smtp"), ("EMAIL__URL", "smtp://agent7:hunter2@127.0.0.1:1")];
    let gateway = [
        ("SMS__PROVIDER", "http"),
        ("SMS__URL", "http://127.0.0.1:1/?password=hunter2&to={{to}}&text={{text}}"),
    ];
    let twilio = [
        ("SMS__PROVIDER", "twilio"),
        ("SMS__ACCOUNT_SID", "AC0"),
        ("SMS__AUTH_TOKEN", "hunter2"),
        ("SMS__FROM", "+13055550100"),
        ("SMS__API_BASE", "http://127.0.0.1:1"),
    ];
    for (settings, expected) in [
        (&smtp[..], "WRONG  email: 127.0.0.1:1 cannot be reached"),
        (&gateway, "WRONG  sms: 127.0.0.1:1 cannot be reached"),
        (&twilio, "WRONG  twilio: connection failed"),
        (&[("EMAIL__DIR", "/dev/null/outbox")], "WRONG  email: /dev/null/outbox cannot be made"),
        (&[("SMS__DIR", "/proc")], "WRONG  sms: /proc cannot be written to"),
        (
            &[("SERVER__PUBLIC_URL", "http://verify.example.com")],
            "WRONG  public_url: http://verify.example.com/ is not https",
        ),
        (
            &[("DATABASE__URL", "postgres://u:hunter2@127.0.0.1:1/x")],
            "WRONG  database: PostgreSQL (127.0.0.1:1/x)",
        ),
        (&[("DATABASE__URL", "sqlite:///dev/null/x.db")], "WRONG  database: SQLite (/dev/null/x.db)"),
        (&[("SECRETS__MASTER_KEY", "c2hvcnQ=")], "WRONG  master key: secrets.master_key"),
    ] {
        let said = wrong(settings);
        assert!(said.contains(expected), "{said}");
        assert!(said.ends_with("1 of these must be put right before serving.\n"), "{said}");
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let said = wrong(&[("SERVER__PUBLIC_URL", "http://verify.example.com"), ("SMS__DIR", "/dev/null/x")]);
    assert_eq!(said.matches("WRONG").count(), 2, "{said}");
    assert!(said.ends_with("2 of these must be put right before serving.\n"), "{said}");
}

#[test]
fn an_account_that_texts_and_calls_is_told_once() {
    let account = |section: &'static str| {
        [
            ("PROVIDER", "twilio"),
            ("ACCOUNT_SID", "AC0"),
            ("AUTH_TOKEN", "hunter2"),
            ("FROM", "+13055550100"),
            ("API_BASE", "http://127.0.0.1:1"),
        ]
        .map(|(key, value)| (format!("{section}__{key}"), value))
    };
    let (texts, calls) = (account("SMS"), account("VOICE"));
    let both: Vec<_> = texts.iter().chain(&calls).map(|(key, value)| (key.as_str(), *value)).collect();
    let said = wrong(&both);
    assert_eq!(said.matches("twilio").count(), 1, "{said}");
    let mut other = both;
    other.retain(|(key, _)| *key != "VOICE__ACCOUNT_SID");
    other.push(("VOICE__ACCOUNT_SID", "AC1"));
    assert_eq!(wrong(&other).matches("twilio").count(), 2, "another account is another question");
}

#[test]
fn pushes_that_can_never_arrive_are_told() {
    let place = |networks: &str| {
        let mut place = Place::new();
        place.set("HOST__ALLOW_PRIVATE_CALLBACKS", networks);
        place
    };
    for (callback, networks, expected) in [
        (
            "http://127.0.0.1:9000/in?key=hunter2",
            "",
            "no push can reach 127.0.0.1: the address must name a host, not an address",
        ),
        ("https://10.1.2.3/in", "127.0.0.0/8", "no push can reach 10.1.2.3: the address must name a host"),
        ("http://crm.example/in", "", "no push can reach crm.example: the address must start with https://"),
        ("https://crm.example:22/in", "", "no push can reach crm.example: the address uses a port"),
        ("https://crm/in", "", "no push can reach crm: the address needs a full host name"),
    ] {
        let place = place(networks);
        cornerstone(&place, callback);
        let said = place.run(&["check"]).bad();
        assert!(said.contains(&format!("WRONG  cornerstone callback_url: {expected}")), "{said}");
        assert!(said.contains("host.allow_private_callbacks"), "{said}");
        assert!(said.ends_with("1 of these must be put right before serving.\n"), "{said}");
    }
    for (callback, networks) in
        [("https://crm.example/in?key=hunter2", ""), ("http://127.0.0.1:9000/in", "127.0.0.0/8")]
    {
        let place = place(networks);
        cornerstone(&place, callback);
        assert!(place.run(&["check"]).good().contains("ok     cornerstone callback_url: pushes go to "));
    }
}

on_both! {
    async fn a_screen_that_asks_for_a_pin_nobody_can_have_is_refused_and_one_kept_before_that_is_told(database: Database) {
        let place = Place::on(&database);
        cornerstone(&place, "https://crm.example/in");
        let file = |rest: &str| place.write("pin.toml", &format!("[[tenant]]\nid = \"cornerstone\"\nname = \"C\"\n{rest}"));
        let wrong = "surface.payroll_card.requires: asks for a PIN where there is none; set policy.pin.enabled = true, or leave pin out";
        for methods in [r#"["pin"]"#, r#"["code", "pin"]"#] {
            file(&format!("[tenant.surface.payroll_card]\nrequires = {methods}\n"));
            let said = place.run(&["tenant", "apply", "pin.toml"]).bad();
            assert_eq!(said, format!("pin.toml: tenant[cornerstone].{wrong}\n"));
        }
        let both = "[tenant.policy.pin]\nenabled = true\n[tenant.surface.payroll_card]\nrequires = [\"pin\"]\n";
        for accepted in ["[tenant.surface.payroll_card]\nrequires = [\"code\"]\n", both] {
            file(accepted);
            place.run(&["tenant", "apply", "pin.toml"]).good();
        }
        file("[tenant.policy.pin]\nenabled = false\n");
        assert!(place.run(&["tenant", "apply", "pin.toml"]).bad().contains(wrong), "nor is the PIN switched off under it");
        assert!(!place.run(&["check"]).good().contains("requires"));
        let kept = r#"{"name": "C", "eligible": true, "surface": {"payroll_card": {"requires": ["pin"]}}}"#;
        database.execute(&format!("update tenant set settings = '{kept}'")).await;
        let said = place.run(&["check"]).bad();
        assert!(said.contains("WRONG  cornerstone surface.payroll_card.requires: asks for a PIN where there is none"), "{said}");
    }
}

on_both! {
    async fn a_logo_that_nobody_would_see_is_refused_and_one_kept_before_that_is_told(database: Database) {
        let place = Place::on(&database);
        cornerstone(&place, "https://crm.example/in");
        for logo in ["http://crm.example/logo.png", "logo.png", "data:image/png;base64,AA=="] {
            place.write("logo.toml", &format!("[[tenant]]\nid = \"cornerstone\"\nname = \"C\"\n[tenant.brand]\nlogo = \"{logo}\"\n"));
            let said = place.run(&["tenant", "apply", "logo.toml"]).bad();
            assert_eq!(said, format!("logo.toml: tenant[cornerstone].brand.logo: {logo:?} is not an https address, such as https://crm.example/logo.png\n"));
        }
        assert!(!place.run(&["check"]).good().contains("logo"));
        let kept = r#"{"name": "C", "eligible": true, "brand": {"logo": "http://crm.example/logo.png"}}"#;
        database.execute(&format!("update tenant set settings = '{kept}'")).await;
        let said = place.run(&["check"]).bad();
        assert!(said.contains("ok     cornerstone: eligible\n"), "it still verifies: {said}");
        assert!(said.contains("WRONG  cornerstone brand.logo: \"http://crm.example/logo.png\" is not an https address"), "{said}");
    }
}
