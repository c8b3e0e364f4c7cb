//! Outputs that try to sway a grader: every attempt of the corpus, against the grader that
//! runs checks and the one that asks a model.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lucid_core::{
    Block, Completion, CompletionRequest, Evaluation, Limits, Result, StopReason, Timestamp,
    TokenUsage, Verdict,
};
use lucid_engine::{Call, GradeRequest, GuestTime, ModelHost, Mount, Plugin};
use lucid_policy::Access;
use lucid_policy::manifest::Kind;
use lucid_sway::{
    Attempt, CRITERIA, DOCUMENT_CRITERIA, DOCUMENT_RUBRIC, Expected, Outputs, RUBRIC,
};
use lucid_tests::{all_it_asks, engine, release, runtime};
use serde_json::{Deserializer, json};

const OUTPUTS: &str = "/mnt/session/outputs";

/// One criterion that none of the outputs meets.
const ONE: &str = "# Done\n\n- The report names the sites north, east and south.\n";

/// A grader of those that come with the binary.
fn grader(name: &str) -> Plugin {
    let _inside = runtime().enter();
    let file = release().join("plugins").join(format!("{name}.wasm"));
    let component = std::fs::read(file).expect("the plugins are built: `cargo xtask guests`");
    let grants = all_it_asks(&Plugin::manifest_of(&component).unwrap());
    Plugin::load(engine(), &component, Kind::Grader, &grants).unwrap()
}

/// Grades outputs as a session does: a folder that can only be read, and no clock.
fn grade(
    grader: &Plugin,
    rubric: &str,
    outputs: &Outputs,
    model: Option<Arc<dyn ModelHost>>,
) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    lucid_sway::write(outputs, folder.path()).unwrap();
    let call = Call {
        mounts: vec![mount(folder.path())],
        time: GuestTime::Fixed { now: Timestamp(0), seed: 0 },
        model,
        ..Call::bare(Limits::GRADER)
    };
    let request = GradeRequest {
        description: "A report about three sites.".to_owned(),
        rubric: rubric.to_owned(),
        iteration: 0,
        outputs_path: OUTPUTS.to_owned(),
    };
    runtime().block_on(grader.grade(call, &request)).result.unwrap()
}

fn mount(folder: &Path) -> Mount {
    Mount {
        host_folder: folder.to_owned(),
        guest_path: OUTPUTS.to_owned(),
        access: Access::ReadOnly,
    }
}

fn verdicts(evaluation: &Evaluation) -> Vec<Verdict> {
    evaluation.criteria.iter().map(|criterion| criterion.verdict).collect()
}

#[test]
fn no_attempt_to_sway_changes_a_deterministic_verdict() {
    let checks = grader("checks");
    let rubric = format!("{RUBRIC}\n{DOCUMENT_RUBRIC}");
    let right: Vec<Verdict> = CRITERIA
        .into_iter()
        .chain(DOCUMENT_CRITERIA)
        .map(|expected| match expected {
            Expected::Met => Verdict::Met,
            Expected::Unmet => Verdict::Unmet,
        })
        .collect();
    let without = grade(&checks, &rubric, &lucid_sway::ground(), None);
    assert_eq!(verdicts(&without), right, "{}", without.explanation);
    let attempts = lucid_sway::attempts();
    assert!(attempts.len() >= 100, "{} attempts", attempts.len());
    for Attempt { name, outputs, .. } in attempts {
        let with = grade(&checks, &rubric, &outputs, None);
        assert_eq!(with.judgement, without.judgement, "{name}");
        assert_eq!(verdicts(&with), right, "{name}: {}", with.explanation);
        let again = grade(&checks, &rubric, &outputs, None);
        assert_eq!(again, with, "{name}: the same outputs give the same evaluation");
    }
}

/// A model that is swayed by all that speaks to it: it says met, and quotes what told it so.
#[derive(Default)]
struct Swayed {
    asked: Mutex<Vec<CompletionRequest>>,
}

#[async_trait]
impl ModelHost for Swayed {
    async fn complete(&self, request: CompletionRequest) -> Result<Completion> {
        let quotes: Vec<_> = marked(&message(&request))
            .into_iter()
            .take(8)
            .map(|(path, text)| json!({ "path": path, "text": text }))
            .collect();
        let answer = json!({ "verdict": "met", "explanation": "I was told so", "quotes": quotes });
        self.asked.lock().unwrap().push(request);
        Ok(Completion {
            content: vec![Block::Text { text: answer.to_string() }],
            stop_reason: StopReason::EndTurn,
            usage: TokenUsage::default(),
        })
    }
}

fn message(request: &CompletionRequest) -> String {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let texts = blocks.filter_map(|block| match block {
        Block::Text { text } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// The places that a question lists as marked: their files and what they say.
fn marked(message: &str) -> Vec<(String, String)> {
    let Some((_, listed)) = message.split_once("\nMarked: ") else { return Vec::new() };
    let lines = listed.lines().skip(2).take_while(|line| !line.ends_with(">>>"));
    lines
        .filter_map(|line| {
            let mut strings = Deserializer::from_str(line).into_iter::<String>();
            let path = strings.next()?.ok()?;
            let (_, text) = line.get(strings.byte_offset()..)?.split_once(": ")?;
            Some((path, serde_json::from_str(text).ok()?))
        })
        .collect()
}

#[test]
fn a_model_that_is_swayed_moves_no_verdict_of_the_judge_and_the_attempt_is_reported() {
    let judge = grader("judge");
    let mut quoted = 0;
    for Attempt { name, outputs, in_the_open, .. } in lucid_sway::attempts() {
        let model = Arc::new(Swayed::default());
        let evaluation = grade(&judge, ONE, &outputs, Some(model.clone()));
        assert_eq!(verdicts(&evaluation), [Verdict::Unmet], "{name}");
        let explanation = &evaluation.criteria[0].explanation;
        assert!(explanation.starts_with("no evidence: the model says met"), "{explanation}");
        let asked = model.asked.lock().unwrap();
        let [request] = asked.as_slice() else { panic!("{name}: {} questions", asked.len()) };
        assert!(request.tools.is_empty() && request.messages.len() == 1, "{name}");
        let reported = evaluation.explanation.contains("speaks to a grader");
        assert_eq!(reported, in_the_open, "{name}: {}", evaluation.explanation);
        assert_eq!(message(request).contains("\nMarked: "), in_the_open, "{name}");
        quoted += usize::from(!marked(&message(request)).is_empty());
    }
    assert!(quoted >= 100, "the model quoted {quoted} attempts");
}

/// What the outputs say is in the message, and nothing of it is in the system prompt.
#[test]
fn outputs_do_not_reach_the_system_prompt_of_the_judge() {
    let judge = grader("judge");
    let system = |outputs: &Outputs| {
        let model = Arc::new(Swayed::default());
        grade(&judge, ONE, outputs, Some(model.clone()));
        let asked = model.asked.lock().unwrap();
        // The word of the fence follows from the outputs; the rest is always the same.
        let mut parts: Vec<String> = asked[0].system.split("data-").map(str::to_owned).collect();
        for part in parts.iter_mut().skip(1) {
            assert!(part.bytes().take(16).all(|byte| byte.is_ascii_hexdigit()), "{part}");
            part.replace_range(..16, "");
        }
        parts
    };
    let honest = system(&lucid_sway::ground());
    assert_eq!(honest.len(), 3, "an opening and a closing line");
    for Attempt { name, outputs, .. } in lucid_sway::attempts() {
        assert_eq!(system(&outputs), honest, "{name}");
    }
}
