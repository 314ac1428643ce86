//! Two versions on one database: the newer one has brought the schema further, the older one works on.

use std::collections::BTreeSet;
use std::sync::Arc;

use migration::{Migrator, MigratorTrait as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::database::{Backend, Database};
use crate::ledger;
use crate::load::Load;
use crate::on_both;
use crate::stage::{Stage, rows};

/// Something that a schema says of a table: `kind|table|what|loose`, where `loose` is said of what a process that does
/// not know it can ignore, as long as it stands on a table of its own or is a column.
type Fact = String;

const SQLITE: [&str; 5] = [
    "select 'table|' || name || '||loose' from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    "select 'column|' || m.name || '|' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || c.pk || '|' \
        || case when c.\"notnull\" = 0 or c.dflt_value is not null then 'loose' else '' end \
        from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'",
    "select 'unique|' || m.name || '|' || (select group_concat(i.name) from pragma_index_info(l.name) i) \
        || ' ' || l.partial || '|' from sqlite_master m, pragma_index_list(m.name) l \
        where m.type = 'table' and l.\"unique\"",
    "select 'foreign|' || m.name || '|' || f.\"from\" || ' ' || f.\"table\" || '|' \
        || case when f.on_delete in ('CASCADE', 'SET NULL') then 'loose' else '' end \
        from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'",
    "select 'trigger|' || tbl_name || '|' || name || '|' from sqlite_master where type = 'trigger'",
];

const POSTGRES: [&str; 5] = [
    "select 'table|' || tablename || '||loose' from pg_tables where schemaname = 'public'",
    "select 'column|' || table_name || '|' || column_name || ' ' || data_type || ' ' || is_nullable || '|' \
        || case when is_nullable = 'YES' or column_default is not null then 'loose' else '' end \
        from information_schema.columns where table_schema = 'public'",
    "select 'unique|' || c.relname || '|' || pg_get_indexdef(i.indexrelid) || '|' \
        from pg_index i join pg_class c on c.oid = i.indrelid \
        where i.indisunique and c.relnamespace = 'public'::regnamespace",
    "select case contype when 'f' then 'foreign|' else 'check|' end || c.relname || '|' || pg_get_constraintdef(k.oid) \
        || '|' || case when confdeltype in ('c', 'n') then 'loose' else '' end \
        from pg_constraint k join pg_class c on c.oid = k.conrelid \
        where contype in ('f', 'c', 'x') and c.relnamespace = 'public'::regnamespace",
    "select 'trigger|' || c.relname || '|' || t.tgname || '|' \
        from pg_trigger t join pg_class c on c.oid = t.tgrelid where not tgisinternal",
];

async fn schema(database: &Database) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    for query in if database.backend == Backend::Sqlite { SQLITE } else { POSTGRES } {
        facts.extend(rows(database, query).await);
    }
    facts
}

/// What of a change a process that only knows the schema before could stumble over.
fn stumbles(before: &BTreeSet<Fact>, after: &BTreeSet<Fact>) -> Vec<Fact> {
    let table = |fact: &str| fact.split('|').nth(1).unwrap().to_owned();
    let old: BTreeSet<_> = before.iter().map(|fact| table(fact)).collect();
    let gone = before.difference(after).map(|fact| format!("gone: {fact}"));
    let added = after.difference(before).filter(|fact| {
        let loose = fact.ends_with("|loose");
        match fact.split('|').next().unwrap() {
            "column" => !loose && old.contains(&table(fact)),
            // What is deleted of an older table must take what refers to it along.
            "foreign" => !loose || old.contains(&table(fact)),
            _ => old.contains(&table(fact)),
        }
    });
    gone.chain(added.map(|fact| format!("new: {fact}"))).collect()
}

