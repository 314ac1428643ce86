//! The record: an entry for each change, in the transaction of the change, and no change without one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use countersign::domain::audit::{Actor, Entry, Origin};
use countersign::domain::id::{AuditId, ChallengeId, ClientId, TenantId};
use countersign::domain::key::KeyId;
use countersign::domain::timestamp::Timestamp;
use countersign::store::SecretPurpose;
use countersign::usecase::client::report_code::report_code;
use countersign::usecase::tenant::apply_tenants::{Wanted, apply_tenants};
use countersign::usecase::tenant::change_api_key::{create_api_key, revoke_api_key};
use countersign::usecase::tenant::rotate_secret::rotate_secret;
use entity::audit;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::{Service, api_key, requested, ruiz};

/// What the record held when it was last looked at.
#[derive(Default)]
struct Record(BTreeSet<String>);

impl Record {
    /// What was added since, each entry's HMAC checked: action, outcome, who, from where, contact, object.
    async fn added(&mut self, service: &Service) -> Vec<String> {
        let db = service.database.connect().await;
        let rows = audit::Entity::find().all(&db).await.unwrap();
        let mut added: Vec<_> = rows.into_iter().filter(|row| self.0.insert(row.id.clone())).collect();
        added.sort_by_key(|row| (row.action.clone(), row.outcome.clone(), row.object.clone()));
        for row in &added {
            let ring = &service.app.desk().store.vault().ring;
            let keys = ring.by_id(KeyId::parse(&row.key_id).unwrap()).unwrap();
            assert_eq!(entry(row.clone()).mac(keys).as_slice(), row.mac, "{row:?}");
            let moved = audit::Model { contact_id: format!("{}x", row.contact_id), ..row.clone() };
            assert_ne!(entry(moved).mac(keys).as_slice(), row.mac);
            assert_eq!(row.at, service.now().millis(), "{row:?}");
        }
        added.iter().map(line).collect()
    }
}

fn entry(row: audit::Model) -> Entry {
    let actor = match row.actor_kind.as_str() {
        "agent" => Actor::Agent(row.actor_id),
        "host" => Actor::Host(row.actor_id),
        "contact" => Actor::Contact(row.actor_id),
        "provider" => Actor::Provider,
        "service" => Actor::Service,
        _ => Actor::Operator,
    };
    Entry {
        id: AuditId::parse(&row.id).unwrap(),
        tenant: TenantId::parse(&row.tenant_id).unwrap(),
        at: Timestamp::from_millis(row.at),
        origin: Origin { actor, from: row.origin },
        action: row.action.leak(),
        client: row.client_id,
        contact: row.contact_id,
        object: row.object,
        outcome: row.outcome.leak(),
        detail: serde_json::from_str(&row.detail).unwrap(),
    }
}

