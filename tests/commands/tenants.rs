//! Tenants, their keys and their secrets, by the command line and beside a running service.

use serde_json::json;

use super::place::{Place, of_repository};
use super::process::Process;
use crate::database::Database;
use crate::on_both;

/// Applies one tenant whose pushes go to `callback`, and gives its API key.
pub fn cornerstone(place: &Place, callback: &str) -> String {
    let text = format!(
        "[[tenant]]\nid = \"cornerstone\"\nname = \"Cornerstone PEO\"\neligible = true\ncallback_url = \"{callback}\"\n"
    );
    place.write("tenants.toml", &text);
    let said = place.run(&["tenant", "apply", "tenants.toml"]).good();
    secrets(&said, "csk_").remove(0)
}

/// Tells a client and asks for a code. Gives the challenge's id.
pub async fn ask(service: &Process, key: &str) -> String {
    let contact = json!({"id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": "ana@ruiz-landscaping.example", "locale": "en"});
    let client = json!({"name": "Ruiz Landscaping LLC", "contacts": [contact]});
    assert_eq!(service.call("PUT", "/api/v1/clients/lead-1", key, Some(&client)).await.0, 201);
    let body = json!({"contact": "c-1", "surface": "lead_card"});
    let (status, challenge) = service.call("POST", "/api/v1/clients/lead-1/codes", key, Some(&body)).await;
    assert_eq!(status, 201, "{challenge}");
    challenge["id"].as_str().unwrap().to_owned()
}

