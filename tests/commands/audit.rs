//! The audit log by the command line, beside a service that seals it.

use countersign::domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::place::Place;
use super::process::{BEAT, MOST_BEATS, Process};
use crate::database::Database;
use crate::on_both;
use crate::tenants::{ask, cornerstone};

/// A log that a service sealed before it ended: of one client, whose words look like formulas. Gives what the service said.
async fn sealed(place: &Place, database: &Database) -> String {
    let key = cornerstone(place, "http://127.0.0.1:9/");
    let service = Process::serve(place).await;
    ask(&service, &key).await;
    let contact = json!({"id": "+1", "name": "Ana \"A\", Ruiz", "role": "owner", "email": "ana@ruiz-landscaping.example"});
    let client = json!({"name": "Ruiz", "contacts": [contact]});
    assert_eq!(
        service.call("PUT", "/api/v1/clients/=cmd%7C'%20%2FC%20calc',%22x%22", &key, Some(&client)).await.0,
        201
    );
    // Not by the figure, which is of the last time that somebody looked.
    let open = "select (select count(*) from audit) - (select count(*) from audit_link)";
    let (mut beats, mut left) = (tokio::time::interval(BEAT), MOST_BEATS);
    while database.count(open).await > 0 {
        left = left.checked_sub(1).expect("the log was never sealed");
        beats.tick().await;
    }
    service.terminate();
    let ended = service.ended().await;
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.err
}

async fn count(database: &Database) -> i64 {
    database.count("select count(*) from audit").await
}

/// The lines of a log that hold a checkpoint.
fn checkpoint_lines(said: &str) -> Vec<Value> {
    let lines = said.lines().filter(|line| line.contains("\"message\":\"audit checkpoint\""));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

on_both! {
    async fn a_service_seals_what_it_writes_and_tells_its_checkpoints(database: Database) {
        let place = Place::on(&database);
        let said = sealed(&place, &database).await;
        let entries = count(&database).await;
        assert!(entries >= 4);
        let whole = format!("ok         cornerstone: {entries} entries whole in places 1 to {entries}");
        assert_eq!(place.run(&["audit", "verify"]).good(), format!("{whole}\n"));
        let told = checkpoint_lines(&said);
        let last = told.last().unwrap();
        assert_eq!((&last["tenant"], &last["size"]), (&json!("cornerstone"), &json!(entries)), "told before it ends");

        place.write("service.log", &said);
        let lines = place.run(&["audit", "checkpoint"]).good();
        assert!(lines.starts_with("checkpoint/v1/cornerstone/") && lines.lines().count() == 1, "{lines}");
        assert_eq!(place.run(&["audit", "checkpoint", "--tenant", "cornerstone"]).good().lines().count(), 1);
        place.write("checkpoints", &lines);
        let agree = |count: usize| match count {
            1 => format!("{whole}, 1 checkpoint agrees\n"),
            many => format!("{whole}, {many} checkpoints agree\n"),
        };
        assert_eq!(place.run(&["audit", "verify", "--checkpoints", "checkpoints"]).good(), agree(1));
        assert_eq!(place.run(&["audit", "verify", "--tenant", "cornerstone", "--checkpoints", "service.log"]).good(), agree(told.len()));

        place.run(&["tenant", "key", "create", "cornerstone"]).good();
        assert_eq!(place.run(&["audit", "verify"]).good(), format!("{whole}, 1 entry not sealed yet\n"));
    }
}

on_both! {
    async fn what_was_done_to_the_log_is_told_with_its_place(database: Database) {
        let place = Place::on(&database);
        sealed(&place, &database).await;
        place.write("checkpoints", &place.run(&["audit", "checkpoint"]).good());
        let entries = count(&database).await;
        let id = "(select audit_id from audit_link where seq = 2)";
        database.execute(&format!("update audit set outcome = 'fine' where id = {id}")).await;
        let said = place.run(&["audit", "verify"]).bad();
        let expected = format!("NOT WHOLE  cornerstone: {} entries whole in places 1 to {entries}\n           1 not whole, the first: place 2, \"aud_", entries - 1);
        assert!(said.starts_with(&expected) && said.ends_with("\": changed: it is not as it was written\n"), "{said}");

        for table in ["audit", "audit_link", "audit_chain"] {
            database.execute(&format!("delete from {table}")).await;
        }
        assert_eq!(place.run(&["audit", "verify"]).good(), "", "nothing is left to tell it by");
        let said = place.run(&["audit", "verify", "--checkpoints", "checkpoints"]).bad();
        assert!(said.contains("place 1: cut off: the checkpoint of ") && said.contains(&format!(" knows {entries} places")), "{said}");
    }
}

on_both! {
    async fn the_log_is_printed_for_spreadsheets_and_for_programs(database: Database) {
        let place = Place::on(&database);
        sealed(&place, &database).await;
        place.run(&["tenant", "key", "create", "cornerstone"]).good();
        let entries = usize::try_from(count(&database).await).unwrap();
        let text = place.run(&["audit", "export", "--format", "csv"]).good();
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let columns = ["id", "tenant", "at", "actor_kind", "actor", "from", "action", "client", "contact", "object", "outcome", "detail", "sequence"];
        assert_eq!(table.headers().unwrap().iter().collect::<Vec<_>>(), columns);
        let rows: Vec<_> = table.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), entries);
        let harmless = |cell: &str| !cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(rows.iter().flatten().all(harmless), "{text}");
        let put = rows.iter().find(|row| &row[7] == "'=cmd|' /C calc',\"x\"").unwrap();
        assert_eq!((&put[1], &put[3], &put[6], &put[10]), ("cornerstone", "host", "client.put", "created"));
        assert!(put[2].ends_with('Z') && put[0].starts_with("aud_"));
        assert!(rows[..entries - 1].iter().zip(1..).all(|(row, n): (_, u32)| row[12] == *n.to_string()), "{text}");
        assert_eq!(&rows[entries - 1][12], "", "not sealed yet");

        let text = place.run(&["audit", "export", "--format", "jsonl", "--tenant", "cornerstone"]).good();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), entries);
        for (line, row) in lines.iter().zip(&rows) {
            assert_eq!((line["id"].as_str().unwrap(), line["at"].as_str().unwrap()), (&row[0], &row[2]));
            assert!(line["detail"].is_object() && line.as_object().unwrap().len() == columns.len(), "{line}");
            assert_eq!(line["sequence"].as_i64().map(|n| n.to_string()).unwrap_or_default(), row[12]);
        }
        assert!(lines.iter().any(|line| line["client"] == "=cmd|' /C calc',\"x\""), "as it is");

        let third = rows[2][2].to_owned();
        let between = |more: &[&str]| {
            let arguments = [&["audit", "export", "--format", "jsonl"], more].concat();
            place.run(&arguments).good().lines().count()
        };
        // As moments: a time on the full second is written shorter, and sorts otherwise.
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let early = rows.iter().filter(|row| at(&row[2]) < at(&third)).count();
        assert_eq!((between(&["--until", &third]), between(&["--since", &third])), (early, entries - early));
        assert_eq!((between(&["--since", "2100-01-01"]), between(&["--since", "2020-01-01", "--until", "2100-01-01"])), (0, entries));
    }
}

