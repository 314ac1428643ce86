//! `surface.<name>.requires`: what counts as verified on which screen, and that every door says so.

use countersign::domain::audit::Origin;
use countersign::domain::id::{ChallengeId, ClientId};
use countersign::usecase::client::report_code::report_code;
use serde_json::{Value, json};

use crate::events::Events;
use crate::life::CLIENT;
use crate::on_both;
use crate::pin::PIN;
use crate::service::{Service, api_key, requested};
use crate::steps::{challenge, settings, token};

/// The example client with a PIN, of a tenant whose payroll card wants both and whose enrollments want the PIN.
async fn demanding(service: &Service) {
    service.with_pin().await;
    require(service, json!({"payroll_card": ["code", "pin"], "enrollments": ["pin"]})).await;
}

async fn require(service: &Service, wanted: Value) {
    let of = |methods: &Value| json!({"requires": methods});
    let surfaces: serde_json::Map<_, _> =
        wanted.as_object().unwrap().iter().map(|(name, methods)| (name.clone(), of(methods))).collect();
    service.apply("cornerstone", json!({"surface": surfaces})).await;
}

/// Verifies the client by a code. Gives its challenge.
async fn by_code(service: &Service) -> String {
    let (challenge, code) = service.code_for(CLIENT, "c-1").await;
    assert_eq!(service.checked(&challenge, &code).await["result"], "verified");
    challenge
}

/// The state on the lead card and on the payroll card, and what that one misses.
async fn stands(service: &Service) -> (Value, Value, Value) {
    of(&service.status(CLIENT).await)
}

fn of(status: &Value) -> (Value, Value, Value) {
    let payroll = &status["surfaces"]["payroll_card"];
    (status["state"].clone(), payroll["state"].clone(), payroll["missing"].clone())
}

fn says(lead: &str, payroll: &str, missing: &[&str]) -> (Value, Value, Value) {
    (json!(lead), json!(payroll), json!(missing))
}

on_both! {
    async fn a_payroll_card_that_asks_for_both_is_verified_by_a_code_and_a_pin_until_the_first_ends(service: Service) {
        demanding(&service).await;
        assert_eq!(stands(&service).await, says("not_verified", "not_verified", &["code", "pin"]));
        by_code(&service).await;
        assert_eq!(stands(&service).await, says("verified", "not_verified", &["pin"]));
        let status = service.status(CLIENT).await;
        assert_eq!(status["surfaces"]["payroll_card"], json!({
            "state": "not_verified", "held": ["code"], "missing": ["pin"],
            "button": {"tone": "danger", "label": "Not verified",
                "tooltip": "Verified by code. This screen still needs: security PIN. Click to go on."},
        }));
        assert_eq!(status["surfaces"]["enrollments"]["missing"], json!(["pin"]), "a code does not stand in for it");
        service.advance(600);
        assert_eq!(service.said(PIN).await["result"], "verified");
        let status = service.status(CLIENT).await;
        assert_eq!(of(&status), says("verified", "verified", &[]));
        let payroll = &status["surfaces"]["payroll_card"];
        assert_eq!((&payroll["held"], &payroll["seconds_left"]), (&json!(["code", "pin"]), &json!(3000)));
        assert_eq!((&payroll["verified_at"], &payroll["expires_at"]), (&status["verified_at"], &json!("2026-11-20T16:04:05Z")));
        assert_eq!(payroll["button"]["tooltip"],
            "Verified Nov 20, 10:14 AM by Maria Lopez (code and security PIN). Valid until 11:04 AM. Click for details.");
        assert_eq!(status["seconds_left"], 3600, "elsewhere the newest proof counts");
        service.drain().await;
        service.host.take_kinds();
        let before = service.status(CLIENT).await["version"].as_i64().unwrap();
        service.advance(3000);
        let status = service.status(CLIENT).await;
        assert_eq!(of(&status), says("verified", "not_verified", &["code"]));
        assert!(status["version"].as_i64().unwrap() > before);
        service.drain().await;
        assert_eq!(of(&service.push_data("verification.expired")), says("verified", "not_verified", &["code"]));
        assert_eq!(service.host.take_kinds(), ["verification.expired"]);
        service.advance(600);
        assert_eq!(stands(&service).await, says("not_verified", "not_verified", &["code", "pin"]));
        service.drain().await;
        assert_eq!(service.host.take_kinds(), ["verification.expired"]);
    }
}

