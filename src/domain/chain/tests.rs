//! Chains in memory: whatever is done to one place of a long one is found there.

use proptest::prelude::*;

use super::*;
use crate::domain::key;

const LENGTH: i64 = 60;

fn keys(first: u8) -> KeySet {
    let bytes: Vec<u8> = (0..32).map(|i| first.wrapping_add(i)).collect();
    KeySet::parse(&key::generate(&bytes.try_into().unwrap())).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(keys(1), vec![keys(2)])
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn entry(number: i64) -> Stored {
    let text = |name: &str| format!("{name}{number}");
    let mut entry = Stored {
        id: format!("aud_{number:03}"),
        tenant: "a".into(),
        at: at(number),
        actor_kind: "agent".into(),
        actor: text("u-"),
        from: text("127.0.0."),
        action: "code.check".into(),
        client: text("lead-"),
        contact: text("c-"),
        object: text("chl_"),
        outcome: "verified".into(),
        detail: "{}".into(),
        key: keys(1).id.to_string(),
        mac: vec![],
    };
    let (before, after) = entry.ends();
    entry.mac = proof(&keys(1), before, entry.at, after).to_vec();
    entry
}

type Places = Vec<(Link, Option<Stored>)>;

fn sealed() -> (Chain, Places) {
    let mut chain = Chain::start(&TenantId::parse("a").unwrap(), &keys(1));
    let entries: Vec<_> = (1..=LENGTH).map(entry).collect();
    let links = chain.append(&keys(1), &entries, at(100));
    (chain, links.into_iter().zip(entries.into_iter().map(Some)).collect())
}

fn walked(chain: &Chain, places: &Places, known: &[Checkpoint]) -> Report {
    let ring = ring();
    let mut walk = Walk::new(&ring, chain.clone(), known.to_vec());
    for (link, entry) in places {
        walk.step(link, entry.as_ref());
    }
    walk.end();
    walk.report()
}

/// Every field that is stored of an entry at a place, changed.
const FIELDS: usize = 20;

fn change((link, entry): &mut (Link, Option<Stored>), field: usize, more: u8) {
    let stored = entry.as_mut().unwrap();
    let texts = [
        &mut stored.id,
        &mut stored.tenant,
        &mut stored.actor_kind,
        &mut stored.actor,
        &mut stored.from,
        &mut stored.action,
        &mut stored.client,
        &mut stored.contact,
        &mut stored.object,
        &mut stored.outcome,
        &mut stored.detail,
    ];
    let bit = 1 << (more % 8);
    match field {
        0..=10 => texts.into_iter().nth(field).unwrap().push(char::from(b'a' + more % 26)),
        11 => stored.at = stored.at + std::time::Duration::from_millis(1 + u64::from(more)),
        12 => stored.key = keys(2).id.to_string(),
        13 => stored.key.push('x'),
        14 => stored.mac[usize::from(more) % 32] ^= bit,
        15 => link.value[usize::from(more) % 32] ^= bit,
        16 => link.sealed_at = link.sealed_at + std::time::Duration::from_millis(1),
        17 => link.key = keys(2).id.to_string(),
        18 => *entry = None,
        _ => link.key.push('x'),
    }
}

#[test]
fn a_chain_as_it_was_made_is_whole() {
    let (chain, places) = sealed();
    let report = walked(&chain, &places, &[]);
    assert_eq!((report.whole, report.bad, report.first, report.size), (LENGTH, 0, 1, LENGTH));
}

proptest! {
    #[test]
    fn one_change_anywhere_is_found_at_its_place(place in 0..60usize, field in 0..FIELDS, more: u8) {
        let (chain, mut places) = sealed();
        change(&mut places[place], field, more);
        let report = walked(&chain, &places, &[]);
        let bad = report.first_bad.unwrap();
        prop_assert_eq!(bad.place, Some(i64::try_from(place).unwrap() + 1), "{}", bad);
        prop_assert_eq!((report.bad, report.whole), (1, LENGTH - 1), "and nothing else");
    }

    #[test]
    fn places_that_are_gone_or_stand_elsewhere_are_found(one in 0..60usize, other in 0..60usize, what in 0..4u8) {
        prop_assume!(one != other);
        let (chain, mut places) = sealed();
        let (low, high) = (one.min(other), one.max(other));
        match what {
            0 => drop(places.drain(low..high)),
            1 => places.truncate(low),
            2 => {
                let (a, b) = (places[low].1.clone(), places[high].1.clone());
                (places[low].1, places[high].1) = (b, a);
                let (a, b) = (places[low].0.entry.clone(), places[high].0.entry.clone());
                (places[low].0.entry, places[high].0.entry) = (b, a);
            }
            _ => {
                let link = Link { seq: LENGTH + 1 + i64::try_from(low).unwrap(), ..places[low].0.clone() };
                places.push((link, Some(entry(99))));
            }
        }
        let report = walked(&chain, &places, &[]);
        let bad = report.first_bad.unwrap();
        let first = if what == 3 { LENGTH + 1 + i64::try_from(low).unwrap() } else { i64::try_from(low).unwrap() + 1 };
        prop_assert_eq!(bad.place, Some(first));
        let expected = match what {
            0 => Wrong::Dropped,
            1 => Wrong::CutOff { size: LENGTH },
            2 => Wrong::Swapped,
            _ => Wrong::Inserted,
        };
        prop_assert_eq!(bad.wrong, expected);
    }
}

#[test]
fn what_is_wrong_is_told_by_its_kind() {
    for (field, wrong) in [
        (9, Wrong::Changed),
        (11, Wrong::Changed),
        (12, Wrong::Changed),
        (13, Wrong::Changed),
        (14, Wrong::Changed),
        (15, Wrong::Swapped),
        (17, Wrong::Swapped),
        (18, Wrong::Dropped),
    ] {
        let (chain, mut places) = sealed();
        change(&mut places[6], field, 3);
        assert_eq!(walked(&chain, &places, &[]).first_bad.unwrap().wrong, wrong, "{field}");
    }
}

#[test]
fn an_entry_that_was_not_ours_when_it_was_sealed_is_told_as_inserted() {
    let (mut chain, mut places) = sealed();
    let forged = Stored { client: "lead-x".into(), ..entry(70) };
    let link = chain.append(&keys(1), std::slice::from_ref(&forged), at(200)).remove(0);
    places.push((link, Some(forged)));
    let bad = walked(&chain, &places, &[]).first_bad.unwrap();
    assert_eq!((bad.place, bad.wrong), (Some(LENGTH + 1), Wrong::Inserted));
}

#[test]
fn a_part_of_another_history_does_not_fit() {
    let (_, places) = sealed();
    let mut other: Vec<_> = (1..=LENGTH).map(entry).collect();
    other[29] = Stored { id: "aud_other".into(), ..entry(30) };
    let (before, after) = other[29].ends();
    other[29].mac = proof(&keys(1), before, other[29].at, after).to_vec();
    let mut chain = Chain::start(&TenantId::parse("a").unwrap(), &keys(1));
    let links = chain.append(&keys(1), &other, at(100));
    let mut spliced: Places = links.into_iter().zip(other.into_iter().map(Some)).collect();
    assert_eq!(walked(&chain, &spliced, &[]).bad, 0);
    spliced[..30].clone_from_slice(&places[..30]);
    let report = walked(&chain, &spliced, &[]);
    assert_eq!((report.bad, report.first_bad.unwrap().place), (1, Some(31)));
}

#[test]
fn a_changed_record_of_the_chain_is_told() {
    let (chain, places) = sealed();
    for changed in [
        Chain { first: 2, ..chain.clone() },
        Chain { base: vec![1; 32], ..chain.clone() },
        Chain { size: 59, ..chain.clone() },
        Chain { head: places[58].0.value.clone(), ..chain.clone() },
        Chain { mac: vec![], ..chain.clone() },
        Chain { key: keys(2).id.to_string(), ..chain.clone() },
    ] {
        assert_eq!(walked(&changed, &places, &[]).first_bad.unwrap().wrong, Wrong::ChainChanged);
    }
}

#[test]
fn checkpoints_are_read_from_any_line_and_only_our_own_are_taken() {
    let (chain, places) = sealed();
    let checkpoint = Checkpoint::of(&chain, &keys(2), at(300));
    let line = checkpoint.to_string();
    for text in [line.clone(), format!("{{\"message\":\"audit checkpoint\",\"checkpoint\":\"{line}\"}}")] {
        let found = Checkpoint::find(&text, &ring()).unwrap().unwrap();
        assert_eq!(found, checkpoint);
        assert_eq!(walked(&chain, &places, &[found]).agreed, 1);
    }
    assert_eq!(Checkpoint::find("serving", &ring()), Ok(None));
    assert_eq!(Checkpoint::find(&line[..line.len() - 2], &ring()), Err(BadCheckpoint::Form));
    let forged = line.replace("/60/", "/61/");
    assert_eq!(Checkpoint::find(&forged, &ring()), Err(BadCheckpoint::Forged));
    let alone = KeyRing::new(keys(1), vec![]);
    assert_eq!(Checkpoint::find(&line, &alone), Err(BadCheckpoint::NoKey(keys(2).id)));
}

#[test]
fn only_what_is_old_and_whole_goes_from_the_front() {
    let cases: [(&str, i64, Option<usize>, usize, bool); 6] = [
        ("nothing is old", 1, None, 0, false),
        ("the first ten", 11, None, 10, false),
        ("all", 1000, None, 60, false),
        ("a changed one stays, with all after it", 1000, Some(11), 6, true),
        ("one that is gone stays as a gap", 1000, Some(18), 6, true),
        ("what is wrong farther on does not matter yet", 4, Some(11), 3, false),
    ];
    for (name, before, changed, gone, is_bad) in cases {
        let (mut chain, mut places) = sealed();
        if let Some(field) = changed {
            change(&mut places[6], field, 1);
        }
        let (went, bad) = chain.let_go(&ring(), &places, at(before));
        assert_eq!((went, bad.is_some()), (gone, is_bad), "{name}");
        assert_eq!(chain.check(&ring()), Ok(()), "{name}");
        let left = places.split_off(gone);
        let report = walked(&chain, &left, &[]);
        assert_eq!(report.bad, i64::from(changed.is_some()), "{name}");
        assert_eq!((report.first, report.size), (i64::try_from(gone).unwrap() + 1, LENGTH), "{name}");
    }
}

#[test]
fn a_chain_that_starts_later_agrees_with_the_checkpoints_that_it_still_can() {
    let (whole, mut places) = sealed();
    let short = |size: usize| {
        let head = places[size - 1].0.value.clone();
        Checkpoint::of(&Chain { size: i64::try_from(size).unwrap(), head, ..whole.clone() }, &keys(1), at(1))
    };
    let known = [short(5), short(10), short(30), short(60)];
    let mut chain = whole.clone();
    let (gone, _) = chain.let_go(&ring(), &places, at(11));
    let left = places.split_off(gone);
    let report = walked(&chain, &left, &known);
    assert_eq!((report.bad, report.outlived, report.agreed), (0, 1, 3));
}
