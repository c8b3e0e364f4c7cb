//! Files of the view: what a path may be, and what an error means to an agent.

use lucid_sdk::tool::ToolError;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path};

/// The largest file that is edited or searched, in bytes: both take it into memory.
pub const MAX_FILE: u64 = 8 * 1024 * 1024;

/// What WASI answers to a path that leads out of what was opened.
const NOT_CAPABLE: i32 = 76;

/// The path an agent wrote, if it can be one of the view.
///
/// # Errors
/// [`ToolError::InvalidInput`] for a relative path or one that climbs.
pub fn path(text: &str) -> Result<&Path, ToolError> {
    let path = Path::new(text);
    let wrong = |why: &str| Err(ToolError::InvalidInput(format!("`{text}` {why}")));
    if !path.is_absolute() && !text.starts_with('/') {
        return wrong("is not an absolute path; glob lists the paths there are");
    }
    if text.contains('\0') || path.components().any(|part| part == Component::ParentDir) {
        return wrong("must not have `..` or a NUL in it");
    }
    Ok(path)
}

/// Opens a file to be read, and gives its size in bytes.
///
/// # Errors
/// Why it cannot be read.
pub fn open(path: &Path) -> Result<(File, u64), ToolError> {
    let failed = |error| explain(path, &error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        let what = format!("{} is not a file; glob lists what is in a folder", path.display());
        return Err(ToolError::InvalidInput(what));
    }
    Ok((File::open(path).map_err(failed)?, metadata.len()))
}

/// Reads a file of at most [`MAX_FILE`] bytes.
///
/// # Errors
/// Why it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, ToolError> {
    let failed = |error| explain(path, &error);
    let mut bytes = Vec::new();
    let (file, size) = open(path)?;
    if size <= MAX_FILE {
        // Counted while reading: a file may grow meanwhile.
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if size > MAX_FILE || bytes.len() as u64 > MAX_FILE {
        let what = format!("{} has {size} bytes, over the {MAX_FILE}", path.display());
        let what = format!("{what} that are taken into memory");
        return Err(ToolError::Failed(what));
    }
    Ok(bytes)
}

/// Reads a text file of at most [`MAX_FILE`] bytes.
///
/// # Errors
/// Why it cannot be read as text.
pub fn text(path: &Path) -> Result<String, ToolError> {
    String::from_utf8(bytes(path)?).map_err(|_| not_text(path))
}

/// The error for a file that is no text.
pub fn not_text(path: &Path) -> ToolError {
    ToolError::Failed(format!("{} is not UTF-8 text", path.display()))
}

/// What the error of an operation on `path` means.
pub fn explain(path: &Path, error: &io::Error) -> ToolError {
    let shown = path.display();
    if cfg!(target_os = "wasi") && error.raw_os_error() == Some(NOT_CAPABLE) {
        return ToolError::Denied(format!("{shown} is outside this agent's view"));
    }
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            ToolError::NotFound(format!("{shown} does not exist in this agent's view"))
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            ToolError::Denied(format!("this agent may not do that to {shown}"))
        }
        ErrorKind::IsADirectory => ToolError::InvalidInput(format!("{shown} is a folder")),
        _ => ToolError::Failed(format!("{shown}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_and_does_not_climb() {
        assert!(path("/a/b.txt").is_ok());
        for wrong in ["a", "", "./a", "/a/../b", "/a\0"] {
            assert!(matches!(path(wrong), Err(ToolError::InvalidInput(_))), "{wrong}");
        }
    }

    #[test]
    fn a_missing_file_and_a_forbidden_one_are_told_apart() {
        let there = Path::new("/p");
        let kind = |kind: ErrorKind| explain(there, &io::Error::from(kind));
        assert!(matches!(kind(ErrorKind::NotFound), ToolError::NotFound(_)));
        assert!(matches!(kind(ErrorKind::PermissionDenied), ToolError::Denied(_)));
        assert!(matches!(kind(ErrorKind::ReadOnlyFilesystem), ToolError::Denied(_)));
    }

    #[test]
    fn a_file_over_the_cap_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let big = folder.path().join("big");
        File::create(&big).unwrap().set_len(MAX_FILE + 1).unwrap();
        assert!(matches!(bytes(&big), Err(ToolError::Failed(_))));
    }
}
