//! Where an open file or folder is, by the name the guest used, and why it may be read only.

use std::collections::HashMap;

use lucid_core::Denial;

/// Why nothing may be changed in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The view has it as `ro`.
    View,
    /// The plugin was granted reading only.
    Grant,
    /// Its kind only reads.
    Kind,
}

/// What is behind a descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its absolute path, as the guest sees it.
    pub(super) path: String,
    /// Why it cannot be changed, where it cannot.
    pub(super) refusal: Option<Refusal>,
}

impl Place {
    /// What is behind a path that starts here.
    pub(super) fn at(&self, relative: &str) -> Self {
        Self { path: join(&self.path, relative), refusal: self.refusal }
    }

    /// The denial of a change here, or of a path that leads out.
    pub(super) fn denial(&self) -> Denial {
        let (rule, hint) = match self.refusal {
            Some(Refusal::View) => (
                "the view has this folder read-only",
                "write the folder as `\"rw\"` in the agent's `view`, or give it with `--dir \
                 HOST::GUEST:rw`",
            ),
            Some(Refusal::Grant) => (
                "the plugin was granted reading only",
                "ask for `files = \"read-write\"` in the manifest, and grant it in the mission",
            ),
            Some(Refusal::Kind) => (
                "a plugin of this kind only reads",
                "no grant allows it: graders and dreams give back what they found",
            ),
            None => (
                "a path does not lead out of its folder",
                "no grant allows it; add the folder to the agent's `view`, or give it with \
                 `--dir HOST::GUEST`",
            ),
        };
        Denial {
            capability: "files".to_owned(),
            what: printable(&self.path),
            rule: rule.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

/// The open descriptors of a call, by their index in the table.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<u32, Place>);

impl Places {
    pub(super) fn set(&mut self, descriptor: u32, place: Place) {
        self.0.insert(descriptor, place);
    }

    pub(super) fn get(&self, descriptor: u32) -> Option<&Place> {
        self.0.get(&descriptor)
    }

    pub(super) fn forget(&mut self, descriptor: u32) {
        self.0.remove(&descriptor);
    }
}

/// The longest path that is written down.
const PATH_CHARACTERS_MAX: usize = 512;

/// Joins as a reader of the log would: by its segments, without looking at links.
fn join(folder: &str, relative: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(relative.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    printable(&format!("/{}", segments.join("/")))
}

/// A guest names files as it likes; the log is read in terminals. What was cut says so: the
/// first dots of a long name would otherwise read as `..`.
fn printable(path: &str) -> String {
    let mut safe = String::new();
    let mut characters = path.chars();
    for character in characters.by_ref().take(PATH_CHARACTERS_MAX) {
        if character.is_control() || turns_text(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    if characters.next().is_some() {
        safe.push('…');
    }
    safe
}

/// Marks that make a terminal or an editor show what follows in another order.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_joined_by_their_segments() {
        for (folder, relative, whole) in [
            ("/workspace", "a", "/workspace/a"),
            ("/workspace", "./a//b/", "/workspace/a/b"),
            ("/workspace/in", "../a", "/workspace/a"),
            ("/workspace", "../../etc", "/etc"),
            ("/", "a\u{1b}]", "/a\\u{1b}]"),
            ("/", "txt.\u{202e}exe", "/txt.\\u{202e}exe"),
            ("/workspace", "", "/workspace"),
        ] {
            assert_eq!(join(folder, relative), whole);
        }
    }

    #[test]
    fn a_path_that_is_cut_says_so_and_never_ends_in_dots_that_lead_up() {
        for dots in [".hidden", "..hidden"] {
            let start = "a".repeat(PATH_CHARACTERS_MAX - dots.len() + "hidden".len() - 2);
            let joined = join("/", &format!("{start}/{dots}"));
            assert!(joined.ends_with('…'), "{joined}");
            assert!(joined.split('/').all(|part| part != ".." && part != "."), "{joined}");
        }
    }

    proptest! {
        #[test]
        fn any_name_gives_an_absolute_printable_path(folder in ".{0,40}", name in ".{0,700}") {
            let joined = join(&folder, &name);
            prop_assert!(joined.starts_with('/'));
            prop_assert!(!joined.chars().any(char::is_control));
            prop_assert!(joined.split('/').all(|part| part != ".." && part != "."));
            let place = Place { path: joined, refusal: None };
            prop_assert!(!place.denial().hint.is_empty());
        }
    }
}
