//! What each role may do, by a crawl of every route as each of them.

use countersign::domain::admin::Role;

use serde_json::json;

use crate::admin::Desk;
use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::service::Service;

const TABLE: &str = include_str!("../../../src/http/admin/mod.rs");

/// Every route of the console, at `cornerstone`.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET", "/admin"),
    ("GET", "/admin/sign-in"),
    ("POST", "/admin/sign-in"),
    ("GET", "/admin/in"),
    ("POST", "/admin/sign-out"),
    ("GET", "/admin/sessions"),
    ("POST", "/admin/sessions"),
    ("GET", "/admin/new"),
    ("POST", "/admin/new"),
    ("GET", "/admin/t/cornerstone"),
    ("POST", "/admin/t/cornerstone"),
    ("GET", "/admin/t/cornerstone/clients"),
    ("GET", "/admin/t/cornerstone/client"),
    ("POST", "/admin/t/cornerstone/client"),
    ("GET", "/admin/t/cornerstone/users"),
    ("POST", "/admin/t/cornerstone/users"),
    ("GET", "/admin/t/cornerstone/audit"),
    ("GET", "/admin/t/cornerstone/messages"),
    ("GET", "/admin/t/cornerstone/events"),
    ("POST", "/admin/t/cornerstone/events"),
    ("POST", "/admin/t/cornerstone/export/audit"),
    ("GET", "/admin/t/cornerstone/keys"),
    ("POST", "/admin/t/cornerstone/keys"),
    ("GET", "/admin/t/cornerstone/delivery"),
    ("POST", "/admin/t/cornerstone/delivery"),
    ("GET", "/admin/t/cornerstone/templates"),
    ("POST", "/admin/t/cornerstone/templates"),
    ("GET", "/admin/t/cornerstone/preview"),
    ("POST", "/admin/t/cornerstone/preview"),
    ("GET", "/admin/t/cornerstone/settings/timing"),
    ("POST", "/admin/t/cornerstone/settings/timing"),
];

#[test]
fn every_route_is_crawled() {
    let known = TABLE.matches(".route(").count();
    assert_eq!(known, ROUTES.len(), "a route was added: crawl it, too");
    for line in TABLE.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")) {
        let path = line.split('"').next().unwrap();
        let path = path.replace("{section}", "timing").replace("{list}", "audit");
        assert!(ROUTES.iter().any(|(_, known)| known.ends_with(&path)), "{path}");
    }
}

/// A form that is sent to a page.
type Deed<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// A client of `cornerstone` who is locked, and a user with a second step.
async fn furnish(service: &Service) {
    let (challenge, code) = service.code_out().await;
    for _ in 0..5 {
        service.checked(&challenge, &wrong(&code)).await;
    }
    service.enrolled().await;
    service.drain().await;
}

async fn status(service: &Service, desk: &Desk, method: &str, path: &str, fields: &[(&str, &str)]) -> u16 {
    if method == "GET" {
        return service.see(desk, path).await.status;
    }
    service.send_form(desk, path, fields).await.status
}

