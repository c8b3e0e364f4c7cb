//! How values stand in the database, and back.

use lucid_core::{Failure, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Error, Outcome};

/// A number as SQLite keeps it.
pub(super) fn integer(number: u64) -> Outcome<i64> {
    let too_large = || Failure::invalid(format!("number {number} is too large to be kept"));
    Ok(i64::try_from(number).map_err(|_| too_large())?)
}

/// A moment as SQLite keeps it.
pub(super) fn millis(time: Timestamp) -> Outcome<i64> {
    integer(time.as_millis())
}

/// A moment to compare with those that SQLite keeps; none of them is later than the last.
pub(super) fn bound(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Reads back what [`integer`] wrote.
pub(super) fn unsigned(number: i64) -> Outcome<u64> {
    u64::try_from(number).map_err(|_| damaged("a negative number"))
}

/// Reads back what [`millis`] wrote.
pub(super) fn time(number: i64) -> Outcome<Timestamp> {
    unsigned(number).map(Timestamp)
}

/// Something in the database that this program would not have written.
pub(super) fn damaged(what: &str) -> Error {
    Error::Refused(Failure::failed(format!("the database is damaged: it holds {what}")))
}

/// Reads back a document that was written as JSON.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(|error| damaged(&format!("a bad document ({error})")))
}

/// Writes a document as JSON.
pub(super) fn to_json<T: Serialize>(value: &T) -> Outcome<String> {
    let bug = |error| Failure::bug(format!("a document that cannot be written: {error}"));
    Ok(serde_json::to_string(value).map_err(bug)?)
}

/// Reads back an id or another name.
pub(super) fn named<T>(parse: impl Fn(&str) -> Option<T>, text: &str) -> Outcome<T> {
    parse(text).ok_or_else(|| damaged(&format!("a bad name {text:?}")))
}

/// Writes a value that is one word in JSON.
pub(super) fn to_word<T: Serialize>(value: &T) -> Outcome<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        _ => Err(Failure::bug("a value that is not one word").into()),
    }
}

/// Reads back what [`to_word`] wrote.
pub(super) fn from_word<T: DeserializeOwned>(word: String) -> Outcome<T> {
    let bad = damaged(&format!("a bad word {word:?}"));
    serde_json::from_value(Value::String(word)).map_err(|_| bad)
}
