//! Reading columns: sealed values, words of a set, JSON. Every failure names table, column and row.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::id::TenantId;
use crate::domain::seal::{self, Place};
use crate::domain::timestamp::Timestamp;
use crate::ports;

use super::Vault;
use super::error::StoreError;

/// A row being read or written, for what is sealed in it and for errors.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub vault: &'a Vault,
    pub tenant: &'a TenantId,
    pub table: &'static str,
    pub id: &'a str,
}

impl Row<'_> {
    fn place(&self, column: &'static str) -> Place<'_> {
        Place { tenant: self.tenant, table: self.table, column, row: self.id }
    }

    /// A row that cannot be read.
    pub fn bad(&self, column: &'static str, reason: impl std::fmt::Display) -> StoreError {
        StoreError::Row { table: self.table, column, id: self.id.to_owned(), reason: reason.to_string() }
    }

    /// Seals bytes for this row.
    pub fn seal(&self, column: &'static str, plain: &[u8]) -> Vec<u8> {
        let nonce = ports::bytes(self.vault.random.as_ref());
        seal::seal(self.vault.ring.current(), self.place(column), nonce, plain)
    }

    /// Opens what [`Row::seal`] made.
    pub fn open(&self, column: &'static str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal::open(&self.vault.ring, self.place(column), sealed).map_err(|e| self.bad(column, e))
    }

    /// Seals a value as JSON.
    pub fn seal_json<T: Serialize>(&self, column: &'static str, value: &T) -> Result<Vec<u8>, StoreError> {
        let plain = serde_json::to_vec(value).map_err(|e| self.bad(column, e))?;
        Ok(self.seal(column, &plain))
    }

    /// Opens what [`Row::seal_json`] made.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<T, StoreError> {
        // The text of a parse error may quote the value, so it is not passed on.
        serde_json::from_slice(&self.open(column, sealed)?)
            .map_err(|_| self.bad(column, "not of the known shape"))
    }

    /// Opens sealed text.
    pub fn open_text(&self, column: &'static str, sealed: &[u8]) -> Result<String, StoreError> {
        String::from_utf8(self.open(column, sealed)?).map_err(|_| self.bad(column, "not text"))
    }

    /// Parses a word of a set.
    pub fn word<T>(
        &self,
        column: &'static str,
        word: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(word).ok_or_else(|| self.bad(column, format!("{word:?} is not a known word")))
    }

    /// Parses an id.
    pub fn id<T, E: std::fmt::Display>(
        &self,
        column: &'static str,
        parsed: Result<T, E>,
    ) -> Result<T, StoreError> {
        parsed.map_err(|e| self.bad(column, e))
    }

    /// A count that is never negative.
    pub fn count(&self, column: &'static str, value: i32) -> Result<u32, StoreError> {
        u32::try_from(value).map_err(|e| self.bad(column, e))
    }
}

/// A count as a column holds it.
pub fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// A moment as a column holds it.
pub fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::millis)
}

/// A moment from its column.
pub fn moment(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

/// A count for people to read; one below zero cannot be and counts as none.
pub fn count_of(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}
