//! A model that judges: what it says to be met has to be shown, whatever it says.

use lucid_core::{Event, Judgement, OutcomeResult, Quote, Verdict};
use lucid_runtime::{RunOptions, World};
use lucid_tests::log;

use super::graded::{Asking, File, REPORT, TOKENS, on_line, says, verdicts};
use Verdict::{Met, NotGradable, Unmet};

const JUDGE: &str = r#""judge""#;

const FILES: [File<'_>; 2] =
    [("report.md", REPORT.as_bytes()), ("notes/other.txt", b"Nothing else.\n")];

/// What the model says of one criterion, and what becomes of it.
fn answers() -> [(String, Verdict, &'static str); 8] {
    let quoting = |path, text| says("met", &[(path, text)]);
    [
        (quoting("report.md", "The north is dry."), Met, "so it seems"),
        (says("met", &[]), Unmet, "it quotes nothing"),
        (quoting("report.md", "The north is wet."), Unmet, "byte for byte"),
        (quoting("other.txt", "Nothing else."), Unmet, "there is no file"),
        (quoting("../../rubric.md", "Done"), Unmet, "there is no file"),
        (says("not-applicable", &[]), Unmet, "it quotes nothing"),
        (says("unmet", &[]), Unmet, "so it seems"),
        (says("not-gradable", &[]), NotGradable, "so it seems"),
    ]
}

fn rubric(criteria: usize) -> String {
    let item = |number: usize| format!("- The report is as good as number {number}.\n");
    format!("# Done\n\n{}", (0..criteria).map(item).collect::<String>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_model_says_is_met_needs_a_quote_that_is_there() {
    let answers = answers();
    // At the end one that is no answer, twice.
    let asking = Asking::new(JUDGE, &rubric(answers.len() + 1), "").await;
    let mut script: Vec<String> = answers.iter().map(|(text, _, _)| text.clone()).collect();
    script.extend(["It is met.".to_owned(), "Met!".to_owned()]);
    asking.script(&script);
    let graded = asking.judge(&FILES).await;
    let evaluation = graded.report.result.unwrap();
    assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
    for ((_, verdict, why), criterion) in answers.iter().zip(&evaluation.criteria) {
        assert_eq!(criterion.verdict, *verdict, "{criterion:?}");
        assert!(criterion.explanation.contains(why), "no `{why}` in {criterion:?}");
        // No quote that is not there is handed on.
        let true_ones: &[&str] = if *verdict == Met { &["The north is dry."] } else { &[] };
        let texts: Vec<&str> = criterion.quotes.iter().map(|quote| quote.text.as_str()).collect();
        assert_eq!(texts, true_ones, "{criterion:?}");
    }
    let last = evaluation.criteria.last().unwrap();
    assert_eq!(last.verdict, NotGradable);
    assert!(last.explanation.contains("no answer that can be used"), "{last:?}");
    assert_eq!(graded.usage.total(), script.len() as u64 * TOKENS);
}

/// Each criterion is asked about by itself, and the same outputs lead to the same questions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_outputs_lead_to_the_same_questions_and_the_same_evaluation() {
    let asking = Asking::new(JUDGE, &rubric(3), "").await;
    let mut evaluations = Vec::new();
    for _ in 0..2 {
        let met = says("met", &[("report.md", "# Report")]);
        asking.script(&[met.clone(), says("unmet", &[]), met]);
        let evaluation = asking.judge(&FILES).await.report.result.unwrap();
        assert_eq!(verdicts(&evaluation), [Met, Unmet, Met]);
        evaluations.push(serde_json::to_string(&evaluation).unwrap());
    }
    assert_eq!(evaluations[0], evaluations[1]);
    let asked = asking.asked();
    assert_eq!(asked.len(), 6);
    assert_eq!(asked[..3], asked[3..]);
    for (number, question) in asked[..3].iter().enumerate() {
        let text = question.to_string();
        let others = (0..3).filter(|other| text.contains(&format!("as good as number {other}.")));
        assert_eq!(others.collect::<Vec<_>>(), [number], "one criterion, and no answer before it");
    }
}

/// A model that praises everything, and even quotes what is there, cannot make up for a fact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_lies_makes_nothing_met_that_a_check_found_unmet() {
    let rubric = "# Done

- It names the south. `check: text('report.md').contains('south')`
- There is a table. `check: exists('table.csv')`
- The north is in it. `check: text('report.md').contains('north')`
";
    let panel = r#"{ name = "panel", rule = "all", members = ["judge", "checks"] }"#;
    let asking = Asking::new(r#""checks""#, rubric, "").await;
    let checked = asking.judge(&FILES).await.report.result.unwrap();
    assert_eq!(verdicts(&checked), [Unmet, Unmet, Met]);
    for lie in [
        says("met", &[("report.md", "The north is dry.")]),
        says("met", &[("report.md", "The south is dry.")]),
        says("not-applicable", &[("report.md", "# Report")]),
    ] {
        asking.rewrite(panel, "");
        asking.script(&[lie.clone(), lie.clone(), lie.clone()]);
        let evaluation = asking.judge(&FILES).await.report.result.unwrap();
        assert_eq!(verdicts(&evaluation)[..2], [Unmet, Unmet], "{lie}");
        assert_eq!(evaluation.judgement, Judgement::NeedsRevision, "{lie}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_session_the_model_is_asked_about_the_outputs_and_nothing_of_the_work() {
    let asking = Asking::new(JUDGE, &rubric(2), "").await;
    let met = says("met", &[("report.md", "The north is dry.")]);
    asking.script(&[met.clone(), met]);
    let (runtime, mission) = asking.load().await.unwrap();
    let (session, end) =
        runtime.run_once(&mission, 1, &World::real(), &RunOptions::default()).await.unwrap();
    assert_eq!(end.outcome, Some(OutcomeResult::Satisfied), "{:?}", end.evaluation);
    let evaluation = end.evaluation.unwrap();
    let quote = Quote { path: "report.md".to_owned(), text: "The north is dry.".to_owned() };
    assert_eq!(on_line(&evaluation, 3).quotes, [quote]);
    let log = log(&runtime, &session.id).await;
    let whole: String = log.iter().map(|(_, record, _)| record.body.as_str()).collect();
    let asked = asking.asked();
    assert_eq!(asked.len(), 2);
    for question in asked.iter().map(ToString::to_string) {
        assert!(question.contains("The north is dry."), "{question}");
        for secret in ["MESSAGE-SECRET", "SYSTEM-SECRET", "file_path", session.id.as_str()] {
            // What an agent is told beside its messages, and which session it is, stands in no
            // event.
            let elsewhere = ["SYSTEM-SECRET", session.id.as_str()].contains(&secret);
            assert!(whole.contains(secret) || elsewhere, "{secret}");
            assert!(!question.contains(secret), "{secret} in {question}");
        }
    }
    // What the grader cost is told apart from what the agents cost.
    let spent = log.iter().find_map(|(_, _, event)| match event {
        Event::EvaluationEnd { usage, .. } => Some((usage.input_tokens, usage.output_tokens)),
        _ => None,
    });
    assert_eq!(spent, Some((180, 20)));
}
