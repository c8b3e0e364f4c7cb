//! Letting a grader judge small outputs: twice the same, and what makes no sense at all.

use lucid_core::{Evaluation, FailureKind, Judgement, Result, Verdict};
use lucid_engine::GradeRequest;

use super::Check;
use super::bench::{Bench, quoted};
use super::scratch::OUTPUTS;

/// A rubric that any grader can read: two criteria in a list.
const RUBRIC: &str = "# Report\n\nWhat the report has to have.\n\n\
                      - The report has a title.\n- It has three numbers, and none is negative.\n";

/// Rubrics from which nothing follows.
const EMPTY: [(&str, &str); 2] =
    [("an empty rubric", ""), ("a rubric without criteria", "# Report\n")];

/// The longest rubric that is tried, in bytes.
const LONG_BYTES: usize = 512 << 10;

/// What the engine says of a grader whose judgement contradicts its verdicts.
const CONTRADICTION: &str = "says satisfied";

const HINT: &str = "answer with a `grade-error`, and judge only what the verdicts bear out";

/// The checks of a grader.
pub(super) async fn checks(bench: &Bench) -> Vec<Check> {
    let mut tried = Tried { bench, findings: Vec::new() };
    let rubrics = (tried.check_rubric(RUBRIC).await, tried.check_rubric(RUBRIC).await);
    let grades = (
        tried.grade("a plain rubric", RUBRIC, OUTPUTS).await,
        tried.grade("a plain rubric", RUBRIC, OUTPUTS).await,
    );
    let deterministic = if rubrics.0 == rubrics.1 && grades.0 == grades.1 {
        Check::passed("deterministic", "the same outputs get the same evaluation twice")
    } else {
        let hint = "a grader must not depend on what changes from call to call";
        Check::failed("deterministic", "the same outputs get another evaluation", hint)
    };
    tried.plain(&rubrics.0, &grades.0);
    tried.senseless().await;
    let well = "its verdicts bear out its judgement, and what makes no sense gets a typed error";
    vec![Check::of_findings("grading", &tried.findings, well, HINT), deterministic]
}

struct Tried<'a> {
    bench: &'a Bench,
    findings: Vec<String>,
}

impl Tried<'_> {
    async fn check_rubric(&mut self, rubric: &str) -> Result<()> {
        let report = self.bench.plugin.check_rubric(self.bench.call(), rubric).await;
        self.findings.extend(self.bench.note("check-rubric", &report));
        report.result
    }

    async fn grade(&mut self, what: &str, rubric: &str, outputs: &str) -> Result<Evaluation> {
        let request = GradeRequest {
            description: "A report with three numbers.".to_owned(),
            rubric: rubric.to_owned(),
            iteration: 0,
            outputs_path: outputs.to_owned(),
        };
        let report = self.bench.plugin.grade(self.bench.call(), &request).await;
        if let Some(stopped) = self.bench.note(&format!("grade, {what}"), &report) {
            self.findings.push(stopped);
            return report.result;
        }
        let finding = match &report.result {
            Ok(evaluation) => contradiction(evaluation, rubric),
            Err(failure) if failure.message.contains(CONTRADICTION) => {
                Some(quoted(&failure.message))
            }
            Err(_) => None,
        };
        self.findings.extend(finding.map(|finding| format!("grade, {what}: {finding}")));
        report.result
    }

    /// What a grader that needs nobody else has to be able to do.
    fn plain(&mut self, rubric: &Result<()>, grade: &Result<Evaluation>) {
        // With a model that says nothing of use, or nobody to ask, an error is all there is.
        let wanted = &self.bench.plugin.manifest().capabilities;
        if wanted.model || wanted.graders {
            return;
        }
        let failures = [rubric.as_ref().err(), grade.as_ref().err()];
        for failure in failures.into_iter().flatten() {
            use FailureKind::{Bug, Exceeded, Trap};
            let known = matches!(failure.kind, Trap | Exceeded | Bug);
            if !known && !failure.message.contains(CONTRADICTION) {
                let message = quoted(&failure.message);
                self.findings.push(format!("a plain rubric is not accepted: {message}"));
            }
        }
    }

    async fn senseless(&mut self) {
        for (what, rubric) in EMPTY {
            // Either answer is right; the engine refuses one that is satisfied with nothing.
            let _ = self.check_rubric(rubric).await;
            let _ = self.grade(what, rubric, OUTPUTS).await;
        }
        let long = format!("# Report\n\n- {}\n", "x".repeat(LONG_BYTES));
        let _ = self.grade("a rubric of 512 KiB", &long, OUTPUTS).await;
        let missing = format!("{OUTPUTS}/nothing");
        let _ = self.grade("outputs that are not there", RUBRIC, &missing).await;
    }
}

/// Why an evaluation cannot be what the rubric and its own verdicts come to.
fn contradiction(evaluation: &Evaluation, rubric: &str) -> Option<String> {
    let criteria = &evaluation.criteria;
    let has = |verdict| criteria.iter().any(|criterion| criterion.verdict == verdict);
    if evaluation.judgement == Judgement::NeedsRevision && !has(Verdict::Unmet) {
        return Some("it says needs-revision, and no criterion is unmet".to_owned());
    }
    if evaluation.explanation.trim().is_empty() {
        return Some("its explanation is empty".to_owned());
    }
    let lines = rubric.lines().count().max(1);
    let mut last = 0;
    for criterion in criteria {
        let line = criterion.line as usize;
        if !(1..=lines).contains(&line) {
            return Some(format!("a criterion is on line {line} of {lines}"));
        }
        if line < last {
            return Some("its criteria are not in the rubric's order".to_owned());
        }
        last = line;
        let outside =
            |path: &&String| path.starts_with('/') || path.split('/').any(|part| part == "..");
        if let Some(path) = criterion.evidence_paths.iter().find(outside) {
            return Some(format!("evidence `{}` is not in the outputs folder", quoted(path)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use lucid_core::Criterion;

    use super::*;

    fn criterion(line: u32, verdict: Verdict, path: &str) -> Criterion {
        Criterion {
            text: "c".to_owned(),
            line,
            required: true,
            weight: 1.0,
            verdict,
            explanation: "e".to_owned(),
            evidence_paths: vec![path.to_owned()],
            quotes: Vec::new(),
        }
    }

    fn of(judgement: Judgement, criteria: Vec<Criterion>) -> Option<String> {
        let evaluation = Evaluation { judgement, explanation: "e".to_owned(), criteria };
        contradiction(&evaluation, RUBRIC)
    }

    #[test]
    fn verdicts_bear_out_the_judgement_and_stand_in_the_rubric() {
        let met = |line| criterion(line, Verdict::Met, "report.md");
        let unmet = criterion(6, Verdict::Unmet, "a/b.json");
        assert_eq!(of(Judgement::Satisfied, vec![met(5), met(6)]), None);
        assert_eq!(of(Judgement::NeedsRevision, vec![met(5), unmet.clone()]), None);
        assert_eq!(of(Judgement::Failed, Vec::new()), None);
        for wrong in [
            of(Judgement::NeedsRevision, vec![met(5), met(6)]),
            of(Judgement::NeedsRevision, vec![unmet, met(5)]),
            of(Judgement::Failed, vec![met(7)]),
            of(Judgement::Failed, vec![met(0)]),
            of(Judgement::Failed, vec![criterion(5, Verdict::Met, "/etc/passwd")]),
            of(Judgement::Failed, vec![criterion(5, Verdict::Met, "a/../../b")]),
        ] {
            assert!(wrong.is_some());
        }
    }
}
