//! Lists in statements, so that there are few different statements: each connection keeps those that it prepared.

/// The last one again until their number is a power of two, for a statement that it does not matter to.
pub(super) fn padded<T: Clone>(list: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = list.into_iter().collect();
    if let Some(last) = list.last().cloned() {
        list.resize(list.len().next_power_of_two(), last);
    }
    list
}

/// The list in its order, in parts of which each is a power of two long, for statements that name nothing twice.
pub(super) fn parts<T>(mut list: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = list.len().checked_ilog2()?;
        let (part, rest) = list.split_at(1 << most);
        list = rest;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_few_lengths_and_whole() {
        let mut lengths: Vec<Vec<usize>> = vec![Vec::new(), Vec::new()];
        for length in 0..=500 {
            let list: Vec<usize> = (0..length).collect();
            let whole = padded(list.iter().copied());
            assert_eq!(whole[..length], list);
            assert!(whole[length..].iter().all(|again| *again == length - 1), "{whole:?}");
            assert_eq!(parts(&list).flatten().copied().collect::<Vec<_>>(), list);
            lengths[0].push(whole.len());
            lengths[1].extend(parts(&list).map(<[usize]>::len));
        }
        for mut lengths in lengths {
            lengths.sort_unstable();
            lengths.dedup();
            assert!(lengths.len() <= 11, "{lengths:?}");
        }
    }
}
