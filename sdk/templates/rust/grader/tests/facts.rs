//! Runs natively: `cargo test`.

use lucid_sdk::grader::{Criterion, GradeError, Judgement, Verdict};
use lucid_sdk::testing::grade;
use my_plugin::Facts;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sample");

#[track_caller]
fn judged(item: &str) -> Criterion {
    let evaluation = grade::<Facts>(&format!("# Done\n\n- {item}\n"), SAMPLE).unwrap();
    evaluation.criteria.into_iter().next().unwrap()
}

#[track_caller]
fn check(item: &str, verdict: Verdict, explanation: &str) {
    let criterion = judged(item);
    assert_eq!((criterion.verdict, criterion.explanation.as_str()), (verdict, explanation));
}

#[test]
fn each_form_is_judged_by_what_is_in_the_file() {
    use Verdict::{Met, Unmet};
    check("`report.md` exists", Met, "`report.md` exists.");
    check("`other.md` exists.", Unmet, "`other.md` does not exist.");
    let words = "`report.md` has 7 words, and 7 are asked for.";
    check("`report.md` has at least 7 words.", Met, words);
    let words = "`report.md` has 7 words, and 8 are asked for.";
    check("`report.md` has at least 8 words", Unmet, words);
    check("`report.md` contains \"Results\"", Met, "`report.md` contains \"Results\".");
    let missing = "`report.md` does not contain \"Method.\".";
    check("`report.md` contains \"Method.\".", Unmet, missing);
    assert_eq!(judged("`report.md` exists").evidence_paths, ["report.md"]);
}

#[test]
fn a_path_that_leaves_the_folder_is_unmet() {
    for path in ["../sample/report.md", "/etc/hostname", "a/../../sample/report.md"] {
        let criterion = judged(&format!("`{path}` exists"));
        assert_eq!((criterion.verdict, criterion.evidence_paths.len()), (Verdict::Unmet, 0));
    }
}

#[test]
fn anything_else_is_not_gradable() {
    for item in ["The report is clear.", "`report.md`", "`report.md` has at least many words"] {
        assert_eq!(judged(item).verdict, Verdict::NotGradable, "{item}");
    }
}

#[test]
fn the_judgement_says_whether_a_revision_can_help() {
    let judgement = |rubric: &str| grade::<Facts>(rubric, SAMPLE).unwrap().judgement;
    let met = "- `report.md` exists\n";
    assert_eq!(judgement(met), Judgement::Satisfied);
    assert_eq!(judgement(&format!("{met}- It is clear.\n")), Judgement::Failed);
    let unmet = format!("{met}- It is clear.\n- `other.md` exists\n");
    let evaluation = grade::<Facts>(&unmet, SAMPLE).unwrap();
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    assert!(evaluation.explanation.contains("`other.md` does not exist."));
}

#[test]
fn a_rubric_without_list_items_is_a_mistake() {
    let Err(GradeError::InvalidRubric(mistake)) = grade::<Facts>("# Done\n", SAMPLE) else {
        panic!("the rubric was accepted");
    };
    assert_eq!(mistake.line, 1);
}
