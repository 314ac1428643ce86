//! Users of the CRM, as who operates the service reminds and exempts them.

use countersign::domain::timestamp::Timestamp;
use serde_json::json;

use super::place::Place;
use super::process::Process;
use super::tenants::cornerstone;
use crate::on_both;

on_both! {
    async fn a_user_is_exempt_until_a_day_and_reminded_after_it(database: Database) {
        let place = Place::on(&database);
        let key = cornerstone(&place, "https://crm.example/in");
        let service = Process::serve(&place).await;
        let body = json!({"name": "Sue Park", "role": "agent", "email": "sue@crm.example"});
        assert_eq!(service.call("PUT", "/api/v1/users/u-1", &key, Some(&body)).await.0, 201);
        let policy = json!({"required_from": "2026-01-01", "always_required_roles": [], "trust_days": 0});
        assert_eq!(service.call("PUT", "/api/v1/two-step-policy", &key, Some(&policy)).await.0, 200);
        let exempt = ["user", "exempt", "cornerstone", "u-1", "--reason", "On leave"];
        for (day, told) in [("2020-01-01", "--until: a day from today on"), ("9999-01-01", "--until: a day from today on"), ("soon", "--until: a day from today on")] {
            let said = place.run(&[&exempt[..], &["--until", day]].concat()).bad();
            assert!(said.contains(told), "{said}");
        }
        // The service says itself what day it is.
        let asked = service.call("GET", "/api/v1/audit?action=user.put", &key, None).await.1;
        let now = Timestamp::parse(asked["items"][0]["at"].as_str().unwrap()).unwrap();
        let later = now + std::time::Duration::from_hours(30 * 24);
        let day = later.to_string()[..10].to_owned();
        let said = place.run(&[&exempt[..], &["--until", &day]].concat()).good();
        assert!(said.starts_with("u-1 is exempt until 2"), "{said}");
        let (_, seen) = service.call("GET", "/api/v1/users/u-1", &key, None).await;
        assert_eq!((seen["required"].as_bool(), seen["exempt_until"].is_string()), (Some(false), true), "{seen}");
        assert_eq!(place.run(&["user", "remind", "cornerstone", "u-1"]).good(), "Reminders on their way: 0.\n");
        let said = place.run(&[&exempt[..], &["--end"]].concat()).good();
        assert_eq!(said, "u-1 needs a second step as others do.\n");
        assert_eq!(place.run(&["user", "remind", "cornerstone", "u-1", "u-2"]).good(), "Reminders on their way: 1.\n");
        let by = "select count(*) from audit where action in ('user.exempt', 'user.remind') and actor_kind = 'operator'";
        assert_eq!(database.count(by).await, 3);
        for wrong in [&["user", "remind", "nobody", "u-1"][..], &["user", "exempt", "cornerstone", "u-9", "--end", "--reason", "x"]] {
            assert_eq!(place.run(wrong).bad().lines().count(), 1);
        }
    }
}
