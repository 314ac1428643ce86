//! What a tenant's messages say, published by the command line beside a running service.

use serde_json::json;

use super::place::Place;
use super::process::{BEAT, MOST_BEATS, Process};
use super::tenants::cornerstone;
use crate::on_both;

const SMS: [&str; 4] = ["cornerstone", "client_code", "sms", "en"];
const EMAIL: [&str; 4] = ["cornerstone", "client_code", "email", "en"];

fn wording<'a>(verb: &'a str, of: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["wording", verb][..], of, more].concat()
}

/// Asks for a code, of one client after the other, until its message has this in it.
async fn says(place: &Place, service: &Process, key: &str, part: &str) {
    let mut beats = tokio::time::interval(BEAT);
    for number in 0..MOST_BEATS {
        beats.tick().await;
        let email = format!("{}-{number}@ruiz.example", part.len());
        let contact =
            json!({"id": "c-1", "name": "Ana Ruiz", "role": "owner", "email": email, "locale": "en"});
        let body = json!({"name": "Ruiz", "contacts": [contact]});
        let path = format!("/api/v1/clients/lead-{}-{number}", part.len());
        assert_eq!(service.call("PUT", &path, key, Some(&body)).await.0, 201);
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let (status, asked) = service.call("POST", &format!("{path}/codes"), key, Some(&body)).await;
        assert_eq!(status, 201, "{asked}");
        let challenge = format!("/api/v1/challenges/{}", asked["id"].as_str().unwrap());
        let sent = |_, seen: &serde_json::Value| seen["messages"][0]["state"] == "sent";
        service.becomes(&challenge, key, sent).await;
        let files = std::fs::read_dir(place.path("outbox")).unwrap();
        let mut said = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        if said.any(|said| said.contains(&email) && said.contains(part)) {
            return;
        }
    }
    panic!("no message ever said {part:?}");
}

on_both! {
    async fn a_wording_is_checked_published_seen_by_a_running_service_and_taken_back(database: Database) {
        let place = Place::on(&database);
        let key = cornerstone(&place, "https://crm.example/in");
        let service = Process::serve(&place).await;
        let built_in = place.run(&wording("show", &EMAIL, &[])).good();
        assert!(built_in.starts_with("Your {{brand}} code for this call\n\nYour code for this call\n\n{{#if first_name}}Hi "), "{built_in}");
        place.write("good", &built_in);
        place.run(&wording("check", &EMAIL, &["good"])).good();
        place.write("good", "Hello from {{brand}}\n\nHere it is: {{code}}\n");
        assert_eq!(place.run(&wording("check", &EMAIL, &["good"])).good(), "client_code/email/en: nothing is wrong with good\n");
        assert_eq!(place.run(&wording("publish", &EMAIL, &["good", "--base", "0"])).good(), "client_code/email/en: version 1\n");
        assert_eq!(place.run(&wording("publish", &EMAIL, &["good"])).good(), "client_code/email/en: nothing to change\n");
        assert_eq!(place.run(&wording("show", &EMAIL, &[])).good(), "Hello from {{brand}}\n\nHere it is: {{code}}\n");
        let listed = place.run(&["wording", "list", "cornerstone"]).good();
        assert!(listed.contains("client_code/email/en  own wording, version 1 by operator, 2"), "{listed}");
        assert!(listed.contains("client_code/sms/es  built-in\n"), "{listed}");
        says(&place, &service, &key, "Hello from Cornerstone PEO").await;

        assert_eq!(place.run(&wording("publish", &EMAIL, &["--built-in", "--base", "1"])).good(), "client_code/email/en: version 2\n");
        says(&place, &service, &key, "Your Cornerstone PEO code for this call").await;
        assert_eq!(place.run(&wording("show", &EMAIL, &["--version", "1"])).good(), "Hello from {{brand}}\n\nHere it is: {{code}}\n");
    }
}

