//! Programs that fill the disk.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use lucid_core::{FailureKind, Limits};
use lucid_engine::{Call, FileQuota, ToolAnswer};
use lucid_policy::Access;
use lucid_tests::{Attack, Corpus};

use super::STANDARD;

const BYTES: u64 = 4 << 20;
const FILES: u64 = 1_000;

/// What lay in the view before.
const BEFORE: u64 = 3;

/// A call that may make files grow by so much, and so many.
fn small(corpus: &Corpus) -> Call {
    let limits = Limits { file_bytes: BYTES, files: FILES, ..STANDARD };
    Call { limits, ..corpus.view(Access::ReadWrite) }
}

/// What a folder holds: bytes by their files' lengths, bytes on the disk, and things.
fn held(folder: &Path) -> (u64, u64, u64) {
    let (mut length, mut disk, mut count) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        count += 1;
        if metadata.is_dir() {
            let inner = held(&entry.path());
            (length, disk, count) = (length + inner.0, disk + inner.1, count + inner.2);
        } else if metadata.is_file() {
            length += metadata.len();
            disk += metadata.blocks() * 512;
        }
    }
    (length, disk, count)
}

/// It is stopped at a limit by this name, and the folder holds no more than was allowed.
#[track_caller]
fn stopped(corpus: &Corpus, input: &str, naming: &str) -> Attack<ToolAnswer> {
    let attack = corpus.attack(input, small(corpus));
    attack.exceeded(naming);
    let (length, disk, count) = held(&corpus.ground.view());
    assert!(length <= BYTES + 100, "{input}: {length} bytes");
    assert!(disk <= 2 * BYTES, "{input}: {disk} bytes on the disk");
    assert!(count <= FILES + BEFORE, "{input}: {count} things");
    let usage = attack.report.usage;
    assert!(usage.file_bytes <= BYTES && usage.files <= FILES, "{usage:?}");
    attack
}

#[test]
pub(super) fn grow() {
    let corpus = Corpus::of("hostile_quota_grow");
    for way in ["write", "stream", "append"] {
        let attack = stopped(&corpus, way, "file bytes");
        assert_eq!(attack.report.usage.file_bytes, BYTES, "{way}");
        std::fs::remove_file(corpus.ground.view().join("large")).unwrap();
    }
}

/// The length counts, although nothing is on the disk: what is copied or packed later is all
/// of it.
#[test]
pub(super) fn stretch() {
    let most = u64::MAX.to_string();
    let corpus = Corpus::of("hostile_quota_stretch");
    for way in ["size", "write", "zeroes", "stream"] {
        for far in ["4194305", "1099511627776", "9223372036854775807", most.as_str()] {
            let attack = stopped(&corpus, &format!("{way} {far}"), "file bytes");
            assert_eq!(attack.report.usage.file_bytes, 0, "{way} {far}");
        }
    }
}

#[test]
pub(super) fn crowd() {
    for what in ["files", "folders", "links", "names", "nothing"] {
        let corpus = Corpus::of("hostile_quota_crowd");
        let attack = stopped(&corpus, what, "files made");
        assert_eq!(attack.report.usage.files, FILES, "{what}");
        let (.., count) = held(&corpus.ground.view());
        let made = if what == "nothing" { 0 } else { FILES };
        assert_eq!(count, made + BEFORE, "{what}");
    }
}

/// What is cut or removed is not given back: somebody may still hold it.
#[test]
pub(super) fn rewrite() {
    for way in ["open", "size"] {
        stopped(&Corpus::of("hostile_quota_rewrite"), way, "file bytes");
    }
}

#[test]
pub(super) fn vanish() {
    for way in ["held", "closed"] {
        let corpus = Corpus::of("hostile_quota_vanish");
        stopped(&corpus, way, "file bytes");
        assert!(!corpus.ground.view().join("gone").exists());
    }
}

/// Ten thousand names are some megabytes; that they are not there two hundred times at once
/// is asserted for every attack.
#[test]
pub(super) fn listings() {
    let corpus = Corpus::of("hostile_quota_listings");
    let folder = tempfile::tempdir().unwrap();
    for number in 0..10_000 {
        std::fs::write(folder.path().join(format!("{number:0>200}")), "").unwrap();
    }
    let mut call = corpus.view(Access::ReadOnly);
    call.mounts[0].host_folder = folder.path().to_owned();
    corpus.attack("200", call).harmless();
}

/// Calls of one session share its quota: what one used is gone for the next, until whoever
/// owns the folders has measured them.
#[test]
fn a_session_has_one_quota_for_all_its_calls() {
    for (program, input, naming) in [
        ("hostile_quota_grow", "write", "bytes in the session's folders"),
        ("hostile_quota_crowd", "files", "files in the session's folders"),
    ] {
        let corpus = Corpus::of(program);
        let quota = Arc::new(FileQuota::new(BYTES + BYTES / 2, FILES + FILES / 2));
        let call = || Call { files: Some(quota.clone()), ..small(&corpus) };
        // The call's own limit comes first, then what is left of the session's.
        assert!(!corpus.attack(input, call()).report.effects.files.is_empty());
        let _ = std::fs::remove_file(corpus.ground.view().join("large"));
        let second = corpus.attack(input, call());
        let failure = second.exceeded(naming);
        assert!(failure.hint.as_ref().unwrap().contains("session.disk_"), "{failure:?}");
        assert!(quota.is_dirty());
        assert!(quota.bytes_used() <= quota.bytes_max());
        assert!(quota.files_used() <= quota.files_max());
        quota.settle(0, 0);
        corpus.attack("none", call()).stopped(FailureKind::Exceeded, "");
        assert!(quota.bytes_used() <= BYTES && quota.files_used() <= FILES);
    }
}
