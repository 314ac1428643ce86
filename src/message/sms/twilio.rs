//! Texts by Twilio.
//!
//! Owns what is asked for. Twilio keeps a text for ten hours unless it is told otherwise: it is told how long the
//! code lives.

use std::time::Duration;

use super::super::client::Wire;
use super::super::outcome::{Detail, Outcome};
use super::super::twilio::client;
use super::super::{EnteredBy, SmsContent};
use crate::domain::provider::Twilio;

/// Longest time, in seconds, that Twilio may be told to keep a text.
const LONGEST: u64 = 36_000;

pub async fn send(wire: &Wire, account: &Twilio, entered_by: EnteredBy, content: &SmsContent) -> Outcome {
    let Some(validity) = validity(content.valid_for) else {
        return Outcome::temporary(Detail::Timeout, "the code is over before the text could arrive");
    };
    let mut form = vec![("To", content.to.expose()), ("Body", &content.text)];
    // A service picks the number; one that is named beside it is picked.
    form.extend(account.messaging_service_sid.as_deref().map(|sid| ("MessagingServiceSid", sid)));
    form.extend(account.from.as_deref().map(|from| ("From", from)));
    form.extend([("StatusCallback", content.report_url.as_str()), ("ValidityPeriod", &validity)]);
    client::create(wire, account, entered_by, "Messages", &form).await
}

/// Whole seconds, never more than the code still lives.
fn validity(valid_for: Duration) -> Option<String> {
    let seconds = valid_for.as_secs().min(LONGEST);
    (seconds > 0).then(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_for_no_longer_than_its_code_lives() {
        for (millis, expected) in [
            (0, None),
            (999, None),
            (1_000, Some("1")),
            (599_999, Some("599")),
            (36_000_000, Some("36000")),
            (86_400_000, Some("36000")),
        ] {
            assert_eq!(validity(Duration::from_millis(millis)).as_deref(), expected, "{millis}");
        }
    }
}
