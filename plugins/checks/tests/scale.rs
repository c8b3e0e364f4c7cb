//! Ten thousand criteria over 50 MB: what is promised is work, not time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it found"
)]

#[path = "support/outputs.rs"]
mod outputs;

use checks::evaluate;
use checks::shelf::HELD_BYTES;
use lucid_sdk::grader::{Judgement, Verdict};
use outputs::{CRITERIA, FALSE_EVERY, FILES};

#[test]
fn ten_thousand_criteria_over_fifty_megabytes_are_judged_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = outputs::write(folder.path());
    assert!((45_000_000..60_000_000).contains(&bytes), "{bytes}");

    let rubric = evaluate::read(&outputs::rubric()).unwrap();
    let (evaluation, work) = rubric.judge_within(folder.path(), HELD_BYTES);
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    assert_eq!(evaluation.criteria.len(), CRITERIA);
    for (at, criterion) in evaluation.criteria.iter().enumerate() {
        let expected = if at % FALSE_EVERY == 0 { Verdict::Unmet } else { Verdict::Met };
        assert_eq!(criterion.verdict, expected, "{at}: {}", criterion.explanation);
    }
    let met = CRITERIA - CRITERIA / FALSE_EVERY;
    let start = format!("{met} of {CRITERIA} criteria are met.");
    assert!(evaluation.explanation.starts_with(&start), "{}", evaluation.explanation);
    assert!(evaluation.explanation.len() <= 8 * 1024);

    assert_eq!(work.checks, CRITERIA as u64);
    // Each file is parsed once, although they do not all stay in memory together.
    assert_eq!(work.loads, 4 * FILES as u64);
    // Once to parse, once more for each fact that needs the bytes.
    assert!(work.bytes_read <= 2 * bytes, "{} of {bytes}", work.bytes_read);
    assert!(work.held_bytes <= HELD_BYTES, "{}", work.held_bytes);
    assert!(work.steps <= 30_000_000, "{}", work.steps);
}
