//! The folders a check's calls see, and what lies beside them that they must not.

#![allow(clippy::disallowed_methods, reason = "works on a folder it made, no guest named it")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lucid_core::{Entropy as _, Failure, Result};
use lucid_engine::Mount;
use lucid_policy::Access;

use crate::ambient::SystemEntropy;

/// Where tools work.
pub(super) const WORKSPACE: &str = "/workspace";

/// Where outputs are.
pub(super) const OUTPUTS: &str = "/mnt/session/outputs";

/// A file that is in both folders.
pub(super) const SAMPLE: &str = "sample.txt";

const SAMPLE_TEXT: &str = "alpha 1\nbeta 2\ngamma 3\n";

/// The folders of a view, with their names beside the canary.
const FOLDERS: [(&str, &str); 2] = [("workspace", WORKSPACE), ("outputs", OUTPUTS)];

/// What lies outside of every view.
const CANARY: &str = "canary.txt";
const CANARY_TEXT: &str = "nobody reads or writes this";

/// A folder for one check; removed with all that is in it when dropped.
pub(super) struct Scratch {
    root: PathBuf,
}

impl Scratch {
    /// Makes one in a folder that is there, for its owner only.
    ///
    /// # Errors
    /// Failed, when the folder takes none.
    pub(super) fn create(parent: &Path) -> Result<Self> {
        let root = parent.join(format!("lucid-check-{:016x}", SystemEntropy.next_u64()));
        let made = make(&root).map(|()| Self { root: root.clone() });
        // From here on it is removed again when something goes wrong.
        made.and_then(|scratch| scratch.fill().map(|()| scratch)).map_err(|error| {
            Failure::failed(format!("folder {} for the check: {error}", root.display()))
                .hint("the check needs a folder for temporary files that it may write")
        })
    }

    fn fill(&self) -> io::Result<()> {
        fs::write(self.root.join(CANARY), CANARY_TEXT)?;
        for (folder, _) in FOLDERS {
            fs::create_dir(self.root.join(folder))?;
            fs::write(self.root.join(folder).join(SAMPLE), SAMPLE_TEXT)?;
        }
        let report = r#"{"title": "Sample", "numbers": [1, 2, 3]}"#;
        fs::write(self.root.join("outputs/report.json"), report)?;
        fs::write(self.root.join("outputs/report.md"), "# Sample\n\nOne, two and three.\n")
    }

    /// Both folders, or the outputs alone, with this access.
    pub(super) fn mounts(&self, outputs_only: bool, access: Access) -> Vec<Mount> {
        let shown = FOLDERS.into_iter().filter(|(_, path)| !outputs_only || *path == OUTPUTS);
        let mount = |(folder, guest_path): (&str, &str)| Mount {
            host_folder: self.root.join(folder),
            guest_path: guest_path.to_owned(),
            access,
        };
        shown.map(mount).collect()
    }

    /// What is no longer as it was outside of the view, by name.
    pub(super) fn disturbed(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if fs::read_to_string(self.root.join(CANARY)).ok().as_deref() != Some(CANARY_TEXT) {
            wrong.push(CANARY.to_owned());
        }
        let ours = |name: &str| name == CANARY || FOLDERS.iter().any(|(folder, _)| *folder == name);
        let found = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let names = found.map(|entry| entry.file_name().to_string_lossy().into_owned());
        wrong.extend(names.filter(|name| !ours(name)));
        wrong
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go; it is a temporary one.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Makes one folder that was not there, for its owner only.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_is_removed_with_what_was_made_in_it() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(parent.path()).unwrap();
        let [workspace, _] = scratch.mounts(false, Access::ReadWrite).try_into().unwrap();
        fs::write(workspace.host_folder.join("new"), "x").unwrap();
        assert_eq!(scratch.disturbed(), [""; 0]);
        drop(scratch);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_changed_outside_of_the_view_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::create(parent.path()).unwrap();
        fs::write(scratch.root.join(CANARY), "read and written").unwrap();
        fs::write(scratch.root.join("stray"), "x").unwrap();
        assert_eq!(scratch.disturbed(), [CANARY, "stray"]);
    }
}
