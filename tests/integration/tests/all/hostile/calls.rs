//! Programs that have the host work for them.

use std::sync::Arc;

use lucid_engine::Call;
use lucid_tests::{Corpus, within_ms};

use super::model::Answering;
use super::{STANDARD, standard};

#[test]
pub(super) fn logs() {
    let attack = Corpus::of("hostile_calls_logs").attack("", standard());
    attack.exceeded("host calls");
    assert_eq!(attack.report.usage.host_calls, STANDARD.host_calls);
    assert!(attack.report.logs.len() <= 4_097, "{} lines", attack.report.logs.len());
}

#[test]
pub(super) fn clock() {
    Corpus::of("hostile_calls_clock").attack("", within_ms(300)).timed_out();
}

#[test]
pub(super) fn random() {
    // So long that it has begun by then on a machine that is busy, too.
    let attack = Corpus::of("hostile_calls_random").attack("", within_ms(2_000));
    attack.timed_out();
    let given = attack.report.usage.random_bytes;
    assert!(given >= STANDARD.random_bytes, "{given} bytes are counted");
}

#[test]
pub(super) fn huge() {
    Corpus::of("hostile_calls_huge").attack("", standard()).exceeded("random");
}

#[test]
pub(super) fn insecure() {
    Corpus::of("hostile_calls_insecure").attack("", standard()).exceeded("random");
}

#[test]
pub(super) fn poll() {
    Corpus::of("hostile_calls_poll").attack("", standard()).trapped("poll");
}

#[test]
pub(super) fn same() {
    let attack = Corpus::of("hostile_calls_same").attack("", standard());
    assert_eq!(attack.number(), 100_000);
}

/// What is granted is counted too, whether it gives anything or not.
#[test]
pub(super) fn model() {
    let attack = Corpus::of("hostile_calls_model").attack("", standard());
    attack.exceeded("host calls");
    assert_eq!(attack.report.usage.host_calls, STANDARD.host_calls);
}

#[test]
pub(super) fn environment() {
    Corpus::of("hostile_calls_environment").attack("", within_ms(300)).timed_out();
}

/// A model is a plugin too, and says what it likes about what it spent: the sum is no
/// mistake of the host's.
#[test]
pub(super) fn spend() {
    let corpus = Corpus::of("hostile_calls_spend");
    let ask = |tokens| Call { model: Some(Arc::new(Answering::spending(tokens))), ..standard() };
    let attack = corpus.attack("", ask(7));
    assert_eq!((attack.harmless(), attack.report.usage.model_tokens), ("7 7 7 ".to_owned(), 42));
    let attack = corpus.attack("", ask(u64::MAX));
    assert!(attack.harmless().starts_with("18446744073709551615 "));
    assert_eq!(attack.report.usage.model_tokens, u64::MAX);
}