on_both! {
    async fn a_bad_wording_is_told_by_its_lines_and_a_late_one_by_who_was_first(database: Database) {
        let place = Place::on(&database);
        cornerstone(&place, "https://crm.example/in");
        place.write("bad", "Never {{code}}\n\nDear {{name}}\n{{code}} acme.com\n");
        let told = "bad cannot be published:\nSubject: {{code}} is not known here. Known are ";
        for verb in ["check", "publish"] {
            let said = place.run(&wording(verb, &EMAIL, &["bad"])).bad();
            assert!(said.starts_with(told) && said.contains("\nLine 3: {{name}} is not known here."), "{said}");
        }
        place.write("bad", "Hello\n\nSee acme.com\n");
        let said = place.run(&wording("publish", &EMAIL, &["bad"])).bad();
        assert_eq!(said, "bad cannot be published:\nText: {{code}} is missing, at least in some case.\nLine 3: acme.com looks like an address. A message like this must not have one.\n");
        place.write("text", "{{code}} is for our agent.");
        place.run(&wording("publish", &SMS, &["text"])).good();
        place.write("text", "{{code}} is for nobody else.");
        let said = place.run(&wording("publish", &SMS, &["text", "--base", "0"])).bad();
        assert_eq!(said, "somebody else published version 1 meanwhile\n");
        let calm = place.run(&["check"]);
        assert!(!(calm.out + &calm.err).contains("wording"));
        database.execute("update wording set body = 'Never say {{code}}'").await;
        let said = place.run(&["check"]).err;
        assert!(said.contains("WRONG  cornerstone wording client_code/sms/en: Line 1: “never”: this code"), "{said}");
        place.write("text", "Código {{code}}");
        let said = place.run(&wording("publish", &SMS, &["text"])).bad();
        assert!(said.contains("Text: ó turn it into a text of another kind"), "{said}");
        place.write("text", "\n");
        let said = place.run(&wording("publish", &SMS, &["text"])).bad();
        assert_eq!(said, "text has no text; --built-in takes a wording back\n");
        let [_, kind, channel, locale] = SMS;
        assert!(place.run(&wording("show", &["nobody", kind, channel, locale], &[])).bad().contains("there is no tenant nobody"));
        assert!(place.run(&wording("show", &["cornerstone", kind, "fax", locale], &[])).bad().contains("known are client_code/email/en"));
        assert!(place.run(&wording("show", &SMS, &["--version", "9"])).bad().contains("has no version 9"));
    }
}

on_both! {
    async fn a_file_is_sent_as_a_test_to_somebody_with_an_account_and_to_nobody_else(database: Database) {
        let place = Place::on(&database);
        cornerstone(&place, "https://crm.example/in");
        place.told(&["admin", "create", "ada@acme.example", "--role", "owner"], "kettle moss lantern 7").good();
        place.write("draft", "Hello from {{brand}}\n\nHere it is: {{code}}\n");
        let to = |email| ["draft", "--to", email];
        let sent = place.run(&wording("test", &EMAIL, &to("ada@acme.example"))).good();
        assert_eq!(sent, "client_code/email/en: the provider took the test; nothing was published\n");
        let mail = std::fs::read_dir(place.path("outbox")).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let mail: Vec<_> = mail.collect();
        assert!(mail.len() == 1 && mail[0].contains("TEST: Hello from Cornerstone PEO") && mail[0].contains("000 000") && mail[0].contains("ada@acme.example"), "{mail:?}");
        assert!(place.run(&wording("test", &EMAIL, &to("eve@evil.example"))).bad().contains("eve@evil.example"));
        place.write("draft", "{{code}} is for our agent.");
        let none = place.run(&wording("test", &SMS, &to("ada@acme.example"))).bad();
        assert!(none.contains("a test by phone goes to the number of their second step"), "{none}");
        place.write("draft", "Hello\n\nSee acme.com\n");
        let told = place.run(&wording("test", &EMAIL, &to("ada@acme.example"))).bad();
        assert!(told.starts_with("draft cannot be published:\nText: {{code}} is missing"), "{told}");
        assert_eq!(std::fs::read_dir(place.path("outbox")).unwrap().count(), 1);
    }
}
