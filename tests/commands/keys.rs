//! Master keys, the epoch and the schema.

use super::place::{Place, Ran};
use super::process::Process;
use crate::on_both;

#[test]
fn a_generated_key_is_taken_and_no_two_are_alike() {
    let place = Place::bare();
    let (one, other) = (place.run(&["keygen"]).good(), place.run(&["keygen"]).good());
    assert_ne!(one, other);
    assert_eq!((one.len(), one.lines().count()), (45, 1));
    assert!(place.run(&["keygen"]).err.is_empty());
    Place::new().run(&["check"]).good();
}

#[test]
fn nothing_that_needs_a_master_key_runs_without_a_good_one() {
    let mut place = Place::new();
    let short = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5";
    let weak = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
    for (key, hint) in [
        (None, "`countersign keygen` makes one"),
        (Some(short), "32"),
        (Some(weak), "different"),
        (Some("not base64 at all"), "base64"),
    ] {
        match key {
            Some(key) => place.set("SECRETS__MASTER_KEY", key),
            None => place.unset("SECRETS__MASTER_KEY"),
        }
        for command in [&["check"][..], &["migrate"], &["tenant", "list"], &["serve"]] {
            let said = place.run(command).bad();
            assert!(said.contains("secrets.master_key") && said.contains(hint), "{command:?}: {said}");
        }
    }
    assert!(!place.path("countersign.db").exists(), "nothing was opened");
}

on_both! {
    async fn the_schema_is_brought_up_to_date_any_number_of_times(database: Database) {
        let place = Place::on(&database);
        for _ in 0..2 {
            assert_eq!(place.run(&["migrate"]).good(), "The database is up to date.\n");
        }
        assert_eq!(place.run(&["tenant", "list"]).good(), "");
    }
}

on_both! {
    async fn five_processes_may_migrate_an_empty_database_at_once(database: Database) {
        let place = Place::on(&database);
        let children: Vec<_> = (0..5).map(|_| place.command(&["migrate"]).spawn().unwrap()).collect();
        for child in children {
            assert_eq!(Ran::from(child.wait_with_output().unwrap()).good(), "The database is up to date.\n");
        }
        assert_eq!(database.count("select count(*) from tenant").await, 0);
    }
}

on_both! {
    async fn after_rotating_the_old_key_is_not_needed_to_read_anything(database: Database) {
        let mut place = Place::on(&database);
        place.write("tenants.toml", "[[tenant]]\nid = \"a\"\nname = \"A\"\n");
        place.run(&["tenant", "apply", "tenants.toml"]).good();
        let old = place.environment.iter().find(|(n, _)| n.ends_with("MASTER_KEY")).unwrap().1.clone();
        let new = place.run(&["keygen"]).good();
        place.set("SECRETS__MASTER_KEY", new.trim());
        let said = place.run(&["tenant", "list"]).bad();
        assert!(said.contains("key"), "says that a key is missing: {said}");

        place.set("SECRETS__OLD_MASTER_KEYS", &old);
        assert!(place.run(&["tenant", "list"]).good().contains("a  A"));
        let said = place.run(&["keys", "rotate"]).good();
        assert!(said.contains("sealed with master key") && said.contains("old_master_keys"), "{said}");
        assert!(!said.starts_with("0 rows"), "{said}");
        place.unset("SECRETS__OLD_MASTER_KEYS");
        assert!(place.run(&["tenant", "list"]).good().contains("a  A"));
        let again = place.run(&["keys", "rotate"]).good();
        assert!(again.starts_with("0 rows"), "{again}");
    }
}

on_both! {
    async fn raising_the_epoch_ends_every_open_code_of_a_running_service(database: Database) {
        let place = Place::on(&database);
        let key = crate::tenants::cornerstone(&place, "http://127.0.0.1:9/");
        let service = Process::serve(&place).await;
        let challenge = crate::tenants::ask(&service, &key).await;
        let path = format!("/api/v1/challenges/{challenge}");
        assert_eq!(service.call("GET", &path, &key, None).await.1["state"], "active");
        let said = place.run(&["epoch", "bump"]).good();
        assert_eq!(said, "Every open code and link is over (1); running processes know within a second.\n\
            Every security PIN is locked until it is set anew (0).\n");
        service.becomes(&path, &key, |status, body| status == 200 && body["state"] == "cancelled").await;
    }
}
