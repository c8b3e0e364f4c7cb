//! Programs that write where they may only read, one family of functions each.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use lucid_engine::Mount;
use lucid_policy::Access;
use lucid_tests::{Corpus, component, engine, tree, with_manifest};

/// Asks for reading alone, whatever the view would allow.
const READS: &str = "name = \"hostile-readonly\"\nversion = \"0.1.0\"\nkind = \"tool\"\n\
                     description = \"d\"\n[capabilities]\nfiles = \"read-only\"\n";

/// Nothing that a program tries changes a folder: one that the view has read-only, or one
/// whose plugin was granted reading. What was refused is in the report, with the rule that
/// decided and what would allow it.
#[track_caller]
fn nothing_changes(program: &str, ways: usize) {
    let writing = component(program);
    let reading = with_manifest(&writing, READS);
    for (bytes, access, rule, hint) in [
        (&writing, Access::ReadOnly, "the view has this folder read-only", ":rw"),
        (&reading, Access::ReadWrite, "the plugin was granted reading only", "files = "),
    ] {
        let corpus = Corpus::on(engine(), bytes);
        let view = corpus.ground.view();
        std::fs::create_dir(view.join("empty")).unwrap();
        std::os::unix::fs::symlink("file.txt", view.join("link")).unwrap();
        let free = tempfile::tempdir().unwrap();
        let mut call = corpus.view(access);
        call.mounts.push(Mount {
            host_folder: free.path().to_owned(),
            guest_path: "/mnt/session/outputs".to_owned(),
            access: Access::ReadWrite,
        });
        let before = (tree(&view), stamps(&view));
        let attack = corpus.attack("", call);
        assert_eq!(attack.harmless(), format!("0 of {ways}: "), "{rule}");
        assert_eq!((tree(&view), stamps(&view)), before, "{rule}");
        let denied = &attack.report.effects.denied;
        assert!(!denied.is_empty(), "{rule}");
        for denial in denied {
            assert_eq!((&*denial.capability, &*denial.rule), ("files", rule), "{denial:?}");
            assert!(denial.hint.contains(hint), "{denial:?}");
        }
    }
}

/// When the folders were changed, and how many names the file has.
fn stamps(view: &Path) -> Vec<(i64, i64, u64)> {
    let of = |path: &str| {
        let metadata = std::fs::metadata(view.join(path)).unwrap();
        (metadata.mtime(), metadata.mtime_nsec(), metadata.nlink())
    };
    ["", "folder", "empty", "file.txt"].map(of).into()
}

#[test]
pub(super) fn create() {
    nothing_changes("hostile_readonly_create", 15);
}

#[test]
pub(super) fn truncate() {
    nothing_changes("hostile_readonly_truncate", 12);
}

#[test]
pub(super) fn append() {
    nothing_changes("hostile_readonly_append", 8);
}

#[test]
pub(super) fn resize() {
    nothing_changes("hostile_readonly_resize", 9);
}

#[test]
pub(super) fn times() {
    nothing_changes("hostile_readonly_times", 11);
}

#[test]
pub(super) fn link() {
    nothing_changes("hostile_readonly_link", 11);
}

#[test]
pub(super) fn rename() {
    nothing_changes("hostile_readonly_rename", 13);
}

#[test]
pub(super) fn unlink() {
    nothing_changes("hostile_readonly_unlink", 8);
}

#[test]
pub(super) fn mkdir() {
    nothing_changes("hostile_readonly_mkdir", 8);
}

#[test]
pub(super) fn rmdir() {
    nothing_changes("hostile_readonly_rmdir", 8);
}

#[test]
pub(super) fn symlink() {
    nothing_changes("hostile_readonly_symlink", 8);
}
