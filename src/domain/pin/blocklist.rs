//! The PINs that are refused because others would guess them: about one in ten of all with six digits.
//!
//! A list by rule, compiled in as the rules themselves: repeats, runs, dates, shapes on the keypad, and the
//! commonest that no rule finds. The same rules hold for seven and eight digits. Nothing here knows whose PIN it is.

/// What is wrong with a PIN, whoever chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Few digits, or a block of them again and again.
    Repeat,
    /// Counting up or down.
    Run,
    /// A shape drawn on the keypad.
    Shape,
    /// Found often in lists of PINs that leaked.
    Common,
    /// A day or a month of a year, in any order it is written in.
    Date,
}

/// The keys as they lie, three in a row; 0 is below 8.
const ROW: [u8; 10] = [3, 0, 0, 0, 1, 1, 1, 2, 2, 2];
const COLUMN: [u8; 10] = [1, 0, 1, 2, 0, 1, 2, 0, 1, 2];

/// Three keys in a line, read one way.
const LINES: [[u8; 3]; 8] =
    [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 4, 7], [2, 5, 8], [3, 6, 9], [1, 5, 9], [3, 5, 7]];

/// The commonest PINs that no rule finds: from published lists, and numbers that many know by heart.
const COMMON: &[&str] = &[
    "100100", "100200", "100500", "102938", "112358", "123459", "123465", "124816", "124578", "131313",
    "131420", "134679", "135246", "135790", "136900", "137900", "141421", "142857", "151617", "161803",
    "192837", "200200", "202530", "221100", "223344", "235711", "235689", "246810", "246813", "246824",
    "271828", "299792", "314159", "334455", "420420", "456852", "481516", "500500", "520131", "520520",
    "556677", "573205", "577215", "602214", "618033", "662607", "667788", "696969", "707070", "717273",
    "778899", "786786", "797979", "808080", "818283", "867530", "909090", "911911", "919293", "998877",
    "1020304", "1357924", "3141592", "5201314", "8675309", "10203040", "11235813", "13572468", "19283746",
    "24681012", "31415926", "27182818", "12481632", "14142135", "16180339", "13141516",
];

/// Why these six to eight digits are on the list. Each is 0 to 9.
pub fn pattern(digits: &[u8]) -> Option<Pattern> {
    if repeats(digits) {
        Some(Pattern::Repeat)
    } else if runs(digits) {
        Some(Pattern::Run)
    } else if draws(digits) {
        Some(Pattern::Shape)
    } else if COMMON.iter().any(|common| common.bytes().map(|b| b - b'0').eq(digits.iter().copied())) {
        Some(Pattern::Common)
    } else {
        is_date(digits).then_some(Pattern::Date)
    }
}

/// At most two different digits, one digit four times in a row, a block repeated, pairs, or a mirror.
fn repeats(digits: &[u8]) -> bool {
    let different = (0..10).filter(|digit| digits.contains(digit)).count();
    let same_in_a_row = digits.windows(4).any(|four| four.iter().all(|digit| *digit == four[0]));
    let block =
        (1..=digits.len() / 2).any(|size| (size..digits.len()).all(|at| digits[at] == digits[at - size]));
    let pairs = digits.chunks(2).all(|pair| pair[0] == pair[pair.len() - 1]);
    let mirror = digits.iter().eq(digits.iter().rev());
    different <= 2 || same_in_a_row || block || pairs || mirror
}

/// One step from each digit to the next, all but two digits counting one by one, or halves that do.
fn runs(digits: &[u8]) -> bool {
    let step = |pair: &[u8]| (pair[1] + 10 - pair[0]) % 10;
    let counts = |part: &[u8]| {
        let first = step(part);
        matches!(first, 1 | 9) && part.windows(2).all(|pair| step(pair) == first)
    };
    let even = digits.windows(2).all(|pair| step(pair) == step(digits));
    let long = digits.windows(digits.len() - 2).any(counts);
    let (left, right) = digits.split_at(digits.len() / 2);
    // Pairs that count: 121314, 102030.
    let pairs: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] * 10 + pair[1]).collect();
    let gap = |pair: &[u8]| i16::from(pair[1]) - i16::from(pair[0]);
    let paired = digits.len().is_multiple_of(2)
        && [1, -1, 10, -10, 11, -11].contains(&gap(&pairs))
        && pairs.windows(2).all(|pair| gap(pair) == gap(&pairs));
    even || long || (counts(left) && counts(right)) || paired
}

