//! The chain of the record: what is done to it behind the service's back is found, and nothing else is.

use std::time::Duration;

use countersign::domain::audit::{Entry, KEPT, Origin};
use countersign::domain::chain::{Bad, Checkpoint, Report, Wrong};
use countersign::domain::id::{AuditId, TenantId};
use countersign::domain::timestamp::Timestamp;
use countersign::usecase::Desk;
use countersign::usecase::audit::checkpoint::checkpoints;
use countersign::usecase::audit::seal::{Pass, seal_since};
use countersign::usecase::audit::sealer::Sealer;
use countersign::usecase::audit::verify::verify;
use countersign::usecase::tenant::purge::purge;
use serde_json::json;

use crate::code::wrong;
use crate::life::CLIENT;
use crate::on_both;
use crate::rotation::restarted;
use crate::service::{Service, api_key};

const EVER: Timestamp = Timestamp::from_millis(i64::MIN);

fn cornerstone() -> TenantId {
    TenantId::parse("cornerstone").unwrap()
}

async fn seal(service: &Service) -> Pass {
    seal_since(service.app.desk(), EVER).await.unwrap()
}

async fn report(service: &Service, known: &[Checkpoint]) -> Report {
    let verdict = verify(service.app.desk(), Some(&cornerstone()), known).await.unwrap();
    verdict.reports.into_iter().next().unwrap()
}

async fn first_bad(service: &Service) -> Bad {
    report(service, &[]).await.first_bad.expect("something is found")
}

async fn checkpoint(service: &Service) -> Vec<Checkpoint> {
    checkpoints(service.app.desk(), Some(&cornerstone())).await.unwrap()
}

#[track_caller]
fn whole(report: &Report, sealed: i64, unsealed: i64) {
    assert_eq!(report.first_bad, None);
    assert_eq!((report.bad, report.whole, report.unsealed), (0, sealed, unsealed));
}

/// Writes an entry as a request does, with a time of its own.
async fn write(desk: &Desk, at: Timestamp, number: u8) {
    let id = AuditId::new(at, [number; 10]);
    let origin = Origin::service("test");
    let entry =
        Entry::of_tenant(id, &cornerstone(), at, origin, ("test.write", "done"), "", json!({"n": number}));
    let tx = desk.store.begin().await.unwrap();
    tx.of(&cornerstone()).insert_audit(&[entry]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Ten entries of `cornerstone`, sealed in this order.
async fn sealed(service: &Service) -> Vec<String> {
    seal(service).await;
    for number in 1..10 {
        service.advance(1);
        write(service.app.desk(), service.now(), number).await;
    }
    seal(service).await;
    let ids = entries(service).await;
    assert_eq!(ids.len(), 10, "the tenant's creation is the first");
    whole(&report(service, &[]).await, 10, 0);
    ids
}

/// The entries of `cornerstone` by their places.
async fn entries(service: &Service) -> Vec<String> {
    let query = "select audit_id from audit_link where tenant_id = 'cornerstone' order by seq";
    service.database.texts(query).await
}

async fn execute(service: &Service, statement: impl AsRef<str>) {
    service.database.execute(statement.as_ref()).await;
}

on_both! {
    async fn what_happens_is_sealed_in_its_order_and_whole(service: Service) {
        let (challenge, code) = service.code_out().await;
        service.checked(&challenge, &wrong(&code)).await;
        let before = report(&service, &[]).await;
        assert!(before.unsealed > 4);
        whole(&before, 0, before.unsealed);
        let pass = seal(&service).await;
        assert_eq!((pass.sealed, pass.left), (service.database.count("select count(*) from audit").await.unsigned_abs(), 0), "of all tenants");
        whole(&report(&service, &[]).await, before.unsealed, 0);
        let mut ids = entries(&service).await;
        assert_eq!(i64::try_from(ids.len()).unwrap(), before.unsealed);
        assert!(ids.is_sorted());
        assert_eq!(seal(&service).await.sealed, 0);

        service.checked(&challenge, &code).await;
        service.drain().await;
        let more = report(&service, &[]).await.unsealed;
        assert!(more > 0);
        seal(&service).await;
        let now = entries(&service).await;
        assert_eq!(now[..ids.len()], ids, "places are for good");
        ids = now;
        whole(&report(&service, &[]).await, i64::try_from(ids.len()).unwrap(), 0);
        let verdict = verify(service.app.desk(), None, &[]).await.unwrap();
        assert!(verdict.is_whole());
        assert_eq!(verdict.reports.iter().map(|r| r.tenant.as_str()).collect::<Vec<_>>(), ["compeo", "cornerstone"]);
    }
}

on_both! {
    async fn an_entry_that_is_committed_late_gets_the_next_place(service: Service) {
        let desk = service.app.desk();
        let mut sealer = Sealer::new(desk.clone());
        sealer.run().await.unwrap();
        let start = service.now();
        service.advance(10);
        write(desk, service.now(), 1).await;
        sealer.run().await.unwrap();
        write(desk, service.now() - Duration::from_secs(2), 2).await;
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 3, 0);
        let ids = entries(&service).await;
        assert!(ids[1] > ids[2], "the older one is the later one in the chain");

        write(desk, start + Duration::from_secs(1), 3).await;
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 3, 1);
        service.advance(10);
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 4, 0);

        service.advance(60);
        sealer.run().await.unwrap();
        write(desk, start + Duration::from_secs(2), 4).await;
        service.advance(20);
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 4, 1);
        service.advance(600);
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 5, 0);
        write(desk, start - Duration::from_secs(3600), 5).await;
        service.advance(3700);
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 5, 1);
        Sealer::new(desk.clone()).run().await.unwrap();
        whole(&report(&service, &[]).await, 6, 0);
    }
}

