//! A place in a session: whose it is, and what whoever comes into it answers for.

use countersign::usecase::guest::check_code::{Checked, check_code};
use countersign::usecase::guest::link::{Behind, Ticket, behind};
use countersign::usecase::guest::send_code::{Wish, send_code};
use countersign::usecase::guest::view::view;
use serde_json::{Value, json};

use super::{P1, started, state};
use crate::code::wrong;
use crate::guest::{proof_of, session};
use crate::on_both;
use crate::service::{Service, api_key};

/// A request that found the link open, and has not looked whose it is.
async fn ticket(service: &Service, path: &str) -> Ticket {
    let token = path.strip_prefix("/p/").unwrap();
    match behind(service.app.desk(), token).await.unwrap() {
        Behind::Guest(ticket) => ticket,
        _ => panic!("the link does not open"),
    }
}

/// Nothing is shown or done by it.
async fn opens_nothing(service: &Service, ticket: &Ticket, code: &str) {
    let desk = service.app.desk();
    let before = service.database.dump().await;
    assert!(view(desk, ticket).await.unwrap().is_none());
    assert!(send_code(desk, ticket, Wish::Arrive, "127.0.0.1").await.unwrap().is_none());
    let checked = check_code(desk, ticket, (code, false), "127.0.0.1").await.unwrap();
    assert!(matches!(checked, Checked::Gone), "{checked:?}");
    assert_eq!(service.database.dump().await, before);
}

on_both! {
    async fn a_link_that_was_opened_before_its_place_was_given_away_does_nothing_after(service: Service) {
        let path = started(&service, "email").await;
        service.pressed(&path, "arrive").await;
        service.drain().await;
        let code = service.typed_code();
        let first = ticket(&service, &path).await;
        service.patch(P1, json!({"name": "Luis Ruiz"})).await.expect(200);
        opens_nothing(&service, &first, &code).await;
        service.drain().await;
        let fresh = service.link_path();
        service.pressed(&fresh, "arrive").await;
        service.drain().await;
        let (second, code) = (ticket(&service, &fresh).await, service.typed_code());
        opens_nothing(&service, &first, &code).await;
        service.delete(P1).await.expect(204);
        opens_nothing(&service, &second, &code).await;
    }
}

on_both! {
    async fn where_a_link_leads_must_still_be_allowed_when_it_is_opened(service: Service) {
        let path = started(&service, "email").await;
        let (_, signing) = service.signing(&crate::guest::signing()).await;
        service.apply("cornerstone", json!({"allowed_origins": ["https://other.example"]})).await;
        for path in [&path, &signing] {
            assert_eq!(service.page(path).await.status, 404);
            assert_eq!(service.form(path, &[("do", "arrive")]).await.status, 404);
        }
        assert_eq!(state(&service).await, "invited");
        service.apply("cornerstone", json!({"allowed_origins": ["https://crm.example"]})).await;
        assert_eq!((service.page(&path).await.status, service.page(&signing).await.status), (200, 200));
    }
}

on_both! {
    async fn what_is_queued_for_the_one_before_is_not_sent(service: Service) {
        let path = started(&service, "email").await;
        service.pressed(&path, "arrive").await;
        service.patch(P1, json!({"mobile": "+13055550199"})).await.expect(200);
        service.drain().await;
        let sent: Vec<_> = service.mail_in_order().iter().skip(1).map(|mail| (mail["channel"].clone(), mail["to"].clone())).collect();
        assert_eq!(sent, [(json!("email"), json!("ana@ruiz-landscaping.example"))], "the invitation alone");
        let fresh = service.link_path();
        assert_ne!(fresh, path);
        service.pressed(&fresh, "arrive").await;
        service.drain().await;
        assert_eq!(service.newest_mail()["to"], "+13055550199");
        proof_of(&service.typed(&fresh, &service.typed_code()).await);
    }
}

/// A participant who arrived, and typed five wrong codes: where.
async fn tried_out(service: &Service) -> String {
    let path = started(service, "email").await;
    service.pressed(&path, "arrive").await;
    service.drain().await;
    let code = service.typed_code();
    for _ in 0..5 {
        service.typed(&path, &wrong(&code)).await;
    }
    path
}

