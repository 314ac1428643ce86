//! What each role of the console may do.

use std::str::FromStr;

/// What an account of the console is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, of every tenant, and who else has an account.
    Owner,
    /// Everything of their tenants.
    Admin,
    /// Helps agents: sees, unlocks and revokes, changes nothing else.
    Support,
    /// Reads.
    Auditor,
}

/// What is done in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Look at clients, users and logs.
    See,
    /// Let a client who is locked try again, or end a verification.
    Unlock,
    /// Change what a tenant decides, its users' second steps, what is posted to its host.
    Change,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Support, Self::Auditor];

    /// The word in tables, commands and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Support => "support",
            Self::Auditor => "auditor",
        }
    }

    /// Whether who has this role may do that, where it is about a tenant of theirs.
    pub fn may(self, act: Act) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Support => matches!(act, Act::See | Act::Unlock),
            Self::Auditor => act == Act::See,
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::as_str).join(", ");
        let found = Self::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| format!("{word:?} is no role; known are {known}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_does_what_it_is_for_and_nothing_else() {
        let acts = [Act::See, Act::Unlock, Act::Change];
        for (role, may) in [
            (Role::Owner, [true, true, true]),
            (Role::Admin, [true, true, true]),
            (Role::Support, [true, true, false]),
            (Role::Auditor, [true, false, false]),
        ] {
            assert_eq!(acts.map(|act| role.may(act)), may, "{role:?}");
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!(
            "boss".parse::<Role>().unwrap_err(),
            "\"boss\" is no role; known are owner, admin, support, auditor"
        );
    }
}
