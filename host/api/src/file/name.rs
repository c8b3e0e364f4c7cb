//! Names of files: what of a name is kept, and how it is written into a header.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::media_type::ending;

const CHARACTERS_MAX: usize = 255;
const BYTES_MAX: usize = 255;

/// What may stand in a header's `filename*` as it is (RFC 8187, `attr-char`).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// What is kept of a name that somebody gave: the last component of the path, without
/// characters that nobody sees, and not too long for a file system; its ending is kept. Where
/// nothing is left, it is `unnamed` with the ending of the media type.
#[must_use]
pub fn file_name(given: Option<&str>, media_type: &str) -> String {
    let last = given.and_then(|given| given.rsplit(['/', '\\']).next()).unwrap_or_default();
    let visible: String = last.chars().filter(|c| !is_unseen(*c)).collect();
    let name = visible.trim();
    if name.is_empty() || name == "." || name == ".." {
        return match ending(media_type) {
            Some(ending) => format!("unnamed.{ending}"),
            None => "unnamed".to_owned(),
        };
    }
    shortened(name)
}

/// Control characters, and those that make a name look like another.
fn is_unseen(c: char) -> bool {
    let turns =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    c.is_control() || turns || c == '\u{feff}'
}

fn shortened(name: &str) -> String {
    let fits = |text: &str| text.len() <= BYTES_MAX && text.chars().count() <= CHARACTERS_MAX;
    if fits(name) {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 16 => {
            (stem, format!(".{ending}"))
        }
        _ => (name, String::new()),
    };
    let room = BYTES_MAX - ending.len();
    let mut short = String::with_capacity(BYTES_MAX);
    for c in stem.chars() {
        if short.len() + c.len_utf8() > room {
            break;
        }
        short.push(c);
    }
    short + &ending
}

/// The header `content-disposition` of a download.
#[must_use]
pub fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " !#$&+-.^_`|~()[]{}@,=".contains(c);
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if ascii == name {
        return format!("attachment; filename=\"{ascii}\"");
    }
    let exact = utf8_percent_encode(name, ATTRIBUTE);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_last_component_of_a_path_is_kept() {
        let cases = [
            ("report.md", "report.md"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\report.md", "report.md"),
            ("a/b\\../c.txt", "c.txt"),
            ("/", "unnamed.md"),
            ("..", "unnamed.md"),
            ("x/..", "unnamed.md"),
            ("", "unnamed.md"),
            (" \u{0}\r\n", "unnamed.md"),
            ("a\r\nb\u{202e}.txt", "ab.txt"),
            ("été 1.csv", "été 1.csv"),
        ];
        for (given, expected) in cases {
            assert_eq!(file_name(Some(given), "text/markdown"), expected, "{given:?}");
        }
        assert_eq!(file_name(None, "application/x-none"), "unnamed");
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = file_name(Some(&format!("{}.json", "é".repeat(300))), "text/plain");
        assert!(name.ends_with("é.json") && name.len() <= 255, "{name}");
    }

    #[test]
    fn a_name_never_ends_the_header_it_stands_in() {
        assert_eq!(disposition("a b.txt"), "attachment; filename=\"a b.txt\"");
        let expected = "attachment; filename=\"_a_._\"; filename*=UTF-8''%22a%C3%A9.%5C";
        assert_eq!(disposition("\"aé.\\"), expected);
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_component(given in "\\PC{0,300}", odd in ".{0,40}") {
            for given in [given, odd] {
                let name = file_name(Some(&given), "text/plain");
                prop_assert!((1..=255).contains(&name.len()), "{}", name);
                prop_assert!(!name.contains(['/', '\\', '\0']) && name != "." && name != "..");
                let header = disposition(&name);
                prop_assert!(header.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", header);
            }
        }
    }
}
