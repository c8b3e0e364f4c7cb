//! Asks for a model that it was not granted.

use hostile_kit::model::complete;
use hostile_kit::model_types::Request;

fn model(_input: &str) -> String {
    let request =
        Request { system: String::new(), messages: Vec::new(), tools: Vec::new(), max_tokens: 1 };
    format!("{:?}", complete(&request).map(|completion| completion.usage.output_tokens))
}

hostile_kit::attack!(model);
