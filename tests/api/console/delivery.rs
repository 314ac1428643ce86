//! Who carries messages, and a test of each: to the admin's own address and to nobody else's.

use std::net::TcpListener;

use countersign::domain::admin::Role;
use serde_json::json;

use crate::on_both;

const DELIVERY: &str = "/admin/t/cornerstone/delivery";

on_both! {
    async fn a_test_goes_to_the_admins_own_address_and_is_on_the_record(service: Service) {
        let desk = service.desk(Role::Admin, Some(&["cornerstone"])).await;
        let page = service.see(&desk, DELIVERY).await;
        for part in ["Send a test to a•••@acme.example", "set up text messages as your second step", "the service&#x27;s"] {
            assert!(page.text.contains(part), "{part} in {}", page.text);
        }
        let sent = service.send_form(&desk, DELIVERY, &[("channel", "email"), ("order", "0"), ("to", "eve@evil.example")]).await;
        assert_eq!(sent.header("location"), Some("/admin/t/cornerstone/delivery?tried=taken"), "{}", sent.text);
        let mail = service.newest_mail();
        assert!(mail["to"].as_str().unwrap().contains("admin@acme.example"), "{mail}");
        assert!(mail["subject"].as_str().unwrap().starts_with("TEST: ") && mail["text"].as_str().unwrap().contains("000 000"), "{mail}");
        assert!(service.see(&desk, "/admin/t/cornerstone/delivery?tried=taken").await.text.contains("It works: the provider took it."));
        assert_eq!(service.entries("provider.test", "taken").await, 1);
        assert_eq!(service.database.count("select count(*) from challenge where tenant_id = 'cornerstone'").await, 0, "no code is out by it");
        let none = service.send_form(&desk, DELIVERY, &[("channel", "sms"), ("order", "0")]).await;
        assert!(none.header("location").unwrap().ends_with("tried=nowhere"));
        for wrong in [("fax", "0"), ("email", "first")] {
            let told = service.send_form(&desk, DELIVERY, &[("channel", wrong.0), ("order", wrong.1)]).await;
            assert_eq!(told.status, 422, "{wrong:?}");
        }
    }
}

on_both! {
    async fn what_a_provider_says_is_told_and_tests_have_a_limit(service: Service) {
        let desk = service.desk(Role::Owner, None).await;
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let relay = json!({"email": {"transport": "smtp", "url": format!("smtp://sam:hunter2@127.0.0.1:{closed}"), "from": "v@acme.example"}});
        service.apply_with("cornerstone", json!({}), relay).await;
        let page = service.see(&desk, DELIVERY).await;
        assert!(page.text.contains(&format!("127.0.0.1:{closed}")) && !page.text.contains("hunter2"), "{}", page.text);
        assert!(page.text.contains("the company&#x27;s own"), "{}", page.text);
        let test = [("channel", "email"), ("order", "0")];
        for at in 0..9 {
            let done = service.send_form(&desk, DELIVERY, &test).await;
            let expected = if at < 8 { "tried=provider_down" } else { "tried=many" };
            assert!(done.header("location").unwrap().ends_with(expected), "{at}: {done:?}");
        }
        let told = service.see(&desk, &format!("{DELIVERY}?tried=provider_down")).await;
        assert!(told.text.contains("The test did not go through. ") && !told.text.contains("provider_down."), "{}", told.text);
        assert_eq!(service.entries("provider.test", "failed").await, 8);
        let odd = service.see(&desk, &format!("{DELIVERY}?tried=%3Cb%3E")).await;
        assert!(odd.status == 200 && !odd.text.contains("<b>"), "{}", odd.text);
    }
}
