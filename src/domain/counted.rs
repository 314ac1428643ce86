//! What counts as verified on a surface: which of the proofs that hold it takes, until when, and which it still misses.
//!
//! The one place that knows. Every status is made by it.

use std::collections::BTreeSet;

use super::client::{Method, Standing, Verified};
use super::timestamp::Timestamp;

/// What a surface makes of a client's proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted<'a> {
    /// Verified by these, the newest first, until the first of them ends.
    Verified { newest: &'a Verified, by: BTreeSet<Method>, until: Timestamp },
    /// Not verified as long as these are missing. Where either will do, they are none.
    Missing { methods: BTreeSet<Method>, held: BTreeSet<Method> },
}

/// Counts the proofs that hold at that moment for a surface that requires these methods; where it requires none, the
/// newest proof counts, whatever its method.
pub fn count<'a>(required: &BTreeSet<Method>, standing: &'a Standing, now: Timestamp) -> Counted<'a> {
    let held: Vec<&Verified> = standing.proofs().filter(|proof| proof.until > now).collect();
    let by: BTreeSet<Method> = held.iter().map(|proof| proof.method).collect();
    let methods: BTreeSet<Method> = required.difference(&by).copied().collect();
    let asked = |proof: &&&Verified| required.contains(&proof.method);
    let counted: Vec<&Verified> = if required.is_empty() {
        held.first().copied().into_iter().collect()
    } else {
        held.iter().filter(asked).copied().collect()
    };
    match (counted.first(), counted.iter().map(|proof| proof.until).min()) {
        (Some(newest), Some(until)) if methods.is_empty() => {
            Counted::Verified { newest, by: counted.iter().map(|proof| proof.method).collect(), until }
        }
        _ => Counted::Missing { methods, held: by },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::client::{Assurance, Named};
    use super::super::id::ContactId;
    use super::*;
    use Method::{Code, Pin};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    /// A proof that has so many minutes left.
    fn proof(method: Method, left: u64) -> Verified {
        let contact = Named { id: ContactId::parse("ana").unwrap(), name: "Ana".into() };
        let (at, until) = (NOW - Duration::from_secs(60), NOW + Duration::from_secs(60 * left));
        let assurance = Assurance::Pin;
        Verified {
            challenge: None,
            method,
            assurance,
            contact,
            agent: None,
            surface: None,
            channels: vec![],
            at,
            until,
        }
    }

    /// A client with these proofs, the newest last.
    fn with(proofs: &[(Method, u64)]) -> Standing {
        let mut standing = Standing::default();
        for (method, left) in proofs {
            standing.prove(&proof(*method, *left), true);
        }
        standing
    }

    #[test]
    fn a_surface_counts_what_it_asks_for_and_the_first_end_decides() {
        type Case = (
            &'static [Method],
            &'static [(Method, u64)],
            Result<(&'static [Method], u64), &'static [Method]>,
        );
        let table: &[Case] = &[
            // Either will do: the newest counts.
            (&[], &[], Err(&[])),
            (&[], &[(Code, 60)], Ok((&[Code], 60))),
            (&[], &[(Pin, 60)], Ok((&[Pin], 60))),
            (&[], &[(Code, 50), (Pin, 60)], Ok((&[Pin], 60))),
            (&[], &[(Code, 60), (Pin, 5)], Ok((&[Pin], 5))),
            (&[], &[(Code, 60), (Pin, 0)], Ok((&[Code], 60))),
            (&[], &[(Code, 0)], Err(&[])),
            // A code: a PIN does not stand in for it, nor end it.
            (&[Code], &[], Err(&[Code])),
            (&[Code], &[(Code, 60)], Ok((&[Code], 60))),
            (&[Code], &[(Pin, 60)], Err(&[Code])),
            (&[Code], &[(Code, 60), (Pin, 5)], Ok((&[Code], 60))),
            // A PIN likewise.
            (&[Pin], &[(Code, 60)], Err(&[Pin])),
            (&[Pin], &[(Pin, 60), (Code, 60)], Ok((&[Pin], 60))),
            (&[Pin], &[(Pin, 0), (Code, 60)], Err(&[Pin])),
            // Both, in any order, as long as both hold.
            (&[Code, Pin], &[], Err(&[Code, Pin])),
            (&[Code, Pin], &[(Code, 60)], Err(&[Pin])),
            (&[Code, Pin], &[(Pin, 60)], Err(&[Code])),
            (&[Code, Pin], &[(Code, 50), (Pin, 60)], Ok((&[Code, Pin], 50))),
            (&[Code, Pin], &[(Pin, 60), (Code, 30)], Ok((&[Code, Pin], 30))),
            (&[Code, Pin], &[(Code, 0), (Pin, 60)], Err(&[Code])),
            (&[Code, Pin], &[(Code, 60), (Pin, 0)], Err(&[Pin])),
            (&[Code, Pin], &[(Code, 0), (Pin, 0)], Err(&[Code, Pin])),
            // Of two by one method the newer counts.
            (&[Code, Pin], &[(Code, 50), (Pin, 60), (Code, 70)], Ok((&[Code, Pin], 60))),
            (&[Code, Pin], &[(Code, 50), (Code, 60)], Err(&[Pin])),
        ];
        let set = |methods: &[Method]| methods.iter().copied().collect::<BTreeSet<_>>();
        for (required, proofs, expected) in table {
            let required = set(required);
            let standing = with(proofs);
            let found = match count(&required, &standing, NOW) {
                Counted::Verified { by, until, .. } => Ok((by, until)),
                Counted::Missing { methods, .. } => Err(methods),
            };
            let expected = match *expected {
                Ok((by, left)) => Ok((set(by), NOW + Duration::from_secs(60 * left))),
                Err(missing) => Err(set(missing)),
            };
            assert_eq!(found, expected, "{required:?} of {proofs:?}");
        }
    }

    #[test]
    fn the_newest_is_named_and_what_is_held_beside_what_is_missing() {
        let both = BTreeSet::from([Code, Pin]);
        let standing = with(&[(Pin, 60), (Code, 50)]);
        let Counted::Verified { newest, .. } = count(&both, &standing, NOW) else { panic!("not verified") };
        assert_eq!(newest.method, Code);
        let standing = with(&[(Code, 60)]);
        let Counted::Missing { held, .. } = count(&BTreeSet::from([Pin]), &standing, NOW) else {
            panic!("verified")
        };
        assert_eq!(held, BTreeSet::from([Code]));
    }
}
