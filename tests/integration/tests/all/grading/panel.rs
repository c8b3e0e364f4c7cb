//! Panels: several graders put together by a rule, each in an instance of its own.

use std::fs;

use lucid_core::{FailureKind, Judgement, Limits, Quote, Verdict};
use lucid_engine::{Call, GradeRequest, Plugin};
use lucid_policy::Grants;
use lucid_policy::manifest::Kind;
use lucid_tests::{engine, refused, release, runtime, with_manifest};

use super::graded::{Asking, File, REPORT, TOKENS, on_line, says, verdicts};
use Verdict::{Met, Unmet};

const RUBRIC: &str = "# Done

- There is a report. `check: exists('report.md')`
- It names the north. `check: text('report.md').contains('north')`
- It is a pleasure to read.
";

const FILES: [File<'_>; 1] = [("report.md", REPORT.as_bytes())];

/// The model finds that the second criterion does not hold.
fn answers() -> [String; 3] {
    let met = || says("met", &[("report.md", "# Report")]);
    [met(), says("unmet", &[]), met()]
}

/// A panel of the bundled plugin.
fn panel(rule: &str, members: &str) -> String {
    format!(r#"{{ name = "panel", rule = "{rule}", members = [{members}] }}"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_puts_checks_and_a_model_together_by_its_rule() {
    let asking = Asking::new(r#""checks""#, RUBRIC, "").await;
    let heavy = |name: &str| format!(r#"{{ name = "{name}", weight = 2 }}"#);
    let (checks, judge) = (r#""checks""#, r#""judge""#);
    for (rule, members, second) in [
        ("all", format!("{checks}, {judge}"), Unmet),
        // As many say so as say the opposite.
        ("majority", format!("{checks}, {judge}"), Unmet),
        ("weighted", format!("{}, {judge}", heavy("checks")), Met),
        ("weighted", format!("{checks}, {}", heavy("judge")), Unmet),
    ] {
        asking.rewrite(&panel(rule, &members), "");
        asking.script(&answers());
        let graded = asking.judge(&FILES).await;
        let evaluation = graded.report.result.unwrap();
        // What only one of them can judge is that one's verdict.
        assert_eq!(verdicts(&evaluation), [Met, second, Met], "{rule} {members}");
        let satisfied = evaluation.judgement == Judgement::Satisfied;
        assert_eq!(satisfied, second == Met, "{rule} {members}: {evaluation:?}");
        let said = &on_line(&evaluation, 4).explanation;
        for part in ["checks", "says met", "judge", "says unmet", "disagree", rule] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        let quote = Quote { path: "report.md".to_owned(), text: "# Report".to_owned() };
        assert_eq!(on_line(&evaluation, 3).quotes, [quote]);
        // The tokens of members are the panel's.
        assert_eq!(graded.usage.total(), 3 * TOKENS);
    }
    assert_eq!(asking.asked().len(), 4 * 3, "each member judges once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_fails_is_put_aside_and_named_or_fails_the_panel() {
    let asking = Asking::new(r#""checks""#, RUBRIC, "").await;
    // The one says what its own verdicts do not bear out; the model of the other is not there.
    for (member, why) in [("lying-grader", "says satisfied"), ("judge", "the model gave no answer")]
    {
        let members = format!(r#""checks", "{member}""#);
        for rule in ["majority", "weighted"] {
            asking.rewrite(&panel(rule, &members), "");
            let evaluation = asking.judge(&FILES).await.report.result.unwrap();
            assert_eq!(verdicts(&evaluation), [Met, Met, Verdict::NotGradable], "{evaluation:?}");
            assert_eq!(evaluation.judgement, Judgement::Failed, "nobody could judge the third");
            let aside = format!("Put aside: {member} did not grade: ");
            let said = &evaluation.explanation;
            assert!(said.contains(&aside) && said.contains(why), "{said}");
        }
        asking.rewrite(&panel("all", &members), "");
        let failure = asking.judge(&FILES).await.report.result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Failed, "{failure:?}");
        let named = format!("{member} did not grade: ");
        assert!(failure.message.contains(&named) && failure.message.contains(why), "{failure:?}");
        asking.rewrite(&panel("majority", &format!(r#""{member}""#)), "");
        let failure = asking.judge(&FILES).await.report.result.unwrap_err();
        assert!(failure.message.contains(&named), "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_makes_no_sense_does_not_load_and_none_sits_on_another() {
    use FailureKind::{Denied, Invalid};
    let inner = "[plugins.inner]\nfile = \"inner.wasm\"";
    let asking = Asking::new(r#""checks""#, RUBRIC, inner).await;
    let component = release().join("plugins/panel.wasm");
    fs::copy(component, asking.folder().join("inner.wasm")).unwrap();
    for (grader, kind, says) in [
        (r#""panel""#, Denied, "asks for graders"),
        (r#"{ name = "panel", members = ["checks", "inner"] }"#, Denied, "asks for graders"),
        (r#"{ name = "panel", members = ["panel"] }"#, Invalid, "its own member"),
        (r#"{ name = "panel", members = ["checks", "checks"] }"#, Invalid, "`checks`"),
        (r#"{ name = "panel", members = [] }"#, Invalid, "no members"),
        (r#"{ name = "panel", members = ["nobody"] }"#, Invalid, "`nobody`"),
        (r#"{ name = "panel", members = ["echo"] }"#, Invalid, "grader"),
        (r#"{ name = "panel", members = ["checks"], rule = "most" }"#, Invalid, "`most`"),
        (r#"{ name = "checks", members = ["lying-grader"] }"#, Invalid, "asks no other graders"),
    ] {
        asking.rewrite(grader, inner);
        let failure = asking.load().await.err().unwrap_or_else(|| panic!("{grader} loads"));
        assert_eq!(failure.kind, kind, "{grader}: {failure:?}");
        assert!(failure.message.contains(says), "{grader}: {failure:?}");
        assert!(failure.hint.is_some_and(|hint| !hint.is_empty()), "{grader}");
    }
    assert!(asking.asked().is_empty());
}

#[test]
fn a_grader_without_the_capability_cannot_ask_others() {
    let panel = fs::read(release().join("plugins/panel.wasm")).unwrap();
    let silent = "name = \"silent\"\nversion = \"0.1.0\"\nkind = \"grader\"\ndescription = \"d\"\n";
    let granted = Grants { graders: true, ..Grants::grader() };
    // It does not say that it asks; and it says so, and was not granted it.
    for (component, grants) in
        [(with_manifest(&panel, silent), granted.clone()), (panel.clone(), Grants::grader())]
    {
        let failure = refused(engine(), &component, Kind::Grader, &grants);
        assert_eq!(failure.kind, FailureKind::Denied, "{failure:?}");
        assert!(failure.message.contains("graders"), "{failure:?}");
        assert!(failure.hint.is_some());
    }
    // One that may, in a call that has none.
    let panel = {
        let _inside = runtime().enter();
        Plugin::load(engine(), &panel, Kind::Grader, &granted).unwrap()
    };
    let request = GradeRequest {
        description: String::new(),
        rubric: RUBRIC.to_owned(),
        iteration: 0,
        outputs_path: "/mnt/session/outputs".to_owned(),
    };
    let call = Call::bare(Limits::GRADER);
    let failure = runtime().block_on(panel.grade(call, &request)).result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Failed, "{failure:?}");
    assert!(failure.message.contains("a panel decides by"), "{failure:?}");
}
