//! `countersign check`: what is wrong is known before anything is served.

use super::place::Place;

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
