//! Who may be sent anything, by which way and in which language; and what a change of details does.

use std::time::Duration;

use serde_json::{Value, json};

use crate::on_both;
use crate::service::{Service, ruiz};
use crate::steps::{act, again, ask, challenge, check, destinations, put, status};

fn wanted(contact: &str) -> Value {
    json!({"contact": contact, "surface": "lead_card"})
}

/// The example client, one field of one contact set.
fn with(contact: usize, field: &str, value: Value) -> Value {
    let mut list = ruiz();
    list["contacts"][contact][field] = value;
    list
}

on_both! {
    async fn only_authorized_roles_are_sent_anything(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        ask(&service, "k", wanted("c-1")).await.expect(201);
        ask(&service, "k", wanted("c-2")).await.expect(201);
        assert_eq!(ask(&service, "k", wanted("c-3")).await.problem(403), "contact_not_authorized");
        service.apply("cornerstone", json!({"authorized_roles": ["bookkeeper"]})).await;
        service.advance(30);
        ask(&service, "k", wanted("c-3")).await.expect(201);
        for contact in ["c-1", "c-2"] {
            assert_eq!(ask(&service, "k", wanted(contact)).await.problem(403), "contact_not_authorized");
        }
        service.drain().await;
        assert_eq!(destinations(&service), ["+13055550144", "mark@ruiz-landscaping.example"]);
    }
}

on_both! {
    async fn somebody_not_listed_and_somebody_not_authorized_get_one_answer_and_are_on_the_record(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let unlisted = ask(&service, "k", wanted("nobody")).await;
        let unauthorized = ask(&service, "k", wanted("c-3")).await;
        assert_eq!((unlisted.status, unauthorized.status), (403, 403));
        assert_eq!(unlisted.text, unauthorized.text);
        let noted = |contact: &str| {
            format!("select count(*) from audit where tenant_id = 'cornerstone' and client_id = 'k' and contact_id = '{contact}' \
                     and action = 'code.request' and outcome = 'contact_not_authorized'")
        };
        for contact in ["nobody", "c-3"] {
            assert_eq!(service.database.count(&noted(contact)).await, 1, "{contact}");
        }
        assert_eq!(service.database.count("select (select count(*) from challenge) + (select count(*) from message)").await, 0);
        assert_eq!(status(&service, "k").await["version"], 1);
        service.drain().await;
        assert_eq!((service.mail().len(), service.host.pushes().len()), (0, 0));
    }
}

on_both! {
    async fn a_contact_without_a_way_to_reach_them_is_told_so(service: Service) {
        let contact = |id: &str, more: Value| {
            let mut contact = json!({"id": id, "name": "Ana", "role": "owner"});
            contact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            contact
        };
        let list = [contact("nothing", json!({})), contact("phone", json!({"phone": "+13055550143"})),
            contact("email", json!({"email": "a@x.example"})), contact("mobile", json!({"mobile": "+13055550142"}))];
        put(&service, "k", &json!({"name": "K", "contacts": list})).await.expect(201);
        assert_eq!(ask(&service, "k", wanted("nothing")).await.problem(422), "contact_unreachable");
        for (contact, channel) in [("email", "sms"), ("mobile", "email"), ("email", "voice"), ("phone", "sms")] {
            let body = json!({"contact": contact, "surface": "lead_card", "channels": [channel]});
            assert_eq!(ask(&service, "k", body).await.problem(422), "contact_unreachable", "{contact} by {channel}");
        }
        for (contact, channel) in [("email", "email"), ("mobile", "sms"), ("phone", "voice")] {
            let asked = ask(&service, "k", wanted(contact)).await.expect(201);
            assert_eq!(asked["messages"].as_array().unwrap().len(), 1);
            assert_eq!(asked["messages"][0]["channel"], channel);
        }
    }
}