#[test]
fn wrong_arguments_and_files_are_told() {
    let place = Place::new();
    place.write("tenants.toml", "[[tenant]]\nid = \"a\"\nname = \"A\"\n");
    place.run(&["tenant", "apply", "tenants.toml"]).good();
    place.write("empty", "2026-11-20 serving\n");
    let key = "0a0a0a0a";
    place.write("other", &format!("checkpoint/v1/a/3/2026-11-20T15:00:00Z/{key}/00/{}\n", "00".repeat(32)));
    place.write("cut", "\ncheckpoint/v1/a/3/2026-11\n");
    for (arguments, expected) in [
        (&["audit", "verify", "--tenant", "b"][..], "there is no tenant b\n"),
        (&["audit", "checkpoint", "--tenant", "b"], "there is no tenant b\n"),
        (&["audit", "export", "--format", "csv", "--tenant", "b"], "there is no tenant b\n"),
        (
            &["audit", "verify", "--checkpoints", "none"],
            "none: cannot be read: No such file or directory (os error 2)\n",
        ),
        (&["audit", "verify", "--checkpoints", "empty"], "empty: there is no checkpoint in it\n"),
        (
            &["audit", "verify", "--checkpoints", "other"],
            "other: line 1: this checkpoint was signed with master key 0a0a0a0a, which is not in secrets.old_master_keys\n",
        ),
        (
            &["audit", "verify", "--checkpoints", "cut"],
            "cut: line 2: this checkpoint is cut short or misspelt\n",
        ),
    ] {
        assert_eq!(place.run(arguments).bad(), expected);
    }
    for arguments in [
        &["audit", "export"][..],
        &["audit", "export", "--format", "xml"],
        &["audit", "export", "--format", "csv", "--since", "yesterday"],
    ] {
        assert!(place.run(arguments).bad().starts_with("error: "));
    }
    assert_eq!(
        place.run(&["audit", "verify", "--tenant", "a"]).good(),
        "ok         a: 0 entries whole, 1 entry not sealed yet\n"
    );
    assert_eq!(place.run(&["audit", "checkpoint"]).good(), "", "nothing is sealed yet");
}
