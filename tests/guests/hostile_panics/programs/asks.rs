//! Asks a model of which the host panics.

use hostile_kit::model::complete;
use hostile_kit::model_types::Request;

fn asks(input: &str) -> String {
    let request = Request {
        system: input.to_owned(),
        messages: Vec::new(),
        tools: Vec::new(),
        max_tokens: 1,
    };
    format!("{:?}", complete(&request))
}

hostile_kit::attack!(asks);