/// Everything with this prefix that a text shows.
fn secrets(text: &str, prefix: &str) -> Vec<String> {
    let pattern = regex::Regex::new(&format!("{prefix}[A-Za-z0-9_+/=]+")).unwrap();
    pattern.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

/// What a second run must leave as it is: rows, their changes, and the mark that other processes look at.
async fn contents(database: &Database) -> Vec<i64> {
    let mut found = Vec::new();
    for query in [
        "select count(*) from tenant",
        "select count(*) from tenant_secret",
        "select count(*) from api_key",
        "select count(*) from audit",
        "select max(changed_at) from tenant",
        "select value from meta where name = 'revision'",
    ] {
        found.push(database.count(query).await);
    }
    found
}

on_both! {
    async fn the_example_files_work_as_they_stand_and_a_second_time_change_nothing(database: Database) {
        let place = Place::on(&database);
        std::fs::copy(of_repository("tenants.example.toml"), place.path("tenants.toml")).unwrap();
        let said = place.run(&["tenant", "apply", "tenants.toml"]).good();
        for id in ["cornerstone", "compeo", "peopaygo", "coguardhr", "southeast"] {
            assert!(said.contains(&format!("{id}: created\n")), "{said}");
        }
        // The first tenant has its three in the file; the other four are told theirs this once.
        let mut made = secrets(&said, "whsec_");
        assert_eq!((made.len(), secrets(&said, "csk_").len()), (8, 4), "{said}");
        made.extend(secrets(&said, "csk_"));
        let file = std::fs::read_to_string(place.path("tenants.toml")).unwrap();
        assert!(made.iter().all(|secret| !file.contains(secret.as_str())));

        let before = contents(&database).await;
        let again = place.run(&["tenant", "apply", "tenants.toml"]);
        assert_eq!(again.err, "");
        let expected = ["cornerstone", "compeo", "peopaygo", "coguardhr", "southeast"].map(|id| format!("{id}: nothing to change\n"));
        assert_eq!(again.good(), expected.concat());
        assert_eq!(contents(&database).await, before);

        let list = place.run(&["tenant", "list"]).good();
        assert!(list.contains("southeast  Southeast  not eligible\n") && list.contains("peopaygo  PeoPayGo  eligible\n"), "{list}");
        assert!(made.iter().all(|secret| !list.contains(secret.as_str())));
        assert_eq!(list.lines().filter(|line| line.contains("key_") && line.ends_with("live")).count(), 5, "{list}");
    }
}

on_both! {
    async fn a_changed_key_is_applied_and_what_is_left_out_stays(database: Database) {
        let place = Place::on(&database);
        let key = cornerstone(&place, "https://crm.example/in");
        place.write("tenants.toml", "[[tenant]]\nid = \"cornerstone\"\nname = \"Cornerstone\"\napi_key = \"csk_another_one_that_does_not_count_any_more_1\"\n");
        let said = place.run(&["tenant", "apply", "tenants.toml"]).good();
        assert_eq!(said, "cornerstone: changed\n");
        assert!(place.run(&["tenant", "list"]).good().starts_with("cornerstone  Cornerstone  eligible\n"));
        let service = Process::serve(&place).await;
        assert_eq!(service.call("GET", "/api/v1/clients/x/status", &key, None).await.0, 200);
        let ignored = "csk_another_one_that_does_not_count_any_more_1";
        assert_eq!(service.call("GET", "/api/v1/clients/x/status", ignored, None).await.0, 401);
    }
}

on_both! {
    async fn keys_are_made_and_revoked_beside_a_running_service(database: Database) {
        let place = Place::on(&database);
        cornerstone(&place, "https://crm.example/in");
        let service = Process::serve(&place).await;
        let said = place.run(&["tenant", "key", "create", "cornerstone"]).good();
        let (id, key) = (said.lines().next().unwrap().to_owned(), said.lines().nth(1).unwrap().to_owned());
        assert!(id.starts_with("key_") && key.starts_with("csk_"), "{said}");
        let status = "/api/v1/clients/lead-1/status";
        service.becomes(status, &key, |status, _| status == 200).await;

        let said = place.run(&["tenant", "key", "revoke", "cornerstone", &id]).good();
        assert_eq!(said, format!("{id} is revoked, and every agent token made with it.\n"));
        let refused = service.becomes(status, &key, |status, _| status == 401).await;
        assert_eq!(refused["code"], "unauthorized");
        let list = place.run(&["tenant", "list"]).good();
        let line = list.lines().find(|line| line.contains(&id)).unwrap();
        assert!(line.contains("revoked 2") && !list.contains(&key), "{list}");
        assert!(place.run(&["tenant", "key", "revoke", "cornerstone", &id]).bad().contains("API key"));
    }
}

on_both! {
    async fn a_rotated_secret_is_shown_once_and_both_are_valid_for_a_while(database: Database) {
        let place = Place::on(&database);
        let callback = crate::receiver::Receiver::start().await;
        let key = cornerstone(&place, &callback.url("cornerstone"));
        for purpose in ["webhook", "push"] {
            let said = place.run(&["tenant", "secret", "rotate", "cornerstone", purpose, "--overlap", "12h"]).good();
            assert_eq!(secrets(&said, "whsec_").len(), 1);
            assert!(said.ends_with(&format!("The new {purpose} secret is shown this once; the old one ends in 12h.\n")), "{said}");
        }
        let service = Process::serve(&place).await;
        ask(&service, &key).await;
        let push = callback.until(|pushes| !pushes.is_empty()).await.remove(0);
        assert_eq!(push.headers["webhook-signature"].split(' ').count(), 2);
    }
}

#[test]
fn what_does_not_exist_is_told() {
    let place = Place::new();
    place.write("tenants.toml", "[[tenant]]\nid = \"a\"\nname = \"A\"\n");
    place.run(&["tenant", "apply", "tenants.toml"]).good();
    for arguments in [
        &["tenant", "key", "create", "b"][..],
        &["tenant", "key", "revoke", "a", "key_01m7wqrwm89wf81d8q69tg3mf9"],
        &["tenant", "key", "revoke", "a", "none"],
        &["tenant", "secret", "rotate", "b", "push"],
        &["tenant", "apply", "nowhere.toml"],
    ] {
        let said = place.run(arguments).bad();
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
