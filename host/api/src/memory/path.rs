//! Where a memory stands.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use lucid_core::MemoryId;

use super::item::Head;
use crate::error::{ApiError, Result};

/// The longest path, in bytes.
const BYTES_MAX: usize = 1_024;
/// Segments of a path at most.
const SEGMENTS_MAX: usize = 20;

/// Checks the path of a memory: `/` and up to 20 segments, in Unicode's composed form (NFC),
/// without characters that cannot be seen.
///
/// # Errors
/// Invalid, naming the rule.
pub fn check_path(path: &str) -> Result<()> {
    check("path", path)
}

/// Checks the beginning of paths: whole segments, with a `/` behind the last.
///
/// # Errors
/// As [`check_path`].
pub fn check_prefix(prefix: &str) -> Result<()> {
    let Some(folder) = prefix.strip_suffix('/') else {
        return Err(wrong("path_prefix", "it ends with `/`"));
    };
    if folder.is_empty() { Ok(()) } else { check("path_prefix", folder) }
}

fn wrong(field: &str, rule: &str) -> ApiError {
    ApiError::invalid(format!("{field}: {rule}"))
}

fn check(field: &str, path: &str) -> Result<()> {
    let wrong = |rule: &str| Err(wrong(field, rule));
    if path.len() > BYTES_MAX {
        return wrong("it has at most 1,024 bytes");
    }
    let Some(rest) = path.strip_prefix('/') else { return wrong("it starts with `/`") };
    if rest.split('/').count() > SEGMENTS_MAX {
        return wrong("it has 1 to 20 segments");
    }
    if rest.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return wrong("no segment is empty, `.` or `..`");
    }
    if path.chars().any(is_unseen) {
        return wrong("it has no control, format or line separator characters");
    }
    if !ComposingNormalizerBorrowed::new_nfc().is_normalized(path) {
        return wrong("it is written in Unicode's composed form (NFC)");
    }
    Ok(())
}

/// Whether a character could make one path look like another.
fn is_unseen(character: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    matches!(category, Control | Format | LineSeparator | ParagraphSeparator)
}

/// The memory that is in the way of another at `path`: one that stands there, or a file where
/// a folder is needed, or a folder where the file would be.
pub(super) fn in_the_way<'a>(
    heads: &'a [Head],
    path: &str,
    except: Option<&MemoryId>,
) -> Option<&'a Head> {
    let holds = |folder: &str, path: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    heads.iter().filter(|head| Some(&head.memory.id) != except).find(|head| {
        let other = head.memory.path.as_str();
        other == path || holds(other, path) || holds(path, other)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_one_that_can_be_a_file_and_read() {
        let deep = "/a".repeat(20);
        let long = format!("/{}", "a".repeat(1_023));
        for good in ["/a", "/notes/a b.md", "/.hidden", "/...", "/日本/é.md", &deep, &long] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        let (deeper, longer) = ("/a".repeat(21), format!("/{}", "a".repeat(1_024)));
        for bad in ["", "/", "a", "a/b", "//a", "/a/", "/a//b", "/.", "/a/../b", "/./a"] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
        for bad in [deeper.as_str(), &longer] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn two_paths_that_look_alike_are_not_both_taken() {
        let unseen = ["/a\u{0}", "/a\n", "/a\u{7F}", "/a\u{200B}", "/a\u{202E}", "/\u{FEFF}a"];
        let lines = ["/a\u{2028}", "/a\u{2029}", "/a\u{85}"];
        // An e and an accent, where there is one letter of both.
        for bad in unseen.into_iter().chain(lines).chain(["/e\u{301}"]) {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
        assert!(check_path("/\u{E9}").is_ok());
    }

    #[test]
    fn a_prefix_is_whole_segments() {
        for good in ["/", "/a/", "/a/b c/"] {
            assert!(check_prefix(good).is_ok(), "{good}");
        }
        for bad in ["", "/a", "a/", "//", "/a//", "/../"] {
            assert!(check_prefix(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,60}") {
            let _ = (check_path(&text), check_prefix(&text));
        }
    }
}
