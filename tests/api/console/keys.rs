//! When a key was last used: told to the minute, written once for each.

use countersign::domain::admin::Role;
use countersign::usecase::tenant::note_uses::note_uses;

use crate::on_both;

on_both! {
    async fn the_last_use_of_a_key_is_told_and_written_once_a_minute(service: Service) {
        let desk = service.desk(Role::Auditor, None).await;
        let used = "select coalesce(max(last_used_at), 0) from api_key where tenant_id = 'cornerstone'";
        let page = async || service.see(&desk, "/admin/t/cornerstone/keys").await.text;
        assert!(page().await.contains(">never<"));
        for _ in 0..3 {
            service.get("/api/v1/events").await.expect(200);
            service.advance(2);
        }
        assert_eq!(service.database.count(used).await, 0, "no request writes");
        assert_eq!(note_uses(service.app.desk()).await.unwrap(), 1);
        let first = service.database.count(used).await;
        assert!(first > 0 && first % 60_000 == 0, "{first}");
        service.get("/api/v1/events").await.expect(200);
        assert_eq!(note_uses(service.app.desk()).await.unwrap(), 0, "once a minute");
        service.advance(60);
        service.get("/api/v1/events").await.expect(200);
        assert_eq!(service.database.count(used).await, first);
        service.app.beat().await.unwrap();
        assert!(service.database.count(used).await > first);
        assert_eq!(note_uses(service.app.desk()).await.unwrap(), 0);
        let other = "select count(*) from api_key where tenant_id = 'compeo' and last_used_at is not null";
        assert_eq!(service.database.count(other).await, 0);
        let found = service.call("GET", "/api/v1/events", "csk_nobody_has_this_key_at_all_of_the_test_1", None).await;
        assert_eq!(found.status, 401);
        // Another process that saw an earlier use does not take this one back.
        let second = service.second(service.now()).await;
        let now = service.database.count(used).await;
        second.desk().uses.note(&countersign::domain::id::TenantId::parse("cornerstone").unwrap(), &second.desk().store.keychain().await.unwrap().api_keys.iter().find(|key| key.tenant.as_str() == "cornerstone").unwrap().id, service.now() - std::time::Duration::from_secs(600));
        assert_eq!(note_uses(second.desk()).await.unwrap(), 1);
        assert_eq!(service.database.count(used).await, now);
    }
}