on_both! {
    async fn each_role_does_what_it_may_and_nothing_else(service: Service) {
        furnish(&service).await;
        let client = format!("/client?id={CLIENT}");
        let secret = format!("{}?token=in-the-address", service.host.url("cornerstone"));
        service.apply("cornerstone", json!({"callback_url": secret})).await;
        let key = service.database.texts("select id from api_key where tenant_id = 'cornerstone'").await.remove(0);
        let event = service.get("/api/v1/events").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
        let deeds: [Deed<'_>; 14] = [
            (&client, &[("do", "unlock")]),
            (&client, &[("do", "revoke")]),
            ("/users", &[("user", "u-77"), ("reason", "New phone, known by voice")]),
            ("/users", &[("do", "remind"), ("user", "u-77")]),
            ("/users", &[("do", "exempt"), ("user", "u-77"), ("until", "2026-12-31"), ("reason", "On leave")]),
            ("/events", &[("event", &event)]),
            ("/events", &[("since", "2026-11-01")]),
            ("/keys", &[("do", "key"), ("id", "key_00000000000000000000000001")]),
            ("/keys", &[("do", "push"), ("id", "sec_00000000000000000000000001")]),
            ("/keys", &[("do", "revoke"), ("id", &key)]),
            ("/settings/company", &[("was.name", "x"), ("name", "Taken over")]),
            ("/templates", &[("of", "client_code/sms/en"), ("do", "publish"), ("body", "{{code}} for {{brand}}. {{phone}}")]),
            ("", &[("reason", "The agent who guessed has left")]),
            ("/templates", &[("of", "client_code/email/en"), ("do", "test")]),
        ];
        for (role, may) in [
            (Role::Auditor, [403; 14]),
            (Role::Support, [303, 303, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]),
            // A key is made once and revoked once; a form that was filled in on something else is told so.
            (Role::Admin, [303, 303, 303, 303, 303, 303, 303, 200, 200, 303, 409, 303, 303, 200]),
            (Role::Owner, [303, 303, 303, 303, 303, 303, 303, 409, 409, 404, 409, 303, 303, 200]),
        ] {
            let desk = service.desk(role, None).await;
            for page in ["", "/clients", &client, "/users", "/audit", "/messages", "/events", "/keys", "/templates", "/templates?of=client_code/email/es", "/settings/eligibility", "/settings/brand"] {
                assert_eq!(status(&service, &desk, "GET", &format!("/admin/t/cornerstone{page}"), &[]).await, 200, "{role:?} {page}");
            }
            for list in ["audit", "messages", "events", "users"] {
                let path = format!("/admin/t/cornerstone/export/{list}");
                assert_eq!(status(&service, &desk, "POST", &path, &[]).await, 200, "{role:?} {path}");
            }
            for ((path, fields), expected) in deeds.iter().zip(may) {
                let before = service.database.dump().await.into_iter().filter(|row| row.contains("cornerstone")).collect::<Vec<_>>();
                let answer = status(&service, &desk, "POST", &format!("/admin/t/cornerstone{path}"), fields).await;
                assert_eq!(answer, expected, "{role:?} {path} {fields:?}");
                if expected == 403 {
                    let after = service.database.dump().await.into_iter().filter(|row| row.contains("cornerstone")).collect::<Vec<_>>();
                    assert_eq!(before, after, "{role:?} {path} changed something");
                }
            }
            // What one may not do is not offered.
            for (page, offer) in [("events", "Send again"), ("users", "Send reminder"), ("keys", "Make an API key"), ("templates?of=client_code/sms/en", ">Publish<"), ("templates?of=client_code/email/en", ">Test send<"), ("settings/brand", ">Save<")] {
                let text = service.see(&desk, &format!("/admin/t/cornerstone/{page}")).await.text;
                assert_eq!(text.contains(offer), may[3] == 303, "{role:?} {page}");
            }
            for page in ["events", "settings/company"] {
                let text = service.see(&desk, &format!("/admin/t/cornerstone/{page}")).await.text;
                let shows = page == "settings/company" && may[3] == 303;
                assert_eq!(text.contains("in-the-address"), shows, "{role:?} {page}");
            }
            let new = [("id", "fifth"), ("name", "Fifth")];
            let made = status(&service, &desk, "POST", "/admin/new", &new).await;
            assert_eq!(made, if role == Role::Owner { 200 } else { 403 }, "{role:?}");
        }
    }
}

on_both! {
    async fn an_admin_of_one_tenant_finds_nothing_of_another(service: Service) {
        furnish(&service).await;
        let desk = service.desk(Role::Admin, Some(&["compeo"])).await;
        let home = service.see(&desk, "/admin").await;
        assert_eq!((home.status, home.header("location")), (303, Some("/admin/t/compeo")), "the only one");
        for (method, path) in ROUTES.iter().filter(|(_, path)| path.contains("cornerstone")) {
            let known = status(&service, &desk, method, path, &[("do", "unlock")]).await;
            let unknown = status(&service, &desk, method, &path.replace("cornerstone", "nobody"), &[("do", "unlock")]).await;
            assert_eq!((known, unknown), (404, 404), "{method} {path}");
        }
        let client = service.see(&desk, &format!("/admin/t/compeo/client?id={CLIENT}")).await;
        assert_eq!(client.status, 404, "{}", client.text);
    }
}
