//! Moments and lengths of time as people read them, in both languages.
//!
//! Written out by hand rather than by locale data, which puts characters into times that text messages cannot
//! carry. Knows no clock and no default zone: both are arguments.

use std::time::Duration;

use time::{Month, OffsetDateTime, UtcOffset};
use time_tz::{Offset as _, OffsetDateTimeExt as _, PrimitiveDateTimeExt as _, TimeZone as _, Tz};

use super::locale::Locale;
use super::timestamp::Timestamp;
use super::wrong::Wrong;

/// The time of day: `2:41 PM`, `2:41 p.m.`.
pub fn time(locale: Locale, at: Timestamp, zone: &Tz) -> String {
    let local = local(at, zone);
    let (hour, half) = match local.hour() {
        0 => (12, Half::Morning),
        hour @ 1..=11 => (hour, Half::Morning),
        12 => (12, Half::Afternoon),
        hour => (hour - 12, Half::Afternoon),
    };
    format!("{hour}:{:02} {}", local.minute(), half.name(locale))
}

/// The day without its year: `Mar 3`, `3 mar`.
pub fn date(locale: Locale, at: Timestamp, zone: &Tz) -> String {
    let local = local(at, zone);
    let month = month(locale, local.month());
    match locale {
        Locale::En => format!("{month} {}", local.day()),
        Locale::Es => format!("{} {month}", local.day()),
    }
}

/// The day with its year: `Mar 3, 2026`, `3 mar 2026`.
pub fn date_year(locale: Locale, at: Timestamp, zone: &Tz) -> String {
    let (date, year) = (date(locale, at, zone), local(at, zone).year());
    match locale {
        Locale::En => format!("{date}, {year}"),
        Locale::Es => format!("{date} {year}"),
    }
}

/// The zone as it is called then: `EST`, or `UTC-5` where it has no letters of its own.
pub fn zone_name(at: Timestamp, zone: &Tz) -> String {
    let offset = zone.get_offset_utc(&at.to_datetime());
    let name = offset.name();
    if (2..=5).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return name.to_owned();
    }
    utc_name(offset.to_utc())
}

/// The time in a sentence: `at 2:41 PM`, `a las 2:41 p.m.`, `a la 1:05 p.m.`.
pub fn at_time(locale: Locale, at: Timestamp, zone: &Tz) -> String {
    let time = time(locale, at, zone);
    match locale {
        Locale::En => format!("at {time}"),
        Locale::Es => format!("a {} {time}", spanish_article(&time)),
    }
}

/// The article before a time in Spanish: one o'clock is the only singular.
pub fn spanish_article(time: &str) -> &'static str {
    if time.starts_with("1:") { "la" } else { "las" }
}

/// A length of time in its largest whole unit: `30 seconds`, `1 minute`, `24 hours`.
///
/// What is not a whole number of minutes is rounded down from two minutes on: nobody is promised more than there is.
pub fn length(locale: Locale, length: Duration) -> String {
    let (count, unit) = parts(length);
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {}{plural}", unit.name(locale))
}

fn parts(length: Duration) -> (u64, Unit) {
    match length.as_secs() {
        0 => (0, Unit::Second),
        s if s.is_multiple_of(3600) => (s / 3600, Unit::Hour),
        s if s.is_multiple_of(60) || s >= 120 => (s / 60, Unit::Minute),
        s => (s, Unit::Second),
    }
}

/// The same for a text message: `30 s`, `1 min`, `24 h`, in both languages.
pub fn short_length(length: Duration) -> String {
    let (count, unit) = parts(length);
    let unit = match unit {
        Unit::Second => "s",
        Unit::Minute => "min",
        Unit::Hour => "h",
    };
    format!("{count} {unit}")
}

/// How long ago a moment was, in its largest whole unit: `12 min ago`, `hace 12 min`.
pub fn ago(locale: Locale, at: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(at).as_secs();
    let days = seconds / 86_400;
    let length = match (seconds, locale) {
        (..60, Locale::En) => return "just now".to_owned(),
        (..60, Locale::Es) => return "ahora mismo".to_owned(),
        (..3600, _) => format!("{} min", seconds / 60),
        (..86_400, _) => format!("{} h", seconds / 3600),
        (_, Locale::En) => format!("{days} day{}", if days == 1 { "" } else { "s" }),
        (_, Locale::Es) => format!("{days} día{}", if days == 1 { "" } else { "s" }),
    };
    match locale {
        Locale::En => format!("{length} ago"),
        Locale::Es => format!("hace {length}"),
    }
}