on_both! {
    async fn several_processes_seal_each_entry_once(service: Service) {
        let twin = service.second(service.now()).await;
        seal(&service).await;
        let mut written = 1;
        for round in 0..5u8 {
            for number in 0..8 {
                service.advance(1);
                write(service.app.desk(), service.now(), round * 10 + number + 1).await;
                written += 1;
            }
            let here = || seal_since(service.app.desk(), EVER);
            let there = || seal_since(twin.desk(), EVER);
            let passes = tokio::join!(here(), there(), here(), there());
            let passes = [passes.0, passes.1, passes.2, passes.3].map(Result::unwrap);
            assert_eq!(passes.iter().map(|pass| pass.sealed).sum::<u64>(), 8);
        }
        whole(&report(&service, &[]).await, written, 0);
    }
}

on_both! {
    async fn the_log_is_longer_than_a_page(service: Service) {
        let at = service.now();
        let entries = (0..2345u32).map(|number| {
            let mut chance = [0; 10];
            chance[..4].copy_from_slice(&number.to_be_bytes());
            let id = AuditId::new(at, chance);
            Entry::of_tenant(id, &cornerstone(), at, Origin::service("test"), ("test.write", "done"), "", json!({}))
        });
        let entries: Vec<_> = entries.collect();
        let tx = service.app.desk().store.begin().await.unwrap();
        for some in entries.chunks(1000) {
            tx.of(&cornerstone()).insert_audit(some).await.unwrap();
        }
        tx.commit().await.unwrap();
        whole(&report(&service, &[]).await, 0, 2346);
        assert_eq!(seal(&service).await.sealed, 2347);
        whole(&report(&service, &[]).await, 2346, 0);
        execute(&service, "update audit set outcome = 'x' where tenant_id = 'cornerstone' and id = (select audit_id from audit_link where tenant_id = 'cornerstone' and seq = 2100)").await;
        assert_eq!(first_bad(&service).await.place, Some(2100));
    }
}