on_both! {
    async fn every_door_says_what_is_missing_on_a_surface(service: Service) {
        demanding(&service).await;
        let path = format!("/api/v1/status/stream?client={CLIENT}");
        let mut events = Events::of(service.request("GET", &path).bearer_auth(api_key("cornerstone")).send().await.unwrap());
        assert_eq!(of(&events.status().await), says("not_verified", "not_verified", &["code", "pin"]));
        assert_eq!(service.said(PIN).await["result"], "verified");
        let expected = says("verified", "not_verified", &["code"]);
        assert_eq!(of(&events.status().await), expected, "the stream");
        let listed = service.get(&format!("/api/v1/status?client={CLIENT}&client=nobody")).await.expect(200);
        assert_eq!(of(&listed["statuses"][0]), expected, "a list");
        assert_eq!(of(&listed["statuses"][1]), says("not_verified", "not_verified", &["code", "pin"]), "nobody");
        let posted = service.post("/api/v1/status", json!({"clients": [CLIENT]})).await.expect(200);
        assert_eq!(of(&posted["statuses"][0]), expected, "a list that is posted");
        service.drain().await;
        assert_eq!(of(&service.push_data("verification.verified")), expected, "a push");
        let opened = service.webhook(&requested()).await.expect(200);
        assert_eq!(of(&opened["status"]), expected, "the answer to a webhook");
        let token = token(&service, &[CLIENT]).await;
        let window = service.call("GET", &format!("/window/cornerstone/clients/{CLIENT}"), &token, None).await.expect(200);
        assert_eq!(of(&window["status"]), expected, "the window");
        let asked = challenge(&service, CLIENT, "c-1").await;
        let status = service.status(CLIENT).await;
        assert_eq!(of(&status), says("verified", "code_sent", &["code"]));
        assert_eq!(status["surfaces"]["payroll_card"]["challenge"], asked["id"]);
    }
}

on_both! {
    async fn what_surfaces_require_is_in_effect_as_soon_as_it_is_applied(service: Service) {
        service.with_pin().await;
        by_code(&service).await;
        let path = format!("/api/v1/clients/{CLIENT}/status");
        let get = |known: String| service.send(service.request("GET", &path).bearer_auth(api_key("cornerstone")).header("if-none-match", known));
        let before = get(String::new()).await;
        assert_eq!(before.json()["surfaces"], Value::Null, "nothing is required");
        let mut events = Events::of(service.request("GET", &format!("/api/v1/status/stream?client={CLIENT}")).bearer_auth(api_key("cornerstone")).send().await.unwrap());
        events.status().await;
        require(&service, json!({"payroll_card": ["code"]})).await;
        let after = get(before.header("etag").unwrap().to_owned()).await;
        assert_eq!((after.status, of(&after.json())), (200, says("verified", "verified", &[])));
        let desk = service.app.desk();
        desk.hub.review(&desk.directory, desk.time.now());
        assert_eq!(of(&events.status().await), says("verified", "verified", &[]));
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(stands(&service).await, says("verified", "verified", &[]), "a PIN ends no code");
        service.advance(3600);
        assert_eq!(service.said(PIN).await["result"], "verified");
        assert_eq!(stands(&service).await, says("verified", "not_verified", &["code"]));
        require(&service, json!({"payroll_card": []})).await;
        assert_eq!(service.status(CLIENT).await["surfaces"], Value::Null, "an empty list requires nothing of its own");
    }
}

on_both! {
    async fn what_is_taken_back_is_taken_back_on_every_surface(service: Service) {
        demanding(&service).await;
        let both = async || {
            let asked = by_code(&service).await;
            assert_eq!(service.said(PIN).await["result"], "verified");
            assert_eq!(stands(&service).await, says("verified", "verified", &[]));
            asked
        };
        both().await;
        service.post(&format!("/api/v1/clients/{CLIENT}/status/revoke"), json!({})).await.expect(200);
        assert_eq!(stands(&service).await, says("not_verified", "not_verified", &["code", "pin"]));
        service.advance(60);
        let asked = both().await;
        let (tenant, client) = (settings(&service, "cornerstone"), ClientId::parse(CLIENT).unwrap());
        let asked = ChallengeId::parse(&asked).unwrap();
        report_code(service.app.desk(), &tenant, &client, &asked, Origin::service("test")).await.unwrap();
        assert_eq!(stands(&service).await, says("reported", "reported", &["code"]));
        service.advance(24 * 3600);
        assert_eq!(stands(&service).await, says("not_verified", "not_verified", &["code", "pin"]));
        by_code(&service).await;
        service.call("DELETE", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), None).await;
        assert_eq!(stands(&service).await, says("not_verified", "not_verified", &["code", "pin"]));
    }
}
