//! Where clients stand: the shape of every state, in both languages, and what a poll costs.

use std::time::Duration;

use countersign::domain::audit::Origin;
use countersign::domain::id::{ChallengeId, ClientId};
use countersign::usecase::client::report_code::report_code;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::on_both;
use crate::service::{Reply, START, Service, api_key, ruiz};
use crate::steps::{act, ask, challenge, check, delete, id, put, settings, status, verify};

async fn told(service: &Service) {
    put(service, "k", &ruiz()).await.expect(201);
}

async fn report(service: &Service, challenge: &Value) {
    let challenge = ChallengeId::parse(id(challenge)).unwrap();
    let (tenant, client) = (settings(service, "cornerstone"), ClientId::parse("k").unwrap());
    report_code(service.app.desk(), &tenant, &client, &challenge, Origin::service("test")).await.unwrap();
}

async fn revoke(service: &Service) -> Value {
    service
        .post("/api/v1/clients/k/status/revoke", json!({"agent": {"id": "u-1", "name": "Boss"}}))
        .await
        .expect(200)
}

/// The button in a language.
async fn button(service: &Service, language: &str) -> Value {
    let request = service.request("GET", "/api/v1/clients/k/status").bearer_auth(api_key("cornerstone"));
    service.send(request.header("accept-language", language)).await.expect(200)["button"].clone()
}

/// What the button says in English and in Spanish.
async fn says(service: &Service, tone: &str, english: [&str; 2], spanish: [&str; 2]) {
    for (language, [label, tooltip]) in [("en-US,en;q=0.9", english), ("fr, es-MX;q=0.8", spanish)] {
        assert_eq!(
            button(service, language).await,
            json!({"tone": tone, "label": label, "tooltip": tooltip})
        );
    }
}

on_both! {
    async fn a_client_without_a_proof_is_not_verified(service: Service) {
        let button = json!({"tone": "neutral", "label": "Not verified", "tooltip": "Not verified – click to verify"});
        let unknown = json!({"client": "k", "state": "not_verified", "pin": "not_set", "requirements": [], "button": button, "version": 0});
        assert_eq!(status(&service, "k").await, unknown);
        told(&service).await;
        let mut known = unknown;
        known["version"] = json!(1);
        assert_eq!(status(&service, "k").await, known);
        says(&service, "neutral", ["Not verified", "Not verified – click to verify"],
            ["Sin verificar", "Sin verificar: haga clic para verificar"]).await;
    }
}

on_both! {
    async fn a_code_that_is_out_is_pending(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        service.advance(60);
        let tooltip = "Code sent to Ana Ruiz at 10:04 AM. Click to enter it.";
        assert_eq!(status(&service, "k").await, json!({"client": "k", "state": "code_sent", "channels": ["email", "sms"],
            "contact": {"id": "c-1", "name": "Ana Ruiz"}, "agent": {"id": "u-77", "name": "Maria Lopez"}, "surface": "lead_card",
            "challenge": asked["id"], "expires_at": "2026-11-20T15:14:05Z", "seconds_left": 540, "pin": "not_set", "requirements": [],
            "button": {"tone": "pending", "label": "Code sent", "tooltip": tooltip}, "version": 2}));
        says(&service, "pending", ["Code sent", tooltip],
            ["Código enviado", "Código enviado a Ana Ruiz a las 10:04 a.m. Haga clic para ingresarlo."]).await;
    }
}

