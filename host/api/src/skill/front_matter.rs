//! What a `SKILL.md` says of itself before its text begins.
//!
//! It is YAML, of which two texts at the top level matter here. They are read as people write
//! them: plain, in quotes, on several lines, or as a block behind `>` or `|`.

use crate::error::{ApiError, Result};

const FENCE: &str = "---";
/// Lines that are read at most.
const LINES_MAX: usize = 1_000;

/// The two texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FrontMatter {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

impl FrontMatter {
    /// Reads them from a file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let wrong = |why: &str| ApiError::invalid(format!("SKILL.md: {why}"));
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is no UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().map(str::trim_end);
        if lines.next() != Some(FENCE) {
            return Err(wrong("it begins with a line `---`, then `name:` and `description:`"));
        }
        let inside: Vec<&str> =
            lines.by_ref().take(LINES_MAX).take_while(|l| *l != FENCE).collect();
        let end = text.lines().map(str::trim_end).nth(inside.len().saturating_add(1));
        if end != Some(FENCE) {
            return Err(wrong("its front matter does not end with a line `---`"));
        }
        let mut read = Self::default();
        let mut rest = inside.as_slice();
        while let Some((line, behind)) = rest.split_first() {
            let more = behind.iter().take_while(|line| is_more(line)).count();
            let (more, behind) = behind.split_at(more);
            rest = behind;
            let Some((key, value)) = line.split_once(':') else { continue };
            let slot = match key.trim_matches(['"', '\'']) {
                "name" => &mut read.name,
                "description" => &mut read.description,
                _ => continue,
            };
            if slot.is_some() {
                return Err(wrong("`name` or `description` is there twice"));
            }
            let value = scalar(value.trim(), more);
            *slot = Some(value.ok_or_else(|| wrong("a text in quotes does not end"))?);
        }
        read.name = read.name.filter(|name| !name.is_empty());
        Ok(read)
    }
}

/// Whether a line belongs to the key before it.
fn is_more(line: &str) -> bool {
    line.is_empty() || line.starts_with([' ', '\t'])
}

fn scalar(first: &str, more: &[&str]) -> Option<String> {
    if let Some(style) = first.strip_prefix(['>', '|'])
        && style.split('#').next().is_some_and(|style| style.trim().chars().all(is_indicator))
    {
        return Some(block(first.starts_with('|'), more));
    }
    let lines = std::iter::once(first).chain(more.iter().map(|line| line.trim()));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    if let Some(quoted) = text.strip_prefix('"') {
        return double_quoted(quoted);
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let inside = quoted.replace("''", "\u{0}");
        let (inside, _) = inside.split_once('\'')?;
        return Some(inside.replace('\u{0}', "'"));
    }
    let plain = text.split(" #").next().unwrap_or_default().trim();
    Some(if plain.starts_with('#') { String::new() } else { plain.to_owned() })
}

fn is_indicator(character: char) -> bool {
    matches!(character, '-' | '+' | '0'..='9')
}

fn block(keeps_lines: bool, lines: &[&str]) -> String {
    let indent = |line: &&&str| line.len().saturating_sub(line.trim_start().len());
    let least = lines.iter().filter(|line| !line.is_empty()).map(|line| indent(&line)).min();
    // Cut at the shortest indentation, which is white space and so a boundary in every line.
    let cut = |line: &&str| line.get(least.unwrap_or_default()..).unwrap_or_default().to_owned();
    let lines: Vec<String> = lines.iter().map(cut).collect();
    lines.join(if keeps_lines { "\n" } else { " " }).trim().to_owned()
}

fn double_quoted(text: &str) -> Option<String> {
    let mut read = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some(read),
            '\\' => match characters.next()? {
                'n' => read.push('\n'),
                't' => read.push('\t'),
                other => read.push(other),
            },
            other => read.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANY: &str = "(---\n)?[a-z:>|'\" \\\\\n\u{e4}\u{2003}#-]{0,120}(\n---\n)?";

    fn read(front: &str) -> Result<FrontMatter> {
        FrontMatter::read(format!("---\n{front}\n---\ntext\n---\n").as_bytes())
    }

    fn description(front: &str) -> Option<String> {
        read(front).unwrap().description
    }

    #[test]
    fn the_two_texts_are_read_as_people_write_them() {
        for front in [
            "description: Reads a: b.",
            "description: \"Reads a: b.\"",
            "description: 'Reads a: b.'  # why",
            "description: Reads a: b. # why",
            "description: >\n  Reads\n  a: b.\n",
            "description: >-\n    Reads\n    a: b.\nlicense: MIT",
            "description: |\n  Reads a: b.",
            "description:\n  Reads\n  a: b.",
            "metadata:\n  name: other\n  description: other\ndescription: Reads a: b.",
            "\"description\": Reads a: b.",
        ] {
            assert_eq!(description(front).as_deref(), Some("Reads a: b."), "{front}");
        }
        assert_eq!(description("description: 'It''s'").as_deref(), Some("It's"));
        assert_eq!(description("description: \"a\\\"b\"").as_deref(), Some("a\"b"));
        assert_eq!(description("description: |\n  a\n  b").as_deref(), Some("a\nb"));
        assert_eq!(read("name: # none").unwrap().name, None);
        assert_eq!(read("license: MIT").unwrap(), FrontMatter::default());
        let windows = FrontMatter::read(b"\xef\xbb\xbf---\r\nname: a\r\n---\r\n").unwrap();
        assert_eq!(windows.name.as_deref(), Some("a"));
    }

    #[test]
    fn what_is_no_front_matter_is_refused() {
        assert!(FrontMatter::read(b"# How").is_err());
        assert!(FrontMatter::read(b"---\nname: a\n").is_err());
        assert!(FrontMatter::read(b"---\nname: \xff\n---\n").is_err());
        assert!(FrontMatter::read(b"").is_err());
        assert!(read("name: a\nname: b").is_err());
        assert!(read("name: \"a").is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ANY) {
            let _ = FrontMatter::read(text.as_bytes());
        }
    }
}
