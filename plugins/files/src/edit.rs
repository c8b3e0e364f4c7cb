//! `write` and `edit`.

use crate::files::{self, MAX_FILE, explain};
use lucid_sdk::tool::ToolError;
use schemars::JsonSchema;
use serde::Deserialize;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The input of `write`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteInput {
    /// Absolute path of the file.
    pub file_path: String,
    /// What the file is to hold.
    pub content: String,
}

/// The input of `edit`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditInput {
    /// Absolute path of the file.
    pub file_path: String,
    /// The text to replace, exactly as it stands in the file.
    pub old_string: String,
    /// The text to put there.
    pub new_string: String,
    /// Whether to replace every occurrence; otherwise there must be exactly one.
    pub replace_all: Option<bool>,
}

/// Writes a file and the folders above it.
///
/// # Errors
/// Why it cannot be written.
pub fn write(input: WriteInput) -> Result<String, ToolError> {
    let path = files::path(&input.file_path)?;
    // Most folders are there: asking for them first would cost a call for each one above.
    match fs::write(path, &input.content) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create_parents(path)?;
            fs::write(path, &input.content).map_err(|error| explain(path, &error))?;
        }
        written => written.map_err(|error| explain(path, &error))?,
    }
    Ok(format!("wrote {} bytes to {}", input.content.len(), path.display()))
}

fn create_parents(path: &Path) -> Result<(), ToolError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|error| match error.kind() {
        // Nothing of the path exists here, not even where it starts.
        ErrorKind::NotFound => {
            ToolError::Denied(format!("{} is outside this agent's view", path.display()))
        }
        _ => explain(parent, &error),
    })
}

/// Replaces text in a file.
///
/// # Errors
/// Why nothing was replaced.
pub fn edit(input: EditInput) -> Result<String, ToolError> {
    let path = files::path(&input.file_path)?;
    let (old, new) = (input.old_string.as_str(), input.new_string.as_str());
    let invalid = |why: String| Err(ToolError::InvalidInput(why));
    if old.is_empty() || old == new {
        return invalid("old_string must not be empty, nor the same as new_string".to_owned());
    }
    let text = files::text(path)?;
    let count = text.matches(old).count();
    let shown = path.display();
    if count == 0 {
        return invalid(format!("old_string is not in {shown}"));
    }
    if count > 1 && input.replace_all != Some(true) {
        let hint = "give more of the text around it, or replace_all";
        return invalid(format!("old_string stands {count} times in {shown}: {hint}"));
    }
    let length = text.len() - count * old.len() + count.saturating_mul(new.len());
    if length as u64 > MAX_FILE {
        return invalid(format!("{shown} would be larger than {MAX_FILE} bytes"));
    }
    fs::write(path, text.replace(old, new)).map_err(|error| explain(path, &error))?;
    Ok(format!("edited {shown} ({count} replacement(s))"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/f.txt").to_str().unwrap().to_owned();
        (folder, path)
    }

    fn edited(content: &str, old: &str, new: &str, all: bool) -> Result<String, ToolError> {
        let (_folder, path) = place();
        write(WriteInput { file_path: path.clone(), content: content.to_owned() }).unwrap();
        edit(EditInput {
            file_path: path.clone(),
            old_string: old.to_owned(),
            new_string: new.to_owned(),
            replace_all: Some(all),
        })?;
        Ok(fs::read_to_string(path).unwrap())
    }

    #[test]
    fn write_creates_the_folders_above_and_says_how_much_it_wrote() {
        let (_folder, path) = place();
        let input = || WriteInput { file_path: path.clone(), content: "né".to_owned() };
        assert_eq!(write(input()).unwrap(), format!("wrote 3 bytes to {path}"));
        assert_eq!(write(input()).unwrap(), format!("wrote 3 bytes to {path}"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "né");
    }

    #[test]
    fn an_edit_replaces_one_place_unless_told_all() {
        assert_eq!(edited("a b", "a", "c", false).unwrap(), "c b");
        assert_eq!(edited("a a", "a", "c", true).unwrap(), "c c");
        let twice = edited("a a", "a", "c", false);
        assert!(matches!(twice, Err(ToolError::InvalidInput(why)) if why.contains("2 times")));
        assert!(matches!(edited("a", "x", "c", true), Err(ToolError::InvalidInput(_))));
        assert!(matches!(edited("a", "", "c", true), Err(ToolError::InvalidInput(_))));
        assert!(matches!(edited("a", "a", "a", true), Err(ToolError::InvalidInput(_))));
    }

    #[test]
    fn an_edit_cannot_blow_a_file_up() {
        let text = "a".repeat(1 << 20);
        let much = edited(&text, "a", &"b".repeat(1 << 10), true);
        assert!(matches!(much, Err(ToolError::InvalidInput(_))));
    }

    #[cfg(unix)]
    #[test]
    fn writing_over_a_folder_is_invalid() {
        let folder = tempfile::tempdir().unwrap();
        let file_path = folder.path().to_str().unwrap().to_owned();
        let wrong = write(WriteInput { file_path, content: String::new() });
        assert!(matches!(wrong, Err(ToolError::InvalidInput(_))));
    }
}