fn line(row: &audit::Model) -> String {
    // A host is named by its key or secret, whose id a test does not choose.
    let who = if row.actor_kind == "host" { row.actor_id[..4].to_owned() } else { row.actor_id.clone() };
    let whom = if row.client_id.is_empty() { &row.tenant_id } else { &row.client_id };
    format!(
        "{} {} by {}:{who} from {} on {whom} {} {}",
        row.action, row.outcome, row.actor_kind, row.origin, row.contact_id, row.object
    )
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn messages(challenge: &Value) -> Vec<String> {
    let mut ids: Vec<_> = challenge["messages"].as_array().unwrap().iter().map(id).collect();
    ids.sort();
    ids
}

const KEY: &str = "by host:key_ from 127.0.0.1 on lead-10482";
const AGENT: &str = "by agent:u-77 from 127.0.0.1 on lead-10482";
const OUTBOX: &str = "by service: from outbox on lead-10482";
const TIME: &str = "by service: from time on lead-10482";

async fn ask(service: &Service) -> Value {
    service.advance(30);
    let body = json!({"contact": "c-1", "surface": "lead_card", "agent": {"id": "u-77", "name": "Maria"}});
    service.post(&format!("/api/v1/clients/{CLIENT}/codes"), body).await.expect(201)
}

async fn post(service: &Service, path: String, body: Value) -> Value {
    service.post(&path, body).await.expect(200)
}

on_both! {
    async fn every_step_of_a_code_leaves_exactly_its_entry(service: Service) {
        let mut record = Record::default();
        record.added(&service).await;
        service.know(CLIENT).await.expect(201);
        assert_eq!(record.added(&service).await, [format!("client.put created {KEY}  ")]);
        service.know(CLIENT).await.expect(200);
        assert!(record.added(&service).await.is_empty(), "nothing changed");

        let refused = json!({"contact": "c-3", "surface": "lead_card", "agent": {"id": "u-77"}});
        service.post(&format!("/api/v1/clients/{CLIENT}/codes"), refused).await.problem(403);
        assert_eq!(record.added(&service).await, [format!("code.request contact_not_authorized {AGENT} c-3 ")]);

        let challenge = ask(&service).await;
        let (chl, msg) = (id(&challenge), messages(&challenge));
        assert_eq!(record.added(&service).await, [format!("code.request sent {AGENT} c-1 {chl}")]);
        service.drain().await;
        assert_eq!(record.added(&service).await, [format!("message.send sent {OUTBOX} c-1 {}", msg[0]), format!("message.send sent {OUTBOX} c-1 {}", msg[1])]);
        let code = service.code();

        let text = service.mail().into_iter().find(|mail| mail["channel"] == "sms").unwrap();
        let report = text["report_url"].as_str().unwrap().split_once("/callbacks").unwrap().1.replace("%d", "1");
        for _ in 0..2 {
            service.call("GET", &format!("/callbacks{report}"), "", None).await.expect(204);
        }
        assert_eq!(record.added(&service).await, [format!("message.send delivered by provider: from 127.0.0.1 on lead-10482 c-1 {}", id(&text))]);

        service.checked(&chl, &wrong(&code)).await;
        assert_eq!(record.added(&service).await, [format!("code.check incorrect {KEY} c-1 {chl}")]);
        service.advance(30);
        let again = post(&service, format!("/api/v1/challenges/{chl}/resend"), json!({})).await;
        assert_eq!(record.added(&service).await, [format!("code.resend sent {KEY} c-1 {chl}")]);
        post(&service, format!("/api/v1/challenges/{chl}/cancel"), json!({})).await;
        let mut expected = vec![format!("code.cancel cancelled {KEY} c-1 {chl}")];
        let unsent = messages(&again).into_iter().filter(|m| !msg.contains(m));
        expected.extend(unsent.map(|m| format!("message.send dropped {KEY} c-1 {m}")));
        assert_eq!(record.added(&service).await, expected);
        service.drain().await;
        assert!(record.added(&service).await.is_empty());
    }
}

on_both! {
    async fn every_end_of_a_code_and_of_a_verification_is_on_the_record(service: Service) {
        let mut record = Record::default();
        service.know(CLIENT).await.expect(201);
        let sent = async || {
            let challenge = id(&ask(&service).await);
            service.drain().await;
            (challenge, service.code())
        };
        let (chl, code) = sent().await;
        record.0.extend(service.database.texts("select id from audit").await);
        for _ in 0..5 {
            service.checked(&chl, &wrong(&code)).await;
        }
        let mut expected = vec![format!("code.check incorrect {KEY} c-1 {chl}"); 5];
        expected.push(format!("code.check locked {KEY} c-1 {chl}"));
        assert_eq!(record.added(&service).await, expected);
        post(&service, format!("/api/v1/clients/{CLIENT}/unlock"), json!({"contact": "c-1", "agent": {"id": "u-77"}})).await;
        assert_eq!(record.added(&service).await, [format!("client.unlock unlocked {AGENT} c-1 ")]);

        let (chl, code) = sent().await;
        record.0.extend(service.database.texts("select id from audit").await);
        service.checked(&chl, &code).await;
        assert_eq!(record.added(&service).await, [format!("code.check verified {KEY} c-1 {chl}")]);
        service.advance(3600);
        service.drain().await;
        assert_eq!(record.added(&service).await, [format!("verification.expire expired {TIME} c-1 {chl}")]);

        let (chl, _) = sent().await;
        record.0.extend(service.database.texts("select id from audit").await);
        service.advance(600);
        service.drain().await;
        assert_eq!(record.added(&service).await, [format!("code.expire expired {TIME} c-1 {chl}")]);

        let (chl, code) = sent().await;
        service.checked(&chl, &code).await;
        record.0.extend(service.database.texts("select id from audit").await);
        post(&service, format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({"agent": {"id": "u-77"}})).await;
        assert_eq!(record.added(&service).await, [format!("verification.revoke revoked {AGENT} c-1 {chl}")]);

        let (chl, _) = sent().await;
        record.0.extend(service.database.texts("select id from audit").await);
        let tenant = TenantId::parse("cornerstone").unwrap();
        let member = Arc::clone(&service.app.desk().directory.get().member(&tenant).unwrap().tenant);
        let origin = Origin { actor: Actor::Contact("c-1".into()), from: "call".into() };
        report_code(service.app.desk(), &member, &ClientId::parse(CLIENT).unwrap(), &ChallengeId::parse(&chl).unwrap(), origin).await.unwrap();
        assert_eq!(record.added(&service).await, [format!("code.report reported by contact:c-1 from call on {CLIENT}  {chl}")]);
    }
}

on_both! {
    async fn every_change_of_a_client_by_its_host_is_on_the_record(service: Service) {
        let mut record = Record::default();
        service.webhook(&requested()).await.expect(200);
        assert_eq!(record.added(&service).await[..1], [format!("client.put created by host:sec_ from 127.0.0.1 on {CLIENT}  ")]);
        let chl = id(&ask(&service).await);
        service.drain().await;
        record.0.extend(service.database.texts("select id from audit").await);
        let mut without = ruiz();
        without["contacts"].as_array_mut().unwrap().remove(0);
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), Some(&without)).await.expect(200);
        assert_eq!(record.added(&service).await, [format!("client.put changed {KEY}  "), format!("code.cancel cancelled {KEY} c-1 {chl}")]);
        service.webhook(&requested()).await.expect(200);
        assert_eq!(record.added(&service).await, [format!("client.put too_old by host:sec_ from 127.0.0.1 on {CLIENT}  ")]);
        service.call("DELETE", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), None).await.expect(204);
        assert_eq!(record.added(&service).await, [format!("client.remove removed {KEY}  ")]);
    }
}

