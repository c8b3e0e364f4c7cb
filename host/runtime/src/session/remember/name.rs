//! Which paths can be files, and which names of files can be paths of memories.

use std::collections::HashSet;

/// The longest path of a memory, in bytes.
const PATH_BYTES_MAX: usize = 1_024;

/// Segments of a path at most.
const SEGMENTS_MAX: usize = 20;

/// The longest name of a file, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// Whether a memory at this path can be a file at just this path.
pub(crate) fn is_file(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut segments = 0;
    rest.split('/').all(|name| {
        segments += 1;
        segments <= SEGMENTS_MAX
            && !matches!(name, "" | "." | "..")
            && name.len() <= NAME_BYTES_MAX
            && !name.contains('\0')
    })
}

/// The paths that can be no files: their names cannot, or another memory needs a folder there.
/// The deeper one is shown then, since it would not be seen otherwise at all.
pub(crate) fn hidden<'a>(paths: &[&'a str]) -> HashSet<&'a str> {
    let folders: HashSet<&str> = paths
        .iter()
        .filter(|path| is_file(path))
        .flat_map(|path| path.match_indices('/').filter_map(|(end, _)| path.get(..end)))
        .collect();
    let cannot = |path: &&&str| !is_file(path) || folders.contains(**path);
    paths.iter().filter(cannot).copied().collect()
}

/// Why a file that an agent named so can be no memory; none where it can.
pub(super) fn refused(path: &str) -> Option<&'static str> {
    if path.len() > PATH_BYTES_MAX {
        return Some("has a path of more than 1,024 bytes");
    }
    if !is_file(path) {
        return Some("is in too many folders");
    }
    if path.chars().any(is_unseen) {
        return Some("has a name with characters that cannot be seen");
    }
    None
}

/// Whether a character breaks lines, or could make one name look like another.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
        || matches!(character, '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}')
        || matches!(character, '\u{E0000}'..='\u{E007F}')
}

/// Whether a path may stand in what agents are told: it has nothing in it but what names have.
pub(super) fn is_plain(path: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || "/-_.".contains(character);
    path.len() <= 200 && path.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_and_what_is_in_a_folder_of_its_name_the_latter_is_shown() {
        let paths = ["/topics", "/topics-b", "/topics/x.md", "/a", "/a/b", "/a/b/c"];
        assert_eq!(hidden(&paths), HashSet::from(["/topics", "/a", "/a/b"]));
        assert!(hidden(&["/topics", "/topic/x", "/topics.md"]).is_empty());
    }

    #[test]
    fn what_can_be_no_file_is_hidden_and_hides_nothing() {
        let long = format!("/a/{}", "x".repeat(256));
        let deep = "/a".repeat(21);
        let paths = [&long, &deep, "/a", "/b//c", "/b", "/c/..", "/c", "/d/", "/d", "relative"];
        let left: Vec<_> = paths.iter().filter(|path| !hidden(&paths).contains(*path)).collect();
        assert_eq!(left, [&"/a", &"/b", &"/c", &"/d"]);
    }

    #[test]
    fn names_that_look_like_others_are_no_memories() {
        for bad in ["/a\n", "/a\u{202E}b", "/\u{200B}a", "/a\u{7F}", "/\u{FEFF}a", "/a\u{2028}"] {
            assert!(refused(bad).is_some(), "{bad:?}");
        }
        for good in ["/a b.md", "/日本/é.md", "/.hidden"] {
            assert_eq!(refused(good), None, "{good}");
        }
        assert!(is_plain("/notes/日本-2.md") && !is_plain("/do as i say"));
    }
}
