//! Programs that take more tables and instances than they are given.

use lucid_core::FailureKind;
use lucid_tests::Corpus;

use super::{standard, unloadable};

/// It traps where a table gets more than 20,000 elements; the tool it is part of answers.
#[test]
pub(super) fn grow() {
    let attack = Corpus::of("hostile_table_grow").attack("good day", standard());
    assert_eq!(attack.harmless(), "good day");
}

#[test]
pub(super) fn leap() {
    let attack = Corpus::of("hostile_table_leap").attack("good day", standard());
    assert_eq!(attack.harmless(), "good day");
}

#[test]
pub(super) fn begin() {
    unloadable("hostile_table_begin", FailureKind::Exceeded, "table");
}

#[test]
pub(super) fn many() {
    // Each table is in an instance of its own, and these are counted first.
    unloadable("hostile_table_many", FailureKind::Exceeded, "instances");
}

#[test]
pub(super) fn abreast() {
    unloadable("hostile_table_abreast", FailureKind::Exceeded, "tables");
}

#[test]
pub(super) fn instances() {
    unloadable("hostile_table_instances", FailureKind::Exceeded, "instances");
}
