//! Reading a body into what is expected of it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{ApiError, Result};

/// Characters of what somebody sent that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Reads a body; an empty one is `{}`.
///
/// # Errors
/// Invalid, naming the place: the body is no JSON, a field is unknown, missing or of the
/// wrong type.
pub fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(wrong)?;
    json.end().map_err(|error| ApiError::invalid(format!("the body is no JSON: {error}")))?;
    Ok(read)
}

/// The same of a value.
///
/// # Errors
/// As [`body`].
pub fn value<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(wrong)
}

fn wrong(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    // Both repeat what was sent: names in a path are somebody's own.
    let short = |text: String| text.chars().take(SHOWN_CHARACTERS_MAX).collect::<String>();
    let (path, why) = (short(error.path().to_string()), short(error.inner().to_string()));
    ApiError::invalid(if path == "." { why } else { format!("{path}: {why}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Metadata;

    #[test]
    fn an_error_repeats_little_of_what_was_sent_however_long_that_is() {
        let name = "n".repeat(1 << 20);
        for sent in [format!("{{\"{name}\": 1}}"), format!("\"{name}\"")] {
            let error = body::<Metadata>(sent.as_bytes()).unwrap_err();
            assert_eq!(error.status, 400);
            assert!(error.message.len() <= 2 * SHOWN_CHARACTERS_MAX + 2, "{}", error.message.len());
        }
    }
}
