//! Lists as tables for spreadsheets: exactly what the filter finds, whole, and on the record.

use std::sync::Arc;

use countersign::domain::admin::Role;
use countersign::domain::audit::{Actor, Origin};
use countersign::usecase::Caller;
use countersign::usecase::admin::export::{List, begin_export};
use countersign::usecase::login::view_user::Wanted;
use serde_json::json;

use crate::code::wrong;
use crate::on_both;
use crate::service::{Reply, Service, api_key, ruiz};

/// The rows of a table by the names of their columns.
fn rows(reply: &Reply) -> Vec<std::collections::BTreeMap<String, String>> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let mut table = csv::Reader::from_reader(reply.text.as_bytes());
    table.deserialize().collect::<Result<_, _>>().unwrap()
}

fn column(reply: &Reply, name: &str) -> Vec<String> {
    rows(reply).into_iter().map(|row| row[name].clone()).collect()
}

async fn client(service: &Service, id: &str) {
    let put =
        service.call("PUT", &format!("/api/v1/clients/{id}"), &api_key("cornerstone"), Some(&ruiz())).await;
    put.expect(201);
    service.advance(1);
}

async fn user(service: &Service, id: &str, name: &str) {
    let body = json!({"name": name, "role": "agent", "email": "maria@crm.example"});
    service
        .call("PUT", &format!("/api/v1/users/{id}"), &api_key("cornerstone"), Some(&body))
        .await
        .expect(201);
    service.advance(1);
}

on_both! {
    async fn a_table_has_what_the_filter_finds_and_is_on_the_record(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        service.drain().await;
        service.enrolled().await;
        user(&service, "u-78", "=HYPERLINK(\"https://evil.example\")").await;
        client(&service, "%3D1%2B1").await;
        let desk = service.desk(Role::Auditor, None).await;
        let export = |query: &str| {
            let path = format!("/admin/t/cornerstone/export/{query}");
            let (service, desk) = (&service, &desk);
            async move { service.send_form(desk, &path, &[]).await }
        };
        let all = export("audit").await;
        assert_eq!(all.header("content-type"), Some("text/csv; charset=utf-8"));
        let name = "attachment; filename=\"cornerstone-audit-2026-11-20.csv\"";
        assert_eq!(all.header("content-disposition"), Some(name));
        let kept = service.database.count("select count(*) from audit where tenant_id = 'cornerstone'").await;
        assert_eq!(i64::try_from(rows(&all).len()).unwrap(), kept - 1, "all but the entry of the export itself");
        let checks = export("audit?action=code.check").await;
        assert_eq!(column(&checks, "outcome"), ["incorrect"]);
        assert_eq!(column(&export("audit?client=%3D1%2B1").await, "client"), ["'=1+1"], "no formula");
        assert!(rows(&export("audit?since=2026-11-21").await).is_empty());
        let texts = export("messages?channel=sms&state=sent").await;
        assert!(!rows(&texts).is_empty() && column(&texts, "channel").iter().all(|channel| channel == "sms"));
        assert!(rows(&export("messages?state=failed").await).is_empty());
        assert_eq!(column(&export("events?type=verification.code_sent").await, "state"), ["delivered"]);
        assert_eq!(column(&export("users?view=enrolled&page=7").await, "id"), ["u-77"]);
        let named = export("users?q=hyperlink").await;
        assert_eq!(column(&named, "name"), ["'=HYPERLINK(\"https://evil.example\")"]);
        for text in [&all.text, &texts.text, &export("users").await.text] {
            assert!(!text.contains(&code) && !text.contains("maria@") && !text.contains("ana@"), "{text}");
        }
        assert_eq!(export("keys").await.status, 404);
        let by = "select detail from audit where action = 'list.export' and actor_kind = 'admin' and actor_id like 'adm_%' and tenant_id = 'cornerstone' order by id";
        let recorded = service.database.texts(by).await;
        assert!(recorded.iter().any(|detail| detail.contains("\"action\":\"code.check\"")), "{recorded:?}");
        assert!(recorded.iter().any(|detail| detail.contains("\"searched\":true")), "{recorded:?}");
        assert!(!recorded.concat().contains("hyperlink"), "a name that is searched for is not on the record");
        assert_eq!(recorded.len(), 10);
        let foreign = service.browser("POST", "/admin/t/cornerstone/export/audit", &desk.cookie, &[]).await;
        assert_eq!((foreign.status, service.database.texts(by).await.len()), (403, 10));
        let page = service.see(&desk, "/admin/t/cornerstone/audit?action=code.check&lang=es").await.text.replace("&#x3D;", "=");
        assert!(page.contains("action=\"/admin/t/cornerstone/export/audit?action=code.check\""), "{page}");
    }
}

on_both! {
    async fn what_arrives_meanwhile_makes_no_gap_and_no_repeat(service: Service) {
        for n in 0..7 {
            client(&service, &format!("lead-{n}")).await;
            user(&service, &format!("u-{n}"), "Maria Lopez").await;
        }
        let desk = service.app.desk();
        let tenant = desk.directory.get();
        let tenant = tenant.members().find(|member| member.tenant.id.as_str() == "cornerstone").unwrap();
        let caller = Caller::unbound(Origin { actor: Actor::Operator, from: "test".to_owned() });
        let put = Some("client.put".to_owned());
        for (list, expected) in [
            (List::Audit([None, put, None]), ["lead-6", "lead-5", "lead-4", "lead-3", "lead-2", "lead-1", "lead-0"]),
            (List::Users(Wanted::default()), ["u-0", "u-1", "u-2", "u-3", "u-4", "u-5", "u-6"]),
        ] {
            let place = if list.name() == "audit" { 6 } else { 0 };
            let begun = begin_export(desk, &Arc::clone(&tenant.tenant), list, (None, 2), &caller).await;
            let (first, mut export) = begun.unwrap();
            assert_eq!(first.len(), 2, "no more is held at once");
            let mut all = first;
            for n in 0.. {
                client(&service, &format!("{}-{n}", if place == 6 { "later" } else { "last" })).await;
                let Some(rows) = export.next().await.unwrap() else { break };
                assert!(rows.len() <= 2);
                all.extend(rows);
            }
            assert_eq!(all.iter().map(|row| row[place].as_str()).collect::<Vec<_>>(), expected);
        }
    }
}
