//! `GET /api/v1/status/stream`: where clients stand, every change of it once, and when a stream ends.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::audit::Origin;
use countersign::domain::id::{ApiKeyId, ChallengeId, ClientId, TenantId};
use countersign::domain::locale::Locale;
use countersign::usecase::client::report_code::report_code;
use countersign::usecase::stream::look::look;
use countersign::usecase::stream::watch_status::watch_status;
use countersign::usecase::stream::{Listener, Pass, Told};
use countersign::usecase::tenant::change_api_key::{create_api_key, revoke_api_key};
use countersign::usecase::tenant::rotate_secret::rotate_secret;
use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::database::Backend;
use crate::events::Events;
use crate::life::{CLIENT, Twin};
use crate::on_both;
use crate::service::{Service, api_key, requested, ruiz, tenant};
use crate::steps::{challenge, check, delete, id, put, settings, status, token, verify};

async fn listen_as(service: &Service, credential: &str, clients: &[&str]) -> Events {
    let path = format!("/api/v1/status/stream?client={}", clients.join("&client="));
    Events::of(service.request("GET", &path).bearer_auth(credential).send().await.unwrap())
}

/// As the host `cornerstone`, past the first state.
async fn listen(service: &Service, clients: &[&str]) -> Events {
    let mut events = listen_as(service, &api_key("cornerstone"), clients).await;
    for client in clients {
        assert_eq!(events.status().await["client"], *client);
    }
    events
}

/// What a serving process does again and again. Gives how many round trips it took.
async fn tick(service: &Service) -> u64 {
    let desk = service.app.desk();
    let before = desk.store.round_trips();
    desk.hub.review(&desk.directory, desk.time.now());
    while look(desk).await.unwrap() {}
    desk.store.round_trips() - before
}

/// Something that is heard at once: what comes before it is all there was.
async fn nothing_but(service: &Service, events: &mut Events, marker: &str) {
    put(service, marker, &ruiz()).await.expect(201);
    assert_eq!(events.status().await["client"], marker);
}

/// A listener that the test reads by hand.
async fn hand(service: &Service, clients: &[&str]) -> Listener {
    let tenant = settings(service, "cornerstone");
    let clients: Vec<_> = clients.iter().map(|id| ClientId::parse(id).unwrap()).collect();
    let directory = service.app.desk().directory.get();
    let (_, key) = directory.by_api_key(&api_key("cornerstone")).unwrap();
    let pass = Pass { via: key.as_str().to_owned(), until: None };
    watch_status(service.app.desk(), &tenant, &clients, Locale::En, pass).await.unwrap()
}

/// What there is for a listener without waiting for more.
fn ready(listener: &mut Listener) -> Vec<Option<Told>> {
    let mut told = Vec::new();
    while let Some(next) = listener.next().now_or_never() {
        let over = next.is_none();
        told.push(next);
        if over {
            break;
        }
    }
    told
}

/// The versions and states that there are for a listener.
fn statuses(listener: &mut Listener) -> Vec<(i64, String)> {
    let status = |told| match told {
        Some(Told::Status { version, json }) => {
            let status: Value = serde_json::from_str(&json).unwrap();
            Some((version, status["state"].as_str().unwrap().to_owned()))
        }
        _ => None,
    };
    ready(listener).into_iter().filter_map(status).collect()
}

on_both! {
    async fn a_stream_starts_with_where_every_client_stands_just_as_a_poll_says(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        put(&service, "Zoë/1", &ruiz()).await.expect(201);
        verify(&service, "k", "c-1").await;
        for language in ["en", "es-MX,es", "en"] {
            let path = "/api/v1/status/stream?client=zz&client=k&client=Zo%C3%AB%2F1&client=k";
            let request = service.request("GET", path).bearer_auth(api_key("cornerstone"));
            let mut events = Events::of(request.header("accept-language", language).send().await.unwrap());
            assert_eq!(events.header("cache-control"), Some("no-store"));
            assert_eq!(events.header("x-accel-buffering"), Some("no"));
            assert_eq!(events.header("content-encoding"), None);
            let retry = events.block().await.unwrap();
            let millis: u32 = retry.strip_prefix("retry: ").unwrap().parse().unwrap();
            assert!((1000..5000).contains(&millis), "{millis}");
            for segment in ["zz", "k", "Zo%C3%AB%2F1"] {
                let path = format!("/api/v1/clients/{segment}/status");
                let poll = service.request("GET", &path).bearer_auth(api_key("cornerstone"));
                let polled = service.send(poll.header("accept-language", language)).await;
                let block = events.block().await.unwrap();
                let version = polled.json()["version"].clone();
                assert_eq!(block, format!("event: status\nid: {version}\ndata: {}", polled.text));
            }
            service.advance(10);
        }
    }
}

