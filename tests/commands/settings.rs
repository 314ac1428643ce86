//! Settings as they reach the commands: which file, which wins, and what is said of a wrong one.

use super::place::{Place, of_repository};

#[test]
fn the_file_may_be_named_before_and_after_the_command() {
    for (n, arguments) in [
        &["--config", "other.toml", "migrate"][..],
        &["migrate", "--config", "other.toml"],
        &["tenant", "--config", "other.toml", "list"],
        &["tenant", "list", "--config=other.toml"],
    ]
    .into_iter()
    .enumerate()
    {
        let place = Place::new();
        place.write("other.toml", "[database]\nurl = \"sqlite://other.db?mode=rwc\"\n");
        place.run(arguments).good();
        assert!(place.path("other.db").exists(), "{n}");
        assert!(!place.path("countersign.db").exists(), "{n}");
    }
}

#[test]
fn a_file_that_is_named_and_not_there_is_an_error() {
    let said = Place::new().run(&["migrate", "--config", "nowhere.toml"]).bad();
    assert_eq!(said, "nowhere.toml: cannot be read: No such file or directory (os error 2)\n");
}

#[test]
fn the_environment_wins_over_the_file() {
    let mut place = Place::new();
    place.write("countersign.toml", "[database]\nurl = \"sqlite://file.db?mode=rwc\"\n");
    place.set("DATABASE__URL", "sqlite://environment.db?mode=rwc");
    place.run(&["migrate"]).good();
    assert!(place.path("environment.db").exists() && !place.path("file.db").exists());
}

#[test]
fn secrets_may_stand_in_files_of_their_own() {
    let mut place = Place::new();
    place.write("key", &place.run(&["keygen"]).good());
    place.write("url", "sqlite://from-a-file.db?mode=rwc\n");
    place.unset("SECRETS__MASTER_KEY");
    place.set("SECRETS__MASTER_KEY_FILE", "key");
    place.set("DATABASE__URL_FILE", "url");
    place.run(&["migrate"]).good();
    assert!(place.path("from-a-file.db").exists());
}

#[test]
fn a_wrong_setting_is_told_by_file_key_and_what_is_allowed() {
    let place = Place::new();
    for (text, expected) in [
        (
            "[server]\nport = 1",
            "countersign.toml: server.port: unknown key; known keys are bind, public_url, trusted_proxies, drain, wrong_codes_a_day\n",
        ),
        (
            "[server]\npublic_url = \"verify.example.com\"",
            "countersign.toml: server.public_url: \"verify.example.com\" must be an http or https address without a path, such as https://verify.example.com\n",
        ),
        (
            "[email]\ntransport = \"pigeon\"",
            "countersign.toml: email.transport: \"pigeon\" is not known; allowed is smtp, file\n",
        ),
        (
            "[database]\nurl = \"mysql://u:hunter2@x\"",
            "countersign.toml: database.url: must start with sqlite: or postgres://\n",
        ),
    ] {
        place.write("countersign.toml", text);
        for command in [
            &["serve"][..],
            &["check"],
            &["migrate"],
            &["tenant", "list"],
            &["keys", "rotate"],
            &["epoch", "bump"],
        ] {
            assert_eq!(place.run(command).bad(), expected, "{command:?}");
        }
    }
    assert!(!place.path("countersign.db").exists(), "nothing was opened");
}

#[test]
fn a_wrong_tenant_is_told_by_file_key_and_what_is_allowed_and_nothing_is_applied() {
    let place = Place::new();
    let good = "[[tenant]]\nid = \"a\"\nname = \"A\"\n";
    for (text, expected) in [
        (
            "eligble = true",
            "tenants.toml: tenant[1].eligble: unknown key; known keys are id, name, eligible,",
        ),
        (
            "callback_url = \"crm.example\"",
            "tenants.toml: tenant[b].callback_url: must be an http or https address",
        ),
        (
            "surfaces = [\"lead\"]",
            "tenants.toml: tenant[b].surfaces[0]: \"lead\" is not known; allowed is lead_card, enrollments, payroll_card\n",
        ),
        (
            "[tenant.policy.client]\ncode_valid = \"10 minutes\"",
            "tenants.toml: tenant[b].policy.client.code_valid: \"10 minutes\"",
        ),
        (
            "[tenant.policy.client]\ncode_valid = \"25h\"",
            "tenants.toml: tenant[b].policy.client.code_valid: 25h is out of bounds; allowed is 30s to 24h\n",
        ),
        (
            "[tenant.policy.client]\ntries = 99",
            "tenants.toml: tenant[b].policy.client.tries: 99 is out of bounds; allowed is 3 to 10\n",
        ),
        (
            "api_key = \"csk_hunter2\"",
            "tenants.toml: tenant[1].api_key: must be csk_ and 32 or more of A-Z, a-z, 0-9 and _\n",
        ),
        ("name = ", "tenants.toml: line 6: "),
    ] {
        let name = if text.starts_with("name") { "" } else { "name = \"B\"\n" };
        place.write("tenants.toml", &format!("{good}[[tenant]]\nid = \"b\"\n{name}{text}\n"));
        let said = place.run(&["tenant", "apply", "tenants.toml"]).bad();
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(place.run(&["tenant", "list"]).good(), "");
}

#[test]
fn every_fault_is_told_at_once() {
    let mut place = Place::new();
    place.write("countersign.toml", "[server]\nport = 1\n[email]\ntransport = \"pigeon\"\n");
    place.set("SERVER__BIND", "everywhere");
    let said = place.run(&["serve"]).bad();
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(
        said.contains("environment: COUNTERSIGN_SERVER__BIND: \"everywhere\" is not an address"),
        "{said}"
    );
}

#[test]
fn a_command_line_that_means_nothing_is_refused_with_a_hint() {
    let place = Place::new();
    for (arguments, hint) in [
        (&["sevre"][..], "serve"),
        (&["tenant", "key", "make", "a"], "tenant key"),
        (&["tenant", "secret", "rotate", "a", "api"], "webhook or push"),
        (&["tenant", "secret", "rotate", "a", "push", "--overlap", "1 day"], "--overlap"),
        (&["tenant", "apply"], "<FILE>"),
        (&[], "Usage"),
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.bad().contains(hint), "{arguments:?}");
    }
    assert!(place.run(&["--version"]).good().starts_with("countersign 0."));
    assert!(of_repository("countersign.example.toml").exists());
}

#[cfg(unix)]
#[test]
fn the_database_file_that_a_command_makes_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    let mode = || std::fs::metadata(place.path("countersign.db")).unwrap().permissions().mode() & 0o777;
    place.run(&["migrate"]).good();
    assert_eq!(mode(), 0o600);
    let given = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(place.path("countersign.db"), given).unwrap();
    place.run(&["migrate"]).good();
    assert_eq!(mode(), 0o640, "a mode that somebody gave it stays");
}
