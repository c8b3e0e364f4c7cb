//! Views: the part of a session's filesystem that one agent, and each plugin called for it,
//! can see.

use std::collections::BTreeMap;

use lucid_core::{Failure, Result};
use serde::{Deserialize, Serialize};

use crate::manifest::FileAccess;

/// What may be done in one folder of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// Read only.
    #[serde(rename = "ro")]
    ReadOnly,
    /// Read and write.
    #[serde(rename = "rw")]
    ReadWrite,
}

/// Where the folders of a session's filesystem can stand in a view.
const ROOTS: [&str; 3] = ["/workspace", "/mnt/session/outputs", "/mnt/session/uploads"];

/// The folders an agent sees, by absolute path.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct View(BTreeMap<String, Access>);

impl View {
    /// Takes a view as it was written down.
    ///
    /// # Errors
    /// Invalid, when a folder is not under one of the session's roots, is written in a way
    /// that could mean another folder, or lies inside another folder of the view.
    pub fn new(folders: BTreeMap<String, Access>) -> Result<Self> {
        for folder in folders.keys() {
            let below = |root: &&str| {
                folder.strip_prefix(*root).is_some_and(|rest| {
                    rest.is_empty() || (rest.starts_with('/') && plain(&rest[1..]))
                })
            };
            if !ROOTS.iter().any(below) {
                return Err(Failure::invalid(format!("no such folder in a view: `{folder}`"))
                    .hint(format!("a view has folders at or under {}", ROOTS.join(", "))));
            }
            let inside =
                |other: &&String| *other != folder && folder.starts_with(&format!("{other}/"));
            if let Some(outer) = folders.keys().find(inside) {
                return Err(Failure::invalid(format!(
                    "folder `{folder}` of a view lies inside its folder `{outer}`"
                ))
                .hint("name the outer one, or folders beside each other"));
            }
        }
        Ok(Self(folders))
    }

    /// The folders with what may be done in each, as far as a plugin's own file access
    /// goes.
    pub fn folders(&self, plugin: FileAccess) -> impl Iterator<Item = (&str, Access)> {
        self.0.iter().map(move |(folder, access)| {
            let access = match plugin {
                FileAccess::ReadOnly => Access::ReadOnly,
                FileAccess::ReadWrite => *access,
            };
            (folder.as_str(), access)
        })
    }
}

/// Whether a relative path has only plain segments.
fn plain(path: &str) -> bool {
    path.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| !byte.is_ascii_control() && byte != b'\\')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(folders: &[&str]) -> Result<View> {
        View::new(folders.iter().map(|f| ((*f).to_owned(), Access::ReadWrite)).collect())
    }

    #[test]
    fn a_view_holds_only_plain_folders_of_the_session() {
        assert!(view(&["/workspace", "/mnt/session/outputs/a"]).is_ok());
        for wrong in
            ["/", "/etc", "/workspace/../etc", "/workspacex", "/workspace/", "workspace", "/mnt"]
        {
            assert!(view(&[wrong]).is_err(), "{wrong}");
        }
        assert!(view(&["/workspace", "/workspace/a"]).is_err());
    }

    #[test]
    fn a_plugin_that_may_only_read_writes_nowhere() {
        let view = view(&["/workspace"]).unwrap();
        let accesses: Vec<_> = view.folders(FileAccess::ReadOnly).collect();
        assert_eq!(accesses, [("/workspace", Access::ReadOnly)]);
    }

    proptest::proptest! {
        #[test]
        fn any_path_is_refused_or_is_a_plain_folder_of_the_session(
            path in "(/workspace|/mnt/session/outputs|/mnt)?[/a.\\\\\\x00-\\x20~é]{0,24}",
            inner in ".{0,40}",
        ) {
            for folder in [path.clone(), format!("/workspace/{inner}"), inner] {
                let Ok(view) = view(&[&folder]) else { continue };
                let (seen, _) = view.folders(FileAccess::ReadWrite).next().unwrap();
                proptest::prop_assert!(ROOTS.iter().any(|root| seen.starts_with(root)));
                let plain = |part: &str| !matches!(part, "" | "." | "..");
                proptest::prop_assert!(seen.split('/').skip(1).all(plain), "{seen:?}");
                proptest::prop_assert!(!seen.contains(['\0', '\\', '\n']));
            }
        }
    }
}
