//! Which numbers a tenant texts and calls, what that may cost, and how bought traffic is told from people.
//!
//! Who earns from texts has codes sent to numbers that nobody reads them on: numbers of dear countries, of dear kinds, or
//! many of one block. People type their codes; such numbers never do.

use std::collections::BTreeSet;
use std::fmt;

use super::channel::Channel;
use super::contact::Phone;
use super::money::Micros;
use super::numbering;

/// A country or territory, such as `US` (ISO 3166-1, two letters).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of that code, if telephone numbers are of it.
    pub fn parse(code: &str) -> Option<Self> {
        let known: phonenumber::country::Id = code.parse().ok()?;
        known.as_ref().as_bytes().try_into().ok().map(Self)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a number belongs, and whether it costs more than its country's others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// `None` is a number of no country.
    pub country: Option<Country>,
    /// Premium, shared-cost, toll-free, a pager, or another number that is no person's telephone.
    pub dear: bool,
}

/// Where a number belongs.
pub fn place(phone: &Phone) -> Place {
    numbering::place(phone.expose())
}

/// The block that a number lies in: all but its last four digits. Ten thousand numbers, most often of one carrier.
pub fn block(phone: &Phone) -> &str {
    let number = phone.expose();
    &number[..number.len().saturating_sub(4)]
}

/// `[tenant.telephone]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telephone {
    /// Whose numbers are texted and called. Of the first one's own many may be asked at once before anybody answers.
    pub countries: Vec<Country>,
    /// What texts and calls may cost in a day of the tenant's; `None` is no limit.
    pub daily_budget: Option<Micros>,
    pub text_price: Micros,
    pub call_price: Micros,
}

impl Default for Telephone {
    fn default() -> Self {
        let usual = ["US", "CA", "PR", "VI", "GU", "AS", "MP"];
        Self {
            countries: usual.into_iter().filter_map(Country::parse).collect(),
            daily_budget: None,
            text_price: Micros::new(10_000),
            call_price: Micros::new(20_000),
        }
    }
}

impl Telephone {
    /// Whether this number is texted and called at all.
    pub fn serves(&self, phone: &Phone) -> bool {
        let place = place(phone);
        !place.dear && place.country.is_some_and(|country| self.countries.contains(&country))
    }

    /// What one message by this channel costs.
    pub fn price(&self, channel: Channel) -> Micros {
        match channel {
            Channel::Email => Micros::new(0),
            Channel::Sms => self.text_price,
            Channel::Voice => self.call_price,
        }
    }

    /// The country whose texts are looked at as a whole: any but the tenant's first, where a busy morning begins with many
    /// codes that nobody has typed yet.
    pub fn watched(&self, phone: &Phone) -> Option<Country> {
        place(phone).country.filter(|country| self.countries.first() != Some(country))
    }
}

/// Numbers that codes were sent to in the last day, and those of them that typed one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub numbers: u64,
    pub typed: u64,
}

/// So many numbers of one block may be silent before it is found out.
const SILENT_IN_BLOCK: u64 = 20;
/// So many of a country.
const SILENT_IN_COUNTRY: u64 = 40;

impl Traffic {
    /// Whether so many are silent that these are no people: fewer than one in ten typed a code.
    fn is_bought(self, silent: u64) -> bool {
        self.numbers.saturating_sub(self.typed) >= silent && self.typed * 10 < self.numbers
    }
}

/// Whether a number among these gets no code now.
pub fn is_bought(block: Traffic, country: Traffic) -> bool {
    block.is_bought(SILENT_IN_BLOCK) || country.is_bought(SILENT_IN_COUNTRY)
}

/// Countries as a set, without those named twice.
pub fn distinct(countries: Vec<Country>) -> Vec<Country> {
    let mut seen = BTreeSet::new();
    countries.into_iter().filter(|country| seen.insert(*country)).collect()
}

#[cfg(test)]
#[path = "telephone_tests.rs"]
mod tests;
