//! `PUT`, `GET`, `DELETE /api/v1/clients/{client}`: telling, reading and dropping clients.

use serde_json::{Value, json};

use crate::on_both;
use crate::service::{START, ruiz};
use crate::steps::{again, ask, challenge, check, delete, get, put, status, verify};

on_both! {
    async fn a_client_is_told_told_again_read_and_dropped(service: Service) {
        assert_eq!(get(&service, "lead-1").await.problem(404), "client_not_found");
        assert_eq!(delete(&service, "lead-1").await.problem(404), "client_not_found");
        let mut body = ruiz();
        body["created_at"] = json!("2026-10-02T09:00:00-05:00");
        let mut expected = body.clone();
        expected["id"] = json!("lead-1");
        expected["created_at"] = json!("2026-10-02T14:00:00Z");
        assert_eq!(put(&service, "lead-1", &body).await.expect(201), expected);
        assert_eq!(put(&service, "lead-1", &body).await.expect(200), expected);
        assert_eq!(get(&service, "lead-1").await.expect(200), expected);
        let dropped = delete(&service, "lead-1").await;
        assert_eq!((dropped.status, dropped.text.as_str()), (204, ""));
        assert_eq!(get(&service, "lead-1").await.problem(404), "client_not_found");
        assert_eq!(delete(&service, "lead-1").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn details_come_back_as_they_are_understood(service: Service) {
        let contact = json!({"id": "c-1", "name": "  Ana\t Ruiz ", "role": "owner", "email": " Ana@Ruiz.EXAMPLE ",
            "mobile": "(305) 555-0142", "phone": "+52 55 5123 4567", "locale": "es-MX", "mobile_changed_at": "2026-11-19T10:00:00+02:00"});
        put(&service, "k", &json!({"name": "K", "contacts": [contact]})).await.expect(201);
        let told = json!({"id": "k", "name": "K", "created_at": START, "contacts": [{"id": "c-1", "name": "Ana Ruiz", "role": "owner",
            "email": "Ana@ruiz.example", "mobile": "+13055550142", "phone": "+525551234567", "locale": "es",
            "mobile_changed_at": "2026-11-19T08:00:00Z"}]});
        assert_eq!(get(&service, "k").await.expect(200), told);
    }
}

on_both! {
    async fn a_list_replaces_the_one_before_it(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let one = json!({"name": "Ruiz & Sons", "contacts": [ruiz()["contacts"][1]]});
        put(&service, "k", &one).await.expect(200);
        let client = get(&service, "k").await.expect(200);
        assert_eq!((&client["name"], client["contacts"].as_array().unwrap().len()), (&json!("Ruiz & Sons"), 1));
        assert_eq!(client["contacts"][0]["id"], "c-2");
        put(&service, "k", &json!({"name": "Ruiz & Sons", "contacts": []})).await.expect(200);
        assert_eq!(get(&service, "k").await.expect(200)["contacts"], json!([]));
    }
}

fn people(count: usize) -> Value {
    let person = |i: usize| json!({"id": format!("c-{i}"), "name": "Ana", "role": "owner", "email": format!("a{i}@x.example")});
    json!({"name": "K", "contacts": (0..count).map(person).collect::<Vec<_>>()})
}

on_both! {
    async fn a_list_of_200_is_taken_a_longer_or_doubled_one_is_not(service: Service) {
        put(&service, "k", &people(200)).await.expect(201);
        let before = get(&service, "k").await.text;
        assert_eq!(put(&service, "k", &people(201)).await.problem(400), "invalid_request");
        let mut doubled = people(3);
        doubled["contacts"][2]["id"] = json!("c-0");
        let problem = put(&service, "k", &doubled).await.expect(400);
        assert!(problem["detail"].as_str().unwrap().contains("\"c-0\""), "{problem}");
        assert_eq!(get(&service, "k").await.text, before);
        assert_eq!(put(&service, "new", &people(201)).await.problem(400), "invalid_request");
        assert_eq!(get(&service, "new").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn blank_fields_count_as_left_out(service: Service) {
        let blank = json!({"id": "c-1", "name": "Ana", "role": "owner", "email": "", "mobile": "  ", "phone": null, "locale": null});
        put(&service, "k", &json!({"name": "K", "contacts": [blank]})).await.expect(201);
        let contact = &get(&service, "k").await.expect(200)["contacts"][0];
        assert_eq!(*contact, json!({"id": "c-1", "name": "Ana", "role": "owner"}));
    }
}

on_both! {
    async fn what_cannot_be_a_client_is_told_where_and_not_kept(service: Service) {
        let contact = |more: Value| {
            let mut contact = json!({"id": "c-1", "name": "Ana", "role": "owner"});
            contact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"name": "K", "contacts": [contact]})
        };
        let cases = [
            (json!({"contacts": []}), 400, "invalid_request", "`name`"),
            (json!({"name": "K"}), 400, "invalid_request", "`contacts`"),
            (json!({"name": "K", "contacts": [{"id": "c-1", "name": "Ana"}]}), 400, "invalid_request", "contacts[0]"),
            (json!({"name": "K", "contacts": [], "created_at": "yesterday"}), 400, "invalid_request", "created_at"),
            (contact(json!({"email_changed_at": "soon"})), 400, "invalid_request", "contacts[0].email_changed_at"),
            (contact(json!({"email": "ana"})), 422, "contact_invalid", "contact c-1: email"),
            (contact(json!({"phone": "555"})), 422, "contact_invalid", "contact c-1: phone"),
            (contact(json!({"locale": "fr"})), 422, "unknown_value", "en, es"),
        ];
        for (body, status, code, detail) in cases {
            let problem = put(&service, "k", &body).await.expect(status);
            assert_eq!(problem["code"], code, "{problem}");
            assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
        }
        assert_eq!(get(&service, "k").await.problem(404), "client_not_found");
    }
}

on_both! {
    async fn a_client_told_anew_starts_neither_its_version_nor_its_limits_again(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let asked = challenge(&service, "k", "c-1").await;
        let before = status(&service, "k").await["version"].as_i64().unwrap();
        delete(&service, "k").await;
        let gone = status(&service, "k").await;
        assert_eq!(gone["state"], "not_verified");
        assert!(gone["version"].as_i64().unwrap() > before);
        assert_eq!(again(&service, &asked).await["state"], "cancelled");
        put(&service, "k", &ruiz()).await.expect(201);
        let told = status(&service, "k").await;
        assert!(told["version"].as_i64() > gone["version"].as_i64(), "{told}");
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        assert_eq!(ask(&service, "k", body.clone()).await.problem(429), "too_soon");
        for _ in 0..4 {
            service.advance(30);
            ask(&service, "k", body.clone()).await.expect(201);
        }
        service.advance(30);
        delete(&service, "k").await;
        put(&service, "k", &ruiz()).await.expect(201);
        assert_eq!(ask(&service, "k", body).await.problem(429), "too_many_sends");
    }
}

on_both! {
    async fn dropping_a_client_ends_what_was_open_and_tells_the_host(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        verify(&service, "k", "c-1").await;
        service.advance(30);
        let asked = challenge(&service, "k", "c-1").await;
        let sent = service.mail().len();
        service.host.take_kinds();
        delete(&service, "k").await;
        service.drain().await;
        assert_eq!(service.mail().len(), sent, "what was queued stays here");
        assert_eq!(status(&service, "k").await["state"], "not_verified");
        assert_eq!(check(&service, &asked, "123456").await["result"], "cancelled");
        let mut kinds = service.host.take_kinds();
        kinds.sort();
        assert_eq!(kinds, ["verification.cancelled", "verification.code_sent", "verification.revoked", "verification.verified"]);
    }
}

on_both! {
    async fn the_hosts_own_ids_may_be_any_words(service: Service) {
        for client in ["lead 7", "a/b", "50%2Foff", "a+b", "客户 7", "Ñandú-é", "a?b#c", "a.b|c:d", "x&client=y", &"ü".repeat(200)] {
            let told = put(&service, client, &ruiz()).await.expect(201);
            assert_eq!(told["id"], client);
            assert_eq!(get(&service, client).await.expect(200)["id"], client);
            let asked = challenge(&service, client, "c-2").await;
            assert_eq!(status(&service, client).await["client"], client);
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("client", client).finish();
            let many = service.get(&format!("/api/v1/status?{query}")).await.expect(200);
            assert_eq!(many["statuses"][0]["challenge"], asked["id"]);
            assert_eq!(delete(&service, client).await.status, 204);
            service.advance(900);
        }
        assert_eq!(put(&service, &"ü".repeat(201), &ruiz()).await.problem(400), "invalid_request");
        assert_eq!(put(&service, " ", &ruiz()).await.problem(400), "invalid_request");
        assert_eq!(put(&service, "a\nb", &ruiz()).await.problem(400), "invalid_request");
    }
}

on_both! {
    async fn a_tenant_sees_its_own_clients_only(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let other = crate::service::api_key("compeo");
        for method in ["GET", "DELETE"] {
            assert_eq!(service.call(method, "/api/v1/clients/k", &other, None).await.problem(404), "client_not_found");
        }
        let body = json!({"name": "Theirs", "contacts": []});
        service.call("PUT", "/api/v1/clients/k", &other, Some(&body)).await.expect(201);
        assert_eq!(get(&service, "k").await.expect(200)["name"], "Ruiz Landscaping LLC");
    }
}