on_both! {
    async fn a_client_that_is_named_twice_is_told_once(service: Service) {
        let mut events = listen_as(&service, &api_key("cornerstone"), &["a", "b", "a"]).await;
        assert_eq!(events.status().await["client"], "a");
        assert_eq!(events.status().await["client"], "b");
        nothing_but(&service, &mut events, "b").await;
        nothing_but(&service, &mut events, "a").await;
    }
}

on_both! {
    async fn a_list_too_long_for_an_address_is_posted(service: Service) {
        let ids: Vec<_> = (0..500).map(|i| format!("c-{i}")).collect();
        let got = service.request("GET", &format!("/api/v1/status/stream?client={}", ids.join("&client=")));
        let body = json!({"clients": ids}).to_string();
        let posted = service.request("POST", "/api/v1/status/stream").header("content-type", "application/json").body(body);
        for request in [got, posted] {
            let mut events = Events::of(request.bearer_auth(api_key("cornerstone")).send().await.unwrap());
            for id in &ids {
                assert_eq!(events.status().await["client"], *id);
            }
        }
    }
}

on_both! {
    async fn what_this_process_changes_is_told_when_it_is_committed(service: Service) {
        let mut events = listen(&service, &["k"]).await;
        tick(&service).await;
        put(&service, "k", &ruiz()).await.expect(201);
        assert_eq!(events.status().await, status(&service, "k").await);
        assert_eq!(tick(&service).await, 1, "what was told when it was made is not read again");
        let asked = challenge(&service, "k", "c-1").await;
        let told = events.event().await.unwrap();
        assert_eq!((&told.status["state"], &told.status["challenge"]), (&json!("code_sent"), &asked["id"]));
        assert_eq!((told.id, &told.status), (told.status["version"].to_string(), &status(&service, "k").await));
        // What becomes of a message is no change of the client.
        service.drain().await;
        let code = service.code();
        check(&service, &asked, &wrong(&code)).await;
        check(&service, &asked, &code).await;
        let mut states = vec![];
        while states.last() != Some(&json!("verified")) {
            states.push(events.status().await["state"].clone());
        }
        assert_eq!(states.last(), Some(&status(&service, "k").await["state"]));
        service.post("/api/v1/clients/k/status/revoke", json!({})).await.expect(200);
        assert_eq!(events.status().await, status(&service, "k").await);
        service.advance(30);
        let asked = challenge(&service, "k", "c-1").await;
        assert_eq!(events.status().await["state"], "code_sent");
        let (tenant, client) = (settings(&service, "cornerstone"), ClientId::parse("k").unwrap());
        let challenge = ChallengeId::parse(id(&asked)).unwrap();
        report_code(service.app.desk(), &tenant, &client, &challenge, Origin::service("test")).await.unwrap();
        assert_eq!(events.status().await["state"], "reported");
        delete(&service, "k").await.expect(204);
        assert_eq!(events.status().await, status(&service, "k").await);
    }
}

