//! Rules that many fields have.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::{ApiError, Result};

/// What somebody notes beside a resource.
pub type Metadata = BTreeMap<String, String>;

/// A change of it: a value that is none takes its key out.
pub type MetadataPatch = BTreeMap<String, Option<String>>;

/// Pairs of a resource's metadata at most, as the API has it.
pub const METADATA_PAIRS_MAX: usize = 16;
const METADATA_KEY_MAX: usize = 64;
const METADATA_VALUE_MAX: usize = 512;

/// Checks how many characters a text has.
///
/// # Errors
/// Invalid, naming the field and what is allowed.
pub fn text(field: &str, text: &str, characters: RangeInclusive<usize>) -> Result<()> {
    let has = text.chars().count();
    if characters.contains(&has) {
        return Ok(());
    }
    let (least, most) = (characters.start(), characters.end());
    Err(ApiError::invalid(format!("{field}: {has} characters, where {least} to {most} may be")))
}

/// Checks an id's form, so that nothing else is ever looked up.
///
/// # Errors
/// Invalid, naming the field.
pub fn id(field: &str, prefix: &str, id: &str) -> Result<()> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if id.starts_with(prefix) && plain && (prefix.len() + 1..=128).contains(&id.len()) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("{field}: not an id that begins with `{prefix}`")))
}

/// Checks a word against those there are.
///
/// # Errors
/// Invalid, naming the field and the words.
pub fn one_of(field: &str, word: &str, words: &[&str]) -> Result<()> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("{field}: one of {} may be here", words.join(", "))))
}

/// Checks metadata as a whole.
///
/// # Errors
/// Invalid, naming what is too long or too much.
pub fn check_metadata(metadata: &Metadata) -> Result<()> {
    let wrong =
        |why: String| ApiError::invalid(format!("metadata: {why}")).code("invalid_metadata");
    if metadata.len() > METADATA_PAIRS_MAX {
        return Err(wrong(format!("{} pairs, at most {METADATA_PAIRS_MAX}", metadata.len())));
    }
    for (key, value) in metadata {
        if !(1..=METADATA_KEY_MAX).contains(&key.chars().count()) {
            return Err(wrong(format!("a key has 1 to {METADATA_KEY_MAX} characters")));
        }
        if value.chars().count() > METADATA_VALUE_MAX {
            return Err(wrong(format!("a value has at most {METADATA_VALUE_MAX} characters")));
        }
    }
    Ok(())
}

/// What metadata is after a change of it.
pub fn patched(before: &Metadata, patch: MetadataPatch) -> Metadata {
    let mut after = before.clone();
    for (key, value) in patch {
        match value {
            Some(value) => after.insert(key, value),
            None => after.remove(&key),
        };
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_has_no_more_than_the_api_allows() {
        let of = |key: usize, value: usize| Metadata::from([("k".repeat(key), "v".repeat(value))]);
        assert!(check_metadata(&of(64, 512)).is_ok());
        for wrong in [of(0, 1), of(65, 1), of(1, 513)] {
            let error = check_metadata(&wrong).unwrap_err();
            assert_eq!(error.fields["details"]["error_code"], "invalid_metadata");
        }
        let many: Metadata = (0..17).map(|n| (n.to_string(), String::new())).collect();
        assert!(check_metadata(&many).is_err());
    }

    #[test]
    fn an_id_is_plain_and_has_its_prefix() {
        assert!(id("x", "env_", "env_01A").is_ok());
        for wrong in ["env_", "", "agent_01", "env_../x", "env_\u{0}", "env_a b"] {
            assert!(id("x", "env_", wrong).is_err(), "{wrong:?}");
        }
    }
}
