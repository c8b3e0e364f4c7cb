//! Programs that do not come to an end: a deadline ends them wherever they are.

use lucid_core::Limits;
use lucid_engine::Call;
use lucid_tests::{Corpus, within_ms};

use super::STANDARD;

#[test]
pub(super) fn tight() {
    let corpus = Corpus::of("hostile_loops_tight");
    corpus.attack("", within_ms(300)).timed_out();
    let limits = Limits { fuel: Some(10_000_000), ..STANDARD };
    let attack = corpus.attack("", Call::bare(limits));
    attack.exceeded("fuel");
    assert_eq!(attack.report.usage.fuel, limits.fuel);
}

#[test]
pub(super) fn nested() {
    Corpus::of("hostile_loops_nested").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn copy() {
    Corpus::of("hostile_loops_copy").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn switch() {
    Corpus::of("hostile_loops_switch").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn start() {
    let corpus = Corpus::of("hostile_loops_start");
    corpus.attack("", within_ms(300)).timed_out();
    corpus.list(within_ms(300)).timed_out();
}

#[test]
pub(super) fn tail() {
    Corpus::of("hostile_loops_tail").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn listing() {
    let corpus = Corpus::of("hostile_loops_listing");
    corpus.list(within_ms(300)).timed_out();
    // It is only its list that loops.
    assert_eq!(corpus.attack("", within_ms(10_000)).harmless(), "");
}

/// The host is inside of the guest, to write the input there.
#[test]
pub(super) fn realloc() {
    Corpus::of("hostile_loops_realloc").attack("input", within_ms(300)).timed_out();
}

/// The answer is there and is not taken: a call ends when all of it has.
#[test]
pub(super) fn freeing() {
    Corpus::of("hostile_loops_freeing").attack("", within_ms(300)).timed_out();
}
