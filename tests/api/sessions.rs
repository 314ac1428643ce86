//! Live sessions: invitations, the code by the other channel, who joins, and who is no longer let in.

mod places;
mod races;

use serde_json::{Value, json};

use crate::code::wrong;
use crate::guest::{proof_of, session};
use crate::on_both;
use crate::service::{Service, api_key};

const P1: &str = "/api/v1/sessions/ses-7/participants/p-1";

/// Starts the example session; gives the path of the link that was sent.
async fn started(service: &Service, invite_by: &str) -> String {
    service.post("/api/v1/sessions", session(invite_by)).await.expect(201);
    service.drain().await;
    service.link_path()
}

async fn state(service: &Service) -> Value {
    service.participant("p-1").await["state"].clone()
}

/// The channels of the messages after the first so many.
fn channels_after(service: &Service, count: usize) -> Vec<String> {
    service.mail_in_order()[count..].iter().map(|mail| mail["channel"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn who_is_invited_by_email_gets_the_code_by_text_and_joins(service: Service) {
        let made = service.post("/api/v1/sessions", session("email")).await.expect(201);
        assert_eq!((&made["id"], &made["state"], &made["participants"][0]["state"]), (&json!("ses-7"), &json!("running"), &json!("invited")));
        assert_eq!(made["participants"][0]["messages"][0]["channel"], "email");
        service.drain().await;
        let mail = service.newest_mail();
        assert_eq!((&mail["to"], &mail["subject"]), (&json!("ana@ruiz-landscaping.example"), &json!("Your Cornerstone session: Nov 20, 2:41 PM")));
        for text in ["with Maria", "we text a code to the phone ending in 42", "Need another time? Call 800-555-0199."] {
            assert!(service.newest().contains(text), "{text} is not in {}", service.newest());
        }
        let path = service.link_path();
        let before = service.database.dump().await;
        let page = service.page(&path).await;
        for text in ["Your session with Cornerstone", "Nov 20, 2:41 PM (EST)", "With Maria Lopez", "Text me a code</button>", "phone ending in 42"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(!page.text.contains("I have a code"));
        assert_eq!(service.database.dump().await, before, "reading changes nothing");
        service.pressed(&path, "arrive").await;
        assert_eq!(state(&service).await, "code_sent");
        service.drain().await;
        let code = service.typed_code();
        assert_eq!(service.newest_mail()["to"], "+13055550142");
        assert_eq!(service.newest(), format!("{code} is your Cornerstone session code. Type it on the page to join. Don't share it. Expires in 10 min.\n\n@127.0.0.1 #{code}"));
        assert!(service.page(&format!("{path}?step=code")).await.text.contains("Expires at 10:14 AM"));
        assert!(service.typed(&path, &wrong(&code)).await.text.contains("4 tries left"));
        let proof = proof_of(&service.typed(&path, &code).await);
        assert_eq!(state(&service).await, "verified");
        let at = format!("{P1}/proof");
        assert_eq!(service.post(&at.replace("p-1", "p-9"), json!({"proof": proof})).await.problem(404), "not_found");
        let redeemed = service.post(&at, json!({"proof": proof})).await.expect(200);
        assert_eq!(redeemed, json!({"verified_at": "2026-11-20T15:04:05Z", "method": "sms"}));
        assert_eq!(service.post(&at, json!({"proof": proof})).await.problem(404), "not_found");
        service.drain().await;
        assert_eq!(["participant.arrived", "participant.verified"].map(|kind| service.pushed(kind)), [1, 1]);
        let push = service.host.pushes().into_iter().rfind(|push| push.kind() == "participant.verified").unwrap();
        let data = serde_json::from_slice::<Value>(&push.body).unwrap()["data"].clone();
        assert_eq!((&data["session"], &data["id"], &data["state"], &data["role"]), (&json!("ses-7"), &json!("p-1"), &json!("verified"), &json!("primary")));
    }
}

on_both! {
    async fn who_is_invited_by_text_gets_the_code_by_email(service: Service) {
        let path = started(&service, "sms").await;
        assert_eq!(service.newest(), format!("Cornerstone: your session is Nov 20, 2:41 PM. Join:\nhttp://127.0.0.1:8080{path}\nWe'll email you a code when you join."));
        assert!(service.page(&path).await.text.contains("Email me a code</button>"));
        for wish in ["text", "call", "again-call"] {
            service.form(&path, &[("do", wish)]).await;
        }
        service.drain().await;
        assert_eq!(channels_after(&service, 1), ["email"], "whatever is asked for");
        let code = service.typed_code();
        assert!(service.newest().contains("Do not share this code with anyone, not even with us."));
        let proof = proof_of(&service.typed(&path, &code).await);
        assert_eq!(service.post(&format!("{P1}/proof"), json!({"proof": proof})).await.expect(200)["method"], "email");
    }
}

on_both! {
    async fn an_invitation_and_a_code_never_share_a_channel(service: Service) {
        let details = [
            json!({"email": "ana@ruiz-landscaping.example", "mobile": "+13055550142"}),
            json!({"email": "ana@ruiz-landscaping.example", "mobile": null}),
            json!({"email": null, "mobile": "+13055550142"}),
        ];
        let code = regex::Regex::new(r"(?m)^\d{6}\b").unwrap();
        let mut tried = 0;
        for (number, (invite_by, own)) in [("sms", "mobile"), ("email", "email")].into_iter().enumerate() {
            for (place, first) in details.iter().enumerate() {
                for second in &details {
                    if first[own].is_null() || second[own].is_null() {
                        continue;
                    }
                    tried += 1;
                    let id = format!("ses-{number}-{place}-{tried}");
                    let mut body = session(invite_by);
                    body["id"] = json!(id);
                    for name in ["email", "mobile"] {
                        body["participants"][0][name] = first[name].clone();
                    }
                    let before = service.mail().len();
                    service.post("/api/v1/sessions", body).await.expect(201);
                    let mut change = second.clone();
                    change["name"] = json!("Somebody Else");
                    service.patch(&format!("/api/v1/sessions/{id}/participants/p-1"), change).await.expect(200);
                    service.drain().await;
                    let path = service.link_path();
                    for wish in ["arrive", "text", "call", "again"] {
                        service.form(&path, &[("do", wish)]).await;
                        service.drain().await;
                        service.advance(30);
                    }
                    for mail in &service.mail_in_order()[before..] {
                        let text = mail["text"].as_str().unwrap();
                        let invited = mail["channel"] == invite_by;
                        if mail["channel"] == "voice" {
                            assert_eq!(invite_by, "email", "a call rings the telephone that a text went to: {text}");
                            continue;
                        }
                        assert_eq!(text.contains("/p/"), invited, "{invite_by} {first} {second}: {text}");
                        assert_eq!(code.is_match(text), !invited, "{text}");
                    }
                    service.advance(900);
                }
            }
        }
        assert_eq!(tried, 8);
    }
}

on_both! {
    async fn a_reassigned_participant_is_invited_anew_and_the_one_before_is_out(service: Service) {
        let path = started(&service, "email").await;
        service.pressed(&path, "arrive").await;
        service.drain().await;
        let code = service.typed_code();
        service.patch(P1, json!({"role": "cosigner"})).await.expect(200);
        assert_eq!(service.page(&path).await.status, 200, "a role is nobody else");
        let changed = service.patch(P1, json!({"name": "Luis Ruiz", "email": "luis@ruiz-landscaping.example"})).await.expect(200);
        assert_eq!((&changed["state"], &changed["name"], &changed["arrived_at"]), (&json!("invited"), &json!("Luis Ruiz"), &json!(null)));
        assert_eq!(service.page(&path).await.status, 404);
        assert_eq!(service.typed(&path, &code).await.status, 404);
        service.drain().await;
        assert_eq!(service.newest_mail()["to"], "luis@ruiz-landscaping.example");
        let fresh = service.link_path();
        assert_ne!(fresh, path);
        let old = service.typed(&fresh, &code).await;
        assert!(old.status == 422 && !old.text.contains("proof="), "{}", old.text);
        assert_eq!(service.entries("participant.reassign", "invited").await, 1);
        service.advance(30);
        service.pressed(&fresh, "arrive").await;
        service.drain().await;
        proof_of(&service.typed(&fresh, &service.typed_code()).await);
        let more = json!({"participants": [{"id": "p-2", "name": "Eva Ruiz", "role": "cosigner", "email": "eva@ruiz-landscaping.example"}]});
        let session = service.post("/api/v1/sessions/ses-7/participants", more.clone()).await.expect(201);
        assert_eq!(session["participants"].as_array().unwrap().len(), 2);
        service.post("/api/v1/sessions/ses-7/participants", more).await.expect(201);
        service.drain().await;
        let to_eva = service.mail().into_iter().filter(|mail| mail["to"] == "eva@ruiz-landscaping.example").count();
        assert_eq!(to_eva, 1, "nobody is invited twice by the same request");
    }
}

on_both! {
    async fn an_agent_sees_a_code_only_where_allowed_and_after_arrival(service: Service) {
        let mut body = session("email");
        body["participants"][0]["mobile"] = Value::Null;
        service.post("/api/v1/sessions", body).await.expect(201);
        service.drain().await;
        assert!(service.newest().contains("our agent gives you a code"), "{}", service.newest());
        let path = service.link_path();
        let agent = json!({"agent": {"id": "u-9", "name": "Pat"}});
        let at = format!("{P1}/reveal");
        assert_eq!(service.post(&at, agent.clone()).await.problem(403), "surface_disabled");
        service.workflow("session", json!({"agent_sees_code": true})).await;
        assert_eq!(service.post(&at, agent.clone()).await.problem(409), "challenge_over");
        assert!(service.page(&path).await.text.contains("Continue</button>"));
        service.pressed(&path, "arrive").await;
        service.drain().await;
        assert_eq!((state(&service).await, service.mail().len()), (json!("arrived"), 1));
        assert!(service.page(&format!("{path}?step=code")).await.text.contains("Our agent will give you the code."));
        assert_eq!(service.post(&at, json!({})).await.problem(400), "invalid_request");
        let seen = service.post(&at, agent.clone()).await.expect(200);
        assert_eq!(seen["expires_at"], "2026-11-20T15:14:05Z");
        let code = seen["code"].as_str().unwrap().to_owned();
        service.pressed(&path, "arrive").await;
        assert_eq!(service.post(&at, agent.clone()).await.expect(200)["code"], code.as_str(), "an agent who tells it is not crossed");
        assert_eq!(service.database.texts("select distinct actor_id from audit where action = 'code.reveal'").await, ["u-9"]);
        let plain = service.get("/api/v1/sessions/ses-7").await;
        assert!(!plain.text.contains(&code));
        let proof = proof_of(&service.typed(&path, &code).await);
        assert_eq!(service.post(&format!("{P1}/proof"), json!({"proof": proof})).await.expect(200)["method"], "agent");
        assert_eq!(service.post(&at, agent).await.problem(409), "challenge_over", "it is used");
    }
}

on_both! {
    async fn an_agents_token_leads_the_sessions_that_it_names_and_no_other(service: Service) {
        started(&service, "email").await;
        let token = async |named: Value| {
            let mut body = json!({"agent": {"id": "u-77", "name": "Maria Lopez"}});
            body.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
            let made = service.call("POST", "/api/v1/agent-tokens", &api_key("cornerstone"), Some(&body)).await.expect(200);
            made["agent_token"].as_str().unwrap().to_owned()
        };
        let (own, foreign) = (token(json!({"sessions": ["ses-7"]})).await, token(json!({"sessions": ["another"]})).await);
        let address = "/api/v1/sessions/ses-7";
        let window = "/window/cornerstone/sessions/ses-7";
        for path in [address, window] {
            service.call("GET", path, &own, None).await.expect(200);
            assert_eq!(service.call("GET", path, &foreign, None).await.problem(403), "client_not_in_token");
        }
        service.call("DELETE", address, &own, None).await.expect(204);
        assert_eq!(service.call("GET", address, &own, None).await.expect(200)["state"], "ended");
    }
}

on_both! {
    async fn whoever_left_and_a_session_that_ended_let_nobody_in(service: Service) {
        let mut body = session("email");
        body["participants"].as_array_mut().unwrap().push(json!({"id": "p-2", "name": "Luis Ruiz", "role": "cosigner", "email": "luis@ruiz-landscaping.example", "mobile": "+13055550199"}));
        service.post("/api/v1/sessions", body).await.expect(201);
        service.drain().await;
        let paths: Vec<_> = service.mail().iter().map(|mail| {
            let text = mail["text"].as_str().unwrap().to_owned();
            let token = regex::Regex::new(r"/p/([A-Za-z0-9_-]{22})").unwrap().captures(&text).unwrap()[1].to_owned();
            (mail["to"].as_str().unwrap().to_owned(), format!("/p/{token}"))
        }).collect();
        let of = |to: &str| paths.iter().find(|(at, _)| at.starts_with(to)).unwrap().1.clone();
        let (ana, luis) = (of("ana"), of("luis"));
        service.pressed(&ana, "arrive").await;
        service.pressed(&luis, "arrive").await;
        service.delete(P1).await.expect(204);
        service.delete(P1).await.expect(204);
        service.drain().await;
        assert_eq!(channels_after(&service, 2), ["sms"], "what was queued for the one who left is dropped");
        assert_eq!((state(&service).await, service.pushed("participant.left")), (json!("left"), 1));
        assert_eq!(service.page(&ana).await.status, 404);
        service.post(&format!("{P1}/resend"), json!({})).await.problem(404);
        let code = service.typed_code();
        let proof = proof_of(&service.typed(&luis, &code).await);
        service.delete("/api/v1/sessions/ses-7").await.expect(204);
        service.delete("/api/v1/sessions/ses-7").await.expect(204);
        for (path, form) in [(&ana, false), (&luis, false), (&luis, true)] {
            let over = if form { service.typed(path, &code).await } else { service.page(path).await };
            assert_eq!(over.status, 404);
            assert!(over.text.contains("Your session with Cornerstone") && over.text.contains("This session has ended."), "{}", over.text);
        }
        let at = "/api/v1/sessions/ses-7/participants/p-2/proof";
        assert_eq!(service.post(at, json!({"proof": proof})).await.problem(404), "not_found", "its proof ended with it");
        assert_eq!(service.get("/api/v1/sessions/ses-7").await.expect(200)["state"], "ended");
        let more = json!({"participants": [{"id": "p-3", "name": "E", "role": "x", "email": "eva@ruiz-landscaping.example"}]});
        assert_eq!(service.post("/api/v1/sessions/ses-7/participants", more).await.problem(409), "challenge_over");
        assert_eq!(service.patch("/api/v1/sessions/ses-7/participants/p-2", json!({"name": "Z"})).await.problem(409), "challenge_over");
        service.drain().await;
        assert_eq!(service.pushed("participant.left"), 2);
        assert_eq!(service.entries("session.end", "ended").await, 1);
    }
}

on_both! {
    async fn the_same_session_once_more_changes_nothing_and_another_of_its_id_is_refused(service: Service) {
        started(&service, "email").await;
        let before = service.database.dump().await;
        let again = service.post("/api/v1/sessions", session("email")).await.expect(200);
        assert_eq!(again["participants"][0]["state"], "invited");
        assert_eq!(service.post("/api/v1/sessions", session("sms")).await.problem(400), "invalid_request");
        assert_eq!(service.database.dump().await, before);
        assert_eq!(service.post(&format!("{P1}/resend"), json!({})).await.problem(429), "too_soon");
        service.advance(30);
        let path = service.link_path();
        service.post(&format!("{P1}/resend"), json!({})).await.expect(200);
        service.drain().await;
        assert_eq!((service.mail().len(), service.link_path()), (2, path), "the same link");
    }
}

on_both! {
    async fn what_cannot_be_used_is_refused_and_nobody_is_invited(service: Service) {
        let good = session("email")["participants"][0].clone();
        for (at, value, status, code) in [
            ("/return_url", json!("https://evil.example/"), 422, "return_url_not_allowed"),
            ("/return_url", json!("https://user:pass@crm.example/"), 422, "return_url_not_allowed"),
            ("/return_url", json!("http://crm.example/"), 422, "return_url_not_allowed"),
            ("/invite_by", json!("voice"), 422, "unknown_value"),
            ("/invite_by", json!("fax"), 422, "unknown_value"),
            ("/participants", json!([]), 400, "invalid_request"),
            ("/participants", json!([good, good]), 400, "invalid_request"),
            ("/participants/0/email", json!("ana"), 422, "contact_invalid"),
            ("/participants/0/email", Value::Null, 422, "contact_unreachable"),
            ("/agent/id", json!(""), 400, "invalid_request"),
            ("/id", json!(" "), 400, "invalid_request"),
            ("/starts_at", json!("tomorrow"), 400, "invalid_request"),
            ("/starts_at", json!("2028-01-01T00:00:00Z"), 400, "invalid_request"),
        ] {
            let mut body = session("email");
            *body.pointer_mut(at).unwrap() = value;
            assert_eq!(service.post("/api/v1/sessions", body).await.problem(status), code, "{at}");
        }
        for table in ["session", "guest", "message", "audit"] {
            assert_eq!(service.database.count(&format!("select count(*) from {table} where tenant_id = 'cornerstone'")).await, i64::from(table == "audit"), "{table}");
        }
        let token = crate::steps::token(&service, &[]).await;
        let reply = service.call("POST", "/api/v1/sessions", &token, Some(&session("email"))).await;
        assert_eq!(reply.problem(401), "unauthorized", "an agent's browser starts none");
    }
}

on_both! {
    async fn who_wants_no_texts_is_told_by_the_agent(service: Service) {
        service.workflow("session", json!({"agent_sees_code": true})).await;
        let path = started(&service, "email").await;
        let tenant = countersign::domain::id::TenantId::parse("cornerstone").unwrap();
        let phone = countersign::domain::contact::Phone::parse("+13055550142").unwrap();
        let tx = service.app.desk().store.begin().await.unwrap();
        tx.of(&tenant).opt_out(&phone, service.now()).await.unwrap();
        tx.commit().await.unwrap();
        service.pressed(&path, "arrive").await;
        service.drain().await;
        assert_eq!(service.mail().len(), 1);
        let page = service.page(&format!("{path}?step=code")).await;
        assert!(page.text.contains("We could not send the code."), "{}", page.text);
        let messages = service.participant("p-1").await["messages"].as_array().unwrap().clone();
        assert!(messages.iter().any(|message| message["channel"] == "sms" && message["detail"] == "opted_out"), "{messages:?}");
        assert_eq!(service.pushed("message.failed"), 1);
        let seen = service.post(&format!("{P1}/reveal"), json!({"agent": {"id": "u-9"}})).await.expect(200);
        proof_of(&service.typed(&path, seen["code"].as_str().unwrap()).await);
    }
}
