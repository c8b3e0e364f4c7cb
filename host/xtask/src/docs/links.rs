//! Whether the links of the pages lead somewhere: to a file that is there, and a heading in it.

use std::path::{Path, PathBuf};

use super::prose::anchor;
use crate::failure::Failure;
use crate::workspace::{entries, read};

/// The links of the pages below a folder that lead nowhere, each as `page:line: what`.
pub(super) fn broken(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let mut broken = Vec::new();
    for page in pages(&root.join(folder))? {
        let text = read(&page)?;
        let name = page.strip_prefix(root).unwrap_or(&page).display();
        for (number, target) in targets(&text) {
            if !leads_somewhere(&page, &text, target)? {
                broken.push(format!("{name}:{number}: `{target}` leads nowhere"));
            }
        }
    }
    Ok(broken)
}

/// The pages in a folder and below.
fn pages(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(pages(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The lines of a page outside of its blocks of code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// Where the links of a page lead, each with its line.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let named = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(inline.map(|target| (number, target)));
        found.extend(named.map(|(_, target)| (number, target)));
    }
    found
}

fn leads_somewhere(page: &Path, text: &str, target: &str) -> Result<bool, Failure> {
    if target.contains("://") {
        return Ok(true);
    }
    let (file, heading) = match target.split_once('#') {
        Some((file, heading)) => (file, Some(heading)),
        None => (target, None),
    };
    let path = page.parent().unwrap_or(page).join(file);
    let here = file.is_empty();
    if !here && !path.exists() {
        return Ok(false);
    }
    let Some(heading) = heading else { return Ok(true) };
    Ok(if here { has_heading(text, heading) } else { has_heading(&read(&path)?, heading) })
}

fn has_heading(text: &str, wanted: &str) -> bool {
    let mut headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings.any(|(_, line)| anchor(line.trim_start_matches('#').trim()) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# One `two`\n\n[a](#one-two) [b](#two)\n\n```md\n[c](#no)\n# No\n```\n\n\
                        [d][d] [e](https://example.org/#x)\n\n[d]: nowhere.md#a\n";

    #[test]
    fn links_are_found_outside_of_code_and_lead_to_headings_that_are_there() {
        let found = targets(PAGE);
        let expected =
            [(3, "#one-two"), (3, "#two"), (10, "https://example.org/#x"), (12, "nowhere.md#a")];
        assert_eq!(found, expected);
        let leads: Vec<bool> = found
            .iter()
            .map(|(_, target)| leads_somewhere(Path::new("page.md"), PAGE, target).unwrap())
            .collect();
        assert_eq!(leads, [true, false, true, false]);
        assert!(!has_heading(PAGE, "no"));
    }
}