/// What is done, and what is told of it: the place, what is wrong there, and how much is wrong in all.
type Tampering = (&'static str, Vec<String>, Option<i64>, Wrong, i64);

/// A change of each column.
const COLUMNS: [(&str, &str); 12] = [
    ("at", "at + 1"),
    ("actor_kind", "'agent'"),
    ("actor_id", "'u-9'"),
    ("origin", "'10.0.0.9'"),
    ("action", "'code.check'"),
    ("client_id", "'lead-9'"),
    ("contact_id", "'c-9'"),
    ("object", "'chl_9'"),
    ("outcome", "'verified'"),
    ("detail", "'{\"n\": 5}'"),
    ("key_id", "'00000000'"),
    ("mac", "(select mac from audit where action = 'tenant.create' and tenant_id = 'compeo')"),
];

on_both! {
    async fn a_change_of_any_column_is_found_and_the_first_is_named(service: Service) {
        let ids = sealed(&service).await;
        service.advance(1);
        write(service.app.desk(), service.now(), 77).await;
        let fresh = service.database.texts("select max(id) from audit where tenant_id = 'cornerstone'").await.remove(0);
        execute(&service, "create table kept as select * from audit").await;
        for (column, value) in COLUMNS {
            for id in [&ids[5], &fresh] {
                execute(&service, format!("update audit set {column} = {value} where id = '{id}'")).await;
                let found = report(&service, &[]).await;
                let bad = found.first_bad.unwrap();
                let is_sealed = *id == ids[5];
                assert_eq!((bad.place, &bad.entry), (is_sealed.then_some(6), id), "{column}");
                let expected = if is_sealed { Wrong::Changed } else if column == "key_id" { Wrong::NoKey("00000000".into()) } else { Wrong::Foreign };
                assert_eq!(bad.wrong, expected, "{column}");
                assert_eq!((found.bad, found.whole + found.unsealed), (1, 10), "{column}");
                execute(&service, format!("update audit set {column} = (select {column} from kept where kept.id = audit.id) where id = '{id}'")).await;
                whole(&report(&service, &[]).await, 10, 1);
            }
        }
        execute(&service, format!("update audit set id = '{}x' where id = '{}'", ids[5], ids[5])).await;
        assert_eq!(report(&service, &[]).await.bad, 2, "gone from its place, and a stranger without one");
        execute(&service, format!("update audit set id = '{}' where id = '{}x'", ids[5], ids[5])).await;
        execute(&service, format!("update audit set tenant_id = 'compeo' where id in ('{}', '{}')", ids[7], ids[5])).await;
        let bad = first_bad(&service).await;
        assert_eq!((bad.place, bad.wrong), (Some(6), Wrong::Dropped));
        let verdict = verify(service.app.desk(), None, &[]).await.unwrap();
        assert_eq!(verdict.reports.iter().map(|report| report.bad).collect::<Vec<_>>(), [2, 2]);
    }
}

on_both! {
    async fn what_is_dropped_inserted_swapped_or_cut_off_is_found(service: Service) {
        let ids = sealed(&service).await;
        let links = "create table links as select * from audit_link where tenant_id = 'cornerstone'";
        execute(&service, links).await;
        execute(&service, "create table kept as select * from audit where tenant_id = 'cornerstone'").await;
        execute(&service, "create table chains as select * from audit_chain where tenant_id = 'cornerstone'").await;
        let of = |seq: usize| format!("tenant_id = 'cornerstone' and seq = {seq}");
        let dropped = format!("delete from audit where id = '{}'", ids[3]);
        let forged = "insert into audit select tenant_id, 'aud_zzzz', at, actor_kind, actor_id, origin, action, client_id, contact_id, object, outcome, detail, key_id, mac from audit where tenant_id = 'cornerstone' and action = 'test.write' limit 1";
        let swap = [
            format!("update audit_link set audit_id = 'x' where {}", of(3)),
            format!("update audit_link set audit_id = '{}' where {}", ids[2], of(8)),
            format!("update audit_link set audit_id = '{}' where {}", ids[7], of(3)),
        ];
        let cases: Vec<Tampering> = vec![
            ("an entry", vec![dropped.clone()], Some(4), Wrong::Dropped, 1),
            ("its place too", vec![dropped.clone(), format!("delete from audit_link where {}", of(4))], Some(4), Wrong::Dropped, 1),
            ("its place alone", vec![format!("delete from audit_link where {}", of(4))], Some(4), Wrong::Dropped, 1),
            ("the first", vec![format!("delete from audit where id = '{}'", ids[0]), format!("delete from audit_link where {}", of(1))], Some(1), Wrong::Dropped, 1),
            ("an entry without a place", vec![forged.into()], None, Wrong::Foreign, 1),
            ("one at the end", vec![forged.into(), "insert into audit_link select tenant_id, 11, 'aud_zzzz', sealed_at, link, key_id from audit_link where tenant_id = 'cornerstone' and seq = 10".into()], Some(11), Wrong::Inserted, 1),
            ("one in front", vec![forged.into(), "insert into audit_link select tenant_id, 0, 'aud_zzzz', sealed_at, link, key_id from audit_link where tenant_id = 'cornerstone' and seq = 10".into()], Some(0), Wrong::Inserted, 1),
            ("two", swap.to_vec(), Some(3), Wrong::Swapped, 2),
            ("the end", vec!["delete from audit_link where tenant_id = 'cornerstone' and seq > 7".into(), format!("delete from audit where tenant_id = 'cornerstone' and id > '{}'", ids[6])], Some(8), Wrong::CutOff { size: 10 }, 3),
            ("the end, and the record of it", vec!["delete from audit_link where tenant_id = 'cornerstone' and seq > 7".into(), format!("delete from audit where tenant_id = 'cornerstone' and id > '{}'", ids[6]), "update audit_chain set size = 7, head = (select link from audit_link where tenant_id = 'cornerstone' and seq = 7) where tenant_id = 'cornerstone'".into()], None, Wrong::ChainChanged, 1),
            ("the record", vec!["delete from audit_chain where tenant_id = 'cornerstone'".into()], None, Wrong::ChainGone, 11),
            ("a link", vec![format!("update audit_link set link = (select link from audit_link where {}) where {}", of(2), of(5))], Some(5), Wrong::Swapped, 1),
            ("when it was sealed", vec![format!("update audit_link set sealed_at = 5 where {}", of(5))], Some(5), Wrong::Swapped, 1),
        ];
        for (name, statements, place, wrong, count) in cases {
            for statement in statements {
                execute(&service, statement).await;
            }
            let found = report(&service, &[]).await;
            let bad = found.first_bad.unwrap();
            assert_eq!((bad.place, bad.wrong, found.bad), (place, wrong, count), "{name}");
            for (table, kept) in [("audit_link", "links"), ("audit", "kept"), ("audit_chain", "chains")] {
                execute(&service, format!("delete from {table} where tenant_id = 'cornerstone'")).await;
                execute(&service, format!("insert into {table} select * from {kept}")).await;
            }
            whole(&report(&service, &[]).await, 10, 0);
        }
    }
}

on_both! {
    async fn only_a_checkpoint_kept_elsewhere_shows_that_the_log_was_put_back_or_made_anew(service: Service) {
        let ids = sealed(&service).await;
        execute(&service, "create table older as select * from audit_chain").await;
        let older = checkpoint(&service).await;
        for number in 50..55 {
            service.advance(1);
            write(service.app.desk(), service.now(), number).await;
        }
        seal(&service).await;
        let known: Vec<_> = older.iter().cloned().chain(checkpoint(&service).await).collect();
        let agreed = report(&service, &known).await;
        whole(&agreed, 15, 0);
        assert_eq!(agreed.agreed, 2);

        // The end cut off, with the record of the chain as it once was, signed by the service.
        execute(&service, format!("delete from audit where tenant_id = 'cornerstone' and id > '{}'", ids[9])).await;
        execute(&service, "delete from audit_link where tenant_id = 'cornerstone' and seq > 10").await;
        execute(&service, "delete from audit_chain").await;
        execute(&service, "insert into audit_chain select * from older").await;
        whole(&report(&service, &older).await, 10, 0);
        let bad = report(&service, &known).await.first_bad.unwrap();
        assert_eq!((bad.place, bad.wrong), (Some(11), Wrong::Shorter { size: 15, at: known[1].at }));

        // One dropped, and the service itself made to seal the rest anew.
        execute(&service, format!("delete from audit where id = '{}'", ids[8])).await;
        execute(&service, "delete from audit_link").await;
        execute(&service, "delete from audit_chain").await;
        service.advance(1);
        write(service.app.desk(), service.now(), 60).await;
        seal(&service).await;
        whole(&report(&service, &[]).await, 10, 0);
        let bad = report(&service, &older).await.first_bad.unwrap();
        assert_eq!((bad.place, bad.wrong), (Some(10), Wrong::Rewritten { at: older[0].at }));

        // Nothing of the tenant left.
        for table in ["audit", "audit_link", "audit_chain"] {
            execute(&service, format!("delete from {table} where tenant_id = 'cornerstone'")).await;
        }
        let verdict = verify(service.app.desk(), None, &older).await.unwrap();
        assert!(!verdict.is_whole() && verify(service.app.desk(), None, &[]).await.unwrap().is_whole());
    }
}

on_both! {
    async fn what_was_tampered_with_is_neither_built_upon_nor_signed(service: Service) {
        sealed(&service).await;
        write(service.app.desk(), service.now(), 90).await;
        execute(&service, "update audit_chain set size = 9 where tenant_id = 'cornerstone'").await;
        let pass = seal(&service).await;
        assert_eq!((pass.sealed, pass.left), (0, 1));
        assert!(checkpoints(service.app.desk(), None).await.unwrap_err().to_string().contains("cornerstone"));
        execute(&service, "delete from audit_chain where tenant_id = 'cornerstone'").await;
        assert_eq!(seal(&service).await.left, 1);
        assert_eq!(report(&service, &[]).await.first_bad.unwrap().wrong, Wrong::ChainGone);
        // Another tenant's log goes on.
        service.call("PUT", &format!("/api/v1/clients/{CLIENT}"), &api_key("compeo"), Some(&crate::service::ruiz())).await.expect(201);
        assert_eq!(seal(&service).await.sealed, 1);

        let forged = "insert into audit select 'No Tenant', id, at, actor_kind, actor_id, origin, action, client_id, contact_id, object, outcome, detail, key_id, mac from audit where tenant_id = 'compeo' limit 1";
        execute(&service, forged).await;
        assert_eq!(seal(&service).await.left, 2);
        assert_eq!(verify(service.app.desk(), None, &[]).await.unwrap().strays, ["No Tenant"]);
    }
}

on_both! {
    async fn a_chain_that_was_put_right_goes_on_with_all_that_came_meanwhile(service: Service) {
        let mut sealer = Sealer::new(service.app.desk().clone());
        sealer.run().await.unwrap();
        execute(&service, "update audit_chain set size = 7").await;
        service.advance(1);
        write(service.app.desk(), service.now(), 1).await;
        sealer.run().await.unwrap();
        service.advance(60);
        sealer.run().await.unwrap();
        service.advance(4 * 3600);
        sealer.run().await.unwrap();
        assert_eq!(service.database.count("select count(*) from audit_link").await, 2);
        execute(&service, "update audit_chain set size = 1").await;
        service.advance(4 * 3600);
        sealer.run().await.unwrap();
        whole(&report(&service, &[]).await, 2, 0);
    }
}

on_both! {
    async fn an_entry_that_somebody_else_wrote_is_sealed_as_evidence(service: Service) {
        sealed(&service).await;
        execute(&service, "insert into audit select tenant_id, 'aud_zzzz', at, actor_kind, actor_id, origin, action, client_id, contact_id, object, outcome, detail, key_id, mac from audit where tenant_id = 'cornerstone' and action = 'test.write' limit 1").await;
        assert_eq!(seal(&service).await.sealed, 1);
        let bad = first_bad(&service).await;
        assert_eq!((bad.place, bad.entry.as_str(), bad.wrong), (Some(11), "aud_zzzz", Wrong::Inserted));
    }
}

on_both! {
    async fn what_goes_by_age_leaves_the_rest_whole(service: Service) {
        let ids = sealed(&service).await;
        let first = checkpoint(&service).await;
        service.advance(KEPT.as_secs() - 5);
        write(service.app.desk(), service.now(), 80).await;
        service.advance(1);
        write(service.app.desk(), service.now(), 81).await;
        purge(service.app.desk()).await.unwrap();
        whole(&report(&service, &first).await, 5, 2);
        assert_eq!(entries(&service).await, ids[5..], "the five oldest");
        assert_eq!(service.database.count("select count(*) from audit where tenant_id = 'cornerstone'").await, 7);
        seal(&service).await;
        let known: Vec<_> = first.into_iter().chain(checkpoint(&service).await).collect();
        let found = report(&service, &known).await;
        whole(&found, 7, 0);
        assert_eq!((found.first, found.size, found.agreed), (6, 12, 2));

        service.advance(60);
        purge(service.app.desk()).await.unwrap();
        let found = report(&service, &known).await;
        whole(&found, 2, 0);
        assert_eq!((found.first, found.size, found.agreed, found.outlived), (11, 12, 2, 0), "the link before the first is still known");
        service.clock.advance(KEPT);
        purge(service.app.desk()).await.unwrap();
        let found = report(&service, &known).await;
        whole(&found, 0, 0);
        assert_eq!((found.agreed, found.outlived), (1, 1));
        service.know(CLIENT).await.expect(201);
        seal(&service).await;
        whole(&report(&service, &known).await, 1, 0);
    }
}

on_both! {
    async fn a_changed_time_makes_nothing_go(service: Service) {
        sealed(&service).await;
        execute(&service, "update audit set at = 5 where tenant_id = 'cornerstone'").await;
        purge(service.app.desk()).await.unwrap();
        assert_eq!(service.database.count("select count(*) from audit where tenant_id = 'cornerstone'").await, 10);
        let found = report(&service, &[]).await;
        assert_eq!((found.bad, found.first), (10, 1));
    }
}

on_both! {
    async fn another_master_key_leaves_the_log_whole_as_long_as_the_old_one_is_kept(service: Service) {
        service.code_out().await;
        seal(&service).await;
        let known = checkpoint(&service).await;
        service.know("lead-2").await.expect(201);
        let old = service.app.desk().store.vault().ring.current().id.to_string();
        let service = restarted(service, 40, &[1]).await;
        assert!(seal(&service).await.sealed > 0, "one of the old key, on top of the old key's");
        service.app.desk().store.rotate_seals().await.unwrap();
        service.know("lead-3").await.expect(201);
        seal(&service).await;
        let found = report(&service, &known).await;
        whole(&found, found.size, 0);
        assert_eq!(found.agreed, 1, "a checkpoint of the old key too");
        let fresh = checkpoint(&service).await;

        let service = restarted(service, 40, &[]).await;
        let found = report(&service, &fresh).await;
        let bad = found.first_bad.unwrap();
        assert_eq!((bad.place, bad.wrong), (Some(1), Wrong::NoKey(old)));
        assert!(found.whole > 0 && found.agreed == 1, "what the new key made is proved all the same");
        service.know("lead-4").await.expect(201);
        assert_eq!(seal(&service).await.left, 0, "sealing goes on");
    }
}

on_both! {
    async fn a_client_that_is_erased_leaves_the_log_whole(service: Service) {
        service.code_out().await;
        seal(&service).await;
        service.call("DELETE", &format!("/api/v1/clients/{CLIENT}"), &api_key("cornerstone"), None).await.expect(204);
        service.drain().await;
        seal(&service).await;
        let found = report(&service, &[]).await;
        whole(&found, found.size, 0);
        let dump = service.database.dump().await.into_iter().filter(|line| line.starts_with("audit")).collect::<Vec<_>>();
        assert!(dump.iter().any(|line| line.starts_with("audit_link")));
        assert!(dump.iter().all(|line| !line.contains("Ruiz") && !line.contains("5550142")), "nobody is named in it");
    }
}
