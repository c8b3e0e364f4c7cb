//! The corpus against the grader that runs checks, without a sandbox around it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use checks::Checks;
use lucid_sdk::grader::{Evaluation, Verdict};
use lucid_sway::{
    Attempt, CRITERIA, DOCUMENT_CRITERIA, DOCUMENT_RUBRIC, Expected, Outputs, RUBRIC,
};

fn grade(outputs: &Outputs) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    lucid_sway::write(outputs, folder.path()).unwrap();
    let rubric = format!("{RUBRIC}\n{DOCUMENT_RUBRIC}");
    lucid_sdk::testing::grade::<Checks>(&rubric, folder.path().to_str().unwrap()).unwrap()
}

#[test]
fn no_attempt_changes_a_verdict_of_checks() {
    let right: Vec<Verdict> = CRITERIA
        .into_iter()
        .chain(DOCUMENT_CRITERIA)
        .map(|expected| match expected {
            Expected::Met => Verdict::Met,
            Expected::Unmet => Verdict::Unmet,
        })
        .collect();
    let honest = grade(&lucid_sway::ground());
    let verdicts = |evaluation: &Evaluation| -> Vec<Verdict> {
        evaluation.criteria.iter().map(|criterion| criterion.verdict).collect()
    };
    assert_eq!(verdicts(&honest), right, "{}", honest.explanation);
    let attempts = lucid_sway::attempts();
    assert!(attempts.len() >= 100, "{} attempts", attempts.len());
    for Attempt { name, outputs, .. } in attempts {
        let swayed = grade(&outputs);
        assert_eq!(verdicts(&swayed), right, "{name}: {}", swayed.explanation);
        assert_eq!(swayed.judgement, honest.judgement, "{name}");
    }
}
