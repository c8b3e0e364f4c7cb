//! Programs that end as a program must not: each is a trap, which costs this call alone.

use lucid_tests::Corpus;

use super::standard;

#[test]
pub(super) fn unreachable() {
    Corpus::of("hostile_ending_unreachable").attack("", standard()).trapped("unreachable");
}

/// A tool that leaves has not answered, however well it says that it is.
#[test]
pub(super) fn leave() {
    Corpus::of("hostile_ending_leave")
        .attack("", standard())
        .trapped("ended its program (exit code 0)");
}

#[test]
pub(super) fn panic() {
    let attack = Corpus::of("hostile_ending_panic").attack("", standard());
    let failure = attack.trapped("`hostile-ending`");
    assert!(failure.message.len() < 1_000, "{} bytes", failure.message.len());
    let report = &attack.report;
    assert!(report.stderr.contains("the sky is falling"), "what it said is kept");
    let logged: usize = report.logs.iter().map(|line| line.message.len()).sum();
    assert!((1..4_096).contains(&logged), "{logged} bytes of it are logged");
}

#[test]
pub(super) fn abort() {
    Corpus::of("hostile_ending_abort").attack("", standard()).trapped("unreachable");
}

#[test]
pub(super) fn divide() {
    let attack = Corpus::of("hostile_ending_divide").attack("", standard());
    attack.trapped("divide by zero");
}

#[test]
pub(super) fn cast() {
    let attack = Corpus::of("hostile_ending_cast").attack("", standard());
    attack.trapped("type mismatch");
}

#[test]
pub(super) fn outside() {
    Corpus::of("hostile_ending_outside").attack("", standard()).trapped("out of bounds");
}

/// While the host is inside of it, a guest cannot get out.
#[test]
pub(super) fn reenter() {
    let attack = Corpus::of("hostile_ending_reenter").attack("", standard());
    attack.trapped("cannot leave");
    assert!(attack.report.logs.is_empty(), "{:?}", attack.report.logs);
}

#[test]
pub(super) fn wild() {
    Corpus::of("hostile_ending_wild").attack("", standard()).trapped("beyond end of memory");
}

/// The answer is there, and its program is not one to be trusted with having ended.
#[test]
pub(super) fn release() {
    Corpus::of("hostile_ending_release").attack("", standard()).trapped("unreachable");
}