/// The moment a day starts in a time zone. Where clocks skip midnight it starts an hour later.
///
/// # Errors
/// Text that is no day, in words.
pub fn midnight(text: &str, zone: &Tz) -> Result<Timestamp, Wrong> {
    start(day(text)?, zone).ok_or_else(|| no_day(text))
}

/// The moment a day is over in a time zone: the next one starts.
///
/// # Errors
/// Text that is no day, in words.
pub fn day_end(text: &str, zone: &Tz) -> Result<Timestamp, Wrong> {
    day(text)?.next_day().and_then(|next| start(next, zone)).ok_or_else(|| no_day(text))
}

fn no_day(text: &str) -> Wrong {
    Wrong::of("fault.day", [("text", format!("{text:?}"))])
}

fn day(text: &str) -> Result<time::Date, Wrong> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, &form).map_err(|_| no_day(text))
}

fn start(day: time::Date, zone: &Tz) -> Option<Timestamp> {
    let day = day.with_time(time::Time::MIDNIGHT);
    let starts = |at: time::PrimitiveDateTime| at.assume_timezone(zone).take_first();
    starts(day).or_else(|| starts(day.checked_add(time::Duration::HOUR)?)).map(Timestamp::from)
}

/// The day as documents write it: `2026-01-31`.
pub fn iso_day(at: Timestamp, zone: &Tz) -> String {
    local(at, zone).date().to_string()
}

fn local(at: Timestamp, zone: &Tz) -> OffsetDateTime {
    at.to_datetime().to_timezone(zone)
}

fn utc_name(offset: UtcOffset) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    match (hours.unsigned_abs(), minutes.unsigned_abs()) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn month(locale: Locale, month: Month) -> &'static str {
    const EN: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const ES: [&str; 12] =
        ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];
    let index = usize::from(u8::from(month)) - 1;
    match locale {
        Locale::En => EN[index],
        Locale::Es => ES[index],
    }
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

impl Half {
    fn name(self, locale: Locale) -> &'static str {
        match (locale, self) {
            (Locale::En, Self::Morning) => "AM",
            (Locale::En, Self::Afternoon) => "PM",
            (Locale::Es, Self::Morning) => "a.m.",
            (Locale::Es, Self::Afternoon) => "p.m.",
        }
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
}

