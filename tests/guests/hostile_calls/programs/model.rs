//! Asks a model two hundred thousand times, whatever it answers.

use hostile_kit::model::complete;
use hostile_kit::model_types::Request;

fn ask(_input: &str) -> String {
    let request =
        Request { system: String::new(), messages: Vec::new(), tools: Vec::new(), max_tokens: 0 };
    (0..200_000).filter(|_| complete(&request).is_ok()).count().to_string()
}

hostile_kit::attack!(ask);
