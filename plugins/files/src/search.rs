//! `glob` and `grep`.

use crate::files::{self, MAX_FILE};
use crate::{pattern, walk};
use lucid_sdk::tool::ToolError;
use regex_lite::Regex;
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
    /// Absolute path of the folder to look in; every folder of the view, if it is left out.
    pub path: Option<String>,
}

/// The input of `grep`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrepInput {
    /// A regular expression, matched within each line.
    pub pattern: String,
    /// Absolute path of the file or folder to search; every folder of the view, if it is left
    /// out.
    pub path: Option<String>,
}

/// Finds files by name, those that were changed last first.
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
    let mut files = Vec::new();
    for folder in folders {
        files.extend(walk::files(&folder)?.into_iter().filter(|file| {
            let name = if absolute { file } else { file.strip_prefix(&folder).unwrap_or(file) };
            name.to_str().is_some_and(|name| regex.is_match(name))
        }));
    }
    walk::newest_first(&mut files);
    let mut found = Results::default();
    for file in files {
        found.add(|| file.display().to_string());
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
        if walk::is_file(&place) {
            search(&regex, &place, &files::bytes(&place)?, &mut found);
            continue;
        }
        for file in walk::files(&place)? {
            match files::bytes(&file) {
                Ok(bytes) => search(&regex, &file, &bytes, &mut found),
                Err(_) => found.unsearched += usize::from(is_large(&file)),
            }
        }
    }
    Ok(found.text())
}

/// Searches one file. One with a NUL is no text; of other bytes that are no UTF-8 each is
/// shown as what stands for it.
fn search(regex: &Regex, file: &Path, bytes: &[u8], found: &mut Results) {
    if bytes.contains(&0) {
        return;
    }
    for (number, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
        if regex.is_match(line) {
            found.add(|| format!("{}:{}:{}", file.display(), number + 1, short(line)));
        }
    }
}

fn is_large(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.len() > MAX_FILE)
}

fn places(path: Option<&str>) -> Result<Vec<PathBuf>, ToolError> {
    match path.filter(|path| !path.is_empty()) {
        Some(path) => Ok(vec![files::path(path)?.to_owned()]),
        None => Ok(walk::roots()),
    }
}

fn short(line: &str) -> String {
    match line.get(..line.floor_char_boundary(MAX_LINE)) {
        Some(shown) if shown.len() < line.len() => format!("{shown}…"),
        _ => line.to_owned(),
    }
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
            let files = if self.unsearched == 1 { "file is" } else { "files are" };
            self.lines.push(format!("({} {files} too large to search)", self.unsearched));
        }
        self.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

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

    /// Gives a file of the folder an age, counted from a day in 2023.
    fn hours_old(root: &str, path: &str, hours: u64) {
        let file = fs::File::options().write(true).open(format!("{root}/{path}")).unwrap();
        let time = Duration::from_secs(1_700_000_000 - 3_600 * hours);
        file.set_modified(SystemTime::UNIX_EPOCH + time).unwrap();
    }

    #[test]
    fn found_files_are_absolute_and_the_newest_come_first() {
        let (_folder, root) = folder(&[("z.csv", ""), ("d/a.csv", ""), ("a.txt", "")]);
        for (path, hours) in [("z.csv", 1), ("a.txt", 2), ("d/a.csv", 3)] {
            hours_old(&root, path, hours);
        }
        assert_eq!(globbed("**/*.csv", &root), format!("{root}/z.csv\n{root}/d/a.csv"));
        assert_eq!(globbed("**", &root), format!("{root}/z.csv\n{root}/a.txt\n{root}/d/a.csv"));
        hours_old(&root, "d/a.csv", 0);
        assert_eq!(globbed("**/*.csv", &root), format!("{root}/d/a.csv\n{root}/z.csv"));
        assert_eq!(globbed("*.csv", &root), format!("{root}/z.csv"));
        assert_eq!(globbed("*.md", &root), "no matches");
        let pattern = format!("{root}/d/*");
        let absolute = glob(GlobInput { pattern, path: None }).unwrap();
        assert_eq!(absolute, format!("{root}/d/a.csv"));
    }

    #[test]
    fn of_many_files_the_newest_200_are_shown() {
        let names: Vec<_> = (0..MAX_RESULTS + 1).map(|number| format!("{number:03}")).collect();
        let (_folder, root) = folder(&names.iter().map(|name| (&**name, "")).collect::<Vec<_>>());
        for name in &names {
            hours_old(&root, name, 2);
        }
        hours_old(&root, "200", 1);
        hours_old(&root, "000", 3);
        let text = globbed("*", &root);
        assert!(text.starts_with(&format!("{root}/200\n{root}/001\n")), "{text}");
        assert!(text.ends_with(&format!("{root}/199\n(1 more)")), "{text}");
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
        let path = Some(format!("{root}/a"));
        let in_a_file = glob(GlobInput { pattern: "*".to_owned(), path });
        assert!(matches!(in_a_file, Err(ToolError::InvalidInput(_))));
    }

    #[test]
    fn text_that_is_not_utf_8_is_searched_all_the_same() {
        let (folder, root) = folder(&[("crlf", "one\r\ntwo\r\n")]);
        fs::write(folder.path().join("latin"), b"caf\xe9 cr\xe8me\nnone\n").unwrap();
        assert_eq!(grepped("caf. cr", &root), format!("{root}/latin:1:caf\u{fffd} cr\u{fffd}me"));
        assert_eq!(grepped("^two$", &root), format!("{root}/crlf:2:two"));
    }

    #[test]
    fn what_is_too_large_to_search_is_said() {
        let (folder, root) = folder(&[("a", "needle")]);
        fs::File::create(folder.path().join("big")).unwrap().set_len(MAX_FILE + 1).unwrap();
        let text = format!("{root}/a:1:needle\n(1 file is too large to search)");
        assert_eq!(grepped("needle", &root), text);
        let path = Some(format!("{root}/big"));
        let alone = grep(GrepInput { pattern: "needle".to_owned(), path });
        assert!(matches!(alone, Err(ToolError::Failed(_))));
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