/// From key to neighbouring key all the way, or two straight lines one after the other.
fn draws(digits: &[u8]) -> bool {
    let apart = |table: [u8; 10], pair: &[u8]| table[pair[0] as usize].abs_diff(table[pair[1] as usize]);
    let walk = digits.windows(2).all(|pair| apart(ROW, pair) + apart(COLUMN, pair) <= 1);
    let line =
        |part: &[u8]| LINES.iter().any(|line| line.iter().eq(part) || line.iter().rev().eq(part.iter()));
    // The corners and the middles of the keypad, round and round.
    let round = |keys: [u8; 4]| {
        digits.iter().all(|digit| keys.contains(digit))
            && digits.windows(2).all(|pair| apart(ROW, pair) + apart(COLUMN, pair) <= 2 && pair[0] != pair[1])
    };
    // What is left after the last line of three, in seven or eight digits, says nothing.
    let lines = digits.chunks_exact(3).all(line);
    walk || lines || round([1, 3, 9, 7]) || round([2, 6, 8, 4])
}

/// A day of a year (day, month and year in any of the three usual orders), or a month of a year with its century.
fn is_date(digits: &[u8]) -> bool {
    let number = |part: &[u8]| part.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit));
    let day = |month: u32, day: u32| {
        let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let last = month.checked_sub(1).and_then(|at| days.get(at as usize));
        last.is_some_and(|last| (1..=*last).contains(&day))
    };
    let either =
        |one: &[u8], other: &[u8]| day(number(one), number(other)) || day(number(other), number(one));
    let century = |part: &[u8]| matches!(number(part), 1900..=2099);
    let month = |part: &[u8]| matches!(number(part), 1..=12);
    match digits.len() {
        6 => {
            either(&digits[..2], &digits[2..4])
                || day(number(&digits[2..4]), number(&digits[4..]))
                || (century(&digits[..4]) && month(&digits[4..]))
                || (century(&digits[2..]) && month(&digits[..2]))
        }
        // A day or a month of one digit, with the century.
        7 => {
            let short = |part: &[u8]| either(&part[..1], &part[1..]) || either(&part[..2], &part[2..]);
            (century(&digits[3..]) && short(&digits[..3])) || (century(&digits[..4]) && short(&digits[4..]))
        }
        8 => {
            let full = |part: &[u8]| either(&part[..2], &part[2..]);
            (century(&digits[4..]) && full(&digits[..4])) || (century(&digits[..4]) && full(&digits[4..]))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Pattern> {
        pattern(&text.bytes().map(|b| b - b'0').collect::<Vec<_>>())
    }

    #[test]
    fn what_others_would_guess_is_on_the_list() {
        for (pattern, pins) in [
            (
                Pattern::Repeat,
                "000000 111111 121212 112112 123123 112233 443322 123321 777712 900009 7777777 12121212 \
                 1231231 12344321",
            ),
            (
                Pattern::Run,
                "123456 654321 012345 890123 567890 098765 135791 246802 369258 123400 991234 123789 456123 \
                 321987 121314 102030 112131 1234567 87654321 12345600",
            ),
            (Pattern::Shape, "147852 258963 147258 159753 951357 258456 325698 139713 7412580 14785236"),
            (Pattern::Common, "420420 520131 314159 142857 112358 5201314 31415926"),
            (
                Pattern::Date,
                "311299 123199 991231 290284 022984 840229 198507 071985 010170 25121999 12251999 19991225 \
                 1571985 7151985 1985715",
            ),
        ] {
            for pin in pins.split_whitespace() {
                let found = of(pin);
                assert!(found.is_some(), "{pin} is not on the list");
                // What is both is told by the first of them.
                assert!(found == Some(pattern) || found != Some(Pattern::Date), "{pin}: {found:?}");
            }
        }
    }

    #[test]
    fn what_nobody_would_guess_is_not() {
        for pin in
            "482913 738528 918274 605937 845917 320199 993299 291385 482057 6049271 80517394".split(' ')
        {
            assert_eq!(of(pin), None, "{pin}");
        }
    }

    #[test]
    fn about_one_in_ten_is_on_the_list() {
        let mut counts = [0_u32; 5];
        for number in 0..1_000_000_u32 {
            let digits: [u8; 6] = std::array::from_fn(|at| {
                u8::try_from(number / 10_u32.pow(5 - u32::try_from(at).unwrap()) % 10).unwrap()
            });
            if let Some(pattern) = pattern(&digits) {
                counts[pattern as usize] += 1;
            }
        }
        let all: u32 = counts.iter().sum();
        assert!((100_000..=110_000).contains(&all), "{all}: {counts:?}");
        assert!(counts.iter().all(|count| *count > 0), "a rule finds nothing: {counts:?}");
    }
}
