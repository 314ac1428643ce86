//! Twilio's error codes: what each means for the agent, and whether another attempt or provider may do better.
//!
//! Owns the one table, for answers and for reports alike. What only the operator can mend is temporary, so that
//! the next provider takes over and the log says why.

use reqwest::StatusCode;

use crate::message::outcome::{Detail, Outcome, by_status};

/// Whether trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    Temporary,
    Permanent,
}

use Lasts::{Permanent, Temporary};

/// The codes that a text, a call or a report of either may carry.
const TABLE: &[(Lasts, Detail, &[u32])] = &[
    // Not a number, or one that is not in use; 21214, 13223, 13224 are said of calls, 30005 in reports.
    (Permanent, Detail::NumberInvalid, &[13223, 13224, 21211, 21214, 21217, 21401, 21407, 30005]),
    (Permanent, Detail::Landline, &[21614, 21635, 30006]),
    (Permanent, Detail::OptedOut, &[21610]),
    // Switched off, out of reach, or not reached while the text was valid.
    (Permanent, Detail::Unreachable, &[30003, 30036]),
    // Blocked by a carrier or by Twilio for what it says or where it goes; 13225 and 21216 are said of calls.
    (Permanent, Detail::Rejected, &[13225, 21216, 21617, 30004, 30007, 30450]),
    (Permanent, Detail::NotDelivered, &[30008, 30009]),
    // The account, its token, its sender, its registration, its money, or the countries it may reach.
    (
        Temporary,
        Detail::ProviderMisconfigured,
        &[
            10001, 13214, 13227, 20003, 20005, 20006, 20008, 20403, 20404, 21201, 21203, 21205, 21210, 21212,
            21213, 21215, 21219, 21266, 21408, 21601, 21602, 21603, 21606, 21608, 21609, 21612, 21618, 21659,
            21660, 21701, 21703, 21704, 21705, 30002, 30010, 30024, 30032, 30034, 32203, 63038, 90010,
        ],
    ),
    // Too much at once, or out of order.
    (
        Temporary,
        Detail::ProviderDown,
        &[10004, 14107, 20429, 20500, 20503, 21611, 30001, 30022, 30023, 30410, 31206],
    ),
];

/// What a code means, if it is known.
pub fn meaning(code: u32) -> Option<(Lasts, Detail)> {
    TABLE.iter().find(|(_, _, codes)| codes.contains(&code)).map(|(lasts, detail, _)| (*lasts, *detail))
}

/// What a report's code tells the agent: the message has failed, whatever the code.
pub fn reported(code: Option<u32>) -> Detail {
    code.and_then(meaning).map_or(Detail::NotDelivered, |(_, detail)| detail)
}

/// An answer that is an error: by its code, and by its status where it has none that is known.
pub(super) fn outcome(status: StatusCode, code: Option<u32>) -> Outcome {
    let who = code.map_or_else(|| "twilio".to_owned(), |code| format!("twilio, code {code},"));
    let log = format!("{who} answered {status}");
    match code.and_then(meaning) {
        Some((Temporary, detail)) => Outcome::temporary(detail, log),
        Some((Permanent, detail)) => Outcome::permanent(detail, log),
        // The address is made of the account and of `api_base` alone.
        None if status == StatusCode::NOT_FOUND => Outcome::misconfigured(log),
        None => by_status(status, &who),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_one_row() {
        let mut codes: Vec<u32> = TABLE.iter().flat_map(|(_, _, codes)| codes.iter().copied()).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn codes_mean_what_twilio_says_of_them() {
        for (code, lasts, detail) in [
            (21211, Permanent, Detail::NumberInvalid),
            (21217, Permanent, Detail::NumberInvalid),
            (30005, Permanent, Detail::NumberInvalid),
            (21214, Permanent, Detail::NumberInvalid),
            (13223, Permanent, Detail::NumberInvalid),
            (21614, Permanent, Detail::Landline),
            (30006, Permanent, Detail::Landline),
            (21610, Permanent, Detail::OptedOut),
            (30003, Permanent, Detail::Unreachable),
            (30007, Permanent, Detail::Rejected),
            (21408, Temporary, Detail::ProviderMisconfigured),
            (21215, Temporary, Detail::ProviderMisconfigured),
            (21606, Temporary, Detail::ProviderMisconfigured),
            (21603, Temporary, Detail::ProviderMisconfigured),
            (21212, Temporary, Detail::ProviderMisconfigured),
            (20003, Temporary, Detail::ProviderMisconfigured),
            (20404, Temporary, Detail::ProviderMisconfigured),
            (30034, Temporary, Detail::ProviderMisconfigured),
            (20429, Temporary, Detail::ProviderDown),
        ] {
            assert_eq!(meaning(code), Some((lasts, detail)), "{code}");
        }
        assert_eq!(meaning(99_999), None);
    }

    #[test]
    fn a_code_outranks_the_status_and_the_status_decides_where_none_is_known() {
        for (status, code, lasts, detail) in [
            (400, Some(21610), Permanent, Detail::OptedOut),
            (400, Some(21408), Temporary, Detail::ProviderMisconfigured),
            (400, Some(99_999), Permanent, Detail::Rejected),
            (400, None, Permanent, Detail::Rejected),
            (401, None, Temporary, Detail::ProviderMisconfigured),
            (404, None, Temporary, Detail::ProviderMisconfigured),
            (301, None, Temporary, Detail::ProviderMisconfigured),
            (429, None, Temporary, Detail::ProviderDown),
            (429, Some(99_999), Temporary, Detail::ProviderDown),
            (503, None, Temporary, Detail::ProviderDown),
        ] {
            let became = match outcome(StatusCode::from_u16(status).unwrap(), code) {
                Outcome::Temporary(trouble) => (Temporary, trouble.detail),
                Outcome::Permanent(trouble) => (Permanent, trouble.detail),
                Outcome::Sent { .. } => panic!("an error was taken for success"),
            };
            assert_eq!(became, (lasts, detail), "{status} {code:?}");
        }
        assert_eq!(reported(None), Detail::NotDelivered);
        assert_eq!(reported(Some(99_999)), Detail::NotDelivered);
        assert_eq!(reported(Some(30003)), Detail::Unreachable);
    }
}
