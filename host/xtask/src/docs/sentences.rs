//! Whether what a page quotes of the host is what the host says.
//!
//! A page quotes messages in blocks of `text`, with `…` for what differs from case to case.
//! What stands between two `…` has to stand in the code: in one literal, or in up to three
//! that are joined.

use std::path::Path;

use crate::failure::Failure;
use crate::workspace::{entries, folders_in, name_of, read};

/// The info string of the blocks that quote.
const QUOTING: &str = "text";

/// What the command line puts before a message.
const PREFIXES: [&str; 2] = ["error: ", "hint: "];

/// Parts shorter than this are found everywhere and say nothing.
const PART_CHARACTERS_MIN: usize = 4;

/// The code of the host as one text, its literals as they are when they are printed.
pub(super) fn code(root: &Path) -> Result<String, Failure> {
    let mut all = String::new();
    for crate_folder in folders_in(&root.join("host"))? {
        // What this very program says is not what an author meets.
        if name_of(&crate_folder) != "xtask" {
            collect(&crate_folder, &mut all)?;
        }
    }
    Ok(plain(&all))
}

fn collect(folder: &Path, all: &mut String) -> Result<(), Failure> {
    for path in entries(folder)? {
        if path.is_dir() {
            collect(&path, all)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&read(&path)?);
        }
    }
    Ok(())
}

/// Takes out of code what is written in literals and not printed: line breaks after `\` with
/// the spaces behind them, and escapes.
fn plain(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        rest = match after.strip_prefix('\n') {
            Some(next) => next.trim_start(),
            None => after,
        };
    }
    out.push_str(rest);
    out
}

/// The lines of a page that quote what the code does not say, each as `page:line: what`.
pub(super) fn lost(name: &str, page: &str, code: &str) -> Vec<String> {
    let mut lost = Vec::new();
    let mut quoting = false;
    let mut fenced = false;
    for (number, line) in page.lines().enumerate() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            fenced = !fenced;
            quoting = fenced && info.trim() == QUOTING;
            continue;
        }
        if !quoting {
            continue;
        }
        let said = PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line);
        let parts = said.split('…').map(str::trim);
        let missing = parts
            .filter(|part| part.chars().count() >= PART_CHARACTERS_MIN)
            .find(|part| !is_said(part, code));
        if let Some(part) = missing {
            lost.push(format!("{name}:{}: no message has `{part}`", number + 1));
        }
    }
    lost
}

/// Whether a part is in the code: as a whole, or as the end of one literal, a second, and the
/// beginning of a third.
fn is_said(part: &str, code: &str) -> bool {
    if code.contains(part) {
        return true;
    }
    let cuts: Vec<usize> = part.char_indices().map(|(at, _)| at).chain([part.len()]).collect();
    let cut = |number: usize| cuts.get(number).copied().unwrap_or(part.len());
    // With a beginning every shorter one is found, too: the longest is searched for by halves.
    let begins = |end: &usize| code.contains(part.get(..*end).unwrap_or_default());
    let ends = |start: &usize| code.contains(part.get(*start..).unwrap_or_default());
    let start = cut(cuts.partition_point(begins).saturating_sub(1));
    let end = cut(cuts.partition_point(|start| !ends(start)));
    let long = |bytes: usize| bytes >= PART_CHARACTERS_MIN;
    let middle = part.get(start..end).unwrap_or_default();
    long(start) && long(part.len() - end) && code.contains(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"
        format!("plugin `{name}` went over its limit of {limit} \
                 {unit} ({what})");
        "ask for `files = \"read-only\"`"
    "#;

    fn lost_in(lines: &str) -> usize {
        lost("p.md", &format!("# P\n\n```text\n{lines}\n```\n"), &plain(CODE)).len()
    }

    #[test]
    fn what_the_code_says_is_found_with_its_gaps() {
        assert_eq!(lost_in("error: plugin `…` went over its limit of … … (…)"), 0);
        assert_eq!(lost_in("hint: ask for `files = \"read-only\"`"), 0);
        assert_eq!(lost_in("… limit of …"), 0);
        assert_eq!(lost_in("plugin `…` went over its ask for `files"), 0, "two that are joined");
    }

    #[test]
    fn what_it_does_not_say_is_named_with_its_line() {
        let page = "a\n```text\nerror: plugin `x` went over …\n```\n";
        let lost = lost("p.md", page, &plain(CODE));
        assert_eq!(lost, ["p.md:3: no message has `plugin `x` went over`"]);
        assert_eq!(lost_in("hint: ask for `files = \"read-write\"`"), 1);
    }

    #[test]
    fn only_blocks_that_quote_are_looked_at() {
        let page = "went away\n```sh\nwent away\n```\nwent away\n";
        assert_eq!(lost("p.md", page, CODE), [""; 0]);
    }
}
