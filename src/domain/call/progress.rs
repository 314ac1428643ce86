//! How far a call has come, from what the carrier tells and from the keys: only ever forward.
//!
//! Between placing a call and its end the message is `sent`, and its detail says how far it is. Whether the code was
//! said decides at the end what became of it.

use super::super::message::MessageState;

/// What a carrier says of a call. How it begins is no news: it was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody or something answered, and it is over.
    Completed,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl End {
    /// A carrier's word for an end; `None` for the states on the way there and for what nobody knows.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "completed" => Some(Self::Completed),
            "busy" => Some(Self::Busy),
            "no-answer" => Some(Self::NoAnswer),
            "failed" => Some(Self::Failed),
            "canceled" => Some(Self::Canceled),
            _ => None,
        }
    }

    fn detail(self) -> &'static str {
        match self {
            // It was answered, by a machine or by somebody who pressed no key.
            Self::Completed | Self::NoAnswer => "no_answer",
            Self::Busy => "line_busy",
            Self::Failed => "call_failed",
            Self::Canceled => "call_canceled",
        }
    }
}

/// A step on the way of a call that was placed, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    Calling,
    Answered,
    /// Key 9: the code was not asked for.
    Reported,
    /// The code was said.
    Heard,
}

impl Progress {
    pub const ALL: [Self; 4] = [Self::Calling, Self::Answered, Self::Reported, Self::Heard];

    /// The detail of a message that has come so far.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Answered => "answered",
            Self::Reported => "reported",
            Self::Heard => "heard",
        }
    }

    fn parse(detail: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == detail)
    }
}

/// Something that happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Step(Progress),
    End(End),
}

/// What a message becomes by news of its attempt `number`, of `attempts` so far; `None` where that changes nothing.
///
/// A step is news whichever attempt it is of: somebody answered. An end without the code said is news of the latest
/// attempt only, the one under way included; another is about a call whose place was taken.
pub fn after(
    (state, detail): (MessageState, Option<&str>),
    (number, attempts): (u32, u32),
    news: News,
) -> Option<(MessageState, &'static str)> {
    use MessageState::{Delivered, Failed, Queued, Sent};
    let so_far = detail.filter(|_| state == Sent).and_then(Progress::parse);
    let latest = if state == Queued { attempts } else { attempts.saturating_sub(1) };
    match (state, news) {
        // Heard by a call that was thought lost: the code is out all the same.
        (Failed, News::Step(Progress::Heard)) => Some((Delivered, Progress::Heard.as_str())),
        (Queued, News::Step(step)) => Some((Sent, step.as_str())),
        (Sent, News::Step(step)) => (so_far < Some(step)).then(|| (Sent, step.as_str())),
        (Sent, News::End(_)) if so_far == Some(Progress::Heard) => {
            Some((Delivered, Progress::Heard.as_str()))
        }
        (Queued | Sent, News::End(_)) if number != latest => None,
        (Sent, News::End(_)) if so_far == Some(Progress::Reported) => {
            Some((Failed, Progress::Reported.as_str()))
        }
        (Queued | Sent, News::End(end)) => Some((Failed, end.detail())),
        (Failed | Delivered | MessageState::Dropped, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::End::{Busy, Canceled, Completed, Failed, NoAnswer};
    use super::Progress::{Answered, Calling, Heard, Reported};
    use super::*;

    const NEWS: [News; 9] = [
        News::Step(Calling),
        News::Step(Answered),
        News::Step(Reported),
        News::Step(Heard),
        News::End(Completed),
        News::End(Busy),
        News::End(NoAnswer),
        News::End(Failed),
        News::End(Canceled),
    ];

    #[test]
    fn words_of_the_carrier_are_ends_or_no_news() {
        let ends = [
            ("completed", Completed),
            ("busy", Busy),
            ("no-answer", NoAnswer),
            ("failed", Failed),
            ("canceled", Canceled),
        ];
        for (word, end) in ends {
            assert_eq!(End::parse(word), Some(end));
        }
        for word in
            ["", "queued", "initiated", "ringing", "in-progress", "answered", "Completed", "no_answer"]
        {
            assert_eq!(End::parse(word), None, "{word}");
        }
    }

    #[test]
    fn a_call_is_delivered_only_if_the_code_was_said() {
        let sent = MessageState::Sent;
        let table = [
            (Some("heard"), Completed, MessageState::Delivered, "heard"),
            (Some("heard"), Failed, MessageState::Delivered, "heard"),
            (Some("answered"), Completed, MessageState::Failed, "no_answer"),
            (Some("calling"), Completed, MessageState::Failed, "no_answer"),
            (Some("calling"), NoAnswer, MessageState::Failed, "no_answer"),
            (Some("calling"), Busy, MessageState::Failed, "line_busy"),
            (Some("calling"), Failed, MessageState::Failed, "call_failed"),
            (Some("calling"), Canceled, MessageState::Failed, "call_canceled"),
            (Some("reported"), Completed, MessageState::Failed, "reported"),
            (None, Busy, MessageState::Failed, "line_busy"),
        ];
        for (detail, end, state, word) in table {
            assert_eq!(
                after((sent, detail), (0, 1), News::End(end)),
                Some((state, word)),
                "{detail:?} {end:?}"
            );
        }
    }

    #[test]
    fn news_in_any_order_and_often_moves_a_call_only_forward() {
        let rank = |(state, detail): (MessageState, Option<&str>)| {
            (state, detail.filter(|_| state == MessageState::Sent).and_then(Progress::parse))
        };
        let details =
            [None, Some("timeout"), Some("calling"), Some("answered"), Some("reported"), Some("heard")];
        for state in MessageState::ALL {
            for detail in details {
                for news in NEWS {
                    let latest = (0, u32::from(state != MessageState::Queued));
                    let Some((next, word)) = after((state, detail), latest, news) else { continue };
                    assert!(
                        rank((next, Some(word))) > rank((state, detail)),
                        "{state:?} {detail:?} {news:?}"
                    );
                    assert!(next == state || state.may_become(next), "{state:?} {detail:?} {news:?}");
                    assert_eq!(
                        after((next, Some(word)), (0, 1), news),
                        None,
                        "again: {state:?} {detail:?} {news:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_over_hears_of_nothing_but_a_code_that_was_said_after_all() {
        for state in [MessageState::Failed, MessageState::Delivered, MessageState::Dropped] {
            for news in NEWS {
                let said = (state, news) == (MessageState::Failed, News::Step(Heard));
                assert_eq!(
                    after((state, Some("no_answer")), (0, 1), news).is_some(),
                    said,
                    "{state:?} {news:?}"
                );
            }
        }
    }

    #[test]
    fn an_end_is_news_of_the_latest_attempt_only_unless_the_code_was_said() {
        let failed = Some((MessageState::Failed, "line_busy"));
        let table = [
            // The carrier may be faster than the answer to our request.
            (MessageState::Queued, None, (0, 0), failed),
            (MessageState::Queued, Some("timeout"), (0, 1), None),
            (MessageState::Queued, Some("timeout"), (1, 1), failed),
            (MessageState::Sent, Some("calling"), (0, 1), failed),
            (MessageState::Sent, Some("calling"), (0, 2), None),
            (MessageState::Sent, Some("reported"), (0, 2), None),
            (MessageState::Sent, Some("heard"), (0, 2), Some((MessageState::Delivered, "heard"))),
        ];
        for (state, detail, of, expected) in table {
            assert_eq!(after((state, detail), of, News::End(Busy)), expected, "{state:?} {detail:?} {of:?}");
        }
    }
}
