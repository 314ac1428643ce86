//! What a relay's refusal means: blame the address, the settings or the relay.
//!
//! Owns the table of steps and reply codes (RFC 5321, 4.2; RFC 3463). Keeps of a reply only its two codes: its
//! text usually repeats the address.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use super::super::client::certificate;
use super::super::outcome::{Detail, Outcome};

/// Where in the dialogue it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Encrypt,
    LogIn,
    Sender,
    Recipient,
    Data,
    Message,
}

impl Step {
    fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Encrypt => "STARTTLS",
            Self::LogIn => "AUTH",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Message => "the message",
        }
    }
}

/// The outcome of an error at a step.
pub(super) fn verdict(step: Step, error: &Error) -> Outcome {
    if let Some(code) = error.status() {
        return refusal(step, code.into(), &enhanced(error));
    }
    let at = step.as_str();
    if let Some(wrong) = certificate(error) {
        return Outcome::misconfigured(format!("the relay's certificate {wrong}"));
    }
    match step {
        _ if error.is_timeout() => Outcome::temporary(Detail::Timeout, format!("relay timed out at {at}")),
        // Nothing was offered that the settings ask for.
        Step::Encrypt | Step::LogIn if error.is_client() => {
            Outcome::misconfigured(format!("the relay does not offer {at}"))
        }
        Step::Message => Outcome::temporary(Detail::UnknownOutcome, "relay hung up before confirming"),
        _ => Outcome::temporary(Detail::ProviderDown, format!("relay failed at {at}")),
    }
}

fn refusal(step: Step, code: u16, enhanced: &str) -> Outcome {
    let log = format!("relay answered {code} {enhanced} at {}", step.as_str()).replace("  ", " ");
    match (step, code) {
        // Says nothing about the recipient at whichever step it comes.
        (_, 530 | 534 | 535 | 538) => Outcome::misconfigured(log),
        (_, 450 | 452) => Outcome::temporary(Detail::MailboxUnavailable, log),
        (_, ..500) | (Step::Connect | Step::Encrypt, _) => Outcome::temporary(Detail::ProviderDown, log),
        (Step::LogIn | Step::Sender, _) => Outcome::misconfigured(log),
        (Step::Recipient, _) => Outcome::permanent(recipient(code, enhanced), log),
        (Step::Data | Step::Message, 552) => Outcome::permanent(Detail::MailboxUnavailable, log),
        (Step::Data | Step::Message, _) => Outcome::permanent(Detail::Rejected, log),
    }
}

/// The enhanced code is the finer one: 550 alone is also what a relay says to whom it does not serve.
fn recipient(code: u16, enhanced: &str) -> Detail {
    match enhanced.get(..4) {
        Some("5.1.") => return Detail::NoSuchAddress,
        Some("5.2.") => return Detail::MailboxUnavailable,
        Some("5.7.") => return Detail::Rejected,
        _ => {}
    }
    match code {
        550 | 551 | 553 => Detail::NoSuchAddress,
        552 => Detail::MailboxUnavailable,
        _ => Detail::Rejected,
    }
}

/// The enhanced status code at the head of a reply, such as `5.1.1`; empty if there is none.
fn enhanced(error: &Error) -> String {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let first = text.split_whitespace().next().unwrap_or_default();
    let shaped = first.len() <= 9
        && first.split('.').count() == 3
        && first.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if shaped { first.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_and_the_codes_decide_who_is_to_blame() {
        use Detail::{MailboxUnavailable, NoSuchAddress, ProviderDown, ProviderMisconfigured, Rejected};
        let cases = [
            (Step::Connect, 421, "", false, ProviderDown),
            (Step::Connect, 554, "5.7.1", false, ProviderDown),
            (Step::Encrypt, 501, "", false, ProviderDown),
            (Step::LogIn, 535, "5.7.8", false, ProviderMisconfigured),
            (Step::LogIn, 504, "", false, ProviderMisconfigured),
            (Step::LogIn, 454, "4.7.0", false, ProviderDown),
            (Step::Sender, 530, "5.7.0", false, ProviderMisconfigured),
            (Step::Sender, 553, "5.1.8", false, ProviderMisconfigured),
            (Step::Recipient, 550, "", true, NoSuchAddress),
            (Step::Recipient, 550, "5.1.1", true, NoSuchAddress),
            (Step::Recipient, 550, "5.2.1", true, MailboxUnavailable),
            (Step::Recipient, 550, "5.7.1", true, Rejected),
            (Step::Recipient, 551, "", true, NoSuchAddress),
            (Step::Recipient, 552, "", true, MailboxUnavailable),
            (Step::Recipient, 553, "", true, NoSuchAddress),
            (Step::Recipient, 554, "", true, Rejected),
            (Step::Recipient, 530, "5.7.0", false, ProviderMisconfigured),
            (Step::Recipient, 450, "4.2.0", false, MailboxUnavailable),
            (Step::Recipient, 451, "", false, ProviderDown),
            (Step::Recipient, 452, "", false, MailboxUnavailable),
            (Step::Data, 554, "", true, Rejected),
            (Step::Message, 552, "", true, MailboxUnavailable),
            (Step::Message, 554, "5.7.1", true, Rejected),
            (Step::Message, 421, "", false, ProviderDown),
        ];
        for (step, code, enhanced, permanent, detail) in cases {
            match refusal(step, code, enhanced) {
                Outcome::Permanent(trouble) => {
                    assert_eq!((permanent, detail), (true, trouble.detail), "{code}");
                }
                Outcome::Temporary(trouble) => {
                    assert_eq!((permanent, detail), (false, trouble.detail), "{code}");
                }
                Outcome::Sent { .. } => panic!("{code} was taken for sent"),
            }
        }
    }
}
