//! Files, with errors that tell an agent which file and what about it.
//!
//! A plugin reads and writes files with the standard library. What it sees is what the host
//! opened for it: the calling agent's folders, under the paths that the agent uses. The
//! functions here add errors that name the path.
//!
//! ```
//! use lucid_sdk::prelude::*;
//!
//! fn title(path: &str) -> Result<String, ToolError> {
//!     let text = files::read_text(path)?;
//!     text.lines().next().map(str::to_owned).ok_or_else(|| ToolError::failed("no lines"))
//! }
//!
//! let missing = title("/workspace/nothing.md");
//! assert_eq!(missing, Err(ToolError::not_found("/workspace/nothing.md does not exist")));
//! ```

use std::path::Path;
use std::{fs, io};

use crate::tool::{ErrorCase, ToolError};

/// The largest file that is read, in bytes: 16 MiB.
///
/// ```
/// assert_eq!(lucid_sdk::files::READ_BYTES_MAX, 16 << 20);
/// ```
pub const READ_BYTES_MAX: u64 = 16 << 20;

/// Reads a text file of at most [`READ_BYTES_MAX`] bytes.
///
/// # Errors
/// What [`read_bytes`] says, and [`ToolError::Failed`] for a file that is not UTF-8.
///
/// ```
/// use lucid_sdk::{files, tool::ToolError};
///
/// let folder = files::read_text(std::env::temp_dir());
/// assert!(matches!(folder, Err(ToolError::NotFound(message)) if message.contains("folder")));
/// ```
pub fn read_text(path: impl AsRef<Path>) -> Result<String, ToolError> {
    let path = path.as_ref();
    String::from_utf8(read_bytes(path)?)
        .map_err(|_| ToolError::Failed(format!("{} is not UTF-8 text", path.display())))
}

/// Reads a file of at most [`READ_BYTES_MAX`] bytes.
///
/// # Errors
/// [`ToolError::NotFound`] for a folder and where nothing is, [`ToolError::Denied`] for what
/// may not be read, [`ToolError::Failed`] for a larger file and anything else.
///
/// ```
/// use lucid_sdk::{files, tool::ToolError};
///
/// let missing = files::read_bytes("/workspace/nothing.png");
/// assert!(matches!(missing, Err(ToolError::NotFound(_))));
/// ```
pub fn read_bytes(path: impl AsRef<Path>) -> Result<Vec<u8>, ToolError> {
    let path = path.as_ref();
    let explained = |error| explain(path, &error);
    let found = fs::metadata(path).map_err(explained)?;
    if found.is_dir() {
        return Err(ToolError::NotFound(format!("{} is a folder, not a file", path.display())));
    }
    if found.len() > READ_BYTES_MAX {
        let message = format!("{} is larger than {READ_BYTES_MAX} bytes", path.display());
        return Err(ToolError::Failed(message));
    }
    fs::read(path).map_err(explained)
}

/// Writes a text file: makes it, or replaces what was in it. The folder has to be there.
///
/// # Errors
/// [`ToolError::NotFound`] without the folder, [`ToolError::Denied`] for what may not be
/// written, [`ToolError::Failed`] for anything else.
///
/// ```
/// use lucid_sdk::files;
///
/// # fn main() -> Result<(), lucid_sdk::tool::ToolError> {
/// let path = std::env::temp_dir().join("lucid-sdk-example.md");
/// files::write_text(&path, "# Notes\n")?;
/// assert_eq!(files::read_text(&path)?, "# Notes\n");
/// # Ok(())
/// # }
/// ```
pub fn write_text(path: impl AsRef<Path>, text: impl AsRef<str>) -> Result<(), ToolError> {
    let path = path.as_ref();
    fs::write(path, text.as_ref()).map_err(|error| explain(path, &error))
}

/// What an error of the file system means to an agent, with the path.
///
/// ```
/// use lucid_sdk::{files, tool::ToolError};
///
/// let error = std::fs::read_dir("/nowhere").map_err(|error| files::explain("/nowhere", &error));
/// assert_eq!(error.err(), Some(ToolError::not_found("/nowhere does not exist")));
/// ```
pub fn explain(path: impl AsRef<Path>, error: &io::Error) -> ToolError {
    let path = path.as_ref().display();
    match ErrorCase::of(error) {
        ErrorCase::NotFound => ToolError::NotFound(format!("{path} does not exist")),
        ErrorCase::Denied => ToolError::Denied(format!("{path} may not be used like this")),
        ErrorCase::Failed => ToolError::Failed(format!("{path}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_names_the_path_and_has_its_case() {
        let folder = std::env::temp_dir().join(format!("lucid-sdk-files-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name);
        fs::write(path("latin"), b"caf\xe9").unwrap();
        fs::File::create(path("large")).unwrap().set_len(READ_BYTES_MAX + 1).unwrap();
        let message = |name: &str| match read_text(path(name)).unwrap_err() {
            ToolError::NotFound(message) => ("not-found", message),
            ToolError::Failed(message) => ("failed", message),
            other => panic!("{other:?}"),
        };
        for (name, case, words) in [
            ("missing", "not-found", "missing does not exist"),
            ("latin/below", "not-found", "latin/below does not exist"),
            (".", "not-found", "is a folder"),
            ("latin", "failed", "latin is not UTF-8"),
            ("large", "failed", "large is larger than 16777216 bytes"),
        ] {
            let (found, text) = message(name);
            assert!(found == case && text.contains(words), "{name}: {found}, {text}");
        }
        assert!(matches!(write_text(path("no/folder"), ""), Err(ToolError::NotFound(_))));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_may_not_be_used_is_denied() {
        let denied = explain("/a", &io::ErrorKind::ReadOnlyFilesystem.into());
        assert_eq!(denied, ToolError::denied("/a may not be used like this"));
    }
}
