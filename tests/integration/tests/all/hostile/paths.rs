//! Programs that reach for files by paths that lead elsewhere.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use lucid_engine::ToolAnswer;
use lucid_policy::Access;
use lucid_tests::{Attack, Corpus, Found, tree};

/// The folder around the view.
fn around(corpus: &Corpus) -> String {
    corpus.ground.canary().parent().unwrap().to_str().unwrap().to_owned()
}

/// Everything refused that led out is in the report, with its rule and what to do about it.
#[track_caller]
fn explained(attack: &Attack<ToolAnswer>) {
    let denied = &attack.report.effects.denied;
    assert!(!denied.is_empty());
    for denial in denied {
        assert_eq!(denial.capability, "files");
        assert!(!denial.rule.is_empty(), "{denial:?}");
        assert!(denial.hint.contains("--dir"), "{denial:?}");
        assert!(!denial.what.contains(char::is_control), "{denial:?}");
    }
}

#[test]
pub(super) fn forms() {
    let corpus = Corpus::of("hostile_paths_forms");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack(&around(&corpus), corpus.view(Access::ReadWrite));
    assert_eq!(attack.harmless(), "0 of 66: ");
    assert_eq!(tree(&corpus.ground.view()), before);
    explained(&attack);
}

#[test]
pub(super) fn library() {
    let corpus = Corpus::of("hostile_paths_library");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack(&around(&corpus), corpus.view(Access::ReadWrite));
    assert_eq!(attack.harmless(), "0 of 24: ");
    assert_eq!(tree(&corpus.ground.view()), before);
    explained(&attack);
}

/// To this system they are names like any other: each is one file in the view.
#[test]
pub(super) fn names() {
    let corpus = Corpus::of("hostile_paths_names");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack("", corpus.view(Access::ReadWrite));
    assert_eq!(attack.harmless(), "[] of 37");
    let mut after = tree(&corpus.ground.view());
    after.retain(|path, _| !before.contains_key(path));
    assert_eq!(after.len(), 37);
    for (name, found) in &after {
        assert!(matches!(found, Found::File(text, _) if text == name.as_bytes()), "{name:?}");
    }
    let files = &attack.report.effects.files;
    assert_eq!(files.len(), 37);
    assert!(files.iter().all(|file| !file.path.contains(char::is_control)), "{files:?}");
}

#[test]
pub(super) fn deep() {
    let corpus = Corpus::of("hostile_paths_deep");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack("", corpus.view(Access::ReadWrite));
    let told = "there and back: a file\nthere and out: not-permitted\nup: not-permitted\n\
                up and up: not-permitted\nup and out: not-permitted";
    assert_eq!(attack.harmless(), told);
    assert_eq!(tree(&corpus.ground.view()), before);
    explained(&attack);
}

#[test]
pub(super) fn holds() {
    let corpus = Corpus::of("hostile_paths_holds");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack("", corpus.view(Access::ReadWrite));
    assert_eq!(attack.harmless(), "Ok(()) []");
    assert_eq!(tree(&corpus.ground.view()), before);
}

/// Opening one blocks its thread in the system, where no deadline reaches it. Nobody but the
/// owner of the folder can make one.
#[test]
pub(super) fn pipe() {
    let corpus = Corpus::of("hostile_paths_pipe");
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut call = corpus.view(Access::ReadWrite);
    call.limits.deadline_ms = 8_000;
    call.mounts[0].host_folder = folder.path().to_owned();
    let attack = freed(&pipe, || corpus.attack("pipe", call));
    let said = attack.harmless();
    assert!(!said.contains("done"), "it was opened: {said}");
}

/// Does what may block on a pipe; after a time that is far too long, the other end is opened.
fn freed<T>(pipe: &Path, work: impl FnOnce() -> T) -> T {
    const NOT_TO_WAIT: i32 = 0o4000;
    let (done, wait) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while wait.recv_timeout(Duration::from_secs(10)) == Err(RecvTimeoutError::Timeout) {
                let _ = OpenOptions::new().write(true).custom_flags(NOT_TO_WAIT).open(pipe);
            }
        });
        let made = work();
        drop(done);
        made
    })
}
