//! Programs that wait too long, or for too much. That no task of theirs stays behind is
//! asserted for every attack.

use lucid_tests::{Corpus, within_ms};

use super::standard;

#[test]
pub(super) fn forever() {
    Corpus::of("hostile_timer_forever").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn instant() {
    Corpus::of("hostile_timer_instant").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn past() {
    Corpus::of("hostile_timer_past").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn zero() {
    Corpus::of("hostile_timer_zero").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn many() {
    Corpus::of("hostile_timer_many").attack("", standard()).exceeded("resources");
}

#[test]
pub(super) fn churn() {
    let attack = Corpus::of("hostile_timer_churn").attack("", standard());
    assert_eq!(attack.number(), 100_000, "none of them runs out");
}

#[test]
pub(super) fn crowd() {
    Corpus::of("hostile_timer_crowd").attack("", within_ms(300)).timed_out();
}