on_both! {
    async fn a_change_is_told_once_with_a_growing_version_and_the_log_brings_nothing_new(service: Service) {
        // Read by hand after each step: what a listener has not fetched when the next change comes is told with it.
        let mut listener = hand(&service, &["k"]).await;
        let mut told = statuses(&mut listener);
        put(&service, "k", &ruiz()).await.expect(201);
        told.extend(statuses(&mut listener));
        let asked = challenge(&service, "k", "c-1").await;
        told.extend(statuses(&mut listener));
        service.drain().await;
        check(&service, &asked, &service.code()).await;
        told.extend(statuses(&mut listener));
        assert_eq!(tick(&service).await, 2, "the messages that were sent are looked at once");
        assert_eq!(tick(&service).await, 1);
        told.extend(statuses(&mut listener));
        service.advance(3600);
        tick(&service).await;
        service.drain().await;
        tick(&service).await;
        told.extend(statuses(&mut listener));
        assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
        let states: Vec<_> = told.iter().map(|(_, state)| state.as_str()).collect();
        assert_eq!(states, ["not_verified", "not_verified", "code_sent", "verified", "not_verified"]);
    }
}

on_both! {
    async fn what_another_process_changes_is_found_by_one_query_and_told(service: Service) {
        service.know("k").await.expect(201);
        let mut events = listen(&service, &["k", "marker"]).await;
        let twin = service.twin(service.now()).await;
        assert!(tick(&service).await <= 2);
        assert_eq!(tick(&service).await, 1, "nothing happened");
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        let asked = service.post_at(&twin.base, "/api/v1/clients/k/codes", &body).await.expect(201);
        assert_eq!(tick(&service).await, 2, "one look, and the client that changed");
        let told = events.status().await;
        assert_eq!((&told["state"], &told["challenge"]), (&json!("code_sent"), &asked["id"]));
        assert_eq!(told, status(&service, "k").await);
        twin.app.outbox().drain().await.unwrap();
        let check = format!("/api/v1/challenges/{}/check", id(&asked));
        service.post_at(&twin.base, &check, &json!({"code": service.code()})).await.expect(200);
        tick(&service).await;
        assert_eq!(events.status().await, status(&service, "k").await);
        service.post_at(&twin.base, "/api/v1/clients/k/status/revoke", &json!({})).await.expect(200);
        tick(&service).await;
        assert_eq!(events.status().await, status(&service, "k").await);
        assert_eq!(tick(&service).await, 1);
        nothing_but(&service, &mut events, "marker").await;
    }
}

on_both! {
    async fn whatever_another_process_does_to_a_client_is_told_as_a_poll_tells_it(service: Service) {
        service.policy(json!({"subject_tries": 5})).await;
        let twin = service.twin(service.now()).await;
        let mut events = listen(&service, &["k"]).await;
        let mut version = 0;
        let mut changed = ruiz();
        changed["contacts"][0]["email"] = json!("other@ruiz-landscaping.example");
        let removed = json!({"type": "client.removed", "data": {"client": {"id": "k"}}});
        let steps = [
            ("PUT", "", Some(ruiz())),
            ("POST", "/codes", Some(json!({"contact": "c-1", "surface": "lead_card"}))),
            ("wrong", "", None),
            ("POST", "/unlock", Some(json!({}))),
            ("POST", "/codes", Some(json!({"contact": "c-2", "surface": "lead_card"}))),
            ("right", "", None),
            ("PUT", "", Some(changed)),
            ("POST", "/status/revoke", Some(json!({}))),
            ("DELETE", "", None),
            ("PUT", "", Some(ruiz())),
            ("epoch", "", None),
            ("webhook", "", Some(removed)),
        ];
        for (number, (method, path, body)) in steps.into_iter().enumerate() {
            service.advance(1);
            twin.app.desk().time.observe(service.now());
            do_at(&service, &twin, (method, path, body)).await;
            tick(&service).await;
            let now = status(&service, "k").await;
            if now["version"].as_i64().unwrap() > version {
                version = now["version"].as_i64().unwrap();
                assert_eq!(events.status().await, now, "step {number}: {method} {path}");
            }
        }
        assert!(version > 8, "{version}");
    }
}

