//! What is kept in memory of telephone numbers that were asked about. Alone in its process, where nothing else allocates.

#![cfg(target_os = "linux")]

#[cfg(test)]
mod memory {
    use std::fs;
    use std::ops::Range;

    use countersign::domain::contact::Phone;
    use countersign::domain::telephone::place;

    /// KiB.
    const MOST: i64 = 1024;

    /// What the process has in memory of its own, in KiB.
    fn held() -> i64 {
        let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
        let line = rollup.lines().find(|line| line.starts_with("Anonymous:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[test]
    fn numbers_that_were_asked_about_leave_nothing_behind() {
        let areas = [202, 212, 305, 404, 416, 512, 702, 713, 787, 954];
        let ask = |numbers: Range<usize>| {
            for i in numbers {
                let number = format!("+1{}{}{:04}", areas[i % 10], 200 + (i * 7919) % 799, i % 10_000);
                assert!(!place(&Phone::parse(&number).unwrap()).dear, "{number}");
            }
        };
        ask(0..1000);
        let before = held();
        ask(1000..11_000);
        let grown = held() - before;
        assert!(grown < MOST, "grown by {grown} KiB");
    }
}
