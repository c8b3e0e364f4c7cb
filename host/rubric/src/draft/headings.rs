//! Facts about Markdown: its headings, but for those that hold data.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{Fact, quote};

/// Headings of one file that are looked at.
const HEADINGS: usize = 12;
/// Longer headings are sentences.
const LENGTH: usize = 60;

/// Facts about the text in a file.
pub(super) fn facts(path: &str, text: &str) -> Vec<Fact> {
    let mut found: Vec<&str> = Vec::new();
    for (event, span) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        if !matches!(event, Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let starts = span.start == 0 || text.as_bytes().get(span.start - 1) == Some(&b'\n');
        let line = text.get(span).and_then(|heading| heading.lines().next()).unwrap_or_default();
        let line = line.trim_end();
        if starts && is_stable(line) && !found.contains(&line) {
            found.push(line);
        }
        if found.len() == HEADINGS {
            break;
        }
    }
    found.into_iter().map(|line| fact(path, line)).collect()
}

fn fact(path: &str, line: &str) -> Fact {
    let (marks, title) = line.split_at(line.len() - line.trim_start_matches('#').len());
    let title = title.trim();
    // In brackets a sign is only itself.
    let sign = |c: char| match c {
        '.' | '(' | ')' | '?' | '+' => format!("[{c}]"),
        c => c.to_string(),
    };
    let pattern: String = title.chars().map(sign).collect();
    let mark = if pattern.contains('\'') { '"' } else { '\'' };
    let text = quote::text(path);
    let check = format!("text({text}).matches(r{mark}(?m)^{marks} +{pattern}\\s*${mark})");
    Fact::new(format!("{} has the heading “{title}”.", quote::code(path)), check)
}

/// Whether another result has the heading too: it has a title, and neither numbers nor marks.
fn is_stable(line: &str) -> bool {
    let title = line.trim_start_matches('#');
    let plain = |c: char| c.is_alphabetic() || " -,:&/.()?!+'’".contains(c);
    title.len() < line.len()
        && title.starts_with(' ')
        && title.trim().contains(char::is_alphabetic)
        && title.chars().count() <= LENGTH
        && title.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Vec<String> {
        facts("a.md", text).into_iter().map(|fact| fact.check).collect()
    }

    #[test]
    fn headings_without_data_are_facts() {
        let text = "# The report\n\n## What's new (now)?\n\n## Day 12\n\n## *Loud*\n\n\
                    ```\n# No\n```\n\
                    ## The report\n\n## The report\n\nTitle\n=====\n\n> # Quoted\n";
        assert_eq!(
            checks(text),
            [
                r"text('a.md').matches(r'(?m)^# +The report\s*$')",
                r#"text('a.md').matches(r"(?m)^## +What's new [(]now[)][?]\s*$")"#,
                r"text('a.md').matches(r'(?m)^## +The report\s*$')",
            ]
        );
    }

    #[test]
    fn only_so_many_headings_are_facts() {
        let text: String = ('a'..='z').map(|c| format!("# {c}\n")).collect();
        assert_eq!(checks(&text).len(), HEADINGS);
    }
}