/// Something that the process beside does to the client `k`.
async fn do_at(service: &Service, twin: &Twin, (method, path, body): (&str, &str, Option<Value>)) {
    match method {
        "right" | "wrong" => {
            twin.app.outbox().drain().await.unwrap();
            let challenge = status(service, "k").await["challenge"].as_str().unwrap().to_owned();
            let code = service.code();
            let (typed, times) = if method == "right" { (code, 1) } else { (wrong(&code), 5) };
            let path = format!("/api/v1/challenges/{challenge}/check");
            for _ in 0..times {
                service.post_at(&twin.base, &path, &json!({"code": typed})).await.expect(200);
            }
        }
        "epoch" => {
            countersign::usecase::tenant::bump_epoch::bump_epoch(twin.app.desk()).await.unwrap();
        }
        "webhook" => {
            let mut told = body.unwrap();
            told["timestamp"] = json!(service.now());
            let request =
                service.signed("cornerstone", "w-1", told.to_string().as_bytes(), service.clock_seconds());
            service.send(elsewhere(request, &twin.base)).await.expect(200);
        }
        _ => {
            let request = service
                .request(method, &format!("/api/v1/clients/k{path}"))
                .bearer_auth(api_key("cornerstone"));
            let request = request
                .header("content-type", "application/json")
                .body(body.map_or(String::new(), |b| b.to_string()));
            let reply = service.send(elsewhere(request, &twin.base)).await;
            assert!(reply.status < 300, "{method} {path}: {}", reply.text);
        }
    }
}

/// The same request to another process.
fn elsewhere(request: reqwest::RequestBuilder, base: &str) -> reqwest::RequestBuilder {
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    *request.url_mut() = format!("{base}{}", request.url().path()).parse().unwrap();
    reqwest::RequestBuilder::from_parts(client, request)
}

on_both! {
    async fn a_change_is_found_however_much_was_written_to_the_log_since(service: Service) {
        service.know("k").await.expect(201);
        let twin = service.twin(service.now()).await;
        let mut events = listen(&service, &["k"]).await;
        tick(&service).await;
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        service.post_at(&twin.base, "/api/v1/clients/k/codes", &body).await.expect(201);
        let numbers = match service.database.backend {
            Backend::Postgres => "select n from generate_series(1, 10000) as g(n)",
            Backend::Sqlite => "with recursive g(n) as (select 1 union all select n + 1 from g where n < 10000) select n from g",
        };
        let copy = format!(
            "insert into audit select tenant_id, id || '-' || n, at + 1000, actor_kind, actor_id, origin, action, 'other', contact_id, object, outcome, detail, key_id, mac \
             from (select * from audit where client_id = 'k' limit 1) as one cross join ({numbers}) as many"
        );
        service.database.execute(&copy).await;
        tick(&service).await;
        assert_eq!(events.status().await["state"], "code_sent");
    }
}

on_both! {
    async fn a_change_of_a_process_whose_clock_is_behind_or_that_commits_late_is_found(service: Service) {
        service.know("k").await.expect(201);
        let twin = service.twin(service.now()).await;
        let mut events = listen(&service, &["k", "mine"]).await;
        service.advance(25);
        put(&service, "mine", &ruiz()).await.expect(201);
        assert_eq!(events.status().await["client"], "mine");
        for _ in 0..100 {
            tick(&service).await;
        }
        let body = json!({"contact": "c-1", "surface": "lead_card"});
        service.post_at(&twin.base, "/api/v1/clients/k/codes", &body).await.expect(201);
        tick(&service).await;
        assert_eq!(events.status().await["state"], "code_sent");
    }
}

