//! Asks a model a few times, and tells what it was told that it has spent.

use hostile_kit::model::complete;
use hostile_kit::model_types::Request;

fn spend(_input: &str) -> String {
    let request =
        Request { system: String::new(), messages: Vec::new(), tools: Vec::new(), max_tokens: 1 };
    let answers = (0..3).map(|_| complete(&request));
    answers
        .filter_map(Result::ok)
        .map(|answer| format!("{} ", answer.usage.output_tokens))
        .collect()
}

hostile_kit::attack!(spend);
