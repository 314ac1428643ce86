//! A memory of what was used lately, bounded by weight: two halves, of which the older goes when the younger is full.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// A value with what it weighs.
struct Weighed<V> {
    value: V,
    bytes: usize,
}

/// What is kept. What nobody asks for goes first.
pub struct Halves<K, V> {
    young: HashMap<K, Weighed<V>>,
    old: HashMap<K, Weighed<V>>,
    weight: usize,
    most: usize,
}

impl<K: Hash + Eq, V> Halves<K, V> {
    /// Keeps up to `most` bytes of what is younger, and as many again of what is older.
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), weight: 0, most }
    }

    /// Reads what is kept under a key, which makes it young again.
    pub fn find<Q, T>(&mut self, key: &Q, read: impl FnOnce(&V) -> Option<T>) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if let Some(kept) = self.young.get(key) {
            return read(&kept.value);
        }
        let (key, kept) = self.old.remove_entry(key)?;
        let found = read(&kept.value);
        self.put(key, kept.value, kept.bytes);
        found
    }

    /// Keeps a value that weighs so many bytes, in place of what was kept under the key.
    pub fn put(&mut self, key: K, value: V, bytes: usize) {
        if self.weight + bytes > self.most {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += bytes;
        if let Some(before) = self.young.insert(key, Weighed { value, bytes }) {
            self.weight = self.weight.saturating_sub(before.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 100;

    fn weigh(half: &HashMap<u32, Weighed<u32>>) -> usize {
        half.values().map(|kept| kept.bytes).sum()
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_asked_for_again_stays() {
        let mut halves = Halves::new(MOST);
        let find = |halves: &mut Halves<u32, u32>, key: u32| halves.find(&key, |value| Some(*value));
        halves.put(0, 7, 10);
        for key in 1..=200 {
            halves.put(key, key, 5);
            halves.put(key, key + 1, 6);
            assert_eq!(find(&mut halves, 0), Some(7), "{key}");
            assert_eq!(weigh(&halves.young), halves.weight);
            assert!(weigh(&halves.young) <= MOST && weigh(&halves.old) <= MOST);
        }
        assert_eq!((find(&mut halves, 100), find(&mut halves, 199)), (None, Some(200)));
    }

    #[test]
    fn what_a_reader_does_not_take_is_not_found() {
        let mut halves = Halves::new(MOST);
        halves.put(1, 1, 60);
        assert_eq!(halves.find(&1, |_| None::<u32>), None);
        halves.put(2, 2, 60);
        assert_eq!(halves.find(&1, |_| None::<u32>), None, "of the older");
        assert_eq!(halves.find(&1, |value| Some(*value)), Some(1));
    }
}
