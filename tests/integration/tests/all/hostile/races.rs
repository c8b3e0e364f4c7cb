//! Programs that use files while the host, or another guest, changes them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lucid_engine::{Call, FileQuota};
use lucid_policy::Access;
use lucid_tests::{CANARY, Corpus, runtime, text};

/// Stops the other thread, also where this one panics.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Attacks while another thread takes one step after the other, as fast as it can, from when
/// the guest says `go` until it says `done`; says how many those were.
fn while_changing<T>(
    view: &Path,
    mut step: impl FnMut() + Send,
    attack: impl FnOnce() -> T,
) -> (T, u64) {
    let stopped = AtomicBool::new(false);
    let there = |name: &str| stopped.load(Ordering::Acquire) || view.join(name).exists();
    std::thread::scope(|scope| {
        let stop = Stop(&stopped);
        let changing = scope.spawn(|| {
            while !there("go") {
                std::thread::yield_now();
            }
            let mut steps = 0;
            while !there("done") {
                step();
                steps += 1;
            }
            fs::write(view.join("quiet"), "").unwrap();
            steps
        });
        let done = attack();
        drop(stop);
        (done, changing.join().unwrap())
    })
}

/// One turn of `door`: a folder, then a link to what is outside, then the folder again. What
/// fails because the guest was there first is made up for by the next turn.
fn turn(view: &Path) {
    for (from, to) in [("door", "room"), ("way", "door"), ("door", "way"), ("room", "door")] {
        let _ = fs::rename(view.join(from), view.join(to));
    }
}

/// Attacks while the door turns, until the guest was often inside and often refused.
fn at_the_door(program: &str, often: &str) -> String {
    let corpus = Corpus::of(program);
    let view = corpus.ground.view();
    fs::create_dir(view.join("door")).unwrap();
    fs::write(view.join("door/canary.txt"), "decoy").unwrap();
    symlink("../outside", view.join("way")).unwrap();
    let mut call = corpus.view(Access::ReadWrite);
    call.limits.files = u64::MAX;
    let (attack, turns) = while_changing(&view, || turn(&view), || corpus.attack(often, call));
    assert!(turns > 100, "the door turned {turns} times");
    attack.harmless()
}

#[test]
pub(super) fn flip() {
    assert_eq!(at_the_door("hostile_races_flip", "10000"), "done");
}

/// That nothing was made, cut or removed outside is asserted for every attack.
#[test]
pub(super) fn plant() {
    assert_eq!(at_the_door("hostile_races_plant", "5000"), "done");
}

#[test]
pub(super) fn swap() {
    assert_eq!(at_the_door("hostile_races_swap", "5000"), "done");
}

/// First a folder of the view is moved out of it and back, then the view itself is moved, and
/// what stands in its place leads out.
#[test]
pub(super) fn climb() {
    for whole in [false, true] {
        let corpus = Corpus::of("hostile_races_climb");
        let view = corpus.ground.view();
        let around = view.parent().unwrap();
        let (folder, away) = (view.join("folder"), around.join("away"));
        fs::create_dir(folder.join("inner")).unwrap();
        fs::write(around.join("outside/file.txt"), CANARY).unwrap();
        let step = || {
            if whole {
                fs::rename(&view, &away).unwrap();
                symlink("outside", &view).unwrap();
                fs::remove_file(&view).unwrap();
                fs::rename(&away, &view).unwrap();
            } else {
                fs::rename(&folder, &away).unwrap();
                fs::rename(&away, &folder).unwrap();
            }
        };
        let call = corpus.view(Access::ReadWrite);
        let (attack, steps) = while_changing(&view, step, || corpus.attack("40000 20000", call));
        assert_eq!(attack.harmless(), "done");
        assert!(steps > 100, "it was moved {steps} times");
    }
}

/// Every line is whole, and each guest pays for its own.
#[test]
pub(super) fn pair() {
    const LINES: usize = 2_000;
    let corpus = Corpus::of("hostile_races_pair");
    let quota = Arc::new(FileQuota::new(1 << 30, 100));
    let call = || Call { files: Some(quota.clone()), ..corpus.view(Access::ReadWrite) };
    let (one, two) = std::thread::scope(|scope| {
        let input = format!("b {LINES}");
        let (other, call_of_other) = (corpus.plugin(), call());
        let two = scope
            .spawn(move || runtime().block_on(other.call_tool(call_of_other, "attack", &input)));
        (corpus.attack(&format!("a {LINES}"), call()), two.join().unwrap())
    });
    assert_eq!(one.harmless(), "done");
    assert_eq!(text(&two), "done");
    let shared = fs::read_to_string(corpus.ground.view().join("shared.txt")).unwrap();
    for letter in ["a", "b"] {
        let lines: Vec<&str> = shared.lines().filter(|line| line.starts_with(letter)).collect();
        assert_eq!(lines.len(), LINES);
        for (number, line) in lines.into_iter().enumerate() {
            assert_eq!(line, format!("{letter}{number:06}{}", letter.repeat(100)));
        }
    }
    let written = (LINES * 108) as u64;
    assert_eq!((one.report.usage.file_bytes, two.usage.file_bytes), (written, written));
    assert_eq!(quota.bytes_used(), 2 * written);
    assert_eq!(shared.len() as u64, 2 * written);
}