on_both! {
    async fn a_verified_client_says_by_whom_how_and_until_when_in_the_tenants_time(service: Service) {
        service.apply("cornerstone", json!({"time_zone": "America/Los_Angeles"})).await;
        told(&service).await;
        let asked = verify(&service, "k", "c-1").await;
        service.advance(60);
        let tooltip = "Verified Nov 20, 7:04 AM by Maria Lopez (code). Valid until 8:04 AM. Click for details.";
        assert_eq!(status(&service, "k").await, json!({"client": "k", "state": "verified", "method": "code", "channels": ["email", "sms"],
            "assurance": "contact", "contact": {"id": "c-1", "name": "Ana Ruiz"}, "agent": {"id": "u-77", "name": "Maria Lopez"},
            "surface": "lead_card", "challenge": asked["id"], "verified_at": START, "expires_at": "2026-11-20T16:04:05Z",
            "seconds_left": 3540, "last_verified_at": START, "pin": "not_set", "requirements": [],
            "button": {"tone": "success", "label": "Verified 7:04 AM", "tooltip": tooltip}, "version": 3}));
        says(&service, "success", ["Verified 7:04 AM", tooltip], ["Verificado 7:04 a.m.",
            "Verificado el 20 nov, 7:04 a.m., por Maria Lopez (código). Válido hasta las 8:04 a.m. Haga clic para ver detalles."]).await;
        service.advance(3540);
        let over = status(&service, "k").await;
        assert_eq!((&over["state"], &over["last_verified_at"], &over["version"]), (&json!("not_verified"), &json!(START), &json!(4)));
        says(&service, "neutral", ["Not verified", "Last verified Nov 20, 7:04 AM by Maria Lopez. Click to verify again."],
            ["Sin verificar", "Última verificación: 20 nov, 7:04 a.m., por Maria Lopez. Haga clic para verificar otra vez."]).await;
    }
}

/// Types a wrong code until no try is left.
async fn use_up(service: &Service) -> Value {
    let asked = challenge(service, "k", "c-1").await;
    service.drain().await;
    let miss = wrong(&service.code());
    for _ in 0..5 {
        check(service, &asked, &miss).await;
    }
    asked
}

on_both! {
    async fn a_locked_code_and_a_locked_contact_are_told_apart(service: Service) {
        told(&service).await;
        let first = use_up(&service).await;
        let tooltip = "Too many wrong codes. Click to send a new one.";
        assert_eq!(status(&service, "k").await, json!({"client": "k", "state": "locked", "challenge": first["id"], "pin": "not_set",
            "requirements": [], "button": {"tone": "danger", "label": "Locked", "tooltip": tooltip}, "version": 7}));
        says(&service, "danger", ["Locked", tooltip], ["Bloqueado", "Demasiados códigos incorrectos. Haga clic para enviar uno nuevo."]).await;
        service.advance(60);
        let second = use_up(&service).await;
        let tooltip = "Too many wrong codes. Try again at 11:05 AM.";
        assert_eq!(status(&service, "k").await, json!({"client": "k", "state": "locked", "challenge": second["id"],
            "expires_at": "2026-11-20T16:05:05Z", "seconds_left": 3600, "pin": "not_set", "requirements": [],
            "button": {"tone": "danger", "label": "Locked", "tooltip": tooltip}, "version": 13}));
        says(&service, "danger", ["Locked", tooltip], ["Bloqueado", "Demasiados errores. Intente otra vez a las 11:05 a.m."]).await;
        service.advance(3600);
        let open = status(&service, "k").await;
        assert_eq!((&open["state"], &open["version"]), (&json!("not_verified"), &json!(14)));
    }
}

on_both! {
    async fn a_reported_client_is_red_until_it_is_revoked_or_a_day_has_passed(service: Service) {
        told(&service).await;
        let asked = verify(&service, "k", "c-1").await;
        report(&service, &asked).await;
        let tooltip = "The client reported a code they did not ask for. Follow your fraud steps.";
        assert_eq!(status(&service, "k").await, json!({"client": "k", "state": "reported", "last_verified_at": START, "pin": "not_set",
            "requirements": [], "button": {"tone": "danger", "label": "Reported", "tooltip": tooltip}, "version": 4}));
        says(&service, "danger", ["Reported", tooltip], ["Reportado", "El cliente reportó un código que no pidió. Siga el protocolo de fraude."]).await;
        service.advance(30);
        let wanted = json!({"contact": "c-2", "surface": "lead_card"});
        let problem = ask(&service, "k", wanted.clone()).await.expect(409);
        assert_eq!((&problem["code"], &problem["until"]), (&json!("reported"), &json!("2026-11-21T15:04:05Z")));
        assert_eq!(revoke(&service).await["state"], "not_verified");
        let asked = ask(&service, "k", wanted.clone()).await.expect(201);
        report(&service, &asked).await;
        assert_eq!(check(&service, &asked, "123456").await, json!({"result": "cancelled"}));
        service.advance(86_399);
        assert_eq!(ask(&service, "k", wanted.clone()).await.problem(409), "reported");
        service.advance(1);
        assert_eq!(status(&service, "k").await["state"], "not_verified");
        ask(&service, "k", wanted).await.expect(201);
    }
}