impl Unit {
    fn name(self, locale: Locale) -> &'static str {
        match (locale, self) {
            (Locale::En, Self::Second) => "second",
            (Locale::En, Self::Minute) => "minute",
            (Locale::En, Self::Hour) => "hour",
            (Locale::Es, Self::Second) => "segundo",
            (Locale::Es, Self::Minute) => "minuto",
            (Locale::Es, Self::Hour) => "hora",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time_tz::timezones::db::{self, UTC, america, asia};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn times_and_dates_read_as_in_each_language() {
        let zone = america::NEW_YORK;
        let cases = [
            ("2026-03-03T19:41:00Z", "2:41 PM", "2:41 p.m.", "Mar 3", "3 mar", "a las 2:41 p.m."),
            ("2026-03-03T05:00:00Z", "12:00 AM", "12:00 a.m.", "Mar 3", "3 mar", "a las 12:00 a.m."),
            ("2026-03-03T17:00:00Z", "12:00 PM", "12:00 p.m.", "Mar 3", "3 mar", "a las 12:00 p.m."),
            ("2026-03-03T18:05:59Z", "1:05 PM", "1:05 p.m.", "Mar 3", "3 mar", "a la 1:05 p.m."),
            ("2026-03-03T06:00:00Z", "1:00 AM", "1:00 a.m.", "Mar 3", "3 mar", "a la 1:00 a.m."),
            ("2026-03-04T04:59:59Z", "11:59 PM", "11:59 p.m.", "Mar 3", "3 mar", "a las 11:59 p.m."),
            ("2026-01-01T15:00:00Z", "10:00 AM", "10:00 a.m.", "Jan 1", "1 ene", "a las 10:00 a.m."),
            ("2026-12-31T16:09:00Z", "11:09 AM", "11:09 a.m.", "Dec 31", "31 dic", "a las 11:09 a.m."),
        ];
        for (moment, time_en, time_es, date_en, date_es, at_es) in cases {
            let moment = at(moment);
            assert_eq!(time(Locale::En, moment, zone), time_en);
            assert_eq!(time(Locale::Es, moment, zone), time_es);
            assert_eq!(date(Locale::En, moment, zone), date_en);
            assert_eq!(date(Locale::Es, moment, zone), date_es);
            assert_eq!(at_time(Locale::Es, moment, zone), at_es);
            assert_eq!(at_time(Locale::En, moment, zone), format!("at {time_en}"));
        }
        assert_eq!(date_year(Locale::En, at("2026-03-03T19:41:00Z"), zone), "Mar 3, 2026");
        assert_eq!(date_year(Locale::Es, at("2027-01-01T04:59:00Z"), zone), "31 dic 2026");
    }

    #[test]
    fn how_long_ago_is_told_in_the_largest_whole_unit() {
        let now = at("2026-03-03T19:41:00Z");
        for (seconds, en, es) in [
            (0, "just now", "ahora mismo"),
            (59, "just now", "ahora mismo"),
            (60, "1 min ago", "hace 1 min"),
            (3599, "59 min ago", "hace 59 min"),
            (3600, "1 h ago", "hace 1 h"),
            (86_399, "23 h ago", "hace 23 h"),
            (86_400, "1 day ago", "hace 1 día"),
            (200_000, "2 days ago", "hace 2 días"),
        ] {
            let then = now - Duration::from_secs(seconds);
            assert_eq!([ago(Locale::En, then, now), ago(Locale::Es, then, now)], [en, es], "{seconds}");
        }
        assert_eq!(ago(Locale::En, now + Duration::from_secs(9), now), "just now", "a clock that ran ahead");
    }

    #[test]
    fn daylight_saving_starts_and_ends_at_its_moment() {
        let zone = america::NEW_YORK;
        let cases = [
            ("2026-03-08T06:59:59Z", "1:59 AM", "EST"),
            ("2026-03-08T07:00:00Z", "3:00 AM", "EDT"),
            ("2026-11-01T05:30:00Z", "1:30 AM", "EDT"),
            ("2026-11-01T06:30:00Z", "1:30 AM", "EST"),
        ];
        for (moment, expected, name) in cases {
            assert_eq!(time(Locale::En, at(moment), zone), expected, "{moment}");
            assert_eq!(zone_name(at(moment), zone), name, "{moment}");
        }
    }

    #[test]
    fn a_zone_without_letters_is_named_by_its_offset() {
        let moment = at("2026-06-01T12:00:00Z");
        let cases = [
            (UTC, "UTC"),
            (america::BOGOTA, "UTC-5"),
            (america::SAO_PAULO, "UTC-3"),
            (asia::KATHMANDU, "UTC+5:45"),
            (asia::TOKYO, "JST"),
        ];
        for (zone, expected) in cases {
            assert_eq!(zone_name(moment, zone), expected);
        }
    }

    #[test]
    fn lengths_agree_with_their_number_and_promise_no_more() {
        let cases = [
            (30, "30 seconds", "30 segundos"),
            (1, "1 second", "1 segundo"),
            (60, "1 minute", "1 minuto"),
            (90, "90 seconds", "90 segundos"),
            (150, "2 minutes", "2 minutos"),
            (600, "10 minutes", "10 minutos"),
            (3_600, "1 hour", "1 hora"),
            (5_400, "90 minutes", "90 minutos"),
            (86_400, "24 hours", "24 horas"),
            (0, "0 seconds", "0 segundos"),
        ];
        for (seconds, en, es) in cases {
            assert_eq!(length(Locale::En, Duration::from_secs(seconds)), en);
            assert_eq!(length(Locale::Es, Duration::from_secs(seconds)), es);
        }
    }

    #[test]
    fn no_time_carries_a_space_that_texts_cannot() {
        for hour in 0..48 {
            let moment = at("2026-03-03T00:07:00Z") + Duration::from_secs(hour * 1800);
            for locale in Locale::ALL {
                let all = [
                    time(locale, moment, america::NEW_YORK),
                    date_year(locale, moment, america::NEW_YORK),
                    at_time(locale, moment, america::NEW_YORK),
                    zone_name(moment, america::NEW_YORK),
                ];
                assert!(all.iter().all(|text| text.is_ascii()), "{all:?}");
            }
        }
    }

    #[test]
    fn a_day_starts_at_midnight_where_the_tenant_is() {
        for (day, zone, start) in [
            ("2026-01-01", "America/New_York", "2026-01-01T05:00:00Z"),
            ("2026-07-01", "America/New_York", "2026-07-01T04:00:00Z"),
            ("2026-07-01", "UTC", "2026-07-01T00:00:00Z"),
            // Clocks go from 23:59 to 01:00 on this day.
            ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z"),
        ] {
            let zone = time_tz::timezones::get_by_name(zone).unwrap();
            assert_eq!(midnight(day, zone).unwrap().to_string(), start, "{day}");
        }
        for bad in ["2026-13-01", "01/02/2026", "2026-02-30", "2026-1-1", "tomorrow", "2026-01-01T00:00:00Z"]
        {
            let message = format!("{bad:?} is not a date such as 2026-01-31");
            assert_eq!(midnight(bad, db::america::NEW_YORK).unwrap_err().to_string(), message);
        }
    }
}
