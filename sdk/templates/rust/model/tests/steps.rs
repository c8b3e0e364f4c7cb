//! Runs natively: `cargo test`.

use lucid_sdk::model::{StopReason, ToolUse};
use lucid_sdk::testing::Conversation;
use my_plugin::Steps;

const TASK: &str = "Please do this:\nlook {\"at\": \"door\"}\n  move {}\nmove it, not {}\nmove 7\n";

fn conversation(task: &str) -> Conversation {
    Conversation::new("You follow steps.").offering("look").offering("move").saying(task)
}

/// The text with which a turn ends, or its calls.
fn turn(talk: &mut Conversation) -> Result<String, Vec<(String, String)>> {
    let answer = talk.turn::<Steps>().unwrap();
    assert!(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0);
    let call = |call: &ToolUse| (call.name.clone(), call.input_json.clone());
    match answer.stop_reason {
        StopReason::ToolUse => Err(answer.tool_uses().map(call).collect()),
        _ => Ok(answer.plain_text()),
    }
}

#[test]
fn each_line_is_a_call_and_the_last_result_is_the_answer() {
    let mut talk = conversation(TASK);
    assert_eq!(turn(&mut talk), Err(vec![("look".into(), r#"{"at":"door"}"#.into())]));
    talk.result("closed");
    assert_eq!(turn(&mut talk), Err(vec![("move".into(), "{}".into())]));
    talk.result("moved");
    assert_eq!(turn(&mut talk), Ok("moved".into()));
}

#[test]
fn a_failed_call_is_the_end() {
    let mut talk = conversation(TASK);
    turn(&mut talk).unwrap_err();
    talk.error("not found: door");
    assert_eq!(turn(&mut talk), Ok("Step 1 failed: not found: door".into()));
}

#[test]
fn a_tool_that_is_not_offered_is_not_called() {
    assert_eq!(turn(&mut conversation("lift {}")), Ok("I have no tool `lift`.".into()));
}

#[test]
fn without_steps_there_is_nothing_to_do() {
    assert_eq!(turn(&mut conversation("Hello.")), Ok("nothing to do".into()));
    assert_eq!(turn(&mut conversation("")), Ok("nothing to do".into()));
}
