//! The agents of the air report: an editor, a reader of notices, and an analyst.
//!
//! They are scripted, and work as a model does: from the messages and tool results of their
//! own conversation, and nothing else. What they know is how such a report is made. What it
//! says follows from the data: no station, date or value stands in here.

pub mod analysis;
pub mod analyst;
pub mod days;
pub mod editor;
pub mod notices;
pub mod questions;
pub mod reader;
pub mod report;
pub mod task;
pub mod turn;
pub mod units;

use lucid_sdk::model::{Completion, Model, ModelError, Request};

use turn::{Conversation, Turn};

/// The three agents as one model: the system prompt says which of them is asked.
pub struct Office;

impl Model for Office {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(next(request))
    }
}

lucid_sdk::export_model!(Office);

/// What an agent says or does next.
pub fn next(request: &Request) -> Completion {
    let conversation = Conversation::new(request);
    let role = |name: &str| request.system.contains(&format!("You are the {name}"));
    let turn = if role("editor") {
        editor::next(&conversation)
    } else if role("reader") {
        reader::next(&conversation)
    } else if role("analyst") {
        analyst::next(&conversation)
    } else {
        turn::stop("the system prompt does not say `You are the editor`, `reader` or `analyst`")
    };
    match turn {
        Ok(text) | Err(Turn::Say(text)) => Completion::text(text),
        Err(Turn::Calls(calls)) => Completion::calls(calls),
    }
}