on_both! {
    async fn the_agent_may_narrow_the_channels(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let cases = [(json!(["email"]), json!(["email"])), (json!(["sms"]), json!(["sms"])), (json!(["sms", "email", "sms"]), json!(["email", "sms"])),
            (json!(["voice", "email"]), json!(["email", "voice"])), (Value::Null, json!(["email", "sms"]))];
        for (channels, expected) in cases {
            let body = json!({"contact": "c-1", "surface": "lead_card", "channels": channels});
            let asked = ask(&service, "k", body).await.expect(201);
            let used: Vec<_> = asked["messages"].as_array().unwrap().iter().map(|m| m["channel"].clone()).collect();
            assert_eq!(json!(used), expected, "{channels}");
            assert_eq!(status(&service, "k").await["channels"], expected);
            service.advance(30);
        }
        let none = json!({"contact": "c-1", "surface": "lead_card", "channels": []});
        assert_eq!(ask(&service, "k", none).await.problem(400), "invalid_request");
        let fax = json!({"contact": "c-1", "surface": "lead_card", "channels": ["fax"]});
        assert_eq!(ask(&service, "k", fax).await.expect(422)["known"], json!(["email", "sms", "voice"]));
    }
}

/// Asks by email and by text, and says for each whether it was sent.
async fn open(service: &Service, client: &str, contact: &str) -> (bool, bool) {
    let mut opened = [false; 2];
    for (channel, open) in ["email", "sms"].into_iter().zip(&mut opened) {
        let reply =
            ask(service, client, json!({"contact": contact, "surface": "lead_card", "channels": [channel]}))
                .await;
        *open = reply.status == 201;
        if !*open {
            assert_eq!(reply.problem(422), "contact_unreachable");
        }
        service.advance(30);
    }
    (opened[0], opened[1])
}

on_both! {
    async fn a_changed_detail_is_closed_where_the_tenant_blocks_and_open_otherwise(service: Service) {
        for (on_change, sent) in [("warn", true), ("ignore", true), ("block", false)] {
            service.policy(json!({"on_recent_change": on_change, "changed_within": "2h"})).await;
            let client = format!("k-{on_change}");
            put(&service, &client, &ruiz()).await.expect(201);
            assert_eq!(open(&service, &client, "c-1").await, (true, true), "{on_change}: a first list is unchanged");
            put(&service, &client, &with(0, "email", json!("new@ruiz.example"))).await.expect(200);
            assert_eq!(open(&service, &client, "c-1").await, (sent, true), "{on_change}: another email");
            service.advance(7200);
            assert_eq!(open(&service, &client, "c-1").await, (true, true), "{on_change}: the window is over");
            let mut both = with(0, "email", json!("new@ruiz.example"));
            both["contacts"][0]["mobile"] = json!("+13055550199");
            put(&service, &client, &both).await.expect(200);
            assert_eq!(open(&service, &client, "c-1").await, (true, sent), "{on_change}: another mobile");
            service.advance(7200);
        }
    }
}

