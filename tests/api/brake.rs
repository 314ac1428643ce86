//! Guesses that are spread over many clients: checks rest for the whole tenant.

use serde_json::json;

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::pin::{PIN, WRONG, cornerstone};
use crate::service::Service;

use countersign::domain::admin::Role;
use countersign::domain::guess::hour;
use countersign::domain::id::TenantId;
use countersign::domain::workflow::Workflow;
use countersign::usecase::brake::{let_go_on, rests_until};

/// What the next wrong code of six digits makes too much.
async fn nearly(service: &Service, workflow: &str) {
    let hour = hour(service.now());
    let row = format!("insert into guess values ('cornerstone', '{workflow}', {hour}, 3999, 3999000)");
    service.database.execute(&row).await;
}

on_both! {
    async fn the_code_that_is_one_too_many_makes_checks_rest_in_every_process(service: Service) {
        nearly(&service, "client").await;
        service.app.beat().await.unwrap();
        let twin = service.twin(service.now()).await;
        let (challenge, code) = service.code_out().await;
        assert_eq!(service.checked(&challenge, &wrong(&code)).await["result"], "incorrect");
        let rests = json!({"result": "locked", "locked_until": "2026-11-20T16:00:00Z"});
        service.app.beat().await.unwrap();
        twin.app.beat().await.unwrap();
        for base in [&service.base, &twin.base] {
            let path = format!("/api/v1/challenges/{challenge}/check");
            let checked = service.post_at(base, &path, &json!({"code": code})).await.expect(200);
            assert_eq!(checked, rests, "not even the right one");
        }
        assert_eq!(service.stored(&challenge).await.tries, 1, "what rests costs no try");
        service.advance(60);
        let asked = json!({"contact": "c-1", "surface": "lead_card"});
        let refused = service.post(&format!("/api/v1/clients/{CLIENT}/codes"), asked.clone()).await;
        assert_eq!(refused.header("retry-after").unwrap(), "3295");
        assert_eq!(refused.expect(429)["code"], "locked");
        assert_eq!(service.entries("checks.rest", "done").await, 1);
        // At the full hour codes go on.
        service.advance(3295);
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn who_operates_the_service_lets_checks_go_on_at_once(service: Service) {
        nearly(&service, "client").await;
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        service.app.beat().await.unwrap();
        assert_eq!(service.checked(&challenge, &code).await["result"], "locked");
        let owner = service.desk(Role::Owner, None).await;
        let seen = service.see(&owner, "/admin/t/cornerstone").await.text;
        assert!(seen.contains("checks rest until Nov 20, 2026, 11:00 AM (EST)"), "{seen}");
        assert_eq!(let_go_on(service.app.desk(), &cornerstone()).await.unwrap(), 4000);
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
        assert_eq!(service.entries("checks.resume", "done").await, 1);
        assert!(!service.see(&owner, "/admin/t/cornerstone").await.text.contains("checks rest"));
    }
}

on_both! {
    async fn an_admin_lets_checks_go_on_in_the_console_for_a_reason(service: Service) {
        const PAGE: &str = "/admin/t/cornerstone";
        let twin = service.twin(service.now()).await;
        nearly(&service, "client").await;
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        service.app.beat().await.unwrap();
        twin.app.beat().await.unwrap();
        let admin = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        for (role, offers) in [(Role::Support, false), (Role::Auditor, false), (Role::Owner, true)] {
            let seen = service.see(&service.desk(role, None).await, PAGE).await.text;
            assert_eq!(seen.contains("<summary>Let checks go on</summary>"), offers, "{role:?}");
        }
        let spanish = service.see(&admin, &format!("{PAGE}?lang=es")).await.text;
        assert!(spanish.contains("<summary>Reanudar las comprobaciones</summary>") && spanish.contains("Los códigos incorrectos hasta ahora dejan de contar"), "{spanish}");
        let long = "x".repeat(201);
        for reason in ["", "  ", &long] {
            let told = service.send_form(&admin, PAGE, &[("reason", reason)]).await;
            assert_eq!(told.status, 422);
            assert!(told.text.contains("Write a reason of at most 200 characters.") && told.text.contains("<details open>") && told.text.contains(&format!("value=\"{reason}\"")), "{}", told.text);
        }
        assert_eq!(service.checked(&challenge, &code).await["result"], "locked");
        let done = service.send_form(&admin, PAGE, &[("reason", "The agent who guessed has left")]).await;
        assert_eq!((done.status, done.header("location")), (303, Some("/admin/t/cornerstone?resumed=1")), "{}", done.text);
        let seen = service.see(&admin, "/admin/t/cornerstone?resumed=1").await.text;
        assert!(seen.contains("Codes and PINs are checked again.") && !seen.contains("checks rest"), "{seen}");
        twin.app.beat().await.unwrap();
        let path = format!("/api/v1/challenges/{challenge}/check");
        assert_eq!(service.post_at(&twin.base, &path, &json!({"code": code})).await.expect(200)["result"], "verified");
        let kept = service.database.texts("select detail from audit where action = 'checks.resume' and actor_kind = 'admin'").await;
        let kept: serde_json::Value = serde_json::from_str(&kept[0]).unwrap();
        assert_eq!(kept, json!({"wrong_tries": 4000, "reason": "The agent who guessed has left"}));
        let record = service.see(&admin, &format!("{PAGE}/audit?action=checks.resume&lang=es")).await.text;
        assert!(record.contains("Intentos incorrectos") && record.contains("Motivo"), "{record}");
    }
}

on_both! {
    async fn another_tenant_and_another_workflow_go_on(service: Service) {
        nearly(&service, "client").await;
        nearly(&service, "login").await;
        service.pins_on().await;
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        let (challenge, code) = service.code_for(CLIENT, "c-1").await;
        service.checked(&challenge, &wrong(&code)).await;
        service.app.beat().await.unwrap();
        assert_eq!(service.checked(&challenge, &code).await["result"], "locked");
        assert_eq!(service.said(PIN).await["result"], "verified");
        let rests = |tenant: &str| {
            let tenant = TenantId::parse(tenant).unwrap();
            rests_until(service.app.desk(), &tenant, Workflow::Client, service.now())
        };
        assert!(rests("cornerstone").is_some());
        assert!(rests("acme").is_none());
    }
}

/// Wrong codes that a tenant has had, so many hours ago.
async fn had(service: &Service, tenant: &str, codes: u32, ago: i64) {
    let hour = hour(service.now()) - ago;
    let row = format!("insert into guess values ('{tenant}', 'client', {hour}, {codes}, {codes}000)");
    service.database.execute(&row).await;
    service.app.beat().await.unwrap();
}

on_both! {
    async fn guesses_spread_over_tenants_leave_each_of_them_forty_an_hour(service: Service) {
        had(&service, "cornerstone", 38, 0).await;
        had(&service, "elsewhere", 39_961, 1).await;
        // The 40,000th of all does not stop who has had 39 of them.
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        service.app.beat().await.unwrap();
        let checked = service.checked(&challenge, &wrong(&code)).await;
        assert_eq!(checked["result"], "incorrect", "{checked}");
        service.app.beat().await.unwrap();
        let checked = service.checked(&challenge, &code).await;
        assert_eq!((&checked["result"], &checked["locked_until"]), (&json!("locked"), &json!("2026-11-20T16:00:00Z")));
        let kept = service.database.texts("select detail from audit where action = 'checks.rest'").await;
        assert!(kept.len() == 1 && kept[0].contains("\"everywhere\":true"), "{kept:?}");
    }
}

on_both! {
    async fn as_many_wrong_codes_stop_nobody_where_they_are_not_too_many_for_all(service: Service) {
        had(&service, "cornerstone", 40, 0).await;
        had(&service, "elsewhere", 39_900, 1).await;
        let (challenge, code) = service.code_out().await;
        assert_eq!(service.checked(&challenge, &wrong(&code)).await["result"], "incorrect");
        service.app.beat().await.unwrap();
        assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    }
}

on_both! {
    async fn wrong_pins_make_pins_rest(service: Service) {
        nearly(&service, "pin").await;
        service.pins_on().await;
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        assert_eq!(service.said(WRONG).await["result"], "incorrect");
        service.app.beat().await.unwrap();
        let path = format!("/api/v1/clients/{CLIENT}/pin/check");
        let refused = service.post(&path, json!({"pin": PIN})).await.expect(429);
        assert_eq!(refused["code"], "locked");
    }
}

on_both! {
    async fn wrong_codes_of_users_make_sign_ins_rest(service: Service) {
        let (phone, _) = service.enrolled().await;
        // Three codes of an app are right at a time: this many wrong ones less one.
        let row = format!("insert into guess values ('cornerstone', 'login', {}, 1333, 3999000)", hour(service.now()));
        service.database.execute(&row).await;
        let (_, path) = service.sign_in_page().await;
        let right = phone.shows(&service, 0);
        assert_eq!(service.does(&path, "check", &wrong(&right)).await.status, 422);
        service.app.beat().await.unwrap();
        let refused = service.does(&path, "check", &right).await;
        assert_eq!(refused.status, 429);
        assert!(refused.text.contains("Too many tries. Try again at 11:00 AM."), "{}", refused.text);
        assert_eq!(service.entries("login.check", "verified").await, 0);
    }
}
