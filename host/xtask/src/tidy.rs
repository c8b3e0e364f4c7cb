//! The rules of the tree that neither the compiler nor clippy can hold.
//!
//! `layers` holds who may depend on whom, `features` that nothing is built twice, `source` what a
//! Rust file may contain, `words` which names may appear where. The same check is a test, so
//! every test run holds it.

mod code;
mod features;
mod layers;
mod source;
mod words;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process::say;
use crate::workspace::{entries, name_of};

/// Folders that are built, fetched, or a tool's own.
const SKIPPED: [&str; 5] = ["target", ".git", ".wasm-sysroot", "node_modules", "fuzz-corpus"];

/// What was found in the tree.
#[derive(Default)]
struct Report {
    /// What has to be mended, each `path[:line]: what`.
    problems: Vec<String>,
    /// What should be.
    warnings: Vec<String>,
}

/// One file of the tree.
struct File {
    /// Its path in the tree, with slashes.
    path: String,
    /// Its text.
    text: String,
}

/// Checks the tree and prints what it finds.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let report = check(root)?;
    for warning in &report.warnings {
        say(&format!("warning: {warning}"));
    }
    for problem in &report.problems {
        say(problem);
    }
    match report.problems.len() {
        0 => Ok(()),
        count => {
            let message = format!("{count} places in the tree break its rules");
            Err(Failure::new(message, "each line above names a place and its rule"))
        }
    }
}

fn check(root: &Path) -> Result<Report, Failure> {
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    let mut report = Report::default();
    for file in &files {
        source::check(file, &mut report);
    }
    layers::check(&files, &mut report);
    features::check(root, &mut report)?;
    words::check(&words::of_missions(root)?, &files, &mut report);
    Ok(report)
}

/// Reads every text file of the tree that people write.
fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<(), Failure> {
    for path in entries(folder)? {
        let name = name_of(&path);
        if path.is_symlink() || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if name != "Cargo.lock"
            && let Some(text) = text_of(&path)
        {
            let path = path.strip_prefix(root).unwrap_or(&path);
            let path = path.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    Ok(())
}

/// A file's text; `None` for what is not text, or is too large to have been written by hand.
fn text_of(path: &PathBuf) -> Option<String> {
    const TEXT_BYTES_MAX: u64 = 1024 * 1024;
    let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= TEXT_BYTES_MAX);
    let bytes = if small {
        std::fs::read(path).ok()?
    } else {
        return None;
    };
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report on one file.
    pub(super) fn problems_in(path: &str, text: &str) -> Vec<String> {
        let mut report = Report::default();
        source::check(&File { path: path.to_owned(), text: text.to_owned() }, &mut report);
        report.problems
    }

    #[test]
    fn the_tree_keeps_its_rules() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let report = check(here.ancestors().nth(2).unwrap()).unwrap();
        assert!(report.problems.is_empty(), "\n{}", report.problems.join("\n"));
    }
}
