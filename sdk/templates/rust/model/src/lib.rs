//! A model that makes the calls which its first message lists.

use lucid_sdk::model::{Completion, Model, ModelError, Request};
use lucid_sdk::serde_json::{self, Value};

pub struct Steps;

lucid_sdk::export_model!(Steps);

impl Model for Steps {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(answer(request).estimating_usage(request))
    }
}

/// The answer to a conversation so far. A model keeps nothing from turn to turn: how far it
/// is follows from the results.
fn answer(request: &Request) -> Completion {
    let task = request.first_user_text().unwrap_or_default();
    let mut steps = task.lines().filter_map(step).peekable();
    if steps.peek().is_none() {
        return Completion::text("nothing to do");
    }
    let done = request.results().count();
    if let Some(failed) = request.last_result().filter(|result| result.is_error) {
        return Completion::text(format!("Step {done} failed: {}", failed.text));
    }
    match (steps.nth(done), request.last_result()) {
        (Some((tool, input)), _) if request.offers(tool) => Completion::calls([(tool, input)]),
        (Some((tool, _)), _) => Completion::text(format!("I have no tool `{tool}`.")),
        (None, Some(last)) => Completion::text(&last.text),
        (None, None) => Completion::text("nothing to do"),
    }
}

/// A line such as `outline {"path": "/workspace/notes.md"}`.
fn step(line: &str) -> Option<(&str, Value)> {
    let (tool, input) = line.trim().split_once(' ')?;
    let input: Value = serde_json::from_str(input).ok()?;
    input.is_object().then_some((tool, input))
}
