//! Programs that take more memory than they are given.

use lucid_core::FailureKind;
use lucid_tests::{Corpus, within_ms};

use super::{STANDARD, standard, unloadable};

/// A refusal is an answer that the program can live with: it keeps what it had.
#[test]
pub(super) fn grow() {
    let attack = Corpus::of("hostile_memory_grow").attack("", standard());
    assert_eq!(attack.number() << 16, STANDARD.memory_bytes);
    assert_eq!(attack.report.usage.memory_peak_bytes, STANDARD.memory_bytes);
}

#[test]
pub(super) fn leap() {
    let attack = Corpus::of("hostile_memory_leap").attack("", standard());
    assert_eq!(attack.harmless(), "[true, true, true]", "each is refused");
    assert!(attack.report.usage.memory_peak_bytes < 8 << 20, "{:?}", attack.report.usage);
}

#[test]
pub(super) fn hoard() {
    let attack = Corpus::of("hostile_memory_hoard").attack("", standard());
    attack.exceeded("memory");
    let peak = attack.report.usage.memory_peak_bytes;
    assert!((16 << 20..=STANDARD.memory_bytes).contains(&peak), "{peak}");
}

#[test]
pub(super) fn fill() {
    Corpus::of("hostile_memory_fill").attack("", within_ms(300)).timed_out();
}

/// The limit is on the sum, although no one of the memories is over it.
#[test]
pub(super) fn four() {
    Corpus::of("hostile_memory_four").attack("", standard()).exceeded("memory");
}

#[test]
pub(super) fn begin() {
    Corpus::of("hostile_memory_begin").attack("", standard()).exceeded("memory");
}

#[test]
pub(super) fn vast() {
    unloadable("hostile_memory_vast", FailureKind::Exceeded, "memory");
}

#[test]
pub(super) fn many() {
    unloadable("hostile_memory_many", FailureKind::Exceeded, "memories");
}

#[test]
pub(super) fn long() {
    unloadable("hostile_memory_long", FailureKind::Invalid, "memory64");
}

#[test]
pub(super) fn shared() {
    unloadable("hostile_memory_shared", FailureKind::Invalid, "threads");
}
