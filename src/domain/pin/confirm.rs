//! The code that a client types before they set a PIN by a link from an email: who took over a mailbox has no telephone.
//!
//! A link from a text asks for none, it went to the number already. A right code holds for the browser that typed it, as
//! long as the link lives; what was tried and sent is counted over all links of a client.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::contact::Destination;
use crate::domain::guest::Out;
use crate::domain::id::{ChallengeId, ContactId};
use crate::domain::policy::PinPolicy;
use crate::domain::proof::BrowserToken;
use crate::domain::refusal::{Refusal, Sendable, Unreachable};
use crate::domain::request;
use crate::domain::tenant::Tenant;
use crate::domain::throttle::Throttle;
use crate::domain::timestamp::Timestamp;

/// Browsers that may go on by one link; a newer one takes the place of the oldest.
const MOST_BROWSERS: usize = 5;

/// How a link came to whoever opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// By email, or by nobody knows what.
    Written,
    /// By a text, whose link is one of its own.
    Texted,
}

/// The cookie of one link: who has several to open has one for each.
pub fn cookie_name(token: &str) -> String {
    let of = Sha256::digest(format!("cookie of {token}"));
    format!("__Host-countersign-pin-{}", hex::encode(&of[..8]))
}

/// What is kept of the codes with their client. All but the counts is about one link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Confirm {
    link: Option<ChallengeId>,
    code: Option<Out>,
    /// The browsers in which the right code was typed, by the hashes of what they bring along.
    browsers: Vec<String>,
    /// How often codes were sent and tried.
    pub throttle: Throttle,
}

impl Confirm {
    /// The newest code of a link.
    pub fn code(&self, link: &ChallengeId) -> Option<&Out> {
        self.code.as_ref().filter(|_| self.link.as_ref() == Some(link))
    }

    /// Keeps a code as the newest of a link.
    pub fn keep(&mut self, link: &ChallengeId, code: Out) {
        if self.link.as_ref() != Some(link) {
            self.browsers.clear();
        }
        self.link = Some(link.clone());
        self.code = Some(code);
    }

    /// Lets a browser go on by a link whose code was right.
    pub fn admit(&mut self, link: &ChallengeId, browser: &BrowserToken) {
        if self.link.as_ref() == Some(link) {
            self.browsers.truncate(MOST_BROWSERS - 1);
            self.browsers.insert(0, browser.hash());
        }
    }

    /// Whether the right code of this link was typed in this browser.
    pub fn admits(&self, link: &ChallengeId, browser: Option<&BrowserToken>) -> bool {
        let Some(browser) = browser.filter(|_| self.link.as_ref() == Some(link)) else { return false };
        // Every one is compared, whichever it is.
        self.browsers.iter().fold(false, |found, kept| browser.is(kept) | found)
    }

    /// The link is over: so is what it asked for. Gives the code that is open; what was tried and sent still counts.
    pub fn end(&mut self) -> Option<Out> {
        let throttle = std::mem::take(&mut self.throttle);
        let ended = std::mem::replace(self, Self { throttle, ..Self::default() });
        ended.code.filter(Out::is_open)
    }

