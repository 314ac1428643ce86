//! The books at the end: what agents were told, what the database says, what the host and the people got.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::database::Database;
use crate::length::is_long;
use crate::load::{Fact, Load};
use crate::receiver::Push;
use crate::stage::{Stage, field, rows, until};

/// Waits until nothing is queued. What a killed process had claimed is due when its lease ends; the short version
/// ends it at once, the long one waits the thirty seconds.
pub async fn drained(database: &Database) {
    if !is_long() {
        database.execute("update message set run_at = 1 where run_at is not null and state = 'queued'").await;
        database
            .execute("update host_event set run_at = 1 where run_at is not null and state = 'pending'")
            .await;
    }
    until("the outbox is empty", || async {
        let open = "select (select count(*) from message where state = 'queued') \
            + (select count(*) from host_event where state = 'pending')";
        database.count(open).await == 0
    })
    .await;
}

/// Asserts that nothing was lost, nothing invented, and that what came twice was the same.
pub async fn balance(load: &Load, database: &Database) {
    let facts = load.facts.lock().unwrap().clone();
    let events = pushed(&load.stage.host.pushes());
    let known = columns(database, "select id || '|' || kind || '|' || state from host_event").await;
    for event in &known {
        assert_eq!(event[2], "delivered", "{event:?}");
    }
    let ids: BTreeSet<_> = known.iter().map(|event| event[0].clone()).collect();
    assert_eq!(events.keys().cloned().collect::<BTreeSet<_>>(), ids, "pushes lost or invented");
    let pushes = tally(events.values().map(|body| (word(&body["type"]), word(&body["data"]["challenge"]))));
    let noted = columns(database, "select action || '|' || outcome || '|' || object from audit").await;
    let noted = tally(noted.into_iter().map(|row| (format!("{} {}", row[0], row[1]), row[2].clone())));
    let states = columns(database, "select id || '|' || state from challenge").await;
    for row in &states {
        let (id, state) = (&row[0], row[1].as_str());
        let told = |kind: &str| pushes.get(&(kind.to_owned(), id.clone())).copied().unwrap_or_default();
        let entries = |action: &str| {
            let of =
                |((name, object), _): &(&(String, String), &usize)| object == id && name.starts_with(action);
            noted.iter().filter(of).map(|(_, count)| *count).sum::<usize>()
        };
        for (what, expected) in [
            ("verification.code_sent", 1),
            ("verification.verified", usize::from(state == "verified")),
            ("verification.cancelled", usize::from(state == "cancelled")),
            ("verification.failed", entries("code.check incorrect")),
        ] {
            assert_eq!(told(what), expected, "{what} of {id}, which is {state}");
        }
        assert_eq!(entries("code.request"), 1, "{id} on the record");
        assert_eq!(entries("code.check verified"), usize::from(state == "verified"), "{id} on the record");
        assert_eq!(entries("code.cancel"), usize::from(state == "cancelled"), "{id} on the record");
    }
    let states: BTreeMap<_, _> = states.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    answered(&facts, &states, &pushes);
    messages(&load.stage, database, &facts, &states).await;
    let said = load.stage.place.run(&["audit", "verify"]).good();
    assert!(said.starts_with("ok "), "{said}");
}

/// What was answered is so.
fn answered(facts: &[Fact], states: &BTreeMap<String, String>, pushes: &BTreeMap<(String, String), usize>) {
    let incorrect = tally(facts.iter().filter_map(|fact| match fact {
        Fact::Incorrect(id) => Some(("verification.failed".to_owned(), id.clone())),
        _ => None,
    }));
    for (key, count) in incorrect {
        assert!(pushes.get(&key).is_some_and(|told| *told >= count), "{key:?}");
    }
    for fact in facts {
        let (id, expected) = match fact {
            Fact::Asked { challenge, .. } | Fact::Incorrect(challenge) => (challenge, None),
            Fact::Cancelled(challenge) => (challenge, Some("cancelled")),
            Fact::Verified(challenge) => (challenge, Some("verified")),
        };
        let state = states.get(id).unwrap_or_else(|| panic!("{id} was answered and is not there"));
        assert!(expected.is_none_or(|expected| expected == state), "{fact:?} is {state}");
    }
}

/// Every message of an answered request was sent, or its code was over before; nobody got what nobody asked for.
async fn messages(stage: &Stage, database: &Database, facts: &[Fact], states: &BTreeMap<String, String>) {
    let query = "select id || '|' || channel || '|' || state || '|' || challenge_id from message";
    let known: BTreeMap<_, _> =
        columns(database, query).await.into_iter().map(|row| (row[0].clone(), row)).collect();
    let mut sent: BTreeMap<String, String> = BTreeMap::new();
    for text in stage.gateway.pushes() {
        let report = url::Url::parse(&field(&text, "report")).unwrap();
        let id = report.path_segments().unwrap().next_back().unwrap().split('.').next().unwrap().to_owned();
        let said = field(&text, "text");
        let before = sent.insert(id, said.clone());
        assert!(before.is_none_or(|before| before == said), "the same message said something else");
    }
    for file in std::fs::read_dir(stage.place.path("outbox")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "json") {
            let mail: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            sent.insert(word(&mail["id"]), word(&mail["text"]));
        }
    }
    for id in sent.keys() {
        assert!(known.contains_key(id), "{id} was sent and nobody asked for it");
    }
    for row in known.values() {
        match row[2].as_str() {
            "sent" | "delivered" => assert!(sent.contains_key(&row[0]), "{row:?} never arrived"),
            "dropped" => assert_ne!(states[&row[3]], "active", "{row:?}"),
            _ => panic!("{row:?}"),
        }
    }
    for fact in facts {
        if let Fact::Asked { messages, .. } = fact {
            assert!(messages.iter().all(|id| known.contains_key(id)), "{fact:?} has lost messages");
        }
    }
}

/// Pushes by id; one that came again must be the same to the byte.
fn pushed(pushes: &[Push]) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, &Push> = BTreeMap::new();
    for push in pushes {
        let before = found.insert(push.headers["webhook-id"].clone(), push);
        assert!(before.is_none_or(|before| before.body == push.body), "the same id with another body");
    }
    found.into_iter().map(|(id, push)| (id, push.json())).collect()
}

fn tally(pairs: impl IntoIterator<Item = (String, String)>) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for pair in pairs {
        *counts.entry(pair).or_default() += 1;
    }
    counts
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn columns(database: &Database, query: &str) -> Vec<Vec<String>> {
    let found = rows(database, query).await;
    found.iter().map(|row| row.split('|').map(str::to_owned).collect()).collect()
}
