//! Programs that go through links that lead elsewhere.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use lucid_engine::Mount;
use lucid_policy::Access;
use lucid_tests::{CANARY, Corpus, tree};

/// Links to files, made in the view by its owner.
const FILES: [(&str, &str); 6] = [
    ("up", "../canary.txt"),
    ("nowhere", "../new.txt"),
    ("in-and-out", "folder/../../canary.txt"),
    ("out-and-in", "../view/file.txt"),
    ("chain", "up"),
    ("folder/up", "../../canary.txt"),
];

/// Links to folders.
const FOLDERS: [(&str, &str); 5] = [
    ("across", "../outside"),
    ("across-slash", "../outside/"),
    ("parent", ".."),
    ("folder/parent", "../.."),
    ("root", "/"),
];

/// A corpus whose view has links of all kinds.
fn linked(program: &str) -> Corpus {
    let corpus = Corpus::of(program);
    let view = corpus.ground.view();
    for (name, target) in FILES.into_iter().chain(FOLDERS) {
        symlink(target, view.join(name)).unwrap();
    }
    // From the root of the machine: to what is outside, and to what is inside.
    let around = view.parent().unwrap();
    symlink(around.join("canary.txt"), view.join("whole")).unwrap();
    symlink(view.join("file.txt"), view.join("whole-inside")).unwrap();
    symlink(around.join("outside"), view.join("whole-folder")).unwrap();
    symlink("folder", view.join("inside")).unwrap();
    corpus
}

/// The names of links, with those that begin at the root of the machine.
fn names(links: &[(&str, &str)], whole: &str) -> String {
    let mut names: Vec<&str> = links.iter().map(|(name, _)| *name).collect();
    names.push(whole);
    names.join(" ")
}

fn around(view: &Path) -> &str {
    view.parent().unwrap().to_str().unwrap()
}

#[test]
pub(super) fn outward() {
    let corpus = linked("hostile_links_outward");
    let before = tree(&corpus.ground.view());
    let files = names(&FILES, "whole whole-inside");
    let input = format!("{files}\n{}", names(&FOLDERS, "whole-folder"));
    let attack = corpus.attack(&input, corpus.view(Access::ReadWrite));
    let said = attack.harmless();
    assert!(said.starts_with("0 of "), "{said}");
    assert_eq!(tree(&corpus.ground.view()), before);
    let denied = &attack.report.effects.denied;
    assert!(denied.iter().any(|denial| denial.rule.contains("lead out")), "{denied:?}");
    assert!(denied.iter().all(|denial| !denial.hint.is_empty()), "{denied:?}");
}

#[test]
pub(super) fn made() {
    let corpus = Corpus::of("hostile_links_made");
    let view = corpus.ground.view();
    let attack = corpus.attack(around(&view), corpus.view(Access::ReadWrite));
    let said = attack.harmless();
    assert!(said.starts_with("0 absolute, [], 0 of "), "{said}");
}

/// The system follows forty links at most, however they are laid.
#[test]
pub(super) fn loops() {
    let corpus = Corpus::of("hostile_links_loops");
    let attack = corpus.attack("", corpus.view(Access::ReadWrite));
    let said = attack.harmless();
    let (loops, made) = said.rsplit_once('\n').unwrap();
    assert_eq!(made, "made: true, done");
    for told in loops.lines() {
        let (_, words) = told.split_once(": ").unwrap();
        assert!(words.split(' ').all(|word| word == "loop"), "{told}");
    }
    assert!(attack.took < Duration::from_secs(20), "{:?}", attack.took);
}

#[test]
pub(super) fn hard() {
    let corpus = linked("hostile_links_hard");
    let view = corpus.ground.view();
    let other = tempfile::tempdir().unwrap();
    let mut call = corpus.view(Access::ReadWrite);
    let host_folder = other.path().to_owned();
    let guest_path = "/mnt/session/outputs".to_owned();
    call.mounts.push(Mount { host_folder, guest_path, access: Access::ReadWrite });
    let before = tree(&view);
    let attack = corpus.attack(around(&view), call);
    assert_eq!(attack.harmless(), "[] of 15");
    assert_eq!(tree(&view), before);
    assert!(tree(other.path()).is_empty());
}

#[test]
pub(super) fn moves() {
    let corpus = linked("hostile_links_moves");
    let before = tree(&corpus.ground.view());
    let attack = corpus.attack("", corpus.view(Access::ReadWrite));
    assert_eq!(attack.harmless(), "[] done done");
    assert_eq!(tree(&corpus.ground.view()), before);
}

#[test]
pub(super) fn slashes() {
    let corpus = linked("hostile_links_slashes");
    let before = tree(&corpus.ground.view());
    let mut call = corpus.view(Access::ReadWrite);
    // What would be made is counted before it is tried.
    call.limits.files = 100_000;
    assert_eq!(corpus.attack("", call).harmless(), "0 opened, 0 of 55: ");
    assert_eq!(tree(&corpus.ground.view()), before);
}

/// A link that does not begin at the root may be read, as it is in the view; nothing says
/// where the view is.
#[test]
pub(super) fn told() {
    let corpus = linked("hostile_links_told");
    let view = corpus.ground.view();
    let input = "whole whole-inside whole-folder root up inside nothing";
    let attack = corpus.attack(input, corpus.view(Access::ReadOnly));
    let said = attack.harmless();
    assert!(!said.contains(around(&view)) && !said.contains(CANARY), "{said}");
    for line in ["whole: not-permitted", "root: not-permitted", "up: ../canary.txt"] {
        assert!(said.lines().any(|told| told == line), "no `{line}` in {said}");
    }
    assert!(!format!("{:?}", attack.report).contains(around(&view)));
}