#[test]
fn what_an_older_process_stumbles_over_is_told() {
    let before = ["table|a||loose", "column|a|x text 10|", "unique|a|x|", "check|a|x in (1)|"];
    for (change, fault) in [
        ("column|a|y bigint 00|loose", ""),
        ("column|a|y bigint 10|", "new: column|a|y bigint 10|"),
        ("unique|a|y|", "new: unique|a|y|"),
        ("check|a|y > 1|", "new: check|a|y > 1|"),
        ("trigger|a|t|", "new: trigger|a|t|"),
        ("foreign|a|y b|loose", "new: foreign|a|y b|loose"),
        ("table|b||loose", ""),
        ("column|b|y bigint 10|", ""),
        ("unique|b|y|", ""),
        ("foreign|b|y a|loose", ""),
        ("foreign|b|y a|", "new: foreign|b|y a|"),
    ] {
        let before: BTreeSet<Fact> = before.map(str::to_owned).into();
        let mut after = before.clone();
        after.insert(change.to_owned());
        assert_eq!(stumbles(&before, &after).concat(), fault);
    }
    let before: BTreeSet<Fact> = before.map(str::to_owned).into();
    for fact in &before {
        let mut after = before.clone();
        after.remove(fact);
        assert_eq!(stumbles(&before, &after), [format!("gone: {fact}")]);
    }
}

on_both! {
    async fn no_migration_takes_away_or_asks_for_what_an_older_process_does_not_know(database: Database) {
        let db = countersign::store::open(&database.url.as_str().into()).await.unwrap();
        Migrator::up(&db, Some(1)).await.unwrap();
        let mut before = schema(&database).await;
        assert!(before.len() > 50, "{before:?}");
        for migration in Migrator::migrations().iter().skip(1) {
            Migrator::up(&db, Some(1)).await.unwrap();
            let after = schema(&database).await;
            assert_eq!(stumbles(&before, &after), [""; 0], "{}", migration.name());
            before = after;
        }
        db.close().await.unwrap();
    }
}

/// What the next version may do to the schema, done to all of it: columns, an index and a table.
async fn migrate_further(database: &Database) {
    let tables = if database.backend == Backend::Sqlite { SQLITE[0] } else { POSTGRES[0] };
    for fact in rows(database, tables).await {
        let table = fact.split('|').nth(1).unwrap();
        if table == "seaql_migrations" {
            continue;
        }
        for statement in [
            format!("alter table {table} add column next_maybe text"),
            format!("alter table {table} add column next_some bigint not null default 7"),
            format!("create index ix_next_{table} on {table} (next_some)"),
        ] {
            database.execute(&statement).await;
        }
    }
    database.execute("create table next_one (tenant_id text not null primary key)").await;
    database.execute("insert into seaql_migrations values ('m29990101_000001_next', 1)").await;
}

on_both! {
    async fn a_process_works_on_and_starts_again_where_a_newer_one_has_migrated(database: Database) {
        let stage = Arc::new(Stage::on(&database, "").await);
        let load = Load::new(Arc::clone(&stage));
        let mut process = stage.serve().await;
        for round in 0..2 {
            let stop = CancellationToken::new();
            let (_here, bases) = watch::channel(vec![process.base.clone()]);
            let agents: Vec<_> = (0..4).map(|_| tokio::spawn(Arc::clone(&load).work(bases.clone(), stop.clone()))).collect();
            load.more(30).await;
            if round == 0 {
                // Under load: what a connection has prepared before is used on what the tables are now.
                migrate_further(&database).await;
                load.more(60).await;
            }
            stop.cancel();
            for agent in agents {
                agent.await.unwrap();
            }
            if round == 0 {
                process.terminate();
                assert_eq!(process.ended().await.code, 0);
                process = stage.serve().await;
            }
        }
        assert!(process.said().contains("a newer version has brought the database further"), "{}", process.said());
        assert_eq!(*load.failed.lock().unwrap(), [""; 0]);
        ledger::drained(&database).await;
        ledger::balance(&load, &database).await;
        // Commands beside it, too.
        for command in [&["migrate"][..], &["check"], &["tenant", "list"], &["keys", "rotate"], &["epoch", "bump"]] {
            stage.place.run(command).good();
        }
    }
}

on_both! {
    async fn a_database_that_is_neither_older_nor_newer_is_not_touched(database: Database) {
        let stage = Stage::on(&database, "").await;
        database.execute("insert into seaql_migrations values ('m29990101_000001_next', 1)").await;
        let newest = Migrator::migrations().pop().unwrap();
        database.execute(&format!("delete from seaql_migrations where version = '{}'", newest.name())).await;
        let said = stage.place.run(&["migrate"]).bad();
        assert!(said.contains("m29990101_000001_next"), "{said}");
    }
}
