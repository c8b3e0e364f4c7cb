//! Programs that misuse their standard streams.

use lucid_tests::Corpus;

use super::{STANDARD, standard};

/// That the host's memory did not grow by it is asserted for every attack.
#[test]
pub(super) fn stdout() {
    const WRITTEN: u64 = 1 << 30;
    let attack = Corpus::of("hostile_stdio_stdout").attack("", standard());
    assert_eq!(attack.number(), WRITTEN);
    let usage = attack.report.usage;
    assert_eq!(attack.report.stdout.len() as u64, STANDARD.stdio_bytes);
    assert_eq!(usage.dropped_bytes, WRITTEN - STANDARD.stdio_bytes);
    assert_eq!(usage.stdio_bytes, WRITTEN);
}

#[test]
pub(super) fn stderr() {
    const WRITTEN: u64 = 1 << 28;
    let attack = Corpus::of("hostile_stdio_stderr").attack("", standard());
    assert_eq!(attack.number(), WRITTEN);
    assert_eq!(attack.report.stderr.len() as u64, STANDARD.stdio_bytes);
    assert_eq!(attack.report.usage.dropped_bytes, WRITTEN - STANDARD.stdio_bytes);
}

#[test]
pub(super) fn empty() {
    let attack = Corpus::of("hostile_stdio_empty").attack("", standard());
    assert_eq!(attack.number(), 1_000_000);
    assert_eq!((&*attack.report.stdout, attack.report.usage.stdio_bytes), ("", 0));
}

/// Nothing that is written down or shown as it is drives a terminal: not the log, and not
/// the failure, which has the last words of standard error. What was written is kept as it
/// was, for who asks for it.
#[test]
pub(super) fn escape() {
    let attack = Corpus::of("hostile_stdio_escape").attack("", standard());
    let failure = attack.trapped("`hostile-stdio`");
    for text in [&failure.message, &failure.hint.clone().unwrap()] {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    let logs = &attack.report.logs;
    assert!(logs.len() == 2 && logs[1].message.starts_with("stderr: "), "{logs:?}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!logs.iter().any(|line| line.message.contains(control)), "{logs:?}");
    assert!(attack.report.stdout.starts_with("\u{1b}]52;"), "{:?}", attack.report.stdout);
}

#[test]
pub(super) fn unchecked() {
    let attack = Corpus::of("hostile_stdio_unchecked").attack("", standard());
    assert_eq!(attack.harmless(), "Ok(())");
    assert_eq!(attack.report.usage.dropped_bytes, 1_000_000 - STANDARD.stdio_bytes);
}

#[test]
pub(super) fn blocking() {
    Corpus::of("hostile_stdio_blocking").attack("", standard()).trapped("too large");
}

#[test]
pub(super) fn zeroes() {
    Corpus::of("hostile_stdio_zeroes").attack("", standard()).trapped("zeroes");
}

#[test]
pub(super) fn stdin() {
    let attack = Corpus::of("hostile_stdio_stdin").attack("", standard());
    assert_eq!(attack.number(), 0, "a plugin has no standard input");
}
