//! `glob` and `grep`.

use crate::files::{self, MAX_FILE};
use crate::{pattern, walk};
use lucid_sdk::tool::ToolError;
use schemars::JsonSchema;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The most results one call gives.
pub const MAX_RESULTS: usize = 200;
/// The longest line `grep` shows, in bytes.
const MAX_LINE: usize = 500;

/// The input of `glob`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobInput {
    /// A pattern such as **/*.csv, below path; or one that starts with a slash.
    pub pattern: String,
    /// Absolute path of the folder to look in; everywhere, if it is left out.
    pub path: Option<String>,
}

/// The input of `grep`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrepInput {
    /// A regular expression, matched within each line.
    pub pattern: String,
    /// Absolute path of the file or folder to search; everywhere, if it is left out.
    pub path: Option<String>,
}

/// Finds files by name.
///
/// # Errors
/// A wrong pattern, or a folder that cannot be read.
pub fn glob(input: GlobInput) -> Result<String, ToolError> {
    let regex = pattern::glob(&input.pattern)?;
    let absolute = input.pattern.starts_with('/');
    let folders = match pattern::folder(&input.pattern) {
        Some(folder) if absolute => vec![files::path(folder)?.to_owned()],
        _ => places(input.path.as_deref())?,
    };
    let mut found = Results::default();
    for folder in folders {
        for file in walk::files(&folder)? {
            let name = if absolute { &file } else { file.strip_prefix(&folder).unwrap_or(&file) };
            if name.to_str().is_some_and(|name| regex.is_match(name)) {
                found.add(|| file.display().to_string());
            }
        }
    }
    Ok(found.text())
}

/// Finds lines by what is in them.
///
/// # Errors
/// A wrong pattern, or a place that cannot be read.
pub fn grep(input: GrepInput) -> Result<String, ToolError> {
    let regex = pattern::regex(&input.pattern)?;
    let mut found = Results::default();
    for place in places(input.path.as_deref())? {
        let is_file = fs::metadata(&place).is_ok_and(|metadata| metadata.is_file());
        let files = if is_file { vec![place] } else { walk::files(&place)? };
        for file in files {
            let Some(text) = searchable(&file, &mut found) else { continue };
            for (number, line) in text.lines().enumerate() {
                if regex.is_match(line) {
                    found.add(|| format!("{}:{}:{}", file.display(), number + 1, short(line)));
                }
            }
        }
    }
    Ok(found.text())
}

fn places(path: Option<&str>) -> Result<Vec<PathBuf>, ToolError> {
    match path {
        Some(path) => Ok(vec![files::path(path)?.to_owned()]),
        None => Ok(walk::roots()),
    }
}

/// The file's text, unless it is none.
fn searchable(file: &Path, found: &mut Results) -> Option<String> {
    let text = files::text(file).ok().filter(|text| !text.contains('\0'));
    let large = fs::metadata(file).is_ok_and(|metadata| metadata.len() > MAX_FILE);
    found.unsearched += usize::from(text.is_none() && large);
    text
}

fn short(line: &str) -> &str {
    line.get(..line.floor_char_boundary(MAX_LINE)).unwrap_or(line)
}

/// Results, counted beyond what is shown.
#[derive(Default)]
struct Results {
    lines: Vec<String>,
    count: usize,
    unsearched: usize,
}

impl Results {
    fn add(&mut self, line: impl FnOnce() -> String) {
        self.count += 1;
        if self.lines.len() < MAX_RESULTS {
            self.lines.push(line());
        }
    }

    fn text(mut self) -> String {
        if self.count == 0 {
            self.lines.push("no matches".to_owned());
        }
        if self.count > MAX_RESULTS {
            self.lines.push(format!("({} more)", self.count - MAX_RESULTS));
        }
        if self.unsearched > 0 {
            let what = "files are too large to search";
            self.lines.push(format!("({} {what})", self.unsearched));
        }
        self.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let root = folder.path().to_str().unwrap().to_owned();
        (folder, root)
    }

    fn globbed(pattern: &str, path: &str) -> String {
        glob(GlobInput { pattern: pattern.to_owned(), path: Some(path.to_owned()) }).unwrap()
    }

    fn grepped(pattern: &str, path: &str) -> String {
        grep(GrepInput { pattern: pattern.to_owned(), path: Some(path.to_owned()) }).unwrap()
    }

    #[test]
    fn found_files_are_absolute_and_sorted_by_path() {
        let (_folder, root) = folder(&[("z.csv", ""), ("d/a.csv", ""), ("a.txt", "")]);
        assert_eq!(globbed("**/*.csv", &root), format!("{root}/d/a.csv\n{root}/z.csv"));
        assert_eq!(globbed("*.csv", &root), format!("{root}/z.csv"));
        assert_eq!(globbed("*.md", &root), "no matches");
        let pattern = format!("{root}/d/*");
        let absolute = glob(GlobInput { pattern, path: None }).unwrap();
        assert_eq!(absolute, format!("{root}/d/a.csv"));
    }

    #[test]
    fn found_lines_have_path_and_number() {
        let (_folder, root) = folder(&[("b", "x\nneedle\n"), ("a", "needles"), ("c", "\0needle")]);
        assert_eq!(grepped("needle", &root), format!("{root}/a:1:needles\n{root}/b:2:needle"));
        assert_eq!(grepped("^needle$", &format!("{root}/b")), format!("{root}/b:2:needle"));
        assert_eq!(grepped("nothing", &root), "no matches");
        let path = Some(format!("{root}/none"));
        let missing = grep(GrepInput { pattern: "x".to_owned(), path });
        assert!(matches!(missing, Err(ToolError::NotFound(_))));
    }

    #[test]
    fn more_than_200_results_are_counted_not_shown() {
        let (_folder, root) = folder(&[("a", &"x\n".repeat(MAX_RESULTS + 5))]);
        let text = grepped("x", &root);
        assert_eq!(text.lines().count(), MAX_RESULTS + 1);
        assert!(text.ends_with("(5 more)"));
    }

    #[test]
    fn a_long_line_is_cut() {
        let (_folder, root) = folder(&[("a", &"é".repeat(10_000))]);
        assert!(grepped("é", &root).len() < root.len() + MAX_LINE + 10);
    }
}
