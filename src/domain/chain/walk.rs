//! Going along a chain, place by place, and telling the first thing that is wrong.

use std::collections::VecDeque;
use std::fmt;

use crate::domain::id::TenantId;
use crate::domain::key::KeyRing;

use super::{Chain, Checkpoint, Link, Stored, Wrong, key, same};

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// None for an entry that has no place yet.
    pub place: Option<i64>,
    /// The entry's id, where it is known.
    pub entry: String,
    pub wrong: Wrong,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "place {place}")?,
            None => f.write_str("not sealed yet")?,
        }
        if !self.entry.is_empty() {
            write!(f, ", {:?}", self.entry)?;
        }
        write!(f, ": {}", self.wrong)
    }
}

/// What was found of a tenant's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub tenant: TenantId,
    /// Entries that are as they were written, at the place where they were sealed.
    pub whole: i64,
    /// The first and the last place.
    pub first: i64,
    pub size: i64,
    /// Entries that are as they were written and have no place yet.
    pub unsealed: i64,
    pub bad: i64,
    pub first_bad: Option<Bad>,
    /// Checkpoints that agree, and those older than what is kept.
    pub agreed: usize,
    pub outlived: usize,
}

/// One walk along the chain of a tenant.
pub struct Walk<'a> {
    ring: &'a KeyRing,
    chain: Chain,
    next: i64,
    /// What the link before may be: as stored and as it should be. Empty where it is not known.
    before: Vec<Vec<u8>>,
    known: VecDeque<Checkpoint>,
    report: Report,
}

impl<'a> Walk<'a> {
    /// Starts at the first place of a chain; `known` are checkpoints of the same tenant.
    pub fn new(ring: &'a KeyRing, chain: Chain, mut known: Vec<Checkpoint>) -> Self {
        known.sort_by_key(|checkpoint| checkpoint.size);
        let report = Report {
            tenant: chain.tenant.clone(),
            whole: 0,
            first: chain.first,
            size: chain.size,
            unsealed: 0,
            bad: 0,
            first_bad: None,
            agreed: 0,
            outlived: 0,
        };
        let (next, before) = (chain.first, vec![chain.base.clone()]);
        let mut walk = Self { ring, chain, next, before, known: known.into(), report };
        walk.start();
        walk
    }

    fn start(&mut self) {
        if let Err(wrong) = self.chain.check(self.ring) {
            self.note(None, "", wrong);
        }
        let before = self.chain.first - 1;
        while self.known.front().is_some_and(|known| known.size < before) {
            self.known.pop_front();
            self.report.outlived += 1;
        }
        self.compare(before, &self.chain.base.clone());
    }

    /// Notes that the record of the chain is gone.
    pub fn lost(&mut self) {
        self.note(None, "", Wrong::ChainGone);
    }

    pub fn is_bad(&self) -> bool {
        self.report.bad > 0
    }

    pub fn first_bad(&self) -> Option<Bad> {
        self.report.first_bad.clone()
    }

    fn note(&mut self, place: Option<i64>, entry: &str, wrong: Wrong) {
        self.report.bad += 1;
        let bad = || Bad { place, entry: entry.to_owned(), wrong };
        self.report.first_bad.get_or_insert_with(bad);
    }

    /// The next place that is stored, and the entry that it names, if that is there. Places come in their order.
    pub fn step(&mut self, link: &Link, entry: Option<&Stored>) {
        if link.seq < self.next || link.seq > self.chain.size {
            return self.note(Some(link.seq), &link.entry, Wrong::Inserted);
        }
        if link.seq > self.next {
            self.note(Some(self.next), "", Wrong::Dropped);
            self.report.bad += link.seq - self.next - 1;
            self.before.clear();
            self.known.retain(|known| known.size >= link.seq);
        }
        self.next = link.seq + 1;
        let (right, made) = self.judge(link, entry);
        match right {
            Ok(()) => self.report.whole += 1,
            Err(wrong) => self.note(Some(link.seq), &link.entry, wrong),
        }
        self.before = vec![link.value.clone()];
        self.before.extend(made);
        self.compare(link.seq, &link.value);
    }

    /// Whether the entry belongs here, and what its link should be, where it is not that.
    fn judge(&self, link: &Link, entry: Option<&Stored>) -> (Result<(), Wrong>, Option<Vec<u8>>) {
        let Some(entry) = entry else { return (Err(Wrong::Dropped), None) };
        let Some(keys) = key(self.ring, &link.key) else {
            return (Err(Wrong::NoKey(link.key.clone())), None);
        };
        let made: Vec<_> = self.before.iter().map(|before| link.made(keys, before, entry)).collect();
        let fits = made.is_empty() || made.iter().any(|made| same(made, &link.value));
        let right = match (entry.check(self.ring), fits) {
            (Ok(()), true) => return (Ok(()), None),
            (Ok(()), false) => Wrong::Swapped,
            (Err(Wrong::Changed), true) if !made.is_empty() => Wrong::Inserted,
            (Err(wrong), true) => wrong,
            (Err(_), false) => Wrong::Changed,
        };
        (Err(right), made.first().map(|made| made.to_vec()))
    }

    fn compare(&mut self, size: i64, link: &[u8]) {
        while let Some(known) = self.known.pop_front_if(|known| known.size == size) {
            if known.head == link {
                self.report.agreed += 1;
            } else {
                self.note(Some(size), "", Wrong::Rewritten { at: known.at });
            }
        }
    }

    /// The end of the chain.
    pub fn end(&mut self) {
        let size = self.chain.size;
        if self.next <= size {
            self.note(Some(self.next), "", Wrong::CutOff { size });
            self.report.bad += size - self.next;
        }
        for known in std::mem::take(&mut self.known) {
            let place = self.next.min(known.size);
            self.note(Some(place), "", Wrong::Shorter { size: known.size, at: known.at });
        }
    }

    /// An entry that has no place yet.
    pub fn unsealed(&mut self, entry: &Stored) {
        match entry.check(self.ring) {
            Ok(()) => self.report.unsealed += 1,
            Err(Wrong::Changed) => self.note(None, &entry.id, Wrong::Foreign),
            Err(wrong) => self.note(None, &entry.id, wrong),
        }
    }

    pub fn report(self) -> Report {
        self.report
    }
}
