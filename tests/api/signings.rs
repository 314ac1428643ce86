//! A code before a document opens: the link, the ways to get a code, typing it, and the proof that the host redeems.

mod access;
mod races;

use serde_json::{Value, json};

use crate::code::wrong;
use crate::guest::{proof_of, signing};
use crate::on_both;

on_both! {
    async fn a_signer_gets_a_code_types_it_and_comes_back_with_a_proof(service: Service) {
        let made = service.post("/api/v1/signings", signing()).await.expect(201);
        let (id, url) = (made["id"].as_str().unwrap(), made["url"].as_str().unwrap());
        assert!(id.starts_with("sgn_") && made["state"] == "open", "{made}");
        let path = format!("/p/{}", url.strip_prefix("http://127.0.0.1:8080/p/").unwrap());
        let page = service.page(&path).await;
        assert_eq!(page.status, 200);
        for text in ["<h1>Confirm it is you</h1>", "Before you open: Service agreement, from Cornerstone", "Text me</button>", "Call me</button>", "phone ending in 42", "I have a code</button>", "Message and data rates may apply."] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(page.header("content-security-policy").unwrap().contains("form-action 'self' https://crm.example;"));
        service.pressed(&path, "text").await;
        assert_eq!(service.signing_now(id).await["state"], "code_sent");
        service.drain().await;
        let mail = service.mail();
        let code = service.typed_code();
        assert_eq!((mail.len(), &mail[0]["to"]), (1, &json!("+13055550142")));
        assert_eq!(
            service.newest(),
            format!("{code} is your Cornerstone signing code. Type it on the document page. Don't share it. Expires in 24 h.\n\n@127.0.0.1 #{code}")
        );
        let page = service.page(&format!("{path}?step=code")).await;
        for text in ["Enter your signing code", "We texted it to the phone ending in 42.", "autocomplete=\"one-time-code\"", "Expires on Nov 21 at 10:04 AM", "Open document</button>", "Send again</button>", "Do not share this code with anyone.", "/assets/otp.js"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        let missed = service.typed(&path, &wrong(&code)).await;
        assert_eq!(missed.status, 422);
        assert!(missed.text.contains("That code is not right.") && missed.text.contains("4 tries left"), "{}", missed.text);
        let passed = service.typed(&path, &format!(" {}-{} ", &code[..3], &code[3..])).await;
        let proof = proof_of(&passed);
        assert_eq!(passed.header("location").unwrap(), format!("https://crm.example/documents/7?tab=2&proof={proof}"));
        assert_eq!(proof.len(), 43);
        let redeemed = service.redeem(id, &proof).await.expect(200);
        assert_eq!(redeemed, json!({"verified_at": "2026-11-20T15:04:05Z", "method": "sms"}));
        assert_eq!(service.redeem(id, &proof).await.problem(404), "not_found");
        let now = service.signing_now(id).await;
        assert_eq!((&now["state"], &now["method"], &now["signer"]["mobile"]), (&json!("verified"), &json!("sms"), &json!("(•••) •••-••42")));
        service.drain().await;
        let told = service.push_data("signing.verified");
        assert_eq!((&told["id"], &told["state"], &told["verified_at"]), (&json!(id), &json!("verified"), &json!("2026-11-20T15:04:05Z")));
        for action in [("signing.create", "created"), ("code.request", "sent"), ("code.check", "incorrect"), ("code.check", "verified"), ("proof.redeem", "redeemed")] {
            assert_eq!(service.entries(action.0, action.1).await, 1, "{action:?}");
        }
        let typed_again = service.typed(&path, &code).await;
        assert_eq!(typed_again.status, 422, "a code is accepted once");
        assert!(typed_again.text.contains("That code has expired"), "{}", typed_again.text);
    }
}

on_both! {
    async fn each_opening_that_asks_voids_the_code_before_it(service: Service) {
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        let first = service.typed_code();
        let soon = service.form(&path, &[("do", "text")]).await;
        assert_eq!(soon.status, 429);
        assert!(soon.text.contains("You can ask for another code in 30 seconds") && soon.text.contains("id=\"code\""), "{}", soon.text);
        service.advance(30);
        service.pressed(&format!("{path}?step=code"), "again").await;
        service.drain().await;
        assert_eq!(service.typed_code(), first, "sent again it is the same");
        service.advance(30);
        service.pressed(&path, "text").await;
        service.drain().await;
        let second = service.typed_code();
        assert_ne!(first, second);
        let missed = service.typed(&path, &first).await;
        assert!(missed.text.contains("4 tries left"), "{}", missed.text);
        service.advance(86_400);
        let late = service.typed(&path, &second).await;
        assert!(late.text.contains("That code has expired. We can send a new one"), "{}", late.text);
        assert_eq!(service.signing_now(&id).await["state"], "open");
        service.pressed(&format!("{path}?step=code"), "again").await;
        service.drain().await;
        proof_of(&service.typed(&path, &service.typed_code()).await);
    }
}

on_both! {
    async fn signers_on_one_number_have_codes_and_proofs_of_their_own(service: Service) {
        let (one, first) = service.signing(&signing()).await;
        let mut other = signing();
        other["signer"]["id"] = json!("s-2");
        let (two, second) = service.signing(&other).await;
        service.pressed(&first, "text").await;
        service.drain().await;
        let code = service.typed_code();
        service.pressed(&second, "text").await;
        let missed = service.typed(&second, &code).await;
        assert!(missed.text.contains("4 tries left"), "{}", missed.text);
        let proof = proof_of(&service.typed(&first, &code).await);
        assert_eq!(service.redeem(&two, &proof).await.problem(404), "not_found");
        let bad = format!("{}x", &proof[..42]);
        assert_eq!(service.redeem(&one, &bad).await.problem(404), "not_found");
        service.advance(300);
        assert_eq!(service.redeem(&one, &proof).await.problem(404), "not_found", "late");
    }
}

on_both! {
    async fn a_landline_is_called_and_nothing_else(service: Service) {
        let mut body = signing();
        body["signer"] = json!({"id": "s-1", "name": "Ana Ruiz", "phone": "+13055550143", "locale": "es"});
        let (id, path) = service.signing(&body).await;
        let page = service.page(&path).await;
        assert!(page.text.contains("Recibir llamada") && !page.text.contains("Recibir mensaje de texto"), "{}", page.text);
        let refused = service.form(&path, &[("do", "text")]).await;
        assert_eq!(refused.status, 422);
        service.pressed(&path, "call").await;
        service.drain().await;
        let call = service.newest_mail();
        assert_eq!((&call["channel"], &call["to"]), (&json!("voice"), &json!("+13055550143")));
        let said = call["text"].as_str().unwrap();
        assert!(said.contains("con el código de firma que pidió") && !said.chars().any(|c| c.is_ascii_digit() && !"129".contains(c)), "{said}");
        assert_eq!(service.signing_now(&id).await["messages"][0]["channel"], "voice");
    }
}

on_both! {
    async fn a_corrected_number_is_used_by_the_same_link(service: Service) {
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        let old = service.typed_code();
        service.advance(30);
        service.pressed(&format!("{path}?step=code"), "again").await;
        let at = format!("/api/v1/signings/{id}");
        let changed = service.patch(&at, json!({"mobile": "+13055550199"})).await.expect(200);
        assert_eq!(changed["signer"]["mobile"], "(•••) •••-••99");
        assert_eq!(service.patch(&at, json!({"mobile": "+13055550199"})).await.expect(200)["state"], "open");
        service.drain().await;
        assert_eq!(service.mail().len(), 1, "what was queued for the old number is dropped");
        assert_eq!(service.pushed("signing.number_changed"), 1, "the same number once more is no change");
        assert_eq!(service.push_data("signing.number_changed")["signer"]["mobile"], "(•••) •••-••99");
        let gone = service.typed(&path, &old).await;
        assert!(gone.text.contains("That code has expired"), "{}", gone.text);
        service.advance(30);
        assert!(service.page(&path).await.text.contains("phone ending in 99"));
        service.pressed(&path, "text").await;
        service.drain().await;
        assert_eq!(service.newest_mail()["to"], "+13055550199");
        proof_of(&service.typed(&path, &service.typed_code()).await);
        service.patch(&at, json!({"mobile": "12"})).await.problem(422);
        let none = service.patch(&at, json!({"mobile": null})).await.expect(200);
        assert_eq!(none["signer"]["mobile"], json!(null));
    }
}

on_both! {
    async fn reading_changes_nothing_and_links_that_do_not_open_look_alike(service: Service) {
        let (deleted, gone) = service.signing(&signing()).await;
        let (_, path) = service.signing(&signing()).await;
        service.delete(&format!("/api/v1/signings/{deleted}")).await.expect(204);
        service.get(&format!("/api/v1/signings/{deleted}")).await.problem(404);
        let before = service.database.dump().await;
        for query in ["", "?step=code", "?step=have", "?step=pin", "?step=done&lang=es"] {
            for method in ["GET", "HEAD"] {
                let reply = service.call(method, &format!("{path}{query}"), "", None).await;
                assert_eq!(reply.status, 200, "{method} {query}");
            }
        }
        assert_eq!(service.form(&path, &[]).await.status, 200, "a form that asks for nothing");
        assert_eq!(service.form(&path, &[("do", "check"), ("code", "")]).await.status, 422);
        let foreign = service.send(service.request("POST", &path).header("origin", "https://evil.example").body("do=text")).await;
        assert_eq!(foreign.status, 403);
        assert_eq!(service.database.dump().await, before);
        let unknown = service.page("/p/AAAAAAAAAAAAAAAAAAAAAA").await;
        assert_eq!(unknown.status, 404);
        for dead in [gone.as_str(), "/p/x", "/p/"] {
            let reply = service.page(dead).await;
            assert_eq!((reply.status, &reply.text), (404, &unknown.text), "{dead}");
            let posted = service.form(dead, &[("do", "text")]).await;
            assert_eq!((posted.status, &posted.text), (404, &unknown.text), "{dead}");
        }
        countersign::usecase::tenant::bump_epoch::bump_epoch(service.app.desk()).await.unwrap();
        let ended = service.page(&path).await;
        assert_eq!((ended.status, &ended.text), (404, &unknown.text), "an epoch ends links");
    }
}

on_both! {
    async fn what_cannot_be_used_is_refused(service: Service) {
        let post = |at: &'static str, value: Value| {
            let mut body = signing();
            *body.pointer_mut(at).unwrap() = value;
            service.post("/api/v1/signings", body)
        };
        let long = format!("https://crm.example/{}", "x".repeat(2_000));
        for url in [
            "https://evil.example/", "/documents", "//crm.example/", "javascript:alert(1)", "https://crm.example.evil.test/", "", "http://crm.example/",
            "https://crm.example:8443/", "https://user:pass@crm.example/", "https://crm.example@evil.test/", "https://crm.example.:443/", long.as_str(),
        ] {
            assert_eq!(post("/return_url", json!(url)).await.problem(422), "return_url_not_allowed", "{url}");
        }
        assert_eq!(post("/signer/mobile", json!("12")).await.problem(422), "contact_invalid");
        assert_eq!(post("/signer/locale", json!("fr")).await.problem(422), "unknown_value");
        assert_eq!(post("/signer/id", json!("")).await.problem(400), "invalid_request");
        assert_eq!(post("/document", json!("doc")).await.problem(400), "invalid_request");
        for (method, at) in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/proof"), ("POST", "/access-code")] {
            service.workflow("signer", json!({"access_code": true})).await;
            for id in ["sgn_01m7wdnw5735zsyyz7vsg7b412", "x"] {
                let path = format!("/api/v1/signings/{id}{at}");
                let reply = service.call(method, &path, &crate::service::api_key("cornerstone"), Some(&json!({"proof": "x"}))).await;
                assert_eq!(reply.problem(404), "not_found", "{method} {at}");
            }
        }
    }
}

