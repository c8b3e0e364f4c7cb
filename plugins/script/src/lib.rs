//! A model that plays a script, for trying out tools in a mission without a key.
//!
//! The script is in the agent's system prompt. Its lines are played in order, one answer of
//! the model each:
//!
//! ```text
//! call outline {"path": "/workspace/notes.md"}
//! call read {"file_path": "/workspace/notes.md"}
//! and call glob {"pattern": "**/*.md"}
//! say The file says: {result}
//! ```
//!
//! - `call TOOL {json}` calls a tool. Lines `and call TOOL {json}` right after it are calls of
//!   the same answer, so that all of them run at once.
//! - `say TEXT` ends the turn. In the text, `{result}` is the last result of a tool. What
//!   somebody says next goes on with the line after it.
//! - Any other line is no part of the script: it may say what the agent is for.
//!
//! A call that fails does not stop the script, and neither does a tool that the agent does
//! not have: `{result}` then says why. When the script is over, the model says the last
//! result.

use lucid_sdk::model::{Completion, Model, ModelError, Request, Role};
use serde_json::{Map, Value};

/// What `say` puts the last result in place of.
const RESULT: &str = "{result}";

/// The model.
pub struct Script;

impl Model for Script {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        let script = parse(&request.system)?;
        if !request.messages.iter().any(|message| message.role == Role::User) {
            return Err(ModelError::InvalidRequest("nobody said anything".to_owned()));
        }
        let last = request.last_result().map(|result| result.text.as_str());
        let answer = match script.get(request.answers()) {
            _ if script.is_empty() => Completion::text(
                "There is no script: this model plays lines such as `call TOOL {\"key\": 1}` and \
                 `say TEXT` of its agent's system prompt.",
            ),
            Some(Line::Calls(calls)) => Completion::calls(calls.clone()),
            Some(Line::Say(text)) => {
                Completion::text(text.replace(RESULT, last.unwrap_or("(no result)")))
            }
            None => Completion::text(last.unwrap_or("The script is over.")),
        };
        Ok(answer.estimating_usage(request))
    }
}

lucid_sdk::export_model!(Script);

/// One answer of the model.
enum Line {
    Calls(Vec<(String, Value)>),
    Say(String),
}

fn parse(system: &str) -> Result<Vec<Line>, ModelError> {
    let mut script = Vec::new();
    // Whether the line before was a call, which others may be joined to.
    let mut joins = false;
    for (number, line) in (1..).zip(system.lines()) {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("say ") {
            script.push(Line::Say(text.trim().to_owned()));
            joins = false;
        } else if let Some(call) = call("call ", number, line)? {
            script.push(Line::Calls(vec![call]));
            joins = true;
        } else if let Some(call) = call("and call ", number, line)? {
            match script.last_mut() {
                Some(Line::Calls(calls)) if joins => calls.push(call),
                _ => {
                    let why = "`and call` follows a line with a call";
                    return Err(mistake(number, why));
                }
            }
        } else {
            joins = false;
        }
    }
    Ok(script)
}

/// The call of a line, if it is one: a sentence may begin with the same word.
fn call(word: &str, number: u32, line: &str) -> Result<Option<(String, Value)>, ModelError> {
    let call = line.strip_prefix(word).and_then(|rest| rest.trim_start().split_once(' '));
    let Some((tool, input)) = call.filter(|(_, input)| input.trim_start().starts_with('{')) else {
        return Ok(None);
    };
    match serde_json::from_str::<Map<String, Value>>(input) {
        Ok(input) => Ok(Some((tool.to_owned(), Value::Object(input)))),
        Err(error) => Err(mistake(number, &format!("the input of `{tool}` is no object: {error}"))),
    }
}

fn mistake(number: u32, why: &str) -> ModelError {
    ModelError::InvalidRequest(format!("line {number} of the system prompt: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lucid_sdk::testing::Conversation;

    fn playing(script: &str) -> Conversation {
        Conversation::new(script).offering("look").offering("move").saying("Go.")
    }

    /// What the model says, or its calls as they stand in a script.
    fn turn(talk: &mut Conversation) -> Vec<String> {
        let answer = talk.turn::<Script>().unwrap();
        assert!(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0);
        let calls: Vec<_> =
            answer.tool_uses().map(|call| format!("{} {}", call.name, call.input_json)).collect();
        if calls.is_empty() { vec![answer.plain_text()] } else { calls }
    }

    #[test]
    fn lines_are_played_in_order_one_answer_each() {
        let mut talk =
            playing("You look.\n\n  call look {\"at\": \"door\"}\nsay Done.\ncall move {}\n");
        assert_eq!(turn(&mut talk), [r#"look {"at":"door"}"#]);
        talk.result("closed");
        assert_eq!(turn(&mut talk), ["Done."]);
        let mut talk = talk.saying("Again.");
        assert_eq!(turn(&mut talk), ["move {}"]);
    }

    #[test]
    fn joined_calls_are_of_one_answer() {
        let script = "call look {}\nand call move {\"to\": 1}\nand call move {}\nsay So: {result}.";
        let mut talk = playing(script);
        assert_eq!(turn(&mut talk), ["look {}", r#"move {"to":1}"#, "move {}"]);
        talk.result("a door");
        assert_eq!(turn(&mut talk), ["So: a door."]);
    }

    #[test]
    fn a_failed_call_does_not_stop_the_script_and_its_error_is_the_result() {
        let mut talk = playing("call look {}\nsay {result}\ncall away {}");
        turn(&mut talk);
        talk.error("failed: it is dark");
        assert_eq!(turn(&mut talk), ["failed: it is dark"]);
        assert_eq!(turn(&mut talk), ["away {}"]);
    }

    #[test]
    fn a_script_that_is_over_says_the_last_result() {
        let mut talk = playing("call look {}");
        turn(&mut talk);
        talk.result("a door");
        assert_eq!(
            (turn(&mut talk), turn(&mut talk)),
            (vec!["a door".into()], vec!["a door".into()])
        );
        let mut talk = playing("say {result} so far");
        assert_eq!(turn(&mut talk), ["(no result) so far"]);
        assert_eq!(turn(&mut talk), ["The script is over."]);
    }

    #[test]
    fn prose_is_no_script_and_a_prompt_without_one_says_so() {
        let prose = "You call people {nicely}.\ncall me when done\nsaying is not say\n";
        for prompt in [prose, ""] {
            assert!(turn(&mut playing(prompt))[0].starts_with("There is no script"), "{prompt}");
        }
    }

    #[test]
    fn a_mistake_in_a_line_is_named_with_its_number() {
        for (script, words) in [
            ("Look.\ncall look {\"at\"}", "line 2 of the system prompt: the input of `look`"),
            ("call look {} {}", "line 1"),
            ("say a\nand call look {}", "line 2 of the system prompt: `and call` follows"),
            ("call look {}\nthen\nand call look {}", "line 3"),
        ] {
            let error = playing(script).turn::<Script>().unwrap_err();
            assert!(matches!(&error, ModelError::InvalidRequest(why) if why.contains(words)));
        }
    }

    #[test]
    fn nothing_said_is_an_invalid_request() {
        let answer = Conversation::new("say a").turn::<Script>();
        assert!(matches!(answer, Err(ModelError::InvalidRequest(_))));
    }
}
