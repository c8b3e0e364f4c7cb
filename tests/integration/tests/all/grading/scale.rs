//! Ten thousand criteria over 50 MB, by a grader with the limits it has by itself.

#[path = "../../../../../plugins/checks/tests/support/outputs.rs"]
mod outputs;

use lucid_core::{Judgement, Verdict};

use super::graded::{Desk, MEMORY};
use outputs::{CRITERIA, FALSE_EVERY, FILES};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_criteria_over_fifty_megabytes_are_judged_within_the_limits() {
    let desk = Desk::of_checks().await;
    let bytes = outputs::write(&desk.outputs());
    assert!((45_000_000..60_000_000).contains(&bytes), "{bytes} bytes in 4 times {FILES} files");
    let graded = desk.judge(&outputs::rubric()).await.unwrap();
    let usage = graded.report.usage;
    assert!(usage.memory_peak_bytes <= MEMORY, "{} bytes of memory", usage.memory_peak_bytes);
    let evaluation = graded.report.result.unwrap();
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    assert_eq!(evaluation.criteria.len(), CRITERIA);
    for (at, criterion) in evaluation.criteria.iter().enumerate() {
        let expected = if at % FALSE_EVERY == 0 { Verdict::Unmet } else { Verdict::Met };
        assert_eq!(criterion.verdict, expected, "{at}: {}", criterion.explanation);
    }
    let met = CRITERIA - CRITERIA / FALSE_EVERY;
    let start = format!("{met} of {CRITERIA} criteria are met.");
    assert!(evaluation.explanation.starts_with(&start), "{}", evaluation.explanation);
}

/// What is said of ten thousand gaps fits through as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_criteria_that_are_not_met_are_each_explained() {
    let desk = Desk::of_checks().await;
    let text = "a plain text that is repeated where it is not what it should be. ".repeat(20);
    let item = |at: usize| format!("- {at} `check: text('a.txt') == '{at}'`\n");
    let rubric: String = (0..CRITERIA).map(item).collect();
    let evaluation = desk.evaluation(&rubric, &[("a.txt", text.as_bytes())]).await;
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    assert_eq!(evaluation.criteria.len(), CRITERIA);
    for (at, criterion) in evaluation.criteria.iter().enumerate() {
        assert_eq!(criterion.verdict, Verdict::Unmet, "{at}");
        assert!(criterion.explanation.contains("is false"), "{}", criterion.explanation);
    }
}