on_both! {
    async fn a_tenant_may_keep_the_documents_name_to_itself(service: Service) {
        let (_, path) = service.signing(&signing()).await;
        assert!(service.page(&path).await.text.contains("Before you open: Service agreement, from Cornerstone"));
        service.workflow("signer", json!({"document_name": false})).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        for (query, text) in [("", "Before you open a document from Cornerstone"), ("?lang=es", "Antes de abrir un documento de Cornerstone"), ("?step=code", "")] {
            let page = service.page(&format!("{path}{query}")).await;
            assert!(page.text.contains(text) && !page.text.contains("Service agreement"), "{}", page.text);
        }
        assert!(!service.newest().contains("Service agreement"));
    }
}

on_both! {
    async fn five_wrong_codes_lock_the_code_and_ten_the_signer(service: Service) {
        let (id, path) = service.signing(&signing()).await;
        for round in 1..=2 {
            service.pressed(&path, "text").await;
            service.drain().await;
            let code = service.typed_code();
            for _ in 0..5 {
                service.typed(&path, &wrong(&code)).await;
            }
            let right = service.typed(&path, &code).await;
            assert_eq!(right.status, 429, "{}", right.text);
            assert!(right.text.contains("Too many wrong codes"), "{}", right.text);
            let now = service.signing_now(&id).await;
            assert_eq!((&now["state"], now["locked_until"].is_string()), (&json!("locked"), round == 2));
            service.drain().await;
            assert_eq!(service.pushed("signing.locked"), round);
            service.advance(30);
        }
        let refused = service.form(&path, &[("do", "text")]).await;
        assert_eq!(refused.status, 429);
        assert!(refused.text.contains("Too many wrong codes. Try again at 11:04 AM"), "{}", refused.text);
        service.advance(3600);
        service.pressed(&path, "text").await;
        service.drain().await;
        proof_of(&service.typed(&path, &service.typed_code()).await);
    }
}