on_both! {
    async fn revoking_ends_what_holds_and_may_be_done_twice(service: Service) {
        assert_eq!(service.post("/api/v1/clients/k/status/revoke", json!({})).await.problem(404), "client_not_found");
        told(&service).await;
        assert_eq!(revoke(&service).await["version"], 1, "where nothing holds, nothing changes");
        verify(&service, "k", "c-1").await;
        service.advance(30);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        service.host.take_kinds();
        let revoked = revoke(&service).await;
        assert_eq!((&revoked["state"], &revoked["last_verified_at"]), (&json!("not_verified"), &json!(START)));
        assert_eq!(status(&service, "k").await, revoked);
        assert_eq!(check(&service, &asked, "123456").await, json!({"result": "cancelled"}));
        assert_eq!(revoke(&service).await, revoked);
        service.drain().await;
        let mut kinds = service.host.take_kinds();
        kinds.sort();
        assert_eq!(kinds, ["verification.cancelled", "verification.revoked"]);
        let by = "select count(*) from audit where action = 'verification.revoke' and actor_kind = 'agent' and actor_id = 'u-1'";
        assert_eq!(service.database.count(by).await, 1);
    }
}

on_both! {
    async fn a_proof_counts_as_by_phone_only_where_no_email_carried_the_code(service: Service) {
        told(&service).await;
        for (channels, again, assurance) in [(json!(["sms"]), None, "phone"), (json!(["email"]), None, "contact"),
            (json!(["email", "sms"]), None, "contact"), (json!(["sms"]), Some("email"), "contact")] {
            let body = json!({"contact": "c-1", "surface": "payroll_card", "channels": channels});
            let asked = ask(&service, "k", body).await.expect(201);
            if let Some(channel) = again {
                service.advance(30);
                act(&service, &asked, "resend", json!({"channel": channel})).await.expect(200);
            }
            service.drain().await;
            assert_eq!(check(&service, &asked, &service.code()).await["verification"]["assurance"], assurance);
            let now = status(&service, "k").await;
            assert_eq!((&now["assurance"], &now["surface"], now.get("agent")), (&json!(assurance), &json!("payroll_card"), None));
            service.advance(300);
        }
    }
}

on_both! {
    async fn where_pins_are_used_the_button_is_red_until_verified_and_a_pin_may_be_required(service: Service) {
        let pin = json!({"policy": {"pin": {"enabled": true, "required_since": "2026-11-01"}}});
        service.apply("cornerstone", pin).await;
        told(&service).await;
        let mut old = ruiz();
        old["created_at"] = json!("2026-10-31T12:00:00Z");
        put(&service, "old", &old).await.expect(201);
        let now = status(&service, "k").await;
        assert_eq!((&now["button"]["tone"], &now["requirements"]), (&json!("danger"), &json!(["security_pin"])));
        assert_eq!(status(&service, "old").await["requirements"], json!([]));
        assert_eq!(status(&service, "unknown").await["button"]["tone"], "danger");
        let known = tag(&poll(&service, "/api/v1/clients/old/status", "en", "").await);
        old["created_at"] = json!("2026-11-02T12:00:00Z");
        put(&service, "old", &old).await.expect(200);
        let changed = poll(&service, "/api/v1/clients/old/status", "en", &known).await;
        assert_eq!(changed.expect(200)["requirements"], json!(["security_pin"]));
        challenge(&service, "k", "c-2").await;
        let sent = status(&service, "k").await;
        assert_eq!((&sent["state"], &sent["button"]["tone"]), (&json!("code_sent"), &json!("danger")));
        verify(&service, "k", "c-1").await;
        let now = status(&service, "k").await;
        assert_eq!((&now["button"]["tone"], &now["requirements"]), (&json!("success"), &json!(["security_pin"])));
    }
}