on_both! {
    async fn what_time_changes_is_told_without_a_query(service: Service) {
        service.policy(json!({"tries": 3, "code_valid": "2m"})).await;
        for client in ["k", "locked"] {
            put(&service, client, &ruiz()).await.expect(201);
        }
        let review = |service: &Service| {
            let desk = service.app.desk();
            let before = desk.store.round_trips();
            desk.hub.review(&desk.directory, desk.time.now());
            assert_eq!(desk.store.round_trips(), before);
        };
        let mut events = listen(&service, &["k", "locked"]).await;
        let asked = challenge(&service, "locked", "c-1").await;
        service.drain().await;
        let miss = wrong(&service.code());
        for _ in 0..3 {
            check(&service, &asked, &miss).await;
        }
        while events.status().await["state"] != "locked" {}
        challenge(&service, "k", "c-1").await;
        assert_eq!(events.status().await["state"], "code_sent");
        service.advance(119);
        review(&service);
        service.advance(1);
        review(&service);
        let ended = [events.status().await, events.status().await];
        for told in &ended {
            let client = told["client"].as_str().unwrap();
            assert_eq!((&told["state"], told), (&json!("not_verified"), &status(&service, client).await));
        }
        assert_ne!(ended[0]["client"], ended[1]["client"]);
        verify(&service, "k", "c-2").await;
        while events.status().await["state"] != "verified" {}
        service.advance(3600);
        review(&service);
        let told = events.status().await;
        assert_eq!((&told["state"], &told), (&json!("not_verified"), &status(&service, "k").await));
        // The outbox writes down what time did: that is no second change.
        service.drain().await;
        tick(&service).await;
        challenge(&service, "k", "c-2").await;
        assert_eq!(events.status().await["state"], "code_sent");
    }
}

