//! The audit log as it is read: words for details, names for ids, and filters that find their rows by an index.

use countersign::domain::admin::Role;
use serde_json::json;

use crate::database::Backend;
use crate::on_both;
use crate::service::api_key;

on_both! {
    async fn an_entry_is_told_in_words_and_names(service: Service) {
        service.know("lead-10482").await.expect(201);
        let asked = json!({"contact": "c-1", "surface": "lead_card", "agent": {"id": "u-78", "name": "Sam"}});
        service.post("/api/v1/clients/lead-10482/codes", asked).await.expect(201);
        service.apply("cornerstone", json!({"retention": "30d"})).await;
        let sam = json!({"name": "Sam Ortega", "role": "agent", "email": "sam@crm.example"});
        service.call("PUT", "/api/v1/users/u-78", &api_key("cornerstone"), Some(&sam)).await.expect(201);
        let desk = service.desk(Role::Admin, None).await;
        service.send_form(&desk, "/admin/t/cornerstone/users", &[("do", "exempt"), ("user", "u-78"), ("until", "2026-12-31"), ("reason", "On leave")]).await;
        let page = service.see(&desk, "/admin/t/cornerstone/audit?action=user.exempt").await.text;
        for text in ["Ada Park", "<dt>Reason</dt><dd>On leave</dd>", "<dt>Until</dt><dd>Jan 1, 2027, 12:00 AM (EST)</dd>", "Exempted a user"] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        let page = service.see(&desk, "/admin/t/cornerstone/audit?action=code.request&lang=es").await.text;
        for text in ["Sam Ortega", "<dt>Pantalla</dt><dd>Tarjeta de prospecto</dd>", "<dt>Canales</dt><dd>Correo, Mensaje de texto</dd>", "<dt>Cambió hace poco</dt><dd>no</dd>"] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        for page in ["/admin/t/cornerstone/audit", "/admin/t/cornerstone/client?id=lead-10482"] {
            let page = service.see(&desk, page).await.text;
            assert!(!page.contains("{&quot;") && !page.contains("&quot;:"), "no raw details: {page}");
        }
    }
}

/// How a database finds the rows of a filter.
const PLANS: [(&str, &str); 5] = [
    ("from audit where tenant_id = 'cornerstone' and action = 'rare'", "ix_audit_action"),
    ("from audit where tenant_id = 'cornerstone' and actor_id = 'rare'", "ix_audit_actor"),
    ("from message where tenant_id = 'cornerstone' and client_id = 'rare'", "ix_message_client"),
    ("from message where tenant_id = 'cornerstone' and state = 'failed'", "ix_message_failed"),
    ("from host_event where tenant_id = 'cornerstone' and state = 'parked'", "ix_host_event_parked"),
];

on_both! {
    async fn filters_are_answered_by_an_index(service: Service) {
        if service.database.backend == Backend::Postgres {
            let many = "insert into audit select 'cornerstone', 'aud_x' || n, n, 'agent', 'u-' || n % 9, '', 'code.check', '', '', '', 'ok', '{}', '', '' from generate_series(1, 20000) n";
            service.database.execute(many).await;
            let many = "insert into host_event select 'cornerstone', 'evt_x' || n, 'x', '', '', 'delivered', 1, 200, null, n, n, null from generate_series(1, 20000) n";
            service.database.execute(many).await;
            let challenge = "insert into challenge (tenant_id, id, workflow, subject, kind, state, contact_id, people, channels, digits, tries_allowed, tries, created_at, expires_at, resend_at, epoch, key_id) values ('cornerstone', 'chg_x', 'client', 'x', 'sent', 'verified', 'c', '', 'sms', 6, 5, 1, 0, 0, 0, 0, '')";
            service.database.execute(challenge).await;
            let many = "insert into message select 'cornerstone', 'msg_x' || n, 'chg_x', 'lead-' || n, 'c', 'client_code', 'sms', '', '', 'sent', null, 1, n, n, null from generate_series(1, 20000) n";
            service.database.execute(many).await;
            service.database.execute("analyze").await;
            for (query, index) in PLANS {
                let plan = service.database.texts(&format!("explain select * {query} order by id desc limit 51")).await.join("\n");
                assert!(plan.contains(index) && !plan.contains("Sort"), "{query}: {plan}");
            }
        }
        // What stands in the statements themselves is what the partial indexes are found by.
        let desk = service.desk(Role::Auditor, None).await;
        for page in ["events?state=parked", "messages?state=failed", "events?state=delivered", "audit?action=x&actor=y&since=2026-11-20"] {
            assert_eq!(service.see(&desk, &format!("/admin/t/cornerstone/{page}")).await.status, 200, "{page}");
        }
    }
}
