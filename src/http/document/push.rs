//! What is posted to the host: an entry of the document for every type of event that there is.

use crate::domain::event::{EventType, MessageReport};
use crate::domain::guest::{ParticipantView, SigningView};
use crate::domain::login::UserView;
use crate::domain::login::trust::DeviceView;
use crate::domain::status::Status;

use super::example;
use super::schemas::{Schemas, Shape};

/// One type of push.
pub struct Push {
    pub kind: EventType,
    pub text: &'static str,
    /// The shape of its `data`, and an example of it.
    pub data: Shape,
    pub example: &'static str,
    pub schemas: Schemas,
}

const MESSAGE: &str = r#"{
  "client": "lead-10482",
  "challenge": "chl_01m7wdnw5735zsyyz7vsg7b412",
  "message": {
    "id": "msg_01m7wdnw57a432vtt42ffxc48f",
    "channel": "sms",
    "state": "delivered"
  }
}"#;

/// What each type says, in a sentence.
fn text(kind: EventType) -> &'static str {
    match kind {
        EventType::CodeSent => "A code was asked for and is on its way, or the same code was sent again.",
        EventType::CodeExpired => "Nobody entered the code in time.",
        EventType::Cancelled => "The code was given up, or its contact changed.",
        EventType::Verified => "The client is verified.",
        EventType::Failed => "Somebody entered a wrong code.",
        EventType::Locked => "Too many wrong codes.",
        EventType::Expired => "The time is over for which the client was verified.",
        EventType::Revoked => "A verification was taken back.",
        EventType::Reported => "The client reported a code that they did not ask for.",
        EventType::MessageDelivered => "An email or a text arrived.",
        EventType::MessageFailed => "An email or a text did not arrive.",
        EventType::PinLinkSent => "A link to set a security PIN is on its way.",
        EventType::PinSet => "The client set a security PIN.",
        EventType::SigningVerified => "A signer typed the right code, and is on the way to you with a proof.",
        EventType::SigningLocked => "A signer typed too many wrong codes.",
        EventType::SigningNumberChanged => "A signer's number was corrected; the same link uses the new one.",
        EventType::ParticipantArrived => "A participant reached the page for the code.",
        EventType::ParticipantVerified => {
            "A participant typed the right code, and is on the way to you with a proof."
        }
        EventType::ParticipantLocked => "A participant typed too many wrong codes.",
        EventType::ParticipantLeft => {
            "A participant was taken out, or the session ended: link and code are void."
        }
        EventType::UserEnrolled => "A user of your CRM set a second step up.",
        EventType::UserChanged => "A user's second step changed, or a backup code was used.",
        EventType::DeviceTrusted => "A user trusts a browser: it skips the second step for some days.",
        EventType::DeviceRevoked => "A browser is no longer trusted.",
        EventType::UserReset => "A user's second step was taken away; the next sign-in sets one up.",
        EventType::PinLocked => {
            "The security PIN is locked until it is set anew: too many wrong ones, or whoever set it is no longer an authorized \
             contact."
        }
    }
}

/// Every type.
pub fn all() -> Vec<Push> {
    EventType::ALL.into_iter().map(push).collect()
}

fn push(kind: EventType) -> Push {
    let mut schemas = Schemas::default();
    let (data, example) = match kind {
        EventType::MessageDelivered | EventType::MessageFailed => {
            (schemas.given::<MessageReport<'static>>(), MESSAGE)
        }
        EventType::SigningVerified | EventType::SigningLocked | EventType::SigningNumberChanged => {
            (schemas.given::<SigningView>(), example::SIGNING)
        }
        EventType::ParticipantArrived
        | EventType::ParticipantVerified
        | EventType::ParticipantLocked
        | EventType::ParticipantLeft => (schemas.given::<ParticipantView>(), example::PARTICIPANT),
        EventType::UserEnrolled | EventType::UserChanged | EventType::UserReset => {
            (schemas.given::<UserView>(), example::USER)
        }
        EventType::DeviceTrusted | EventType::DeviceRevoked => {
            (schemas.given::<DeviceView>(), example::DEVICE)
        }
        EventType::Verified => (schemas.given::<Status>(), example::VERIFIED),
        EventType::CodeSent | EventType::Failed => (schemas.given::<Status>(), example::CODE_SENT),
        EventType::Locked => (schemas.given::<Status>(), example::LOCKED),
        EventType::Reported => (schemas.given::<Status>(), example::REPORTED),
        _ => (schemas.given::<Status>(), example::NOT_VERIFIED),
    };
    Push { kind, text: text(kind), data, example, schemas }
}
