//! A code as people read it aloud: in two groups.
//!
//! Only its look; what a code is, and when one is right, is not known here.

/// The digits in two groups, the shorter first: `482 913`, `482 9134`, `4829 1357`.
pub fn spoken(digits: &str) -> String {
    let half = digits.chars().count() / 2;
    let cut = digits.char_indices().nth(half).map_or(0, |(at, _)| at);
    let (first, second) = digits.split_at(cut);
    if first.is_empty() { second.to_owned() } else { format!("{first} {second}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_two_groups() {
        for (digits, expected) in
            [("482913", "482 913"), ("4829134", "482 9134"), ("48291357", "4829 1357"), ("7", "7"), ("", "")]
        {
            assert_eq!(spoken(digits), expected);
        }
    }
}