    /// Whether there is nothing to keep.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a code must be typed before a PIN is set.
pub fn is_asked(policy: &PinPolicy, came: Came, admitted: bool) -> bool {
    policy.confirm_by_code && came == Came::Written && !admitted
}

/// The number that the code is texted to. That it wants no texts only who looks it up knows.
///
/// # Errors
/// `ContactUnreachable`
pub fn number(
    tenant: &Tenant,
    client: &Client,
    contact: &ContactId,
    now: Timestamp,
) -> Result<Destination, Refusal> {
    let contact = request::authorized(tenant, client, contact)?;
    let mut ways = request::reach(contact, tenant, now).into_iter();
    let text = ways.find(|way| way.channel == Channel::Sms && way.is_open());
    text.map(|way| way.destination).ok_or(Refusal::ContactUnreachable(Unreachable::NoTexts))
}

/// Where a code may be texted to now.
///
/// # Errors
/// `Locked`, `ContactUnreachable`, `TooSoon`, `TooManySends`
pub fn plan(
    tenant: &Tenant,
    client: &Client,
    contact: &ContactId,
    now: Timestamp,
) -> Result<Destination, Refusal> {
    let throttle = &client.standing.pin.confirm.throttle;
    if let Some(until) = throttle.locked_until(contact, now) {
        return Err(Refusal::Locked { until });
    }
    let to = number(tenant, client, contact, now)?;
    let rules = tenant.policy.pin.code().to_send();
    throttle.may_send(contact, rules, now).map_err(|limit| limit.refusal(Sendable::Code))?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::domain::contact::{Contact, Email, Phone};
    use crate::domain::id::{ClientId, TenantId};
    use crate::domain::pin::standing::PinStanding;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn link(number: u8) -> ChallengeId {
        ChallengeId::new(NOW, [number; 10])
    }

    fn code(number: u8) -> Out {
        Out::new(link(number), Some(Channel::Sms), NOW + Duration::from_mins(10), 1)
    }

    fn tenant(policy: &Value) -> Tenant {
        let settings = json!({"name": "T", "eligible": true, "policy": policy});
        Tenant::from_documents(TenantId::parse("t").unwrap(), &settings, &json!({})).unwrap()
    }

    fn client(mobile: Option<&str>, changed: Option<Timestamp>) -> Client {
        let contact = Contact {
            id: ContactId::parse("c-1").unwrap(),
            name: "Ana".into(),
            role: "owner".into(),
            email: Email::parse("ana@x.test").ok(),
            mobile: mobile.map(|mobile| Phone::parse(mobile).unwrap()),
            phone: Phone::parse("+13055550149").ok(),
            locale: None,
            email_changed_at: None,
            mobile_changed_at: changed,
            phone_changed_at: None,
        };
        Client {
            tenant: TenantId::parse("t").unwrap(),
            id: ClientId::parse("c").unwrap(),
            name: "C".into(),
            created_at: NOW,
            listed_at: NOW,
            contacts: vec![contact],
            standing: crate::domain::client::Standing::default(),
            version: 1,
            removed: false,
        }
    }

    #[test]
    fn a_code_is_asked_for_where_the_link_came_in_writing_and_the_browser_is_new() {
        for (set, came, admitted, asked) in [
            (true, Came::Written, false, true),
            (true, Came::Written, true, false),
            (true, Came::Texted, false, false),
            (false, Came::Written, false, false),
            (false, Came::Texted, false, false),
        ] {
            let policy = PinPolicy { confirm_by_code: set, ..PinPolicy::default() };
            assert_eq!(is_asked(&policy, came, admitted), asked, "{set} {came:?} {admitted}");
        }
    }

    #[test]
    fn a_right_code_holds_for_its_browser_and_its_link_only() {
        let (mine, other) = (BrowserToken::new([1; 32]), BrowserToken::new([2; 32]));
        let mut confirm = Confirm::default();
        confirm.admit(&link(1), &mine);
        assert!(confirm.is_blank(), "of a link that asked for no code");
        confirm.keep(&link(1), code(9));
        confirm.admit(&link(1), &mine);
        for (of, browser, admitted) in [
            (link(1), Some(&mine), true),
            (link(1), Some(&other), false),
            (link(1), None, false),
            (link(2), Some(&mine), false),
        ] {
            assert_eq!(confirm.admits(&of, browser), admitted, "{of} {browser:?}");
        }
        let given = BrowserToken::given(mine.expose());
        assert!(confirm.admits(&link(1), Some(&given)));
        assert_eq!((format!("{mine:?}"), confirm.code(&link(2))), ("[REDACTED]".to_owned(), None));
        assert!(!serde_json::to_string(&confirm).unwrap().contains(mine.expose()), "kept by its hash");
        for number in 10..10 + u8::try_from(MOST_BROWSERS).unwrap() {
            confirm.admit(&link(1), &BrowserToken::new([number; 32]));
        }
        assert!(!confirm.admits(&link(1), Some(&mine)), "the oldest of many");
        confirm.keep(&link(2), code(9));
        confirm.keep(&link(1), code(9));
        assert!(!confirm.admits(&link(1), Some(&BrowserToken::new([14; 32]))), "another link came between");
    }

    #[test]
    fn a_link_that_is_over_leaves_nothing_but_the_counts() {
        let person = ContactId::parse("c-1").unwrap();
        let rules = PinPolicy::default().code();
        let mut confirm = Confirm::default();
        confirm.keep(&link(1), code(9));
        confirm.admit(&link(1), &BrowserToken::new([1; 32]));
        confirm.throttle.count_try(&person, &rules, NOW);
        assert_eq!(confirm.end().map(|out| out.challenge), Some(link(9)));
        assert_eq!(confirm.code(&link(1)), None);
        assert!(!confirm.admits(&link(1), Some(&BrowserToken::new([1; 32]))));
        assert_eq!(confirm.throttle.tries_left(&person, &rules, NOW), 9);
        assert_eq!(confirm.end(), None, "once");
        let mut used = code(9);
        used.end(crate::domain::challenge::State::Verified);
        confirm.keep(&link(1), used);
        assert_eq!(confirm.end(), None, "it is over already");
    }

    #[test]
    fn a_code_goes_to_a_mobile_that_may_be_used_now() {
        let mobile = Some("+13055550142");
        let lately = Some(NOW - Duration::from_mins(5));
        for (what, policy, client, reached) in [
            ("a mobile", json!({}), client(mobile, None), true),
            ("a landline", json!({}), client(None, None), false),
            ("new, and marked", json!({}), client(mobile, lately), true),
            (
                "new, and blocked",
                json!({"client": {"on_recent_change": "block"}}),
                client(mobile, lately),
                false,
            ),
        ] {
            let to = plan(&tenant(&policy), &client, &ContactId::parse("c-1").unwrap(), NOW);
            match to {
                Ok(to) => assert!(reached && to.normal() == "+13055550142", "{what}"),
                Err(refusal) => {
                    assert!(!reached, "{what}");
                    assert_eq!(refusal, Refusal::ContactUnreachable(Unreachable::NoTexts), "{what}");
                }
            }
        }
        let nobody = plan(&tenant(&json!({})), &client(mobile, None), &ContactId::parse("c-2").unwrap(), NOW);
        assert_eq!(nobody.unwrap_err(), Refusal::ContactNotAuthorized);
    }

    #[test]
    fn codes_wait_run_out_and_lock_as_others_do() {
        let (tenant, person) =
            (tenant(&json!({"pin": {"sends": 2, "resend_after": "40s"}})), ContactId::parse("c-1").unwrap());
        let mut client = client(Some("+13055550142"), None);
        let rules = tenant.policy.pin.code();
        assert_eq!(
            (rules.sends, rules.resend_after, rules.tries, rules.digits),
            (2, Duration::from_secs(40), 5, 6)
        );
        let later = |seconds| NOW + Duration::from_secs(seconds);
        let plan = |client: &Client, at| plan(&tenant, client, &person, at).map(|_| ());
        client.standing.pin.confirm.throttle.count_send(&person, NOW);
        let soon = Refusal::TooSoon { what: Sendable::Code, until: later(40), challenge: None };
        assert_eq!(plan(&client, later(39)), Err(soon));
        assert_eq!(plan(&client, later(40)), Ok(()));
        client.standing.pin.confirm.throttle.count_send(&person, later(40));
        assert_eq!(plan(&client, later(80)), Err(Refusal::TooManySends { until: later(900) }));
        assert!(
            client.standing.pin.sends.may_send(&person, rules.to_send(), later(80)).is_ok(),
            "links are counted apart"
        );
        for _ in 0..10 {
            client.standing.pin.confirm.throttle.count_try(&person, &rules, later(900));
        }
        let until = client.standing.pin.confirm.throttle.lock_if_used_up(&person, &rules, later(900));
        assert_eq!(plan(&client, later(950)), Err(Refusal::Locked { until: until.unwrap() }));
        assert_eq!(
            client.standing.throttle.locked_until(&person, later(950)),
            None,
            "what agents ask for goes on"
        );
    }

    #[test]
    fn each_link_has_a_cookie_of_its_own_that_tells_nothing_of_it() {
        let (one, two) = (cookie_name("AAAAAAAAAAAAAAAAAAAAAA"), cookie_name("AAAAAAAAAAAAAAAAAAAAAB"));
        assert!(one != two && one.starts_with("__Host-countersign-pin-") && one.len() == two.len());
    }

    #[test]
    fn what_was_kept_before_there_were_codes_reads_as_none() {
        let standing: PinStanding = serde_json::from_value(json!({"required": true})).unwrap();
        assert!(standing.confirm.is_blank());
        assert!(!serde_json::to_string(&standing).unwrap().contains("confirm"));
    }
}
