//! Numbers that are served, traffic that is bought, and honest traffic beside it.

use super::*;

fn phone(number: &str) -> Phone {
    Phone::parse(number).unwrap()
}

#[test]
fn numbers_of_other_countries_and_of_dear_kinds_are_not_served() {
    let telephone = Telephone::default();
    for number in ["+13055550142", "+17875550142", "+14165550142", "+16715550142"] {
        assert!(telephone.serves(&phone(number)), "{number}: {:?}", place(&phone(number)));
    }
    for (number, why) in [
        ("+18765550142", "Jamaica shares the code of the United States"),
        ("+18095550142", "the Dominican Republic"),
        ("+525551234567", "Mexico"),
        ("+447911123456", "the United Kingdom"),
        ("+18005550142", "toll-free"),
        ("+19005550142", "premium"),
        ("+8823456789012", "a network of no country"),
    ] {
        if let Ok(phone) = Phone::parse(number) {
            assert!(!telephone.serves(&phone), "{why}");
        }
    }
    let mexico = Telephone { countries: vec![Country::parse("MX").unwrap()], ..Telephone::default() };
    assert!(mexico.serves(&phone("+525551234567")) && !mexico.serves(&phone("+13055550142")));
    assert_eq!(mexico.watched(&phone("+525551234567")), None);
    assert_eq!(telephone.watched(&phone("+525551234567")), Country::parse("MX"));
    assert_eq!(Country::parse("XX"), None);
    assert_eq!(Country::parse("us"), None);
}

/// A number that a code went to.
struct Sent {
    block: String,
    country: Option<Country>,
    typed: bool,
}

/// Sends codes to numbers as they come, where that is allowed, and counts how many went out.
struct Desk {
    telephone: Telephone,
    sent: Vec<Sent>,
}

impl Desk {
    fn of(countries: &[&str]) -> Self {
        let countries = countries.iter().filter_map(|code| Country::parse(code)).collect();
        Self { telephone: Telephone { countries, ..Telephone::default() }, sent: Vec::new() }
    }

    fn send(&mut self, number: &str, types_it: bool) -> bool {
        let number = phone(number);
        let country = self.telephone.watched(&number);
        let among = |same: &dyn Fn(&Sent) -> bool| {
            let same: Vec<_> = self.sent.iter().filter(|one| same(one)).collect();
            let typed = same.iter().filter(|one| one.typed).count();
            Traffic { numbers: same.len() as u64, typed: typed as u64 }
        };
        let of_block = among(&|one| one.block == block(&number));
        let of_country = among(&|one| country.is_some() && one.country == country);
        if !self.telephone.serves(&number) || is_bought(of_block, of_country) {
            return false;
        }
        self.sent.push(Sent { block: block(&number).to_owned(), country, typed: types_it });
        true
    }
}

#[test]
fn bought_traffic_stops_within_fifty_messages() {
    // One block of the own country; one of another; many blocks of another.
    let mut one_block = Desk::of(&["US"]);
    let went = (0..2_000).filter(|n| one_block.send(&format!("+1305555{n:04}"), false)).count();
    assert_eq!(went, 20);
    let mut abroad = Desk::of(&["US", "MX"]);
    let went = (0..2_000).filter(|n| abroad.send(&format!("+52555123{n:04}"), false)).count();
    assert_eq!(went, 20);
    let mut spread = Desk::of(&["US", "MX"]);
    let went =
        (0..2_000).filter(|n| spread.send(&format!("+5255{:04}{:04}", 1000 + n * 4, n), false)).count();
    assert_eq!(went, 40);
    // A tenth of them typed by who buys, so that it does not show.
    let mut patient = Desk::of(&["US", "MX"]);
    let went = (0..2_000).filter(|n| patient.send(&format!("+52555123{n:04}"), n % 11 == 10)).count();
    assert!(went <= 50, "{went}");
}

#[test]
fn honest_traffic_is_never_stopped() {
    // Five in six type their code; some blocks are offices; a burst before anybody has typed.
    let mut desk = Desk::of(&["US", "MX"]);
    for n in 0..5_000u32 {
        let mine = format!("+1{:03}555{:04}", 305 + (n % 3) * 2, n % 9_000);
        if Phone::parse(&mine).is_ok() {
            assert!(desk.send(&mine, n % 6 != 0), "{n}");
        }
        assert!(n % 20 != 0 || desk.send(&format!("+5255{:04}{:04}", 1000 + n, n), n % 60 != 0), "{n}");
    }
    let mut morning = Desk::of(&["US"]);
    for n in 0..300u32 {
        assert!(morning.send(&format!("+1212{:03}{:04}", 200 + n, n), false), "{n}");
    }
}
