//! Devices that a user trusts: kept when they sign in, passed straight on, and no longer trusted.

use serde_json::json;

use crate::guest::proof_of;
use crate::on_both;
use crate::service::{Reply, Service};

/// Signs in by the next code of the app and trusts the browser. Gives its cookie.
async fn trusted(service: &Service, phone: &crate::login::Phone) -> String {
    let (_, path) = service.sign_in_page().await;
    let page = service.page(&path).await;
    assert!(page.text.contains("Trust this device for 30 days"), "{}", page.text);
    let code = phone.shows(service, 0);
    service.advance(30);
    let passed =
        service.browser("POST", &path, "", &[("do", "check"), ("code", &code), ("trust", "1")]).await;
    proof_of(&passed);
    cookie(&passed)
}

fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie is set");
    for part in
        ["__Host-countersign-", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"]
    {
        assert!(set.contains(part), "{part} is not in {set}");
    }
    set.split(';').next().unwrap().to_owned()
}

/// Whether the page of a new sign-in passes this browser straight on.
async fn passes(service: &Service, cookie: &str) -> bool {
    let (login, path) = service.sign_in_page().await;
    assert_eq!(
        service.browser("HEAD", &path, cookie, &[]).await.status,
        200,
        "nobody goes on for the head alone"
    );
    let page = service.browser("GET", &path, cookie, &[]).await;
    if page.status == 303 {
        let redeemed = service.redeem_login(&login, &proof_of(&page)).await.expect(200);
        assert_eq!(redeemed["method"], "trusted_device");
    }
    page.status == 303
}

on_both! {
    async fn a_trusted_browser_goes_straight_on_until_it_is_revoked(service: Service) {
        let (phone, _) = service.enrolled().await;
        let cookie = trusted(&service, &phone).await;
        assert!(passes(&service, &cookie).await);
        assert!(!passes(&service, "").await);
        let (name, value) = cookie.split_once('=').unwrap();
        assert!(!passes(&service, &format!("{name}={}x", &value[..42])).await);
        service.drain().await;
        let told = service.push_data("device.trusted");
        assert_eq!((&told["user"], &told["name"]), (&json!("u-77"), &json!("Chrome, Windows")));
        let mail = service.emailed("maria@crm.example");
        assert!(mail.last().unwrap().contains("A device can now skip the sign-in code") && mail.last().unwrap().contains("for 30 days"), "{mail:?}");
        let list = service.get("/api/v1/users/u-77/devices").await.expect(200);
        let device = &list["items"][0];
        assert_eq!((list["items"].as_array().unwrap().len(), &device["expires_at"]), (1, &json!("2026-12-20T15:05:35Z")));
        assert!(!service.database.dump().await.join("\n").contains(value), "the token is readable in the database");

        // Another user who knows the cookie has nothing of it.
        let sue = json!({"name": "Sue Park", "email": "sue@crm.example", "role": "payroll"});
        service.call("PUT", "/api/v1/users/u-78", &crate::service::api_key("cornerstone"), Some(&sue)).await;
        let begun = service.post("/api/v1/users/u-78/logins", json!({"return_url": "https://crm.example/in"})).await.expect(200);
        let hers = format!("/login/{}", begun["url"].as_str().unwrap().split_once("/login/").unwrap().1);
        assert_eq!(service.browser("GET", &hers, &cookie, &[]).await.status, 200);

        let path = format!("/api/v1/users/u-77/devices/{}", device["id"].as_str().unwrap());
        assert_eq!(service.delete(&path).await.status, 204);
        assert_eq!(service.delete(&path).await.problem(404), "not_found");
        assert!(!passes(&service, &cookie).await);
        service.drain().await;
        assert_eq!(service.push_data("device.revoked")["id"], device["id"]);
        assert_eq!(service.get("/api/v1/users/u-77/devices").await.expect(200)["items"], json!([]));
    }
}

on_both! {
    async fn trust_ends_with_its_days_and_where_the_tenant_trusts_none(service: Service) {
        let (phone, codes) = service.enrolled().await;
        let cookie = trusted(&service, &phone).await;
        service.workflow("login", json!({"trust_days": 0})).await;
        assert!(!passes(&service, &cookie).await);
        let (_, path) = service.sign_in_page().await;
        assert!(!service.page(&path).await.text.contains("Trust this device"));
        let passed = service.browser("POST", &path, "", &[("do", "backup"), ("code", &codes[0]), ("trust", "1")]).await;
        assert_eq!((passed.status, passed.header("set-cookie")), (303, None));
        service.advance(60);
        service.workflow("login", json!({"trust_days": 30})).await;
        assert!(!passes(&service, &cookie).await, "what the tenant ended does not come back");
        let cookie = trusted(&service, &phone).await;
        service.advance(30 * 86400 - 31);
        assert!(passes(&service, &cookie).await);
        service.advance(31);
        assert!(!passes(&service, &cookie).await);
    }
}

on_both! {
    async fn any_change_of_a_factor_ends_every_trust(service: Service) {
        let (phone, _) = service.enrolled().await;
        let cookie = trusted(&service, &phone).await;
        let page = service.manage_page().await;
        let asked = service.browser("GET", &page, &cookie, &[]).await;
        assert!(asked.status == 200 && asked.text.contains("Prove first that it is you."), "a device changes nothing: {}", asked.text);
        service.does(&page, "check", &phone.shows(&service, 1)).await;
        service.form(&page, &[("do", "number"), ("number", "305 555 0142")]).await;
        service.drain().await;
        assert!(passes(&service, &cookie).await, "nothing has changed yet");
        service.does(&page, "confirm_number", &service.texted_code(crate::login::NUMBER)).await;
        assert!(!passes(&service, &cookie).await);
        let cookie = { service.advance(60); trusted(&service, &phone).await };
        service.delete("/api/v1/users/u-77/second-step").await.expect(200);
        assert!(!passes(&service, &cookie).await);
        service.drain().await;
        assert_eq!(service.pushed("device.revoked"), 2);
    }
}
