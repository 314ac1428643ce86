//! `[secrets]`: the keys everything else is derived from.
//!
//! Only carries them; whoever uses them refuses a missing or a weak one.

use secrecy::SecretString;

use crate::domain::table::{Key, Shape, Table};
use crate::domain::wrong::Wrong;

pub(super) const KEYS: &[Key] = &[
    Key::new("master_key", "base64 of 32 random bytes; `countersign keygen` makes one").secret(),
    Key::new("old_master_keys", "earlier master keys, which still open what they made")
        .or("[]")
        .secret()
        .shaped(Shape::List),
];

/// The keys everything else is derived from.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    pub master_key: Option<SecretString>,
    pub old_master_keys: Vec<SecretString>,
}

impl Secrets {
    pub(super) fn read(table: &mut Table<'_, '_>) -> Self {
        Self {
            master_key: table.secret("master_key", |_| Ok::<_, Wrong>(())),
            old_master_keys: table
                .list("old_master_keys", |text| Ok::<_, Wrong>(SecretString::from(text)))
                .unwrap_or_default(),
        }
    }
}
