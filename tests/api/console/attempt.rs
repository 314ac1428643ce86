//! Whether a client can be verified, as an admin tries it: the agents' own rules, and nothing is done.

use countersign::domain::admin::Role;
use serde_json::json;

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{api_key, ruiz};

const TRY: &str = "/admin/t/cornerstone/settings/eligibility?try=";

on_both! {
    async fn it_is_answered_as_an_agent_would_be_and_changes_nothing(service: Service) {
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(&ruiz())).await.expect(201);
        let desk = service.desk(Role::Auditor, None).await;
        let told = |id: String, lang: &'static str| {
            let (service, desk) = (&service, &desk);
            async move {
                let page = service.see(desk, &format!("{TRY}{id}&lang={lang}")).await;
                assert_eq!(page.status, 200, "{}", page.text);
                page.text
            }
        };
        told(CLIENT.to_owned(), "en").await;
        let before = service.database.dump().await;
        let yes = told(CLIENT.to_owned(), "en").await;
        assert!(yes.contains("Yes: Ana Ruiz (account holder), Luis Ruiz (authorized contact)."), "{yes}");
        assert!(yes.contains("Mark Dane (bookkeeper): Their role (bookkeeper) may not be sent a code."), "{yes}");
        assert!(told(CLIENT.to_owned(), "es").await.contains("Sí: Ana Ruiz (titular de la cuenta), Luis Ruiz (contacto autorizado)."));
        assert!(told("nobody".to_owned(), "en").await.contains("No. This client is not known here."));
        assert!(told("%20".to_owned(), "en").await.contains("Try a client"));
        assert_eq!(service.database.dump().await, before);

        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert!(told(CLIENT.to_owned(), "en").await.contains("Ana Ruiz (account holder): You can send again in 30 s."));
        for _ in 0..5 {
            service.checked(&challenge, &wrong(&code)).await;
        }
        service.advance(60);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        for _ in 0..5 {
            service.checked(&challenge, &wrong(&code)).await;
        }
        service.advance(60);
        let locked = told(CLIENT.to_owned(), "en").await;
        let refused = service.post(&format!("/api/v1/clients/{CLIENT}/codes"), json!({"contact": "c-1", "surface": "lead_card"})).await;
        assert_eq!(refused.json()["code"], "locked");
        assert!(locked.contains("Yes: Luis Ruiz") && locked.contains("Ana Ruiz (account holder): Too many wrong codes."), "{locked}");

        service.apply("cornerstone", json!({"surfaces": []})).await;
        assert!(told(CLIENT.to_owned(), "en").await.contains("No. Verification is switched off on this screen."));
        service.apply("cornerstone", json!({"eligible": false})).await;
        assert!(told(CLIENT.to_owned(), "es").await.contains("No. Su empresa no usa la verificación."));
    }
}