on_both! {
    async fn nothing_of_a_guest_is_kept_readable_or_longer_than_told(service: Service) {
        service.workflow("signer", json!({"access_code": true})).await;
        let (id, path) = service.signing(&signing()).await;
        service.pressed(&path, "text").await;
        service.drain().await;
        let code = service.typed_code();
        let told = service.post(&format!("/api/v1/signings/{id}/access-code"), json!({})).await.expect(201);
        let told = told["access_code"].as_str().unwrap().to_owned();
        let passed = service.typed(&path, &code).await;
        let proof = proof_of(&passed);
        let rows = service.database.dump().await.join("\n");
        let token = path.strip_prefix("/p/").unwrap();
        for secret in ["Ana Ruiz", "5550142", "Service agreement", "crm.example/documents", token, &proof, &told] {
            assert!(!rows.contains(secret) && !rows.contains(&hex::encode(secret)), "{secret} is readable");
        }
        for push in service.host.pushes() {
            let body = String::from_utf8(push.body.clone()).unwrap();
            assert!(![token, &proof, &told, &code, "5550142"].iter().any(|secret| body.contains(*secret)), "{body}");
        }
        assert_eq!(service.app.desk().store.rotate_seals().await.unwrap(), 0);
        service.advance(91 * 86_400);
        countersign::usecase::tenant::purge::purge(service.app.desk()).await.unwrap();
        for table in ["guest", "challenge", "message", "link"] {
            assert_eq!(service.database.count(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        assert_eq!(service.page(&path).await.status, 404);
    }
}