on_both! {
    async fn many_statuses_come_in_the_order_asked(service: Service) {
        told(&service).await;
        challenge(&service, "k", "c-1").await;
        let many = service.get("/api/v1/status?client=zz&client=k&client=aa&client=k").await.expect(200);
        let got: Vec<_> = many["statuses"].as_array().unwrap().iter().map(|s| (s["client"].clone(), s["state"].clone())).collect();
        let expected = [("zz", "not_verified"), ("k", "code_sent"), ("aa", "not_verified"), ("k", "code_sent")];
        assert_eq!(got, expected.map(|(client, state)| (json!(client), json!(state))));
        let posted = service.post("/api/v1/status", json!({"clients": ["zz", "k", "aa", "k"]})).await.expect(200);
        assert_eq!(posted, many);
        assert_eq!(service.get("/api/v1/status").await.expect(200), json!({"statuses": []}));
        for (count, expected) in [(500, 200), (501, 400)] {
            let ids: Vec<_> = (0..count).map(|i| format!("c-{i}")).collect();
            let query = format!("client={}", ids.join("&client="));
            assert_eq!(service.get(&format!("/api/v1/status?{query}")).await.status, expected, "{count}");
            let reply = service.post("/api/v1/status", json!({"clients": ids})).await;
            assert_eq!(reply.status, expected, "{count}");
            if expected == 200 {
                assert_eq!(reply.json()["statuses"][499]["client"], "c-499");
            }
        }
        assert_eq!(service.get("/api/v1/status?client=").await.problem(400), "invalid_request");
        assert_eq!(service.post("/api/v1/status", json!({})).await.problem(400), "invalid_request");
        assert_eq!(service.post("/api/v1/status", json!({"clients": [7]})).await.problem(400), "invalid_request");
    }
}

/// A poll, with the tag of the poll before.
async fn poll(service: &Service, path: &str, language: &str, tag: &str) -> Reply {
    let request =
        service.request("GET", path).bearer_auth(api_key("cornerstone")).header("accept-language", language);
    service.send(request.header("if-none-match", tag)).await
}

fn tag(reply: &Reply) -> String {
    reply.header("etag").unwrap().to_owned()
}

on_both! {
    async fn a_poll_gets_nothing_new_until_something_changed_even_by_time_alone(service: Service) {
        told(&service).await;
        verify(&service, "k", "c-1").await;
        for path in ["/api/v1/clients/k/status", "/api/v1/status?client=k&client=other"] {
            let first = poll(&service, path, "en", "\"none\"").await;
            assert_eq!(first.status, 200);
            let known = tag(&first);
            let same = poll(&service, path, "en", &known).await;
            assert_eq!((same.status, same.text.as_str(), tag(&same)), (304, "", known.clone()));
            assert_eq!(poll(&service, path, "en", &format!("\"a\", W/{known}")).await.status, 304);
            let spanish = poll(&service, path, "es", &known).await;
            assert_eq!(spanish.status, 200);
            assert_ne!(tag(&spanish), known);
        }
        let path = "/api/v1/clients/k/status";
        let known = tag(&poll(&service, path, "en", "").await);
        service.advance(3599);
        assert_eq!(poll(&service, path, "en", &known).await.status, 304);
        service.advance(1);
        let over = poll(&service, path, "en", &known).await;
        assert_eq!((over.status, &over.json()["state"]), (200, &json!("not_verified")));
        service.drain().await;
        assert_eq!(poll(&service, path, "en", &tag(&over)).await.status, 304, "what time did is counted once");
    }
}

