//! Programs that say too much, or what is no text.

use lucid_tests::Corpus;

use super::standard;

#[test]
pub(super) fn big() {
    Corpus::of("hostile_text_big").attack("", standard()).exceeded("guest to host");
}

/// The lie is found before anything is copied or allocated for it.
#[test]
pub(super) fn claim() {
    let attack = Corpus::of("hostile_text_claim").attack("", standard());
    attack.trapped("out of bounds");
}

/// A gigabyte to the host, a megabyte to the guest: what counts is what is copied.
#[test]
pub(super) fn shared() {
    Corpus::of("hostile_text_shared").attack("", standard()).exceeded("guest to host");
}

#[test]
pub(super) fn empties() {
    Corpus::of("hostile_text_empties").attack("", standard()).exceeded("guest to host");
}

#[test]
pub(super) fn log() {
    Corpus::of("hostile_text_log").attack("", standard()).exceeded("guest to host");
}

#[test]
pub(super) fn failure() {
    Corpus::of("hostile_text_failure").attack("", standard()).exceeded("guest to host");
}

#[test]
pub(super) fn description() {
    Corpus::of("hostile_text_description").list(standard()).exceeded("guest to host");
}

#[test]
pub(super) fn tools() {
    Corpus::of("hostile_text_tools").list(standard()).exceeded("guest to host");
}

#[test]
pub(super) fn bytes() {
    Corpus::of("hostile_text_bytes").attack("", standard()).trapped("utf-8");
}

#[test]
pub(super) fn logged() {
    let attack = Corpus::of("hostile_text_logged").attack("", standard());
    attack.trapped("utf-8");
    assert!(attack.report.logs.is_empty(), "{:?}", attack.report.logs);
}

/// An answer is passed on as it is, for whoever shows it; a log line is made harmless.
#[test]
pub(super) fn nul() {
    let attack = Corpus::of("hostile_text_nul").attack("", standard());
    assert!(attack.harmless().starts_with("a\0b\r\n\u{7}\u{1b}[2J"));
    let logged = &attack.report.logs[0].message;
    assert!(logged.starts_with("a\\u{0}b\\u{d}\n\\u{7}\\u{1b}[2J"), "{logged}");
}
