//! The link by which a client sets a PIN: its token, derived like a code and never stored.
//!
//! A link is a challenge of the workflow `pin`: sent to a contact, one active a client, over when its time is, and
//! used at most once. The token is found again by its SHA-256, which tells nothing about it.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::ZeroizeOnDrop;

use crate::domain::challenge::State;
use crate::domain::code::Binding;
use crate::domain::key::KeySet;

/// Characters of a token: 132 bits.
const LENGTH: usize = 22;

/// A token as it stands in a link. Cannot be printed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// Something that stands where a token stands; `None` where it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (text.len() == LENGTH && text.bytes().all(known)).then(|| Self(text.to_owned()))
    }

    /// The token itself, for a link only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What it is stored and found as.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// The token of a challenge.
pub fn derive(keys: &KeySet, of: Binding<'_>) -> Token {
    labelled(keys, of, b"link")
}

/// The token of a challenge that only a text carries: nobody finds it by the other one.
pub fn derive_texted(keys: &KeySet, of: Binding<'_>) -> Token {
    labelled(keys, of, b"link-text")
}

fn labelled(keys: &KeySet, of: Binding<'_>, label: &[u8]) -> Token {
    let mac = keys.link.mac(&[
        label,
        of.tenant.as_str().as_bytes(),
        of.workflow.as_str().as_bytes(),
        of.subject.as_bytes(),
        of.challenge.as_bytes(),
        &of.epoch.to_be_bytes(),
    ]);
    let mut token = BASE64_URL_SAFE_NO_PAD.encode(mac);
    token.truncate(LENGTH);
    Token(token)
}

/// Why a link no longer opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Expired,
    /// A PIN was set by it.
    Used,
    /// A newer one took its place, or its contact may no longer have it.
    Voided,
    /// There is no such link: mistyped, or cut off.
    Unknown,
}

/// Whether a link still opens, by the state of its challenge.
///
/// # Errors
/// Why it does not.
pub fn may_open(state: State) -> Result<(), Over> {
    match state {
        State::Active => Ok(()),
        State::Verified => Err(Over::Used),
        State::Expired => Err(Over::Expired),
        State::Superseded | State::Locked | State::Cancelled => Err(Over::Voided),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::id::TenantId;
    use crate::domain::key;
    use crate::domain::workflow::Workflow;

    fn keys(first: u8) -> KeySet {
        let bytes: [u8; 32] = std::array::from_fn(|i| first.wrapping_add(u8::try_from(i).unwrap()));
        KeySet::parse(&key::generate(&bytes)).unwrap()
    }

    #[test]
    fn a_token_is_another_one_for_everything_it_is_bound_to() {
        let (a, b) = (TenantId::parse("a").unwrap(), TenantId::parse("b").unwrap());
        let base = Binding {
            tenant: &a,
            workflow: Workflow::Pin,
            subject: "s",
            challenge: "chl_1",
            epoch: 0,
            digits: 6,
        };
        let tokens: BTreeSet<String> = [
            derive(&keys(1), base),
            derive(&keys(2), base),
            derive(&keys(1), Binding { tenant: &b, ..base }),
            derive(&keys(1), Binding { workflow: Workflow::Signer, ..base }),
            derive(&keys(1), Binding { subject: "t", ..base }),
            derive(&keys(1), Binding { challenge: "chl_2", ..base }),
            derive(&keys(1), Binding { epoch: 1, ..base }),
            derive_texted(&keys(1), base),
        ]
        .iter()
        .map(|token| token.expose().to_owned())
        .collect();
        assert_eq!(tokens.len(), 8);
        let again = derive(&keys(1), base);
        assert!(tokens.contains(again.expose()));
        assert_eq!(Token::parse(again.expose()).map(|t| t.hash()), Some(again.hash()));
        assert_eq!(format!("{again:?}"), "[REDACTED]");
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for bad in
            ["", "short", &"a".repeat(21), &"a".repeat(23), &format!("{}.", "a".repeat(21)), &"é".repeat(11)]
        {
            assert!(Token::parse(bad).is_none(), "{bad:?}");
        }
    }
}
