//! A grader that says satisfied, although a criterion is not met by its own word.
#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "a native build exports nothing")
)]

use lucid_sdk::grader::{
    Criterion, Evaluation, GradeError, Grader, Judgement, Request, RubricMistake, Verdict,
};

struct Liar;

impl Grader for Liar {
    fn check_rubric(_rubric: &str) -> Result<(), RubricMistake> {
        Ok(())
    }

    fn grade(_request: &Request) -> Result<Evaluation, GradeError> {
        let criterion = |line, verdict| Criterion {
            text: format!("criterion {line}"),
            line,
            required: true,
            weight: 1.0,
            verdict,
            explanation: "seen".to_owned(),
            evidence_paths: Vec::new(),
            quotes: Vec::new(),
        };
        Ok(Evaluation {
            judgement: Judgement::Satisfied,
            explanation: "All is well.".to_owned(),
            criteria: vec![criterion(1, Verdict::Met), criterion(2, Verdict::Unmet)],
        })
    }
}

lucid_sdk::export_grader!(Liar);