on_both! {
    async fn whoever_comes_into_a_place_has_all_the_tries_and_sends(service: Service) {
        service.workflow("session", json!({"subject_tries": 5})).await;
        tried_out(&service).await;
        assert!(service.participant("p-1").await["locked_until"].is_string());
        let luis = json!({"name": "Luis Ruiz", "email": "luis@ruiz-landscaping.example", "mobile": "+13055550199"});
        let changed = service.patch(P1, luis).await.expect(200);
        assert_eq!((&changed["state"], &changed["locked_until"]), (&json!("invited"), &Value::Null));
        service.drain().await;
        let fresh = service.link_path();
        service.pressed(&fresh, "arrive").await;
        service.drain().await;
        let code = service.typed_code();
        let missed = service.typed(&fresh, &wrong(&code)).await;
        assert!(missed.text.contains("4 tries left"), "{}", missed.text);
        proof_of(&service.typed(&fresh, &code).await);
    }
}

on_both! {
    async fn whoever_is_taken_out_and_named_again_answers_for_what_they_tried(service: Service) {
        service.workflow("session", json!({"subject_tries": 5})).await;
        let path = tried_out(&service).await;
        service.delete(P1).await.expect(204);
        let again = json!({"participants": [session("email")["participants"][0]]});
        let at = "/api/v1/sessions/ses-7/participants";
        assert_eq!(service.post(at, again.clone()).await.problem(429), "too_soon");
        service.advance(30);
        let named = service.post(at, again).await.expect(201);
        assert_eq!(named["participants"][0]["state"], "locked");
        service.drain().await;
        let fresh = service.link_path();
        assert_ne!(fresh, path);
        assert_eq!(service.form(&fresh, &[("do", "arrive")]).await.status, 429);
        service.advance(3600);
        service.pressed(&fresh, "arrive").await;
        service.drain().await;
        proof_of(&service.typed(&fresh, &service.typed_code()).await);
    }
}

on_both! {
    async fn a_proof_is_its_own_participants_once_and_for_five_minutes(service: Service) {
        let mut body = session("email");
        body["participants"].as_array_mut().unwrap().push(json!({"id": "p-2", "name": "Luis Ruiz", "role": "cosigner", "email": "luis@ruiz-landscaping.example"}));
        service.post("/api/v1/sessions", body.clone()).await.expect(201);
        body["id"] = json!("ses-8");
        body["participants"][0]["mobile"] = json!("+13055550188");
        service.post("/api/v1/sessions", body).await.expect(201);
        service.drain().await;
        let ana = service.participant("p-1").await["messages"][0]["id"].as_str().unwrap().to_owned();
        let mail = service.mail().into_iter().find(|mail| mail["id"] == ana.as_str()).expect("her invitation");
        let token = regex::Regex::new(r"/p/([A-Za-z0-9_-]{22})").unwrap();
        let path = format!("/p/{}", &token.captures(mail["text"].as_str().unwrap()).unwrap()[1]);
        service.pressed(&path, "arrive").await;
        service.drain().await;
        let proof = proof_of(&service.typed(&path, &service.typed_code()).await);
        let at = |session: &str, person: &str| format!("/api/v1/sessions/{session}/participants/{person}/proof");
        for (session, person) in [("ses-7", "p-2"), ("ses-8", "p-1"), ("ses-9", "p-1")] {
            assert_eq!(service.post(&at(session, person), json!({"proof": proof})).await.problem(404), "not_found", "{session} {person}");
        }
        let foreign = service.call("POST", &at("ses-7", "p-1"), &api_key("compeo"), Some(&json!({"proof": proof}))).await;
        assert_eq!(foreign.problem(404), "not_found", "another tenant's");
        service.advance(299);
        service.post(&at("ses-7", "p-1"), json!({"proof": proof})).await.expect(200);
        assert_eq!(service.post(&at("ses-7", "p-1"), json!({"proof": proof})).await.problem(404), "not_found", "once");
        service.pressed(&path, "arrive").await;
        service.drain().await;
        let proof = proof_of(&service.typed(&path, &service.typed_code()).await);
        service.advance(300);
        assert_eq!(service.post(&at("ses-7", "p-1"), json!({"proof": proof})).await.problem(404), "not_found", "late");
    }
}
