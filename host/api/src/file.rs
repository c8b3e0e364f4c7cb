//! Files: what somebody uploaded, and what a session made or was given.

mod media_type;
mod name;

use lucid_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, Result};

pub use media_type::media_type;
pub use name::{disposition, file_name};

/// The largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 500 << 20;

const EXPIRES_IN_SECONDS: std::ops::RangeInclusive<u64> = 3_600..=7_776_000;

/// A file, as the API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileObject {
    /// Its id.
    pub id: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// Its name: one component of a path.
    pub filename: String,
    /// Its media type.
    pub mime_type: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it came.
    pub created_at: Timestamp,
    /// Whether it may be downloaded: what a session made may, what somebody uploaded not.
    pub downloadable: bool,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// What it belongs to.
    pub scope: Option<Scope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    File,
}

/// What a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Scope {
    /// A session; with it, the file goes.
    Session {
        /// Its id.
        id: String,
    },
}

impl Scope {
    /// The id of what the file belongs to.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Session { id } => id,
        }
    }
}

impl FileObject {
    /// Describes a file that is there whole.
    #[must_use]
    pub fn new(
        id: String,
        filename: String,
        mime_type: String,
        size_bytes: u64,
        now: Timestamp,
    ) -> Self {
        let kind = Kind::File;
        let (created_at, downloadable, expires_at, scope) = (now, false, None, None);
        Self {
            id,
            kind,
            filename,
            mime_type,
            size_bytes,
            created_at,
            downloadable,
            expires_at,
            scope,
        }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether its content may be had.
    ///
    /// # Errors
    /// Invalid, when it was uploaded.
    pub fn must_be_downloadable(&self) -> Result<()> {
        if self.downloadable {
            return Ok(());
        }
        let id = &self.id;
        let why = format!("file `{id}` was uploaded: only what a session made can be downloaded");
        Err(ApiError::invalid(why).code("file_not_downloadable"))
    }

    /// The answer for a file whose time is over.
    #[must_use]
    pub fn expired(id: &str) -> ApiError {
        ApiError::not_found("file", id).code("file_expired")
    }
}

/// Reads `expires_in_seconds` of a form: when the file goes by itself.
///
/// # Errors
/// Invalid, when it is not between an hour and ninety days.
pub fn expires_at(text: &str, now: Timestamp) -> Result<Timestamp> {
    let seconds = text.trim().parse().ok().filter(|s| EXPIRES_IN_SECONDS.contains(s));
    let (least, most) = (EXPIRES_IN_SECONDS.start(), EXPIRES_IN_SECONDS.end());
    let wrong =
        || ApiError::invalid(format!("expires_in_seconds: a number from {least} to {most}"));
    let seconds: u64 = seconds.ok_or_else(wrong)?;
    Ok(Timestamp(now.as_millis().saturating_add(seconds.saturating_mul(1_000))))
}

/// The answer for a file that is too large.
#[must_use]
pub fn too_large(bytes_max: u64) -> ApiError {
    let mebibytes = bytes_max >> 20;
    ApiError::too_large(format!("file: more than {mebibytes} MB; split it, or make it smaller"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_is_written_as_the_api_has_it() {
        let mut file =
            FileObject::new("file_01".into(), "a.txt".into(), "text/plain".into(), 3, Timestamp(0));
        file.scope = Some(Scope::Session { id: "sesn_01".into() });
        let expected = json!({
            "id": "file_01", "type": "file", "filename": "a.txt", "mime_type": "text/plain",
            "size_bytes": 3, "created_at": "1970-01-01T00:00:00.000Z", "downloadable": false,
            "expires_at": null, "scope": {"type": "session", "id": "sesn_01"},
        });
        assert_eq!(serde_json::to_value(&file).unwrap(), expected);
        assert_eq!(serde_json::from_value::<FileObject>(expected).unwrap(), file);
        let refused = file.must_be_downloadable().unwrap_err();
        assert_eq!(refused.fields["details"]["error_code"], "file_not_downloadable");
    }

    #[test]
    fn a_file_lasts_an_hour_to_ninety_days() {
        let now = Timestamp(1_000);
        assert_eq!(expires_at("3600", now).unwrap(), Timestamp(3_601_000));
        assert!(expires_at("7776000", now).is_ok());
        for wrong in ["3599", "7776001", "-1", "", "1e4", "99999999999999999999"] {
            assert!(expires_at(wrong, now).is_err(), "{wrong}");
        }
        let id = "file_01".to_owned();
        let mut file = FileObject::new(id, "a".into(), "text/plain".into(), 0, now);
        assert!(!file.is_expired(Timestamp(u64::MAX)));
        file.expires_at = Some(Timestamp(5_000));
        assert!(!file.is_expired(Timestamp(4_999)) && file.is_expired(Timestamp(5_000)));
    }
}