on_both! {
    async fn a_poll_shows_what_this_process_did_at_once_and_what_another_did_within_half_a_second(service: Service) {
        told(&service).await;
        let other = service.second(service.now()).await;
        let paths = ["/api/v1/clients/k/status", "/api/v1/status?client=k&client=other"];
        let state = |reply: Reply| {
            let body = reply.expect(200);
            body.get("statuses").map_or(body["state"].clone(), |all| all[0]["state"].clone())
        };
        for path in paths {
            assert_eq!(state(poll(&service, path, "en", "").await), "not_verified");
        }
        let asked = challenge(&service, "k", "c-1").await;
        let mut known = Vec::new();
        for path in paths {
            let reply = poll(&service, path, "en", "").await;
            known.push(tag(&reply));
            assert_eq!(state(reply), "code_sent");
        }
        let (tenant, client) = (settings(&service, "cornerstone"), ClientId::parse("k").unwrap());
        let asked = ChallengeId::parse(id(&asked)).unwrap();
        report_code(other.desk(), &tenant, &client, &asked, Origin::service("test")).await.unwrap();
        service.clock.advance(Duration::from_millis(500));
        for (path, known) in paths.into_iter().zip(known) {
            assert_eq!(state(poll(&service, path, "en", &known).await), "reported");
            assert_eq!(state(poll(&service, path, "en", "").await), "reported");
        }
    }
}

on_both! {
    async fn the_seconds_that_are_left_are_those_of_each_poll(service: Service) {
        told(&service).await;
        verify(&service, "k", "c-1").await;
        for left in (3595..=3600).rev() {
            assert_eq!(status(&service, "k").await["seconds_left"], left);
            service.advance(1);
        }
    }
}

on_both! {
    async fn a_new_proof_right_after_the_old_one_lapsed_is_a_newer_version(service: Service) {
        told(&service).await;
        verify(&service, "k", "c-1").await;
        service.advance(3590);
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        service.host.take_kinds();
        service.advance(10);
        let path = "/api/v1/clients/k/status";
        let between = poll(&service, path, "en", "").await;
        assert_eq!(between.json()["state"], "code_sent");
        check(&service, &asked, &service.code()).await;
        let after = poll(&service, path, "en", &tag(&between)).await;
        assert_eq!(after.status, 200);
        assert!(after.json()["version"].as_i64() > between.json()["version"].as_i64());
        service.drain().await;
        let mut kinds = service.host.take_kinds();
        kinds.sort();
        assert_eq!(kinds, ["verification.expired", "verification.verified"]);
    }
}

on_both! {
    async fn events_carry_the_status_of_their_moment_with_a_growing_version(service: Service) {
        told(&service).await;
        let asked = challenge(&service, "k", "c-1").await;
        service.drain().await;
        let code = service.code();
        check(&service, &asked, &wrong(&code)).await;
        check(&service, &asked, &code).await;
        service.advance(60);
        revoke(&service).await;
        challenge(&service, "k", "c-1").await;
        service.advance(600);
        service.drain().await;
        delete(&service, "k").await;
        service.drain().await;
        let mut told: Vec<_> = service.host.pushes().iter().map(crate::receiver::Push::json).collect();
        told.sort_by_key(|push| push["data"]["version"].as_i64());
        let seen: Vec<_> = told.iter().map(|p| (p["type"].as_str().unwrap(), p["data"]["state"].as_str().unwrap())).collect();
        assert_eq!(seen, [("verification.code_sent", "code_sent"), ("verification.failed", "code_sent"), ("verification.verified", "verified"),
            ("verification.revoked", "not_verified"), ("verification.code_sent", "code_sent"), ("verification.code_expired", "not_verified")]);
        let versions: Vec<_> = told.iter().map(|p| p["data"]["version"].as_i64().unwrap()).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]), "{versions:?}");
        assert!(told.iter().all(|push| push["data"]["client"] == "k" && push["data"]["challenge"].is_string()), "{told:#?}");
        assert_eq!((&told[2]["data"]["seconds_left"], &told[2]["timestamp"]), (&json!(3600), &json!(START)));
    }
}
