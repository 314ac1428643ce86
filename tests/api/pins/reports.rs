//! Somebody says that it was not them: no link opens and no PIN is set after that, and a PIN that is denied is locked.

use countersign::domain::audit::Origin;
use countersign::domain::id::{ChallengeId, ClientId};
use countersign::usecase::client::report_code::report_code;
use serde_json::{Value, json};

use crate::life::CLIENT;
use crate::on_both;
use crate::opt_outs::gateway_says;
use crate::pin::{PIN, WRONG};
use crate::service::Service;

/// Ana's mobile.
const MOBILE: &str = "+13055550142";

/// Key 9 of a call about this code.
pub async fn report(service: &Service, challenge: &str) {
    let tenant = crate::steps::settings(service, "cornerstone");
    let (client, challenge) = (ClientId::parse(CLIENT).unwrap(), ChallengeId::parse(challenge).unwrap());
    report_code(service.app.desk(), &tenant, &client, &challenge, Origin::service("test")).await.unwrap();
}

async fn says_no(service: &Service) {
    assert_eq!(gateway_says(service, MOBILE, "NO").await.status, 204);
}

async fn is_voided(service: &Service, token: &str) -> bool {
    let page = service.call("GET", &format!("/p/{token}?lang=en"), "", None).await;
    let refused = service.set(token, WRONG).await.is_err();
    page.text.contains("This link no longer works") && refused
}

async fn revoke(service: &Service) {
    service.post(&format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({})).await.expect(200);
}

async fn lock(service: &Service) -> Value {
    let path = format!("/api/v1/clients/{CLIENT}/pin/lock");
    service.post(&path, json!({"agent": {"id": "u-77", "name": "Maria Lopez"}})).await.expect(200)
}

on_both! {
    async fn a_report_ends_the_link_that_is_out(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        let (challenge, _) = service.code_for(CLIENT, "c-1").await;
        report(&service, &challenge).await;
        assert_eq!(service.entries("pin.link_cancel", "cancelled").await, 1);
        assert_eq!(service.pin().await, json!({"state": "not_set"}));
        assert!(is_voided(&service, &token).await);
        service.advance(30);
        assert_eq!(service.ask_link("c-1").await.problem(409), "reported");
        revoke(&service).await;
        assert!(is_voided(&service, &token).await, "for good");
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
    }
}

on_both! {
    async fn no_link_opens_while_the_client_is_reported(service: Service) {
        service.pins_on().await;
        let (challenge, _) = service.code_for(CLIENT, "c-1").await;
        let before = service.link("c-1").await;
        report(&service, &challenge).await;
        // A link that was out when an earlier version took the report.
        service.database.execute("update challenge set state = 'active', closed_at = null where workflow = 'pin'").await;
        assert!(is_voided(&service, &before).await);
        assert_eq!(service.pin().await["state"], "not_set");
    }
}

on_both! {
    async fn no_to_the_text_with_a_link_reports_it(service: Service) {
        service.pins_on().await;
        service.code_for(CLIENT, "c-1").await;
        service.advance(30);
        let token = service.link("c-1").await;
        says_no(&service).await;
        assert!(is_voided(&service, &token).await);
        assert_eq!(service.status(CLIENT).await["state"], "reported");
        assert_eq!(service.ask(CLIENT, "c-1").await.problem(409), "reported");
        let link = service.database.texts("select object from audit where action = 'code.report'").await;
        let sent = service.database.texts("select id from challenge where workflow = 'pin'").await;
        assert_eq!(link, sent, "it is the link that is denied");
        service.drain().await;
        assert_eq!((service.pushed("verification.reported"), service.pushed("pin.locked")), (1, 0));
    }
}

on_both! {
    async fn no_to_the_news_of_a_pin_locks_it_and_ends_what_it_proved(service: Service) {
        service.with_pin().await;
        service.drain().await;
        service.advance(60);
        assert_eq!(service.said(PIN).await["result"], "verified");
        says_no(&service).await;
        let status = service.status(CLIENT).await;
        assert_eq!((&status["state"], &status["pin"]), (&json!("reported"), &json!("locked")));
        assert_eq!(service.entries("pin.lock", "locked").await, 1);
        revoke(&service).await;
        assert_eq!(service.status(CLIENT).await["state"], "not_verified");
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        service.drain().await;
        assert_eq!((service.pushed("verification.reported"), service.pushed("pin.locked")), (1, 1));
        let token = service.link("c-1").await;
        service.set(&token, WRONG).await.unwrap();
        assert_eq!(service.said(WRONG).await["result"], "verified", "until it is set anew");
    }
}

on_both! {
    async fn no_to_a_link_that_was_used_locks_the_pin_that_was_set_by_it(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        service.database.execute("delete from message where purpose like 'pin_%' and purpose not in ('pin_setup', 'pin_reset')").await;
        says_no(&service).await;
        assert_eq!(service.pin().await["state"], "locked");
    }
}

on_both! {
    async fn a_pin_is_locked_on_request_until_it_is_set_anew(service: Service) {
        service.pins_on().await;
        let token = service.link("c-1").await;
        assert_eq!(lock(&service).await, json!({"state": "not_set"}), "there is only a link");
        assert!(is_voided(&service, &token).await);
        assert_eq!(service.entries("pin.lock", "locked").await, 0);
        service.advance(30);
        let token = service.link("c-1").await;
        service.set(&token, PIN).await.unwrap();
        service.advance(30);
        let token = service.link("c-1").await;
        let locked = lock(&service).await;
        assert_eq!(locked, json!({"state": "locked", "set_at": "2026-11-20T15:04:35Z"}));
        assert_eq!(service.pin().await, locked);
        assert!(is_voided(&service, &token).await);
        assert_eq!(service.said(PIN).await, json!({"result": "locked"}));
        let version = service.status(CLIENT).await["version"].clone();
        assert_eq!(lock(&service).await, locked, "again, and nothing changes");
        assert_eq!(service.status(CLIENT).await["version"], version);
        let by = service.database.texts("select actor_id from audit where action in ('pin.lock', 'pin.link_cancel')").await;
        assert_eq!(by, ["u-77", "u-77", "u-77"]);
        service.drain().await;
        assert_eq!(service.pushed("pin.locked"), 1);
        let token = { service.advance(30); service.link("c-1").await };
        service.set(&token, WRONG).await.unwrap();
        assert_eq!(service.said(WRONG).await["result"], "verified");
    }
}
