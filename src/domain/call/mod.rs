//! A code by a telephone call: the script that the contact hears, and how far a call has come.
//!
//! Nothing secret is said before a key is pressed; whether there is still a code to say is decided when it is.

pub mod length;
pub mod progress;
pub mod script;

use std::time::Duration;

use super::locale::Locale;
use super::timestamp::Timestamp;

/// How long a telephone rings before the call is given up: short of most voicemails.
pub const RINGS: Duration = Duration::from_secs(25);
/// Whoever follows a call once, to its end, has heard it before so long.
pub const ONCE: Duration = Duration::from_secs(60);
/// A call is ended after so long, whatever is still to be said: more than the script takes with every repeat.
pub const LONGEST: Duration = Duration::from_secs(150);
/// A code must live at least so long for a call to be worth placing: to ring, to hear it once, and to read it out.
pub const NEEDS: Duration = Duration::from_secs(60);

/// Whether a call is still worth placing, for a code that lives until `expires_at`.
pub fn worth_placing(expires_at: Timestamp, now: Timestamp) -> bool {
    expires_at >= now + NEEDS
}

/// The other language, which key 2 changes to.
pub fn other(locale: Locale) -> Locale {
    match locale {
        Locale::En => Locale::Es,
        Locale::Es => Locale::En,
    }
}