on_both! {
    async fn every_change_of_a_tenant_is_on_the_record(service: Service) {
        let mut record = Record::default();
        let (desk, tenant) = (service.app.desk(), TenantId::parse("cornerstone").unwrap());
        let by = |action: &str, on: &str, object: &str| format!("{action} done by operator: from command on {on}  {object}");
        assert_eq!(record.added(&service).await, [by("tenant.create", "compeo", "compeo"), by("tenant.create", "cornerstone", "cornerstone")]);
        service.policy(json!({"digits": 8})).await;
        assert_eq!(record.added(&service).await, [by("tenant.change", "cornerstone", "cornerstone")]);
        service.policy(json!({"digits": 8})).await;
        assert!(record.added(&service).await.is_empty());
        let (key, _) = create_api_key(desk, &tenant).await.unwrap();
        assert_eq!(record.added(&service).await, [by("api_key.create", "cornerstone", key.as_str())]);
        revoke_api_key(desk, &tenant, &key).await.unwrap();
        assert_eq!(record.added(&service).await, [by("api_key.revoke", "cornerstone", key.as_str())]);
        for purpose in [SecretPurpose::Webhook, SecretPurpose::Push] {
            rotate_secret(desk, &tenant, purpose, Duration::from_secs(60)).await.unwrap();
            let added = record.added(&service).await;
            assert!(added.len() == 1 && added[0].starts_with(&by("secret.rotate", "cornerstone", "sec_")), "{added:?}");
        }
    }
}

on_both! {
    async fn a_message_that_fails_or_is_dropped_is_on_the_record(service: Service) {
        let mut record = Record::default();
        service.know(CLIENT).await.expect(201);
        let challenge = ask(&service).await;
        record.0.extend(service.database.texts("select id from audit").await);
        service.database.execute("update challenge set state = 'superseded'").await;
        service.drain().await;
        let expected: Vec<_> = messages(&challenge).iter().map(|m| format!("message.send dropped {OUTBOX} c-1 {m}")).collect();
        assert_eq!(record.added(&service).await, expected);

        service.host.answer("gateway", 400, &[]);
        let sms = json!({"provider": "http", "method": "POST", "url": service.host.url("gateway"), "body": "{{to}} {{text}}"});
        let wanted = Wanted {
            id: TenantId::parse("cornerstone").unwrap(),
            settings: json!({}),
            providers: json!({"sms": sms}),
            webhook_secret: None,
            push_secret: None,
            api_key: None,
        };
        apply_tenants(service.app.desk(), vec![wanted]).await.map(|_| ()).unwrap();
        service.know("lead-2").await.expect(201);
        let text = json!({"contact": "c-1", "surface": "lead_card", "channels": ["sms"]});
        let challenge = service.post("/api/v1/clients/lead-2/codes", text).await.expect(201);
        record.0.extend(service.database.texts("select id from audit").await);
        service.drain().await;
        let failed = format!("message.send failed by service: from outbox on lead-2 c-1 {}", messages(&challenge)[0]);
        assert_eq!(record.added(&service).await, [failed]);
        assert_eq!(service.pushed("message.failed"), 1);
    }
}