on_both! {
    async fn a_blocked_contact_is_told_until_when(service: Service) {
        service.policy(json!({"on_recent_change": "block"})).await;
        put(&service, "k", &ruiz()).await.expect(201);
        let mut changed = with(0, "email", json!("new@ruiz.example"));
        changed["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, "k", &changed).await.expect(200);
        let problem = ask(&service, "k", wanted("c-1")).await.expect(422);
        assert_eq!((&problem["code"], &problem["until"]), (&json!("contact_unreachable"), &json!("2026-11-21T15:04:05Z")));
        service.advance(24 * 3600 - 1);
        put(&service, "k", &changed).await.expect(200);
        assert_eq!(ask(&service, "k", wanted("c-1")).await.problem(422), "contact_unreachable");
        service.advance(1);
        ask(&service, "k", wanted("c-1")).await.expect(201);
    }
}

on_both! {
    async fn somebody_added_promoted_or_said_to_have_changed_counts_as_changed(service: Service) {
        service.policy(json!({"on_recent_change": "block", "changed_within": "24h"})).await;
        let ago = |seconds| json!(service.now() - Duration::from_secs(seconds));
        let mut told = with(0, "email_changed_at", ago(3600));
        told["contacts"][0]["mobile_changed_at"] = ago(86_400);
        put(&service, "told", &told).await.expect(201);
        assert_eq!(open(&service, "told", "c-1").await, (false, true), "the host says when, on a first list too");
        put(&service, "added", &json!({"name": "K", "contacts": []})).await.expect(201);
        put(&service, "added", &ruiz()).await.expect(200);
        assert_eq!(open(&service, "added", "c-1").await, (false, false), "added later");
        put(&service, "promoted", &ruiz()).await.expect(201);
        put(&service, "promoted", &with(2, "role", json!("owner"))).await.expect(200);
        assert_eq!(open(&service, "promoted", "c-3").await, (false, false), "promoted later");
        assert_eq!(open(&service, "promoted", "c-1").await, (true, true), "nobody else is touched");
        let ahead = json!(service.now() + Duration::from_secs(86_400 * 30));
        put(&service, "ahead", &with(0, "email_changed_at", ahead)).await.expect(201);
        service.advance(86_400);
        assert_eq!(open(&service, "ahead", "c-1").await, (true, true), "a clock that runs ahead closes nothing for longer");
    }
}

on_both! {
    async fn a_code_that_is_out_ends_with_its_contact_its_role_or_its_detail(service: Service) {
        let mut dropped = ruiz();
        dropped["contacts"].as_array_mut().unwrap().remove(0);
        let changes = [("dropped", dropped), ("role", with(0, "role", json!("bookkeeper"))), ("email", with(0, "email", json!("new@ruiz.example"))),
            ("no-mobile", with(0, "mobile", json!(""))), ("mobile", with(0, "mobile", json!("+13055550199")))];
        for (client, list) in changes {
            put(&service, client, &ruiz()).await.expect(201);
            let asked = challenge(&service, client, "c-1").await;
            service.host.take_kinds();
            put(&service, client, &list).await.expect(200);
            assert_eq!(check(&service, &asked, "000000").await, json!({"result": "cancelled"}), "{client}");
            let over = again(&service, &asked).await;
            assert!(over["messages"].as_array().unwrap().iter().all(|m| m["state"] == "dropped"), "{over}");
            assert_eq!(act(&service, &asked, "resend", json!({})).await.problem(409), "challenge_over");
            service.drain().await;
            assert_eq!(service.mail().len(), 0, "{client}: what was queued never leaves");
            let cancelled: Vec<_> = service.host.pushes().into_iter().filter(|p| p.kind() == "verification.cancelled").collect();
            assert_eq!(cancelled.len(), 1);
            let data = &cancelled[0].json()["data"];
            assert_eq!((&data["client"], &data["challenge"], &data["state"]), (&json!(client), &asked["id"], &json!("not_verified")));
        }
    }
}

on_both! {
    async fn what_is_queued_is_held_against_the_list_once_more_as_it_leaves(service: Service) {
        put(&service, "role", &ruiz()).await.expect(201);
        let asked = challenge(&service, "role", "c-1").await;
        service.apply("cornerstone", json!({"authorized_roles": ["bookkeeper"]})).await;
        service.drain().await;
        assert_eq!(service.mail().len(), 0, "the tenant no longer authorizes the role");
        let details = |challenge: &Value| {
            let messages = challenge["messages"].as_array().unwrap();
            messages.iter().map(|m| (m["state"].clone(), m["detail"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(details(&again(&service, &asked).await), vec![(json!("dropped"), json!("contact_not_authorized")); 2]);
        service.apply("cornerstone", json!({"authorized_roles": ["owner"]})).await;
        put(&service, "detail", &ruiz()).await.expect(201);
        let asked = challenge(&service, "detail", "c-1").await;
        let mut changed = with(0, "email", json!("new@ruiz.example"));
        changed["contacts"][0]["mobile"] = json!("+13055550199");
        put(&service, "detail", &changed).await.expect(200);
        // As if the messages had been on their way out while the list came in.
        service.database.execute("update challenge set state = 'active', closed_at = null where subject = 'detail'").await;
        service.database.execute("update message set state = 'queued', detail = null, run_at = created_at where client_id = 'detail'").await;
        service.drain().await;
        assert_eq!(service.mail().len(), 0, "the list has other details by now");
        assert_eq!(details(&again(&service, &asked).await), vec![(json!("dropped"), json!("detail_changed")); 2]);
    }
}

on_both! {
    async fn a_code_that_is_out_outlives_changes_that_are_not_about_it(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let body = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        let asked = ask(&service, "k", body).await.expect(201);
        let mut others = with(0, "email", json!("new@ruiz.example"));
        others["contacts"][0]["name"] = json!("Ana María Ruiz");
        others["contacts"].as_array_mut().unwrap().remove(2);
        put(&service, "k", &others).await.expect(200);
        put(&service, "k", &with(1, "email", json!("l@ruiz.example"))).await.expect(200);
        service.drain().await;
        assert_eq!(destinations(&service), ["+13055550142"]);
        assert_eq!(check(&service, &asked, &service.code()).await["result"], "verified");
    }
}

on_both! {
    async fn messages_are_in_the_language_asked_for_else_the_contacts_else_the_tenants(service: Service) {
        let mut list = ruiz();
        list["contacts"][1].as_object_mut().unwrap().remove("locale");
        put(&service, "k", &list).await.expect(201);
        for (default, contact, locale, expected) in [("en", "c-1", None, "es"), ("en", "c-1", Some("en"), "en"), ("en", "c-2", None, "en"),
            ("es", "c-2", None, "es"), ("es", "c-2", Some("en-US"), "en")] {
            service.apply("cornerstone", json!({"default_locale": default})).await;
            let body = json!({"contact": contact, "surface": "lead_card", "channels": ["email"], "locale": locale});
            let asked = ask(&service, "k", body).await.expect(201);
            service.drain().await;
            assert_eq!(service.mail().last().unwrap()["lang"], expected, "{default} {contact} {locale:?}");
            service.advance(30);
            act(&service, &asked, "resend", json!({})).await.expect(200);
            service.drain().await;
            assert_eq!(service.mail().last().unwrap()["lang"], expected, "sent again as it was");
            service.advance(600);
        }
        let body = json!({"contact": "c-1", "surface": "lead_card", "locale": "fr"});
        assert_eq!(ask(&service, "k", body).await.problem(422), "unknown_value");
    }
}

/// The body with free-typed destinations in every place that takes an object.
fn salted(mut body: Value) -> Value {
    let salt = json!({"email": "evil@attacker.example", "to": "+13055550666", "mobile": "+13055550666", "phone": "+13055550666",
        "destination": "evil@attacker.example", "contacts": [{"id": "c-1", "name": "E", "role": "owner", "email": "evil@attacker.example"}],
        "messages": [{"channel": "email", "to": "evil@attacker.example"}], "contact_email": "evil@attacker.example"});
    let own = body.as_object_mut().unwrap();
    if let Some(Value::Object(agent)) = own.get_mut("agent") {
        agent.extend(salt.as_object().unwrap().clone());
    }
    for (name, value) in salt.as_object().unwrap() {
        own.entry(name.clone()).or_insert_with(|| value.clone());
    }
    body
}

on_both! {
    async fn no_request_makes_a_message_go_to_an_address_that_is_not_on_the_list(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        let agent = json!({"id": "u-77", "name": "Maria Lopez"});
        for contact in ["c-1", "c-2", "c-3", "evil@attacker.example", "+13055550666"] {
            for channels in [Value::Null, json!(["email"]), json!(["sms"]), json!(["evil@attacker.example"])] {
                let path = "/api/v1/clients/k/codes?email=evil@attacker.example&to=%2B13055550666";
                let body = json!({"contact": contact, "surface": "lead_card", "agent": agent, "channels": channels});
                let asked = service.post(path, salted(body)).await;
                service.drain().await;
                service.advance(30);
                if asked.status == 201 {
                    let asked = asked.json();
                    act(&service, &asked, "resend", salted(json!({}))).await.expect(200);
                    service.advance(30);
                    act(&service, &asked, "resend", salted(json!({"channel": "evil@attacker.example"}))).await.expect(422);
                    act(&service, &asked, "check", salted(json!({"code": "000000"}))).await.expect(200);
                    service.drain().await;
                    act(&service, &asked, "cancel", salted(json!({}))).await.expect(200);
                }
                service.advance(900);
            }
        }
        for path in ["/api/v1/clients/k/unlock", "/api/v1/clients/k/status/revoke", "/api/v1/agent-tokens"] {
            service.post(path, salted(json!({"agent": agent}))).await.expect(200);
        }
        service.post("/api/v1/status", salted(json!({"clients": ["k"]}))).await.expect(200);
        service.drain().await;
        let mut reached = destinations(&service);
        assert!(reached.len() > 10);
        reached.dedup();
        assert_eq!(reached, ["+13055550142", "ana@ruiz-landscaping.example", "luis@ruiz-landscaping.example"]);
    }
}