on_both! {
    async fn a_slow_reader_gets_only_the_newest_of_each_client(service: Service) {
        put(&service, "a", &ruiz()).await.expect(201);
        put(&service, "b", &ruiz()).await.expect(201);
        let mut slow = hand(&service, &["a", "b"]).await;
        for _ in 0..5 {
            verify(&service, "a", "c-1").await;
            service.post("/api/v1/clients/a/status/revoke", json!({})).await.expect(200);
            service.advance(200);
        }
        let asked = challenge(&service, "b", "c-1").await;
        let texts: Vec<Value> = ready(&mut slow)
            .into_iter()
            .map(|told| match told {
                Some(Told::Status { json, .. }) => serde_json::from_str(&json).unwrap(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(texts, [status(&service, "a").await, status(&service, "b").await]);
        assert_eq!(texts[1]["challenge"], asked["id"]);
        assert_eq!(ready(&mut slow), []);
    }
}

on_both! {
    async fn a_silent_stream_gives_a_sign_of_life_and_one_that_nobody_reads_ends(service: Service) {
        let (mut read, mut unread) = (hand(&service, &["a"]).await, hand(&service, &["a"]).await);
        assert_eq!((ready(&mut read).len(), ready(&mut unread).len()), (1, 1));
        service.advance(14);
        tick(&service).await;
        assert_eq!(ready(&mut read), []);
        service.advance(1);
        tick(&service).await;
        assert_eq!(ready(&mut read), [Some(Told::Pulse)]);
        for _ in 0..201 {
            service.advance(15);
            tick(&service).await;
            assert_eq!(ready(&mut read), [Some(Told::Pulse)]);
        }
        assert_eq!(ready(&mut unread), [None]);
        let mut events = listen(&service, &["a"]).await;
        service.advance(15);
        tick(&service).await;
        assert_eq!(events.block().await.as_deref(), Some(":"));
    }
}

on_both! {
    async fn a_stream_ends_with_its_token(service: Service) {
        let first = token(&service, &["k"]).await;
        service.advance(10);
        let later = token(&service, &["k"]).await;
        let mut ending = listen_as(&service, &first, &["k"]).await;
        let mut staying = listen_as(&service, &later, &["k"]).await;
        let mut host = listen(&service, &["k"]).await;
        assert!(ending.event().await.is_some() && staying.event().await.is_some());
        service.advance(3589);
        tick(&service).await;
        put(&service, "k", &ruiz()).await.expect(201);
        assert!(ending.event().await.is_some(), "a second before");
        for events in [&mut staying, &mut host] {
            assert_eq!(events.status().await["version"], 1);
        }
        service.advance(1);
        tick(&service).await;
        assert_eq!(ending.event().await, None);
        delete(&service, "k").await.expect(204);
        for events in [&mut staying, &mut host] {
            assert_eq!(events.status().await["version"], 2);
        }
    }
}

on_both! {
    async fn a_stream_ends_with_its_key_or_secret_and_when_the_tenant_is_switched_off(service: Service) {
        let desk = service.app.desk();
        let cornerstone = TenantId::parse("cornerstone").unwrap();
        let (key, secret): (ApiKeyId, _) = create_api_key(desk, &cornerstone).await.unwrap();
        let body = json!({"agent": {"id": "u-77"}, "clients": []});
        let made = service.call("POST", "/api/v1/agent-tokens", secret.expose_secret(), Some(&body)).await.expect(200);
        let mut by_key = listen_as(&service, secret.expose_secret(), &["k"]).await;
        let mut by_token = listen_as(&service, made["agent_token"].as_str().unwrap(), &["k"]).await;
        let from_webhook = service.webhook(&requested()).await.expect(200);
        let mut by_secret = listen_as(&service, from_webhook["agent_token"].as_str().unwrap(), &["k"]).await;
        let mut other = listen(&service, &["k"]).await;
        for events in [&mut by_key, &mut by_token, &mut by_secret] {
            assert!(events.event().await.is_some());
        }
        // Another process revokes it; this one sees that at its next beat.
        let elsewhere = service.second(service.now()).await;
        revoke_api_key(elsewhere.desk(), &cornerstone, &key).await.unwrap();
        service.app.beat().await.unwrap();
        tick(&service).await;
        assert_eq!((by_key.event().await, by_token.event().await), (None, None));
        let webhook = countersign::store::SecretPurpose::Webhook;
        rotate_secret(desk, &cornerstone, webhook, Duration::from_secs(5)).await.unwrap();
        service.advance(4);
        tick(&service).await;
        put(&service, "k", &ruiz()).await.expect(201);
        assert!(by_secret.event().await.is_some() && other.event().await.is_some());
        service.advance(1);
        tick(&service).await;
        assert_eq!(by_secret.event().await, None);
        let mut foreign = listen_as(&service, &api_key("compeo"), &["z"]).await;
        service.apply("cornerstone", json!({"eligible": false})).await;
        tick(&service).await;
        assert_eq!(other.event().await, None);
        let again = service.get("/api/v1/status/stream?client=k").await;
        assert_eq!(again.problem(403), "tenant_not_eligible");
        assert!(foreign.event().await.is_some());
    }
}

on_both! {
    async fn another_tenants_client_is_not_known_and_its_changes_are_not_told(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        verify(&service, "k", "c-1").await;
        let mut foreign = listen_as(&service, &api_key("compeo"), &["k", "mine"]).await;
        let told = foreign.status().await;
        assert_eq!((&told["state"], &told["version"]), (&json!("not_verified"), &json!(0)));
        assert_eq!(told.get("contact"), None);
        foreign.event().await.unwrap();
        let twin = service.twin(service.now()).await;
        service.post_at(&twin.base, "/api/v1/clients/k/status/revoke", &json!({})).await.expect(200);
        challenge(&service, "k", "c-2").await;
        tick(&service).await;
        service.advance(600);
        tick(&service).await;
        let body = Some(ruiz());
        service.call("PUT", "/api/v1/clients/mine", &api_key("compeo"), body.as_ref()).await.expect(201);
        assert_eq!(foreign.status().await["client"], "mine");
    }
}

on_both! {
    async fn what_a_tenant_changes_about_its_labels_is_told_and_nothing_else_is(service: Service) {
        put(&service, "k", &ruiz()).await.expect(201);
        verify(&service, "k", "c-1").await;
        let mut events = listen(&service, &["k", "marker"]).await;
        let elsewhere = service.second(service.now()).await;
        for (setting, expected) in [
            (json!({"time_zone": "America/Los_Angeles"}), "Verified 7:04\u{202f}AM"),
            (json!({"time_zone": "Europe/Madrid"}), "Verified 4:04\u{202f}PM"),
        ] {
            apply_at(&elsewhere, &service, setting).await;
            service.app.beat().await.unwrap();
            tick(&service).await;
            let told = [events.status().await, events.status().await];
            let label = told[0]["button"]["label"].as_str().unwrap().replace(['\u{a0}', ' '], "\u{202f}");
            assert_eq!(label, expected.replace(' ', "\u{202f}"));
            assert_eq!((&told[0], &told[1]["client"]), (&status(&service, "k").await, &json!("marker")));
        }
        apply_at(&elsewhere, &service, json!({"policy": {"pin": {"enabled": true}}})).await;
        service.app.beat().await.unwrap();
        tick(&service).await;
        assert_eq!(events.status().await["client"], "k");
        assert_eq!(events.status().await["button"]["tone"], "danger");
        apply_at(&elsewhere, &service, json!({"name": "Another name", "retention": "30d"})).await;
        service.app.beat().await.unwrap();
        tick(&service).await;
        nothing_but(&service, &mut events, "marker").await;
    }
}

/// Another process changes the settings of `cornerstone`.
async fn apply_at(app: &countersign::app::App, service: &Service, settings: Value) {
    use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
    let mut all = tenant("cornerstone", &service.host.url("cornerstone"));
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let id = TenantId::parse("cornerstone").unwrap();
    let wanted = Wanted {
        id,
        settings: all,
        providers: json!({}),
        webhook_secret: None,
        push_secret: None,
        api_key: None,
    };
    apply_tenants(app.desk(), vec![wanted]).await.map(|_| ()).unwrap();
}

on_both! {
    async fn what_is_wrong_is_told_as_a_problem_before_a_stream_starts(service: Service) {
        let path = "/api/v1/status/stream?client=k";
        assert_eq!(service.call("GET", path, "", None).await.problem(401), "unauthorized");
        assert_eq!(service.call("GET", path, "csk_wrong", None).await.problem(401), "unauthorized");
        assert_eq!(service.get("/api/v1/status/stream?client=").await.problem(400), "invalid_request");
        let many: Vec<_> = (0..501).map(|i| format!("client=c-{i}")).collect();
        let reply = service.get(&format!("/api/v1/status/stream?{}", many.join("&"))).await;
        assert_eq!(reply.problem(400), "invalid_request");
        assert_eq!(service.post("/api/v1/status/stream", json!({})).await.problem(400), "invalid_request");
        let token = token(&service, &["k"]).await;
        let from = |origin: &'static str| service.request("GET", path).bearer_auth(&token).header("origin", origin);
        assert_eq!(service.send(from("https://evil.example")).await.problem(401), "unauthorized");
        let mut events = Events::of(from("https://crm.example").send().await.unwrap());
        assert_eq!(events.header("access-control-allow-origin"), Some("https://crm.example"));
        assert_eq!(events.status().await["client"], "k");
        assert!(tick(&service).await <= 2);
    }
}

on_both! {
    async fn a_process_that_holds_as_many_streams_as_it_can_says_so(service: Service) {
        let mut all = Vec::new();
        for _ in 0..10_000 {
            all.push(hand(&service, &[]).await);
        }
        let refused = service.get("/api/v1/status/stream?client=k").await;
        assert_eq!(refused.header("retry-after"), Some("30"));
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert_eq!((refused.status, &refused.json()["code"]), (503, &json!("unavailable")));
        // Where it is crowded, those who left without a word are found sooner.
        service.advance(3);
        tick(&service).await;
        assert_eq!(ready(&mut all[0]), [Some(Told::Pulse)]);
        all.pop();
        listen(&service, &["k"]).await;
    }
}

on_both! {
    async fn nobody_who_listens_costs_no_query_and_the_last_one_who_leaves_ends_them(service: Service) {
        assert_eq!(tick(&service).await, 0);
        let listener = hand(&service, &["k"]).await;
        assert!(tick(&service).await >= 1);
        drop(listener);
        assert_eq!(tick(&service).await, 0);
    }
}

on_both! {
    async fn a_service_that_stops_ends_its_streams(service: Service) {
        let mut events = listen(&service, &[CLIENT]).await;
        let reading = tokio::spawn(async move { events.event().await });
        let (app, _database) = service.stop().await;
        assert_eq!(reading.await.unwrap(), None);
        let tenant = Arc::clone(&app.desk().directory.get().member(&TenantId::parse("cornerstone").unwrap()).unwrap().tenant);
        let pass = Pass { via: String::new(), until: None };
        assert!(watch_status(app.desk(), &tenant, &[], Locale::En, pass).await.is_err(), "nobody is let in any more");
    }
}