on_both! {
    async fn nothing_changes_that_cannot_be_recorded(service: Service) {
        service.know(CLIENT).await.expect(201);
        service.know("lead-2").await.expect(201);
        let (over, right) = service.code_for("lead-2", "c-1").await;
        service.checked(&over, &right).await;
        let (chl, code) = service.code_for(CLIENT, "c-1").await;
        let text = service.mail().into_iter().find(|mail| mail["channel"] == "sms").unwrap();
        let report = format!("/callbacks{}", text["report_url"].as_str().unwrap().split_once("/callbacks").unwrap().1.replace("%d", "1"));
        service.drain().await;
        service.advance(30);
        service.database.refuse_audit().await;
        let before = service.database.dump().await;
        let codes = |client: &str| format!("/api/v1/clients/{client}/codes");
        let asking = |contact: &str| json!({"contact": contact, "surface": "lead_card"});
        let changes = [
            ("PUT", "/api/v1/clients/lead-3".to_owned(), ruiz()),
            ("PUT", format!("/api/v1/clients/{CLIENT}"), json!({"name": "R", "contacts": []})),
            ("DELETE", format!("/api/v1/clients/{CLIENT}"), Value::Null),
            ("POST", codes("lead-2"), asking("c-1")),
            ("POST", codes("lead-2"), asking("c-3")),
            ("POST", codes(CLIENT), asking("c-2")),
            ("POST", format!("/api/v1/challenges/{chl}/resend"), json!({})),
            ("POST", format!("/api/v1/challenges/{chl}/cancel"), json!({})),
            ("POST", format!("/api/v1/challenges/{chl}/check"), json!({"code": code})),
            ("POST", format!("/api/v1/challenges/{chl}/check"), json!({"code": wrong(&code)})),
            ("POST", "/api/v1/clients/lead-2/status/revoke".to_owned(), json!({})),
            ("POST", "/api/v1/clients/lead-2/unlock".to_owned(), json!({})),
            ("POST", report, Value::Null),
        ];
        for (method, path, body) in changes {
            let answer = service.call(method, &path, &api_key("cornerstone"), Some(&body)).await;
            assert_eq!(answer.problem(500), "internal", "{method} {path}");
            assert_eq!(service.database.dump().await, before, "{method} {path} {body}");
        }
        let mut renamed = requested();
        renamed["data"]["client"]["name"] = json!("Ruiz and Sons");
        assert_eq!(service.webhook(&renamed).await.problem(500), "internal");
        let (desk, tenant) = (service.app.desk(), TenantId::parse("cornerstone").unwrap());
        assert!(create_api_key(desk, &tenant).await.is_err());
        assert!(rotate_secret(desk, &tenant, SecretPurpose::Push, Duration::ZERO).await.is_err());
        let key = service.database.texts("select id from api_key where tenant_id = 'cornerstone'").await;
        assert!(revoke_api_key(desk, &tenant, &countersign::domain::id::ApiKeyId::parse(&key[0]).unwrap()).await.is_err());
        let settings = json!({"name": "Other"});
        let wanted = Wanted { id: tenant, settings, providers: json!({}), webhook_secret: None, push_secret: None, api_key: None };
        assert!(apply_tenants(desk, vec![wanted]).await.is_err());
        assert_eq!(service.database.dump().await, before);
        service.advance(3600);
        service.app.outbox().drain().await.unwrap_err();
        assert_eq!(service.database.count("select count(*) from challenge where state = 'active'").await, 1);
        assert_eq!(service.database.count("select count(*) from host_event where kind like '%expired'").await, 0);
        service.database.allow_audit().await;
        service.advance(30);
        service.drain().await;
        assert_eq!((service.pushed("verification.code_expired"), service.pushed("verification.expired")), (1, 1));
    }
}
