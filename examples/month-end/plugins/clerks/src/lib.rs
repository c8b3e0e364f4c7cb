//! The agents of the month-end close: a controller and a bookkeeper.
//!
//! They are scripted, and work as a model does: from the messages and tool results of their own
//! conversation, and nothing else. The bookkeeper knows how a month is closed, and is careless:
//! now and then it makes one of the mistakes in [`mistake`], by chances that follow from the
//! seed in its order. It does not know that it made them. Told of a gap, it reads the text to
//! find out which part of its work is meant, does that part again, and may fail once more.
//!
//! Which mistakes are in the work goes to the session's log, where neither an agent nor a grader
//! looks, so that people can compare what was made with what was found.

pub mod bookkeeper;
pub mod care;
pub mod close;
pub mod controller;
pub mod mistake;
pub mod source;
pub mod talk;

use lucid_sdk::model::{Completion, Model, ModelError, Request};

use talk::{Talk, Turn};

/// Both agents as one model: the system prompt says which of them is asked.
pub struct Clerks;

impl Model for Clerks {
    fn complete(request: &Request) -> Result<Completion, ModelError> {
        Ok(next(request))
    }
}

lucid_sdk::export_model!(Clerks);

/// What an agent says or does next.
pub fn next(request: &Request) -> Completion {
    let talk = Talk::new(request);
    let role = |name: &str| request.system.contains(&format!("You are the {name}"));
    let turn = if role("controller") {
        controller::next(&talk)
    } else if role("bookkeeper") {
        bookkeeper::next(&talk)
    } else {
        talk::stop("the system prompt does not say `You are the controller` or `bookkeeper`")
    };
    match turn {
        Turn::Say(text) => Completion::text(text),
        Turn::Call(calls) => Completion::calls(calls),
    }
}
