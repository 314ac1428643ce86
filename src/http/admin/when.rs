//! A moment as the console shows it: in words, with the whole time on hover and focus.

use serde::Serialize;
use time_tz::Tz;

use crate::domain::calendar;
use crate::domain::locale::Locale;
use crate::domain::timestamp::Timestamp;

/// A moment, for the template `when`.
#[derive(Serialize)]
pub struct When {
    iso: String,
    ago: String,
    pub full: String,
}

/// In which language and zone moments are told, and when that is.
#[derive(Clone, Copy)]
pub struct Clock<'a> {
    pub locale: Locale,
    pub zone: &'a Tz,
    pub now: Timestamp,
}

impl Clock<'_> {
    pub fn when(self, at: Timestamp) -> When {
        let date = calendar::date_year(self.locale, at, self.zone);
        let (time, zone) = (calendar::time(self.locale, at, self.zone), calendar::zone_name(at, self.zone));
        When {
            iso: at.to_string(),
            ago: calendar::ago(self.locale, at, self.now),
            full: format!("{date}, {time} ({zone})"),
        }
    }
}
